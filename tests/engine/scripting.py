"""What tests say of a portal's future: what a person will do, and what happens as commands pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.tables.fields import CONTACT

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call

__all__ = ["CONTACT", "Watcher", "edit"]


@dataclass
class Watcher:
    """Calls `act` at the moment of each command that passes; the first one is number 1."""

    act: Callable[[int, Call], object]
    seen: int = 0

    def before(self, call: Call) -> RestError | None:
        self.seen += 1
        self.act(self.seen, call)
        return None

    def after(self, _: Call) -> RestError | None:
        return None


def edit(action: Action, item_id: int, **more: object) -> PersonEdit:
    """Return a person's edit of a contact, by default of its first phone."""
    fields: dict[str, object] = {"entity_type_id": CONTACT} | more
    return PersonEdit(action=action, item_id=item_id, **fields)  # type: ignore[arg-type] # the table's fields vary
