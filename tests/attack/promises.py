"""What is promised about contact points, judged by the portal's history alone: nothing lost, nothing brought back.

What an item has to hold is told by its people: every number and address that they entered and did not take out again,
in whatever spelling. The two windows in which the program cannot see an edit (README, "What it promises") are found in
the history as well: what was edited there is `unseen`, and nothing is demanded of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.simulator.fields import ENTITY_NAMES, WITH_MULTIFIELDS
from b24syncd.simulator.person_edits import item_named
from b24syncd.store.journal import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from b24syncd.simulator.calls import Call
    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.history import Edit
    from b24syncd.simulator.model import Item
    from b24syncd.simulator.portal import Portal
    from b24syncd.store.history import JournalEntry

    Meaning = tuple[str, str]
    """A type and a canonical value, or a text of which nobody can tell what it means."""

JOBS = {"PHONE": "phones", "EMAIL": "emails"}
MADE = {Outcome.DONE, Outcome.UNVERIFIED, Outcome.OVERTAKEN}
_SLACK_SECONDS = 0.5


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
    _gone: set[EntityRef] = field(default_factory=set)
    _read: dict[EntityRef, int] = field(default_factory=dict)
    _begun: dict[EntityRef, int] = field(default_factory=dict)

    def before(self, call: Call) -> RestError | None:
        ref, number = self._item(call)
        if ref is not None and call.method.endswith(".get"):
            self._read[ref] = number
            self._note_gone(ref, call)
            self._note_overlooked(ref, number)
        elif ref is not None:
            self._begun[ref] = number
            self.touched += [f"{ref} at {self.portal.clock()}"] if ref in self._gone else []
        return None

    def _note_gone(self, ref: EntityRef, call: Call) -> None:
        if self.portal.find(*item_named(call)) is None:  # type: ignore[arg-type] # it names one
            self._gone.add(ref)

    def _note_overlooked(self, ref: EntityRef, number: int) -> None:
        last = self.written[-1] if self.written else None
        if last is None or (last.ref, last.at) != (ref, self.portal.clock()):
            return
        edits = self.portal.history.edits[_key(ref)][last.first : number]
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


def items(portal: Portal) -> dict[EntityRef, Item]:
    """Return all items that have contact points."""
    return {
        ref_of(type_id, item.id): item for type_id in WITH_MULTIFIELDS for item in portal.table(type_id).items.values()
    }


def meanings(portal: Portal, name: str, value: str | None) -> set[Meaning]:
    """Return what a text means."""
    return set() if value is None else {(name, one) for one in portal.meanings.get(value) or (value,)}


def required(portal: Portal, item: Item) -> set[Meaning]:
    """Return what the item has to hold: what people entered and did not take out of its last place."""
    entries: dict[int, set[Meaning]] = {}
    wanted: set[Meaning] = set()
    for edit in portal.history.edits_of(item.entity_type_id, item.id):
        if edit.point_id is None:
            continue
        after = meanings(portal, edit.name, edit.after)
        before = meanings(portal, edit.name, edit.before)
        entries[edit.point_id] = after
        if edit.who != "api":
            wanted = wanted - (before - set().union(*entries.values())) | after
    return wanted


def present(portal: Portal, item: Item) -> set[Meaning]:
    """Return what the item holds."""
    return {one for point in item.points.values() for one in meanings(portal, point.type_id, point.value)}


def unseen(portal: Portal, written: Iterable[Written], rows: Iterable[JournalEntry], young: float) -> set[Meaning]:
    """Return what people edited in one item where the program cannot see it.

    That is a new value of an entry between the witness of an update of it and this update, and everything between the
    snapshot (`young` seconds before the batch left) and an update whose answer is not known.
    """
    found: set[Meaning] = set()
    sent = sorted((row.sent_at, row.outcome) for row in rows if row.sent_at is not None)
    for one in written:
        edits = portal.history.edits[_key(one.ref)]
        last = max((sent_at for sent_at, _ in sent if sent_at <= one.at), default=one.at)
        is_certain = {outcome for sent_at, outcome in sent if sent_at == last} == {Outcome.DONE}
        touched = {edit.point_id for edit in edits[one.first : one.last] if edit.who == "api"}
        for number, edit in enumerate(edits[: one.first]):
            in_gap = number >= one.witnessed and edit.point_id in touched and edit.after is not None
            in_doubt = not is_certain and edit.at >= last - young - _SLACK_SECONDS
            if edit.who == "person" and (in_gap or in_doubt):
                found |= meanings(portal, edit.name, edit.before) | meanings(portal, edit.name, edit.after)
    return found


def unkept(portal: Portal, witnesses: Witnesses, journal: Iterable[JournalEntry], young: float) -> list[str]:
    """Return what was lost or came back, of all items that the program has not still to do with."""
    by_ref: dict[EntityRef, list[JournalEntry]] = defaultdict(list)
    for row in journal:
        by_ref[row.correction.ref].append(row)
    written: dict[EntityRef, list[Written]] = defaultdict(list)
    for one in witnesses.written:
        written[one.ref].append(one)
    found = []
    for ref, item in items(portal).items():
        if any(row.outcome is Outcome.INTENT for row in by_ref[ref]):
            continue
        wanted, there = required(portal, item), present(portal, item)
        if wanted != there:
            excused = unseen(portal, written[ref], by_ref[ref], young)
            found += [f"{ref} lost {name} {value!r}" for name, value in sorted(wanted - there - excused)]
            found += [f"{ref} got back {name} {value!r}" for name, value in sorted(there - wanted - excused)]
    return found


def messy(portal: Portal, held: set[tuple[EntityRef, str]]) -> list[str]:
    """Return the entries that are not canonical, or there twice, of all items but those `held` from a job."""
    found = []
    for ref, item in items(portal).items():
        there = Counter((point.type_id, point.value) for point in item.points.values())
        for (name, value), number in there.items():
            meaning = portal.meanings.get(value)
            if name not in JOBS or (ref, JOBS[name]) in held or meaning is None:
                continue
            if meaning != (value,):
                found.append(f"{ref} holds {value!r} instead of {meaning}")
            elif number > 1:
                found.append(f"{ref} holds {value!r} {number} times")
    return found


def unbound(portal: Portal) -> list[str]:
    """Return the activities that hang on nothing any more, or twice on the same item."""
    rows = portal.activities.rows.items()
    return [
        f"activity:{activity_id} hangs on {row.bindings}"
        for activity_id, row in rows
        if not row.bindings or len(set(row.bindings)) < len(row.bindings)
    ]


def beyond(canary: int, journal: Iterable[JournalEntry], undoing: Collection[int]) -> list[str]:
    """Return the runs that made more corrections than the canary lets them, without those that take back.

    What is owed to people does not count, and the corrections of one item are never parted.
    """
    made: dict[int, list[tuple[str, EntityRef]]] = defaultdict(list)
    for row in journal:
        if row.outcome in MADE and not row.mends and row.run_id not in undoing:
            made[row.run_id].append((row.batch, row.correction.ref))
    return [
        f"run {run_id} made {len(corrections)} corrections"
        for run_id, corrections in made.items()
        if len(corrections) > canary and len(set(corrections)) > 1
    ]


def untold(portal: Portal, witnesses: Witnesses, journal: Iterable[JournalEntry]) -> list[str]:
    """Return what was written to contact points of which the journal does not tell that it was made."""
    told: set[tuple[EntityRef, int | None, str | None]] = set()
    for row in journal:
        if row.outcome in MADE:
            match row.correction:
                case ChangePoint(ref=ref, point_id=point_id, after=after):
                    # a change of an entry that somebody had deleted adds one
                    told |= {(ref, point_id, after), (ref, None, after)}
                case AddPoint(ref=ref, after=after):
                    told.add((ref, None, after))
                case DeletePoint(ref=ref, point_id=point_id):
                    told.add((ref, point_id, None))
                case _:
                    pass
    return [
        f"{_name(edit)} of {edit.name} {edit.point_id} at {edit.at}: {edit.before!r} -> {edit.after!r}"
        for edit in portal.history.by_api()
        if edit.entity_type_id in WITH_MULTIFIELDS
        and edit.point_id is not None
        and edit not in witnesses.overlooked
        and (_ref(edit), None if edit.before is None else edit.point_id, edit.after) not in told
    ]


def _ref(edit: Edit) -> EntityRef:
    return ref_of(edit.entity_type_id, edit.item_id)


def _name(edit: Edit) -> str:
    return str(_ref(edit))


def _key(ref: EntityRef) -> tuple[int, int]:
    return next(type_id for type_id, name in ENTITY_NAMES.items() if name == ref.type.value), ref.id
