"""What a form meets on a portal that has been lived in: pipelines, custom fields of every type, people, priced deals.

Where items are there already, the first of each type get values for the new fields. Amounts of which there are several
in one field, which the forms of docs tutorials/crm/how-to-edit-crm-objects cannot save, have only smart types.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from b24syncd.simulator.tables.fields import COMPANY, CONTACT, DEAL, ENTITY_NAMES, SMART_INVOICE, FieldType, camel
from b24syncd.simulator.tables.people import people_of
from b24syncd.simulator.tables.user_fields import LABELS, every_language

if TYPE_CHECKING:
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.state import PortalState
    from b24syncd.simulator.tables.values import Value

_PEOPLE = 8
_FILLED = 60
_PIPELINES = (
    ("Partners", "NEW First contact, AGREED Terms agreed, SIGNED Signed, WON Won/S, LOSE Lost/F, APOLOGY Analysed/F"),
    ("Service", "NEW Request, DIAGNOSIS Diagnosis, REPAIR In repair, WON Handed over/S, LOSE Refused/F"),
)
_SMART_PIPELINE = ("Urgent", "NEW New, CHECKED Checked, SUCCESS Done/S, FAIL Dropped/F")
_LINKS = {"LEAD": "N", "CONTACT": "Y", "COMPANY": "Y", "DEAL": "N"}
_CHOICES = ("Retail", "Wholesale", "Marketplace", "Other")
_FIELDS: tuple[tuple[str, FieldType, str, dict[str, Any]], ...] = (
    ("TEXT", FieldType.STRING, "Contract number", {"settings": {"MAX_LENGTH": 40}}),
    ("LINES", FieldType.STRING, "Delivery notes", {"settings": {"ROWS": 5}}),
    ("REGION", FieldType.STRING, "Sales region", {"mandatory": True}),
    ("TAGS", FieldType.STRING, "Tags", {"multiple": True}),
    ("COUNT", FieldType.INTEGER, "Seats", {"settings": {"MIN_VALUE": 0, "MAX_VALUE": 5000}}),
    ("RATE", FieldType.DOUBLE, "Discount, %", {"settings": {"PRECISION": 2}}),
    ("BUDGET", FieldType.MONEY, "Budget", {}),
    ("DEPOSITS", FieldType.MONEY, "Deposits", {"multiple": True}),
    ("SINCE", FieldType.DATE, "Customer since", {}),
    ("HOLIDAYS", FieldType.DATE, "Days off", {"multiple": True}),
    ("CALL_AT", FieldType.DATETIME, "Call back at", {}),
    ("VIP", FieldType.BOOLEAN, "VIP", {"settings": {"DISPLAY": "CHECKBOX", "LABEL": ["no", "yes"]}}),
    ("CHANNEL", FieldType.ENUMERATION, "Sales channel", {"items": _CHOICES}),
    ("CHANNELS", FieldType.ENUMERATION, "Other channels", {"items": _CHOICES, "multiple": True}),
    ("ORIGIN", FieldType.STATUS, "Origin", {"settings": {"ENTITY_TYPE": "SOURCE"}}),
    ("ENGINEER", FieldType.EMPLOYEE, "Engineer", {}),
    ("TEAM", FieldType.EMPLOYEE, "Team", {"multiple": True}),
    ("PARTNER", FieldType.LINK, "Partner", {"settings": _LINKS}),
    ("PARTNERS", FieldType.LINK, "More partners", {"settings": _LINKS, "multiple": True}),
    ("PLACE", FieldType.ADDRESS, "Delivery address", {"settings": {"SHOW_MAP": "Y"}}),
    ("SITE", FieldType.URL, "Web shop", {"settings": {"POPUP": "Y"}}),
    ("SITES", FieldType.URL, "More sites", {"multiple": True}),
    ("SCAN", FieldType.FILE, "Scan", {}),
)
_SMART_ALONE = ("DEPOSITS",)
_ROWS = (("Office chair", 4500.0), ("Delivery", 990.0), ("Desk, oak", 18200.5), ("Assembly", 1500.0))
_TAX = 20.0
_LAYOUT: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "main",
        "About deal",
        ("TITLE", "OPPORTUNITY_WITH_CURRENCY", "STAGE_ID", "CLOSEDATE", "CLIENT", "REGION", "CHANNEL"),
    ),
    ("additional", "More", ("TYPE_ID", "SOURCE_ID", "SOURCE_DESCRIPTION", "BEGINDATE", "OPENED", "ASSIGNED_BY_ID")),
    ("notes", "Notes", ("COMMENTS", "LINES", "BUDGET", "CALL_AT", "OBSERVER", "UTM")),
    ("products", "Products", ("PRODUCT_ROW_SUMMARY",)),
)


def furnish(portal: PortalState, seed: int) -> None:
    """Give a portal all that a form can meet; the same seed and portal give the same."""
    rng = Random(seed)  # noqa: S311 - made-up values, nothing secret
    portal.people = people_of(portal.options.user_id, _PEOPLE)
    for name, stages in _PIPELINES:
        portal.add_pipeline(name, stages)
    for smart in portal.smart_types:
        portal.add_pipeline(*_SMART_PIPELINE, entity_type_id=smart.entity_type_id)
    for type_id in portal.tables:
        _add_fields(portal, type_id)
    for type_id in ENTITY_NAMES:
        for item in list(portal.table(type_id))[:_FILLED]:
            item.values.update(_values(portal, rng, type_id))
            if type_id == DEAL and (type_id, item.id) not in portal.payment_truth:
                item.values.update(_client(portal, rng, item))
                if item.id % 3 == 0:
                    _price(portal, rng, item.id)
    _arrange(portal)


def _code(portal: PortalState, type_id: int, name: str) -> str:
    """Return the code of a custom field, which of smart types tells the type (docs: userfieldconfig-add.md)."""
    if type_id in ENTITY_NAMES:
        return f"UF_CRM_{name}"
    if type_id == SMART_INVOICE:
        return f"UF_CRM_SMART_INVOICE_{name}"
    smart = next(one for one in portal.smart_types if one.entity_type_id == type_id)
    return f"UF_CRM_{smart.id}_{name}"


def _fields(type_id: int) -> list[tuple[str, FieldType, str, dict[str, Any]]]:
    return [one for one in _FIELDS if type_id not in ENTITY_NAMES or one[0] not in _SMART_ALONE]


def _add_fields(portal: PortalState, type_id: int) -> None:
    for name, kind, title, more in _fields(type_id):
        row = {"MULTIPLE": "Y" if more.get("multiple") else "N", "MANDATORY": "Y" if more.get("mandatory") else "N"}
        labels = {label: every_language(title, "") for label in LABELS}
        own = portal.user_fields.add(type_id, _code(portal, type_id, name), kind.value, row, labels)
        own.items = tuple((own.id * 10 + number, choice) for number, choice in enumerate(more.get("items", ())))
        own.settings |= more.get("settings", {})


def _values(portal: PortalState, rng: Random, type_id: int) -> dict[str, Value]:
    """Return values for most of the fields; what is several stands line by line."""
    named = {name: camel(_code(portal, type_id, name)) for name, *_ in _fields(type_id)}
    channels = portal.user_fields.find(type_id, _code(portal, type_id, "CHANNEL"))
    several = portal.user_fields.find(type_id, _code(portal, type_id, "CHANNELS"))
    midnight = int(portal.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
    day = midnight - 86400 * rng.randrange(30, 900)
    companies, contacts = (portal.table(one).ids for one in (COMPANY, CONTACT))
    found: dict[str, Value] = {
        "TEXT": f"Д-{rng.randrange(100, 999)}/{rng.randrange(20, 27)}",
        "LINES": "Ворота со двора\nЗвонить за час\n\nПропуск на охране",
        "REGION": rng.choice(("Москва", "Сибирь", "Юг")),
        "TAGS": "\n".join(rng.sample(("key account", "тендер", "2025", "a, b; c"), 2)),
        "COUNT": rng.randrange(1, 200),
        "RATE": rng.randrange(0, 2000) / 100,
        "BUDGET": f"{rng.randrange(10, 900)}000|RUB",
        "SINCE": day,
        "CALL_AT": midnight + 3600 * rng.randrange(9, 18) + 60 * rng.randrange(0, 60),
        "VIP": rng.choice(("Y", "N")),
        "ORIGIN": rng.choice(("CALL", "WEB")),
        "ENGINEER": str(portal.options.user_id + rng.randrange(0, _PEOPLE)),
        "PLACE": "Москва, Тверская улица, 1|55.757;37.615",
        "SITE": "https://shop.example.com/?a=1&b=2",
        "SCAN": str(rng.randrange(100, 999)),
    }
    if channels is not None and several is not None:
        found["CHANNEL"] = str(rng.choice(channels.items)[0])
        found["CHANNELS"] = "\n".join(str(key) for key, _ in several.items[:2])
    if companies and contacts:
        found["PARTNER"] = f"CO_{rng.choice(companies)}"
        found["PARTNERS"] = f"CO_{rng.choice(companies)}\nC_{rng.choice(contacts)}"
    return {named[name]: value for name, value in found.items()}


def _client(portal: PortalState, rng: Random, item: Item) -> dict[str, Value]:
    """Return whom a deal is with, where nobody is known yet."""
    companies, contacts = (portal.table(one).ids for one in (COMPANY, CONTACT))
    if not companies or not contacts or item.values.get("companyId") or item.values.get("contactIds"):
        return {}
    contact = rng.choice(contacts)
    return {"companyId": rng.choice(companies), "contactId": contact, "contactIds": str(contact)}


def _price(portal: PortalState, rng: Random, deal: int) -> None:
    rows = [(name, price, float(rng.randrange(1, 4)), _TAX) for name, price in rng.sample(_ROWS, rng.randrange(1, 4))]
    made = portal.product_rows.put((DEAL, deal), rows)
    total, tax = (round(sum(amounts), 2) for amounts in zip(*((row.total, row.tax) for row in made), strict=True))
    portal.table(DEAL).items[deal].values.update(opportunity=total, taxValue=tax, isManualOpportunity="N")


def _arrange(portal: PortalState) -> None:
    own = {name for name, *_ in _FIELDS}
    portal.card_layouts["deal_details", 0] = [
        {
            "name": name,
            "title": title,
            "type": "section",
            "elements": [{"name": f"UF_CRM_{one}" if one in own else one, "optionFlags": "0"} for one in elements],
        }
        for name, title, elements in _LAYOUT
    ]
