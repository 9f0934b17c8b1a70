"""What each update of an item met in the portal, seen from the portal's side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.simulator.people.edits import item_named
from b24syncd.simulator.tables.fields import ENTITY_NAMES

if TYPE_CHECKING:
    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.portal import Portal
    from b24syncd.simulator.tables.history import Edit


@dataclass(frozen=True, slots=True)
class Written:
    """One update that took effect: which of the item's edits came before its witness, and which it made itself."""

    ref: EntityRef
    at: float
    witnessed: int
    first: int
    last: int


@dataclass(slots=True)
class Witnesses:
    """Watches what each update met."""

    portal: Portal
    written: list[Written] = field(default_factory=list)
    overlooked: list[Edit] = field(default_factory=list)
    """What updates made of which people unmade a part before it was read: a classic update answers only `true`."""
    touched: list[str] = field(default_factory=list)
    """Updates of items of which the witness had told that they are gone."""
    grouped: int = 0
    """Updates that had their witness in a list."""
    _listed: set[EntityRef] = field(default_factory=set)
    _gone: set[EntityRef] = field(default_factory=set)
    _read: dict[EntityRef, int] = field(default_factory=dict)
    _begun: dict[EntityRef, int] = field(default_factory=dict)

    def before(self, call: Call) -> RestError | None:
        if call.method == "crm.item.list" or not call.position:
            self._note_list(call)
        ref, number = self._item(call)
        if ref is not None and call.method.endswith(".get"):
            self._read[ref] = number
            self._note_gone(ref)
            self._note_overlooked(ref, number)
        elif ref is not None:
            self._begun[ref] = number
            self.grouped += ref in self._listed
            self.touched += [f"{ref} at {self.portal.clock()}"] if ref in self._gone else []
        return None

    def _note_list(self, call: Call) -> None:
        """Take in what a list by ids looks at, for as long as its batch goes on."""
        if not call.position:
            self._listed.clear()
        wanted = call.parameters.get("filter")
        ids = wanted.get("@id") if isinstance(wanted, dict) and call.method == "crm.item.list" else None
        type_id, _ = item_named(call)
        if not isinstance(ids, dict) or type_id not in ENTITY_NAMES or call.position is None:
            return
        for ref in [ref_of(type_id, int(one)) for one in ids.values()]:
            self._listed.add(ref)
            self._read[ref] = len(self.portal.history.edits[key_of(ref)])
            self._note_gone(ref)

    def _note_gone(self, ref: EntityRef) -> None:
        if self.portal.find(*key_of(ref)) is None:
            self._gone.add(ref)

    def _note_overlooked(self, ref: EntityRef, number: int) -> None:
        last = self.written[-1] if self.written else None
        if last is None or (last.ref, last.at) != (ref, self.portal.clock()):
            return
        edits = self.portal.history.edits[key_of(ref)][last.first : number]
        made = [edit for edit in edits if edit.who == "api"]
        if {edit.point_id for edit in edits if edit.who != "api"} & {edit.point_id for edit in made}:
            self.overlooked += made  # the item shows another state than the update left: nobody can tell who made what

    def after(self, call: Call) -> RestError | None:
        ref, number = self._item(call)
        if ref is not None and call.method.endswith(".update"):
            first = self._begun[ref]
            self.written.append(Written(ref, self.portal.clock(), self._read.get(ref, first), first, number))
        return None

    def _item(self, call: Call) -> tuple[EntityRef | None, int]:
        type_id, item_id = item_named(call)
        if type_id not in ENTITY_NAMES or item_id is None or not call.method.endswith((".get", ".update")):
            return None, 0
        return ref_of(type_id, item_id), len(self.portal.history.edits_of(type_id, item_id))


def called(command: str) -> frozenset[str]:
    """Return what a kind of commands about items is called, in both vocabularies."""
    return frozenset(f"crm.{entity}.{command}" for entity in ("item", *ENTITY_NAMES.values()))


def ref_of(type_id: int, item_id: int) -> EntityRef:
    return EntityRef(EntityType(ENTITY_NAMES[type_id]), item_id)


def key_of(ref: EntityRef) -> tuple[int, int]:
    """Return by what the portal knows an item."""
    return next(type_id for type_id, name in ENTITY_NAMES.items() if name == ref.type.value), ref.id
