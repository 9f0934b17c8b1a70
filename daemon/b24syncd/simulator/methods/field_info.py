"""What the portal tells about a field.

Sources: php modules/crm/lib/controller/base.php `prepareFieldsInfo`, modules/crm/classes/general/restservice.php
`prepareFieldInfos` (what a list of statuses is called, where a field is only kept for old clients, a title that is
empty gives way to the name), crm_usertype.php `PrepareFieldsInfo`, docs of `crm.item.fields` and of
`crm.company.fields` (the title of a custom field is its label there and its code here).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, LEAD, SMART_INVOICE, Field, FieldType
from b24syncd.simulator.tables.statuses import stages_name

from .field_titles import title_of
from .stages import default_pipeline

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Table
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.user_fields import UserField


_STATUS_TYPES = {
    "sourceId": "SOURCE",
    "honorific": "HONORIFIC",
    "industry": "INDUSTRY",
    "employees": "EMPLOYEES",
}
_TYPE_ID = {DEAL: "DEAL_TYPE", CONTACT: "CONTACT_TYPE", COMPANY: "COMPANY_TYPE"}
_DEPRECATED = {CONTACT: "companyId", COMPANY: "bankingDetails"}
_QUOTE = 7
_REQUIRED = ("opened",)
"""php: the factories; no boolean is ever empty, so that nothing comes of it."""
_PARENTS = {"companyId": COMPANY, "leadId": LEAD, "quoteId": _QUOTE}
_SETTINGS: dict[tuple[int, str], dict[str, Any]] = {
    (DEAL, "categoryId"): {
        "eventNames": {"onBeforeChange": "OnBeforeDealMoveToCategory", "onAfterChange": "OnAfterDealMoveToCategory"}
    },
    (DEAL, "closedate"): {"isSetCurrentDateOnCompletionEnabled": True},
    (LEAD, "dateClosed"): {"isSetCurrentDateOnCompletionEnabled": True},
    (SMART_INVOICE, "closedate"): {"isSetCurrentDateOnCompletionEnabled": False},
    (SMART_INVOICE, "comments"): {"isFlexibleContentType": True},
    (SMART_INVOICE, "mycompanyId"): {
        "isMyCompany": True,
        "parentEntityTypeId": COMPANY,
        "isEmbeddedEditorEnabled": True,
    },
    (SMART_INVOICE, "accountNumber"): {
        "numeratorType": "SMART_INVOICE",
        "numeratorIdSettings": "ID",
        "tableClassName": "\\Bitrix\\Crm\\Model\\Dynamic\\SmartInvoiceTable",
    },
}


def _status_type(portal: PortalState, entity_type_id: int, name: str) -> str:
    if name == "typeId":
        return _TYPE_ID[entity_type_id]
    if name in _STATUS_TYPES:
        return _STATUS_TYPES[name]
    # php: Service/Factory/Dynamic.php `getStagesEntityId` - that of the default pipeline
    return stages_name(entity_type_id, default_pipeline(portal, entity_type_id))


def _list_of(own: UserField) -> str:
    """Return which list of statuses a custom field shows (php: crm_usertype.php `PrepareFieldsInfo`)."""
    return str(own.settings.get("ENTITY_TYPE") or "")


def _settings(entity_type_id: int, name: str) -> dict[str, Any] | None:
    if name in _PARENTS and (entity_type_id, name) != (CONTACT, "companyId"):
        return {"parentEntityTypeId": _PARENTS[name]}
    return _SETTINGS.get((entity_type_id, name))


def described(portal: PortalState, table: Table, field: Field) -> dict[str, Any]:
    """Return what `crm.item.fields` tells; about a custom field also its labels and settings."""
    type_id = table.entity_type_id
    own = portal.user_fields.find(type_id, field.upper) if field.custom else None
    several = field.multiple or field.type in (FieldType.CONTACTS, FieldType.MULTIFIELD)
    told: dict[str, Any] = {
        "type": field.told or field.type.value,
        "isRequired": own.mandatory if own is not None else field.name in _REQUIRED,
        "isReadOnly": field.read_only,
        "isImmutable": field.immutable,
        "isMultiple": several,
        "isDynamic": field.custom,
    }
    if field.name == _DEPRECATED.get(type_id, "contactId"):
        told["isDeprecated"] = True
    if field.type is FieldType.ENUMERATION:
        told["items"] = [{"ID": str(key), "VALUE": title} for key, title in (own.items if own else ())]
    elif field.type is FieldType.STATUS:
        told["statusType"] = _list_of(own) if own else _status_type(portal, type_id, field.name)
    told["title"] = caption(portal, type_id, field)
    if own is not None and field.labels is not None:
        told |= dict(zip(("listLabel", "formLabel", "filterLabel"), field.labels, strict=True))
        told["settings"] = own.settings or []
    elif (settings := _settings(type_id, field.name)) is not None:
        told["settings"] = settings
    return told


def caption(portal: PortalState, entity_type_id: int, field: Field) -> str:
    """Return what a field is called in the portal's language, which is also how a refusal names it."""
    if field.custom:
        return field.title or field.upper
    return title_of(entity_type_id, field.name, field.upper, portal.options.language)


def described_classic(portal: PortalState, table: Table, field: Field) -> dict[str, Any]:
    """Return what the classic methods tell: no text but strings, and of several contacts no more than of one."""
    told = described(portal, table, field)
    if field.custom:
        told["title"] = field.classic
    else:
        told.pop("settings", None)
        told |= {"isRequired": False, "isImmutable": False}
        if field.type in (FieldType.TEXT, FieldType.CHAR):
            told["type"] = FieldType.CHAR.value if field.type is FieldType.CHAR else FieldType.STRING.value
    return told | {"isMultiple": field.multiple}
