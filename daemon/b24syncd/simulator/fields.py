"""The fields of leads, deals, contacts and companies, with both their names.

Sources: docs api-reference/crm/universal/object-fields.md (camelCase names) and of api-reference/crm/ the pages
{leads,deals,contacts,companies}/crm-*-get.md (classic names). Custom fields: docs universal/crm-item-list.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4
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


NUMBERS = (FieldType.INTEGER, FieldType.USER)
MOMENTS = (FieldType.DATE, FieldType.DATETIME)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its camelCase name, its upper-case name, its classic name, its type."""

    name: str
    upper: str
    classic: str
    type: FieldType
    title: str
    read_only: bool = False
    custom: bool = False


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field as a portal's administrator creates it; the code begins with `UF_CRM_`."""

    entity_type_id: int
    code: str
    title: str
    type: FieldType = FieldType.STRING


def camel(upper: str) -> str:
    """Return the camelCase name of an upper-case one: `UF_CRM_17` is `ufCrm_17`, `LAST_NAME` is `lastName`."""
    first, *rest = upper.split("_")
    return first.lower() + "".join(f"_{part}" if part[:1].isdigit() else part.capitalize() for part in rest)


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
        _PERSON,
        _MONEY,
        _POINTS,
    ),
    DEAL: (
        "title TITLE string, stageId STAGE_ID crm_status, categoryId CATEGORY_ID integer, typeId TYPE_ID crm_status",
        "begindate BEGINDATE date, closedate CLOSEDATE date, closed CLOSED char",
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
        _POINTS,
    ),
}


def _upper(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


def fields_of(entity_type_id: int, custom: tuple[CustomField, ...] = ()) -> tuple[Field, ...]:
    """Return the fields of one entity type, custom fields last."""
    fields = []
    for line in ",".join((_COMMON, *_SPECIFICATIONS[entity_type_id])).split(","):
        name, classic, kind = line.split()
        upper = _upper(name)
        title = upper.replace("_", " ").capitalize()
        fields.append(Field(name, upper, classic, FieldType(kind.rstrip("!")), title, read_only=kind.endswith("!")))
    fields.extend(
        Field(camel(own.code), own.code, own.code, own.type, own.title, custom=True)
        for own in custom
        if own.entity_type_id == entity_type_id
    )
    return tuple(fields)
