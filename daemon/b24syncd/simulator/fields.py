"""The fields of leads, deals, contacts, companies, invoices and smart processes, with both their names.

Sources: docs api-reference/crm/universal/object-fields.md (camelCase names) and of api-reference/crm/ the pages
{leads,deals,contacts,companies}/crm-*-get.md (classic names). Between the two kinds of names php
modules/crm/lib/service/converter.php translates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4
SMART_INVOICE = 31
SMART_PROCESSES = 128
"""Types from here on are smart processes."""
ENTITY_NAMES = {LEAD: "lead", DEAL: "deal", CONTACT: "contact", COMPANY: "company"}
WITH_MULTIFIELDS = (LEAD, CONTACT, COMPANY)


class FieldType(StrEnum):
    """Types as `crm.item.fields` tells them."""

    INTEGER = "integer"
    STRING = "string"
    TEXT = "text"
    CHAR = "char"
    DOUBLE = "double"
    DATE = "date"
    DATETIME = "datetime"
    STATUS = "crm_status"
    USER = "user"
    CONTACTS = "crm_contact"
    """The ids of several contacts; kept as text, `12,15`."""
    LINK = "crm"
    """One reference to an item, as custom fields write it: `D_12`, `CO_7`."""
    BOOLEAN = "boolean"
    ENUMERATION = "enumeration"
    MONEY = "money"
    URL = "url"
    ADDRESS = "address"
    FILE = "file"
    EMPLOYEE = "employee"
    SECTION = "iblock_section"
    ELEMENT = "iblock_element"


NUMBERS = (FieldType.INTEGER, FieldType.USER)
MOMENTS = (FieldType.DATE, FieldType.DATETIME)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its camelCase name, its upper-case name, its classic name, its type.

    A custom one has `labels`, in the list, the form and the filter; a `multiple` one keeps its values line by line.
    """

    name: str
    upper: str
    classic: str
    type: FieldType
    title: str
    read_only: bool = False
    custom: bool = False
    multiple: bool = False
    labels: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field as a portal's administrator creates it; the code begins with `UF_CRM_`."""

    entity_type_id: int
    code: str
    title: str
    type: FieldType = FieldType.STRING
    multiple: bool = False


@dataclass(frozen=True, slots=True)
class SmartType:
    """A smart process: the type of its items, its own id, its title, whether its items can be paid."""

    entity_type_id: int
    id: int
    title: str
    payments: bool = True


# php: modules/crm/lib/service/converter.php `isSpecialDecodeWayFromUpperToCamel`
_LETTERS_AND_DIGITS = re.compile(r"UF_CRM_")
_PLAIN = re.compile(r"(?:[A-Z_]+|UF_CRM_\d{1,4}_[\d_]+|UF_CRM_\d{1,4}_[A-Z_]+)\Z")


def camel(upper: str) -> str:
    """Return the camelCase name of an upper-case one: `UF_CRM_17` is `ufCrm_17`, `LAST_NAME` is `lastName`."""
    if _LETTERS_AND_DIGITS.match(upper) and not _PLAIN.match(upper):
        return f"ufCrm_{upper.removeprefix('UF_CRM_')}"
    first, *rest = upper.split("_")
    camel_case = first.lower()
    for part in rest:
        between_digits = camel_case[-1:].isdigit() and part[:1].isdigit()
        camel_case += f"_{part}" if between_digits else part.capitalize()
    return camel_case


def snake(name: str) -> str:
    """Return what the server makes of a name it does not know: `lastName` is `LAST_NAME`, but `>ID` is `>_ID`."""
    for pattern in (r"(\d+)([A-Za-z])", r"([A-Za-z])(\d)", r"([^_])([A-Z])"):
        name = re.sub(pattern, r"\1_\2", name)
    return name.upper()


_COMMON = """
id ID integer!, createdTime DATE_CREATE datetime!, updatedTime DATE_MODIFY datetime!, createdBy CREATED_BY_ID user!,
updatedBy MODIFY_BY_ID user!, assignedById ASSIGNED_BY_ID user, opened OPENED char, comments COMMENTS text,
originatorId ORIGINATOR_ID string, originId ORIGIN_ID string, utmSource UTM_SOURCE string,
utmMedium UTM_MEDIUM string, utmCampaign UTM_CAMPAIGN string
"""
_PERSON = """
name NAME string, secondName SECOND_NAME string, lastName LAST_NAME string, honorific HONORIFIC crm_status,
post POST string, birthdate BIRTHDATE date, sourceId SOURCE_ID crm_status, sourceDescription SOURCE_DESCRIPTION text
"""
_POINTS = "hasPhone HAS_PHONE char!, hasEmail HAS_EMAIL char!, hasImol HAS_IMOL char!"
_MONEY = """
opportunity OPPORTUNITY double, currencyId CURRENCY_ID string, isManualOpportunity IS_MANUAL_OPPORTUNITY char,
companyId COMPANY_ID integer, contactId CONTACT_ID integer
"""
_SPECIFICATIONS = {
    LEAD: (
        "title TITLE string, stageId STATUS_ID crm_status, companyTitle COMPANY_TITLE string",
        "stageSemanticId STATUS_SEMANTIC_ID string!, dateClosed DATE_CLOSED datetime!",
        "contactIds CONTACT_IDS crm_contact, isReturnCustomer IS_RETURN_CUSTOMER char",
        _PERSON,
        _MONEY,
        _POINTS,
    ),
    DEAL: (
        "title TITLE string, stageId STAGE_ID crm_status, categoryId CATEGORY_ID integer, typeId TYPE_ID crm_status",
        "begindate BEGINDATE date, closedate CLOSEDATE date, closed CLOSED char, leadId LEAD_ID integer",
        "stageSemanticId STAGE_SEMANTIC_ID string!, contactIds CONTACT_IDS crm_contact",
        _MONEY,
    ),
    CONTACT: (
        "typeId TYPE_ID crm_status, companyId COMPANY_ID integer, leadId LEAD_ID integer, export EXPORT char",
        _PERSON,
        _POINTS,
    ),
    COMPANY: (
        "title TITLE string, typeId COMPANY_TYPE crm_status, industry INDUSTRY crm_status",
        "employees EMPLOYEES crm_status, revenue REVENUE double, currencyId CURRENCY_ID string",
        "leadId LEAD_ID integer, contactIds CONTACT_IDS crm_contact",
        _POINTS,
    ),
}
_SMART = (
    "title TITLE string, stageId STAGE_ID crm_status, categoryId CATEGORY_ID integer, xmlId XML_ID string",
    "begindate BEGINDATE date, closedate CLOSEDATE date, contactIds CONTACT_IDS crm_contact",
    _MONEY,
)


def _upper(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


def fields_of(entity_type_id: int) -> tuple[Field, ...]:
    """Return the fields that one entity type has of its own; custom ones come on top."""
    fields = []
    for line in ",".join((_COMMON, *_SPECIFICATIONS.get(entity_type_id, _SMART))).split(","):
        name, classic, kind = line.split()
        upper = _upper(name)
        title = upper.replace("_", " ").capitalize()
        fields.append(Field(name, upper, classic, FieldType(kind.rstrip("!")), title, read_only=kind.endswith("!")))
    return tuple(fields)
