"""What the portal tells about a field.

Sources: php modules/crm/classes/general/restservice.php `prepareFieldInfos` (what a list of statuses is called, where a
field is only kept for old clients), crm_usertype.php `PrepareFieldsInfo`, docs of `crm.item.fields` and of
`crm.company.fields` (the title of a custom field is its label there and its code here).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import COMPANY, CONTACT, DEAL, LEAD, SMART_INVOICE, Field, FieldType

if TYPE_CHECKING:
    from .model import Table
    from .state import PortalState
    from .user_fields import UserField


_STATUS_TYPES = {
    "sourceId": "SOURCE",
    "honorific": "HONORIFIC",
    "industry": "INDUSTRY",
    "employees": "EMPLOYEES",
}
_TYPE_ID = {DEAL: "DEAL_TYPE", CONTACT: "CONTACT_TYPE", COMPANY: "COMPANY_TYPE"}
_STAGES = {LEAD: "STATUS", DEAL: "DEAL_STAGE", SMART_INVOICE: "SMART_INVOICE_STAGE_1"}
_DEPRECATED = {CONTACT: "companyId", COMPANY: "bankingDetails"}


def _status_type(entity_type_id: int, name: str) -> str:
    if name == "typeId":
        return _TYPE_ID[entity_type_id]
    if name in _STATUS_TYPES:
        return _STATUS_TYPES[name]
    # php: Service/Factory/Dynamic.php `getStagesEntityId` - that of the default pipeline
    return _STAGES.get(entity_type_id, f"DYNAMIC_{entity_type_id}_STAGE_1")


def _list_of(own: UserField) -> str:
    """Return which list of statuses a custom field shows (php: crm_usertype.php `PrepareFieldsInfo`)."""
    return str(own.settings.get("ENTITY_TYPE") or "")


def described(portal: PortalState, table: Table, field: Field) -> dict[str, Any]:
    """Return what `crm.item.fields` tells; about a custom field also its labels and settings."""
    own = portal.user_fields.find(table.entity_type_id, field.upper) if field.custom else None
    told: dict[str, Any] = {
        "type": field.told or field.type.value,
        "isRequired": own is not None and own.mandatory,
        "isReadOnly": field.read_only,
        "isImmutable": False,
        "isMultiple": field.multiple or field.type is FieldType.CONTACTS,
        "isDynamic": field.custom,
        "title": field.title,
    }
    if field.name == _DEPRECATED.get(table.entity_type_id, "contactId"):
        told["isDeprecated"] = True
    if field.type is FieldType.ENUMERATION:
        told["items"] = [{"ID": str(key), "VALUE": title} for key, title in (own.items if own else ())]
    elif field.type is FieldType.STATUS:
        told["statusType"] = _list_of(own) if own else _status_type(table.entity_type_id, field.name)
    if own is not None and field.labels is not None:
        told |= dict(zip(("listLabel", "formLabel", "filterLabel"), field.labels, strict=True))
        told["settings"] = own.settings or []
    return told


def described_classic(portal: PortalState, table: Table, field: Field) -> dict[str, Any]:
    """Return what the classic methods tell: no text but strings, and of several contacts no more than of one."""
    told = described(portal, table, field)
    if field.custom:
        told["title"] = field.classic
    elif field.type in (FieldType.TEXT, FieldType.CHAR):
        told["type"] = FieldType.CHAR.value if field.type is FieldType.CHAR else FieldType.STRING.value
    return told | {"isMultiple": field.multiple}
