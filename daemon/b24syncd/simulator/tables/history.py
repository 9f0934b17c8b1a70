"""Everything that ever happened to the portal, so that tests can assert what must never happen.

An edit is one value of one item before and after, and who made it: `api`, `person` or `generator`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Who = Literal["api", "person", "generator"]


@dataclass(frozen=True, slots=True)
class Notification:
    """What a person sees: to whom, from whom, the text, the one for e-mail."""

    id: int
    to: int
    by: int
    message: str
    message_out: str
    at: float


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a multifield entry (`point_id`) or of a field (`name`); `None` is absence, a time its second."""

    at: float
    who: Who
    entity_type_id: int
    item_id: int
    name: str
    point_id: int | None
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Breach:
    """One moment in which the bindings of an activity went wrong."""

    at: float
    activity_id: int
    kind: str
    """`lost`: a source went before a target was there; `overwritten`: a write undid another one it had not seen."""
    refs: str
    left: str


@dataclass(slots=True)
class History:
    """Counts of requests and commands, errors of limits, and the log of edits, per item in order."""

    requests: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    command_errors: Counter[str] = field(default_factory=Counter)
    limit_errors: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    saves: int = 0
    empty_saves: int = 0
    person_edits: int = 0
    binding_overlaps: int = 0
    """How often a request read the bindings of an activity while another was about to write them."""
    breaches: list[Breach] = field(default_factory=list)
    keeps_edits: bool = True
    tell: Callable[[str, dict[str, Any], Who], None] = field(default=lambda _event, _fields, _who: None)
    """Is told of what happens, as the portal's events call it."""
    edits: dict[tuple[int, int], list[Edit]] = field(default_factory=lambda: defaultdict(list))

    def record(self, edit: Edit) -> None:
        """Append one edit, where edits are kept."""
        if self.keeps_edits:
            self.edits[edit.entity_type_id, edit.item_id].append(edit)

    def edits_of(self, entity_type_id: int, item_id: int) -> list[Edit]:
        """Return the edits of an item, oldest first."""
        return list(self.edits.get((entity_type_id, item_id), ()))

    def values_ever(self, entity_type_id: int, item_id: int) -> set[str]:
        """Return every value that any entry of the item ever held."""
        return {edit.after for edit in self.edits_of(entity_type_id, item_id) if edit.point_id and edit.after}

    def by_api(self) -> list[Edit]:
        """Return all edits that came through REST, item by item."""
        return [edit for edits in self.edits.values() for edit in edits if edit.who == "api"]

    def repeated_writes(self) -> list[Edit]:
        """Return the entries' values that REST wrote into an item although REST had written them into it before."""
        repeated = []
        for edits in self.edits.values():
            seen: set[tuple[str, str]] = set()
            for edit in edits:
                if edit.who != "api" or edit.point_id is None or edit.after is None:
                    continue
                if (edit.name, edit.after) in seen:
                    repeated.append(edit)
                seen.add((edit.name, edit.after))
        return repeated

    def summary(self) -> dict[str, Any]:
        """Return the counts and the repeated writes, ready for JSON."""
        return {
            "requests": sum(self.requests.values()),
            "requests_by_method": dict(self.requests),
            "commands": dict(self.commands),
            "command_errors": dict(self.command_errors),
            "limit_errors": dict(self.limit_errors),
            "faults": dict(self.faults),
            "saves": self.saves,
            "empty_saves": self.empty_saves,
            "person_edits": self.person_edits,
            "api_edits": len(self.by_api()),
            "binding_overlaps": self.binding_overlaps,
            "breaches": [asdict(breach) for breach in self.breaches],
            "repeated_writes": [asdict(edit) for edit in self.repeated_writes()],
        }
