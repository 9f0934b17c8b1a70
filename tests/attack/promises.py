"""What is promised about contact points, judged by the portal's history alone: nothing lost, nothing brought back.

What an item has to hold is told by its people: every number and address that they entered and did not take out again,
in whatever spelling. The two windows in which the program cannot see an edit (docs/promises.md) are found in
the history as well: what was edited there is `unseen`, and nothing is demanded of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.attack.witnesses import key_of, ref_of

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.simulator.tables.fields import WITH_MULTIFIELDS
from b24syncd.store.journal import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tests.attack.witnesses import Witnesses, Written

    from b24syncd.domain.entities import EntityRef
    from b24syncd.simulator.portal import Portal
    from b24syncd.simulator.tables.history import Edit
    from b24syncd.simulator.tables.model import Item
    from b24syncd.store.history import JournalEntry

    Meaning = tuple[str, str]
    """A type and a canonical value, or a text of which nobody can tell what it means."""

JOBS = {"PHONE": "phones", "EMAIL": "emails"}
MADE = {Outcome.DONE, Outcome.UNVERIFIED, Outcome.OVERTAKEN}
_SLACK_SECONDS = 0.5


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


@dataclass(frozen=True, slots=True)
class Told:
    """What the program tells of itself: its journal, and how old a snapshot may be."""

    journal: Sequence[JournalEntry]
    young: float

    def knew_that_ids_stay(self, sent_at: float, gone: tuple[EntityRef, int | None]) -> bool:
        """Tell whether an entry had been seen to keep its id when it was changed, other than one that was `gone`.

        Until then no id that is missing is taken for a proof of deletion.
        """
        return any(
            row.outcome is Outcome.DONE
            and isinstance(row.correction, ChangePoint)
            and (row.correction.ref, row.correction.point_id) != gone
            and row.sent_at is not None
            and row.sent_at <= sent_at
            for row in self.journal
        )


def unseen(portal: Portal, written: Iterable[Written], rows: Iterable[JournalEntry], told: Told) -> set[Meaning]:
    """Return what people edited in one item where the program cannot see it.

    That is a new value of an entry between the witness of an update of it and this update, and everything between the
    snapshot (which may be old when the batch leaves) and an update whose answer is not known.
    """
    found: set[Meaning] = set()
    sent = sorted((row.sent_at, row.outcome) for row in rows if row.sent_at is not None)
    for one in written:
        edits = portal.history.edits[key_of(one.ref)]
        last = max((sent_at for sent_at, _ in sent if sent_at <= one.at), default=one.at)
        is_certain = {outcome for sent_at, outcome in sent if sent_at == last} == {Outcome.DONE}
        touched = {edit.point_id for edit in edits[one.first : one.last] if edit.who == "api"}
        for number, edit in enumerate(edits[: one.first]):
            in_gap = number >= one.witnessed and (
                edit.point_id in touched
                if edit.after is not None
                else not told.knew_that_ids_stay(last, (one.ref, edit.point_id))
            )
            in_doubt = not is_certain and edit.at >= last - told.young - _SLACK_SECONDS
            if edit.who == "person" and (in_gap or in_doubt):
                found |= meanings(portal, edit.name, edit.before) | meanings(portal, edit.name, edit.after)
    return found


def unkept(portal: Portal, witnesses: Witnesses, told: Told) -> list[str]:
    """Return what was lost or came back, of all items that the program has not still to do with."""
    by_ref: dict[EntityRef, list[JournalEntry]] = defaultdict(list)
    for row in told.journal:
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
            excused = unseen(portal, written[ref], by_ref[ref], told)
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
