"""`[jobs.payment_dates]`: its keys, and what is wrong with them whatever the portal holds."""

# No `from __future__ import annotations`: pydantic reads the annotations.
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ValidationInfo, field_validator
from pydantic import Field as Key

from b24syncd.domain.entities import FIRST_SMART_TYPE, EntityType
from b24syncd.domain.payment_settings import PaymentSettings, named_type
from b24syncd.domain.rules import Pick
from b24syncd.errors import Problem

from .sections import LookedUpSection, once_each, refuse
from .zones import zone_name

_FORMS: Final = '"deal", "smart_invoice", "type128" for the smart process of this number, or the title of one'
_NUMBERED: Final = re.compile(r"type([0-9]+)", re.ASCII)
_UNPAID: Final = ("lead", "contact", "company", "activity", "quote")


def _entity(text: str) -> str:
    text = text.strip()
    if named_type(text) is not None:
        return text
    if not text or not text.isprintable():
        refuse("this is no type of items", f"write {_FORMS}")
    if text in _UNPAID:
        refuse(f"a {text} has no payments", f"write {_FORMS}")
    word = re.sub(r"[\s_-]+", "_", text.casefold())
    if named_type(word) is not None:
        refuse("this is no type of items", f'did you mean "{word}"?')
    numbered = _NUMBERED.fullmatch(word.replace("_", ""))
    if numbered is not None:
        refuse("this is no smart process", _cure_of_number(int(numbered[1])))
    return text


def _cure_of_number(number: int) -> str:
    own = (EntityType.DEAL, EntityType.SMART_INVOICE)
    spelt = next((entity_type.value for entity_type in own if entity_type.type_id == number), None)
    if spelt is None and number >= FIRST_SMART_TYPE:
        spelt = f"type{number}"
    return f'did you mean "{spelt}"?' if spelt else f"smart processes have numbers from {FIRST_SMART_TYPE} on"


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        refuse("the job would look at nothing", f"name at least one of {_FORMS}, or set enabled = false")
    return once_each(values)


def _field(text: str) -> str:
    if not text.strip() or not text.isprintable():
        refuse("this cannot be a field's name", 'write its title or its code, "Payment date" or "UF_CRM_…"')
    return text.strip()


FieldName = Annotated[str, AfterValidator(_field)]


class PaymentsSection(LookedUpSection):
    """`[jobs.payment_dates]`; only on demand, as it writes into deals and may create a field in them."""

    enabled: bool = False
    """Whether the date of payment is shown in a field: [payment dates](payment-dates.md).

    Only on demand: it writes into deals, and may create the field.
    """
    entities: Annotated[tuple[Annotated[str, AfterValidator(_entity)], ...], AfterValidator(_some)] = ("deal",)
    """Where: `deal`, `smart_invoice`, `type128` for the smart process of this number, or the title of one."""
    field: FieldName = "Payment date"
    """The field's title, or its code, `UF_CRM_1721244707107`."""
    fields: dict[str, FieldName] = Key(default_factory=dict)
    """Fields of types that have another one.

    Example:
    fields = { smart_invoice = "Paid on", "Contracts" = "UF_CRM_5_PAID" }
    """
    create_field: bool = True
    """Create the field where there is none with this title; takes an administrator of the CRM."""
    field_type: Literal["date", "datetime"] = "date"
    """`date` or `datetime`, for a field that is created."""
    pick: Pick = Pick.LAST
    """Which payment gives the date: `last`, `first`, or `fully_paid`, the one with which the amount was reached."""
    clear_when_unpaid: bool = True
    """Empty the field when no payment is left, if the date in it is ours."""
    time_zone: Annotated[str, AfterValidator(zone_name)] = ""
    """Whose day a `date` field shows: an IANA name such as `Europe/Berlin`; empty: the server's."""

    @field_validator("fields")
    @classmethod
    def _are_of_entities(cls, fields: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        entities = info.data.get("entities")
        strange = [] if entities is None else [name for name in fields if name not in entities]
        if strange:
            told, near = ", ".join(map(repr, strange)), get_close_matches(strange[0], entities or (), n=1)
            cure = f"did you mean {near[0]!r}?" if near else "add it to entities, or remove its field"
            refuse(f"entities does not name {told}", cure)
        return fields

    def as_settings(self, base: Path | None) -> tuple[PaymentSettings, tuple[Problem, ...]]:  # noqa: ARG002 # no files
        """See `LookedUpSection`."""
        settings = PaymentSettings(
            fields=tuple((name, self.fields.get(name, self.field)) for name in self.entities),
            own=tuple(self.fields),
            pick=self.pick,
            clear_when_unpaid=self.clear_when_unpaid,
            create_field=self.create_field,
            field_type=self.field_type,
            time_zone=self.time_zone,
        )
        return settings, ()

    def without_methods(self) -> tuple[str, ...]:
        """See `LookedUpSection`."""
        return tuple(name for name in self.entities if name != EntityType.DEAL.value)
