"""What a person wrote about payment dates: types of items by name, number or title, not yet known to the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .entities import FIRST_SMART_TYPE, EntityType
from .rules import PaymentRules, Pick

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS = {entity_type.value: entity_type for entity_type in (EntityType.DEAL, EntityType.SMART_INVOICE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettings:
    """Rules of the job `payment_dates` before the titles of smart processes are looked up.

    `fields` has the field, by title or code, of each type: `deal`, `smart_invoice`, `type128`, or a title. `own` are
    the types whose field has a key of its own in the configuration.
    """

    fields: tuple[tuple[str, str], ...]
    own: tuple[str, ...] = ()
    pick: Pick = Pick.LAST
    clear_when_unpaid: bool = True
    create_field: bool = True
    field_type: str = "date"
    time_zone: str = ""

    @property
    def types(self) -> frozenset[EntityType]:
        """See `JobSettings`."""
        return frozenset(filter(None, (named_type(name) for name, _ in self.fields)))

    def key_of(self, name: str) -> str:
        """Return the key of the configuration that tells the field of a type."""
        return f"jobs.payment_dates.fields.{name}" if name in self.own else "jobs.payment_dates.field"

    def resolved(self, types: Mapping[str, EntityType]) -> PaymentRules:
        """Return the rules as the planner takes them, where `types` has the type of every name."""
        fields = {types[name]: field for name, field in self.fields}
        return PaymentRules(
            fields=tuple(fields.items()),
            pick=self.pick,
            clear_when_unpaid=self.clear_when_unpaid,
            create_field=self.create_field,
            field_type=self.field_type,
            time_zone=self.time_zone,
        )


def named_type(text: str) -> EntityType | None:
    """Return the type that a text is the name of, whatever the portal; None for what can only be a title."""
    if text in _WORDS:
        return _WORDS[text]
    try:
        entity_type = EntityType(text)
    except ValueError:
        return None
    return entity_type if entity_type.type_id >= FIRST_SMART_TYPE else None
