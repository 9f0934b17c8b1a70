"""Which fields the types of items have, by both their names, in the order in which `crm.item.fields` tells them.

Sources: php modules/crm/lib/Service/Factory/{Lead,Deal,Contact,Company,Dynamic,SmartInvoice}.php `getFieldsSettings`
(the universal methods; without what is hidden), lib/Service/Factory.php `getFieldsInfo` (what comes behind them),
lib/{lead,deal,contacttable,companytable}.php and lib/Model/FieldRepository.php (which columns may be NULL), php
modules/crm/classes/general/crm_{lead,deal,contact,company}.php
`GetFieldsInfo` (the classic ones), modules/crm/lib/utm.php, docs api-reference/crm/universal/object-fields.md, and of
crm-item-get.md the columns that answers have besides.

A line is `camelName CLASSIC_NAME type`, with `=` what the universal methods call the type, `!` where nobody writes it,
`^` where it is written once, `*` where it has several values, `?` where it is null when it is emptied, `~` where no
list of fields tells it, `#` where lists tell it and no item has it. A dash stands for a name that one side lacks.
"""

from __future__ import annotations

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4
SMART_INVOICE = 31

_ID = "id ID integer!"
_TITLE = "title TITLE string"
_PERSON = "name NAME string?, secondName SECOND_NAME string?, lastName LAST_NAME string?"
_HONORIFIC = "honorific HONORIFIC crm_status?"
_SOURCE = "sourceId SOURCE_ID crm_status, sourceDescription SOURCE_DESCRIPTION text"
_CURRENCY = "currencyId CURRENCY_ID string=crm_currency"
_AMOUNT = f"{_CURRENCY}, isManualOpportunity IS_MANUAL_OPPORTUNITY char=boolean, opportunity OPPORTUNITY double"
_TAX = "taxValue TAX_VALUE double"
_OPENED = "opened OPENED char=boolean"
_COMMENTS = "comments COMMENTS text"
_POINTS = """
hasPhone HAS_PHONE char=boolean!, hasEmail HAS_EMAIL char=boolean!, hasImol HAS_IMOL char=boolean!
"""
_FM = "fm - crm_multifield#"
_CREATED, _UPDATED = "createdBy CREATED_BY_ID user!", "updatedBy MODIFY_BY_ID user!"
_MOVED, _ACTIVE = "movedBy MOVED_BY_ID user!", "lastActivityBy LAST_ACTIVITY_BY user"
_ASSIGNED = "assignedById ASSIGNED_BY_ID user"
_CREATED_AT, _UPDATED_AT = "createdTime DATE_CREATE datetime!", "updatedTime DATE_MODIFY datetime!"
_MOVED_AT, _ACTIVE_AT = "movedTime MOVED_TIME datetime!", "lastActivityTime LAST_ACTIVITY_TIME datetime"
_WHO = f"{_ASSIGNED}, {_CREATED}, {_UPDATED}"
_WHEN = f"{_CREATED_AT}, {_UPDATED_AT}"
_HISTORY = f"{_WHO}, {_MOVED}, {_ACTIVE}, {_WHEN}, {_MOVED_AT}, {_ACTIVE_AT}"
_STILL_HISTORY = f"{_WHO}, {_ACTIVE}, {_WHEN}, {_ACTIVE_AT}"
_COMPANY_ID = "companyId COMPANY_ID integer=crm_company"
_CONTACT_IDS = "contactIds CONTACT_IDS crm_contact, contacts - crm_contact#"
_CLIENT = f"{_COMPANY_ID}, contactId CONTACT_ID integer=crm_contact, {_CONTACT_IDS}"
_LEAD_ID = "leadId LEAD_ID integer=crm_lead?"
_ORIGIN = "originatorId ORIGINATOR_ID string?, originId ORIGIN_ID string?"
_VERSION = "originVersion ORIGIN_VERSION string?"
_OBSERVERS = "observers - user*"
_WEBFORM = "webformId - integer"
_LOCATION = "locationId LOCATION_ID string=location?"
_LAST = "lastCommunicationTime LAST_COMMUNICATION_TIME string!"
_DATES = "begindate BEGINDATE date, closedate CLOSEDATE date"
_CATEGORY = "categoryId - integer=crm_category"
_BEHIND = """
utmSource UTM_SOURCE string?, utmMedium UTM_MEDIUM string?, utmCampaign UTM_CAMPAIGN string?,
utmContent UTM_CONTENT string?, utmTerm UTM_TERM string?,
lastCommunicationCallTime LAST_COMMUNICATION_CALL_TIME datetime!,
lastCommunicationEmailTime LAST_COMMUNICATION_EMAIL_TIME datetime!,
lastCommunicationImolTime LAST_COMMUNICATION_IMOL_TIME datetime!,
lastCommunicationWebformTime LAST_COMMUNICATION_WEBFORM_TIME datetime!
"""


def _address(prefix: str) -> str:
    names = ("", "_2", "_CITY", "_POSTAL_CODE", "_REGION", "_PROVINCE", "_COUNTRY", "_COUNTRY_CODE")
    return ", ".join((*(f"- {prefix}{name} string?" for name in names), f"- {prefix}_LOC_ADDR_ID integer?"))


_LEAD = (
    *(_ID, _TITLE, _HONORIFIC, _PERSON, "birthdate BIRTHDATE date, companyTitle COMPANY_TITLE string?", _SOURCE),
    "stageId STATUS_ID crm_status, statusDescription STATUS_DESCRIPTION text?",
    "stageSemanticId STATUS_SEMANTIC_ID string!, post POST string?",
    *(_AMOUNT, _OPENED, _COMMENTS, _POINTS, _HISTORY, _CLIENT),
    "isReturnCustomer IS_RETURN_CUSTOMER char=boolean!, dateClosed DATE_CLOSED datetime!",
    *(_ORIGIN, _WEBFORM, _OBSERVERS, _FM, _LAST, _BEHIND),
    "dateCreateShort - string!~, dateModifyShort - string!~, isConvert - string!~, productId - integer!~",
    "shortName - string!~, login - string!~, searchContent - string!~",
    _address("ADDRESS"),
)
_DEAL = (
    *(_ID, _TITLE, "typeId TYPE_ID crm_status?, categoryId CATEGORY_ID integer=crm_category"),
    "stageId STAGE_ID crm_status, stageSemanticId STAGE_SEMANTIC_ID string!, isNew IS_NEW char=boolean!",
    "isRecurring IS_RECURRING char=boolean, isReturnCustomer IS_RETURN_CUSTOMER char=boolean!",
    "isRepeatedApproach IS_REPEATED_APPROACH char=boolean!, probability PROBABILITY integer?",
    *(_AMOUNT, _TAX, _CLIENT, "quoteId QUOTE_ID integer=crm_quote?", _DATES, _OPENED),
    *("closed CLOSED char=boolean!", _COMMENTS, _HISTORY, _SOURCE, _LEAD_ID),
    *("additionalInfo ADDITIONAL_INFO string?", _ORIGIN, _OBSERVERS, _LAST, _LOCATION, _BEHIND),
)
_CONTACT = (
    *(_ID, _HONORIFIC, _PERSON, "photo PHOTO file?, birthdate BIRTHDATE date, typeId TYPE_ID crm_status?", _SOURCE),
    *("post POST string?", _COMMENTS, _OPENED, "export EXPORT char=boolean", _POINTS, _STILL_HISTORY, _COMPANY_ID),
    "companyIds COMPANY_IDS crm_contact=crm_company, companies - crm_contact=crm_company#",
    *(_LEAD_ID, _ORIGIN, _VERSION, _CATEGORY, _FM, _OBSERVERS, _LAST, _BEHIND, _address("ADDRESS")),
)
_COMPANY = (
    *(_ID, _TITLE, "typeId COMPANY_TYPE crm_status?", _CATEGORY, "logo LOGO file"),
    "bankingDetails BANKING_DETAILS string?, industry INDUSTRY crm_status?, employees EMPLOYEES crm_status?",
    *(_CURRENCY, "revenue REVENUE double", _OPENED, _COMMENTS, _POINTS, "isMyCompany IS_MY_COMPANY char=boolean^"),
    *(_STILL_HISTORY, "contactIds CONTACT_ID crm_contact, contacts - crm_contact#", _LEAD_ID, _ORIGIN, _VERSION),
    *(_FM, _OBSERVERS, _LAST, _BEHIND, _address("ADDRESS"), _address("REG_ADDRESS")),
)
_STAGES = """
categoryId CATEGORY_ID integer=crm_category, movedTime MOVED_TIME datetime!, movedBy MOVED_BY_ID user!,
stageId STAGE_ID crm_status, previousStageId PREVIOUS_STAGE_ID crm_status!
"""
_FIRST = (
    *(_ID, _TITLE, "xmlId XML_ID string", _WHEN, _CREATED, _UPDATED, _ASSIGNED, _OPENED),
    *("webformId WEBFORM_ID integer", _LAST, _DATES, _CLIENT),
)
_SMART = (*_FIRST, _STAGES, _AMOUNT, _TAX, _ACTIVE, _ACTIVE_AT, _BEHIND)
_INVOICE = (
    *(*_FIRST, _OBSERVERS, _STAGES, _SOURCE, _AMOUNT, _TAX, "mycompanyId MYCOMPANY_ID integer=crm_company"),
    *(_ACTIVE, _ACTIVE_AT, _COMMENTS, "accountNumber ACCOUNT_NUMBER string", _LOCATION, _BEHIND),
)
_OWN = {LEAD: _LEAD, DEAL: _DEAL, CONTACT: _CONTACT, COMPANY: _COMPANY, SMART_INVOICE: _INVOICE}


def lines_of(entity_type_id: int) -> list[list[str]]:
    """Return the fields of a type, each as its camelCase name, its classic name, and its type with its marks."""
    return [line.split() for line in ",".join(_OWN.get(entity_type_id, _SMART)).split(",")]
