"""Which fields the types of items have, by both their names.

Sources: php modules/crm/lib/Service/Factory/{Lead,Deal,Contact,Company,Dynamic,SmartInvoice}.php `getFieldsSettings`
(the universal methods; without what is hidden), php modules/crm/classes/general/crm_{lead,deal,contact,company}.php
`GetFieldsInfo` (the classic ones), modules/crm/lib/utm.php, docs api-reference/crm/universal/object-fields.md, and of
crm-item-get.md the columns that answers have besides.

A line is `camelName CLASSIC_NAME type`, with `=` what the universal methods call the type, `!` where nobody writes it,
`*` where it has several values, `~` where no list of fields tells it. A dash stands for a name that one side lacks.
"""

from __future__ import annotations

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4
SMART_INVOICE = 31

_EVERYWHERE = """
id ID integer!, createdTime DATE_CREATE datetime!, updatedTime DATE_MODIFY datetime!, createdBy CREATED_BY_ID user!,
updatedBy MODIFY_BY_ID user!, assignedById ASSIGNED_BY_ID user, opened OPENED char=boolean,
lastActivityBy LAST_ACTIVITY_BY user, lastActivityTime LAST_ACTIVITY_TIME datetime,
lastCommunicationTime LAST_COMMUNICATION_TIME string!,
utmSource UTM_SOURCE string, utmMedium UTM_MEDIUM string, utmCampaign UTM_CAMPAIGN string,
utmContent UTM_CONTENT string, utmTerm UTM_TERM string
"""
_COMMON = """
comments COMMENTS text, originatorId ORIGINATOR_ID string, originId ORIGIN_ID string, observers - user*
"""
_VERSION = "originVersion ORIGIN_VERSION string"
_SOURCE = "sourceId SOURCE_ID crm_status, sourceDescription SOURCE_DESCRIPTION text"
_MOVED = "movedBy MOVED_BY_ID user!, movedTime MOVED_TIME datetime!"
_PERSON = """
name NAME string, secondName SECOND_NAME string, lastName LAST_NAME string, honorific HONORIFIC crm_status,
post POST string, birthdate BIRTHDATE date
"""
_POINTS = """
hasPhone HAS_PHONE char=boolean!, hasEmail HAS_EMAIL char=boolean!, hasImol HAS_IMOL char=boolean!
"""
_MONEY = """
opportunity OPPORTUNITY double, currencyId CURRENCY_ID string=crm_currency,
isManualOpportunity IS_MANUAL_OPPORTUNITY char=boolean,
companyId COMPANY_ID integer=crm_company, contactId CONTACT_ID integer=crm_contact, contactIds CONTACT_IDS crm_contact
"""


def _address(prefix: str) -> str:
    names = ("", "_2", "_CITY", "_POSTAL_CODE", "_REGION", "_PROVINCE", "_COUNTRY", "_COUNTRY_CODE")
    return ", ".join((*(f"- {prefix}{name} string" for name in names), f"- {prefix}_LOC_ADDR_ID integer"))


_LEAD = (
    "title TITLE string, stageId STATUS_ID crm_status, companyTitle COMPANY_TITLE string",
    "stageSemanticId STATUS_SEMANTIC_ID string!, statusDescription STATUS_DESCRIPTION text",
    "dateClosed DATE_CLOSED datetime!, isReturnCustomer IS_RETURN_CUSTOMER char=boolean!, webformId - integer",
    "dateCreateShort - string!~, dateModifyShort - string!~, isConvert - string!~, productId - integer!~",
    "shortName - string!~, login - string!~, searchContent - string!~",
    *(_COMMON, _SOURCE, _MOVED, _PERSON, _MONEY, _POINTS, _address("ADDRESS")),
)
_DEAL = (
    "title TITLE string, stageId STAGE_ID crm_status, categoryId CATEGORY_ID integer=crm_category",
    "typeId TYPE_ID crm_status, stageSemanticId STAGE_SEMANTIC_ID string!, isNew IS_NEW char=boolean!",
    "isRecurring IS_RECURRING char=boolean, isReturnCustomer IS_RETURN_CUSTOMER char=boolean!",
    "isRepeatedApproach IS_REPEATED_APPROACH char=boolean!, probability PROBABILITY integer",
    "taxValue TAX_VALUE double, begindate BEGINDATE date, closedate CLOSEDATE date, closed CLOSED char=boolean",
    "leadId LEAD_ID integer=crm_lead, quoteId QUOTE_ID integer=crm_quote, additionalInfo ADDITIONAL_INFO string",
    "locationId LOCATION_ID string=location",
    *(_COMMON, _SOURCE, _MOVED, _MONEY),
)
_CONTACT = (
    "typeId TYPE_ID crm_status, companyId COMPANY_ID integer=crm_company",
    "companyIds COMPANY_IDS crm_contact=crm_company",
    "leadId LEAD_ID integer=crm_lead, export EXPORT char=boolean, photo PHOTO file",
    "categoryId - integer=crm_category",
    *(_COMMON, _VERSION, _SOURCE, _PERSON, _POINTS, _address("ADDRESS")),
)
_COMPANY = (
    "title TITLE string, typeId COMPANY_TYPE crm_status, industry INDUSTRY crm_status, logo LOGO file",
    "employees EMPLOYEES crm_status, revenue REVENUE double, currencyId CURRENCY_ID string=crm_currency",
    "leadId LEAD_ID integer=crm_lead, contactIds CONTACT_ID crm_contact, bankingDetails BANKING_DETAILS string",
    "isMyCompany IS_MY_COMPANY char=boolean, categoryId - integer=crm_category",
    *(_COMMON, _VERSION, _POINTS, _address("ADDRESS"), _address("REG_ADDRESS")),
)
_SMART = (
    "title TITLE string, stageId STAGE_ID crm_status, categoryId CATEGORY_ID integer=crm_category",
    "previousStageId PREVIOUS_STAGE_ID crm_status!, xmlId XML_ID string, webformId WEBFORM_ID integer",
    "begindate BEGINDATE date, closedate CLOSEDATE date, taxValue TAX_VALUE double",
    *(_MOVED, _MONEY),
)
_INVOICE = (
    *(*_SMART, _SOURCE, "comments COMMENTS text, accountNumber ACCOUNT_NUMBER string, observers - user*"),
    "mycompanyId MYCOMPANY_ID integer=crm_company, locationId LOCATION_ID string=location",
)
_OWN = {LEAD: _LEAD, DEAL: _DEAL, CONTACT: _CONTACT, COMPANY: _COMPANY, SMART_INVOICE: _INVOICE}


def lines_of(entity_type_id: int) -> list[list[str]]:
    """Return the fields of a type, each as its camelCase name, its classic name, and its type with its marks."""
    parts = (_EVERYWHERE, *_OWN.get(entity_type_id, _SMART))
    return [line.split() for line in ",".join(parts).split(",")]
