"""How the files of custom fields are shown: where they are read, with the webhook's secret in one of the addresses.

Sources: php modules/crm/lib/Service/Converter/Item.php `processFile`, docs api-reference/crm/universal/object-fields.md
(`urlMachine`), tutorials/crm/how-to-edit-crm-objects/how-to-generate-edit-form-for-deal.md (that the secret is in it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator.tables.fields import FieldType

if TYPE_CHECKING:
    from b24syncd.simulator.tables.fields import Field
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.state import PortalState

_ACTION = "crm.controller.item.getFile"


def with_files(portal: PortalState, item: Item, values: dict[str, Any], names: dict[str, Field]) -> dict[str, Any]:
    """Return the values of an item with its files as they are shown."""
    for name, field in names.items():
        if field.custom and field.type is FieldType.FILE and values[name]:
            value = values[name]
            several = isinstance(value, list)
            shown = [_shown(portal, item, field, one) for one in (value if several else [value])]
            values[name] = shown if several else shown[0]
    return values


def _shown(portal: PortalState, item: Item, field: Field, file_id: int) -> dict[str, Any]:
    options = portal.options
    where = f"entityTypeId={item.entity_type_id}&id={item.id}&fieldName={field.upper}&fileId={file_id}"
    return {
        "id": file_id,
        "url": f"/bitrix/services/main/ajax.php?action={_ACTION}&SITE_ID=s1&{where}",
        "urlMachine": f"/rest/{options.user_id}/{options.secret}/{_ACTION}/?{where}",
    }
