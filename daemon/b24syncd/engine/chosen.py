"""What an undo is to take back, as the journal tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.taken_back import Row, undos_of
from b24syncd.domain.undoing import Left, Made, Why
from b24syncd.store import history, holds, runs
from b24syncd.store.history import Filter
from b24syncd.store.journal import Outcome
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.holds import Held

    from .subjects import Kind

_MADE = frozenset({Outcome.DONE, Outcome.UNVERIFIED})


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be taken back: corrections by item or activity, oldest first.

    `releases` are those that an undo had held: taking that back corrects them again.
    """

    made: Mapping[EntityRef, tuple[Made, ...]]
    releases: frozenset[Held] = frozenset()

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs that made them."""
        return tuple(sorted({each.correction.job for made in self.made.values() for each in made}))

    def refs_of(self, kind: Kind) -> tuple[EntityRef, ...]:
        """Return the items, or the activities, of one kind, in the order of ids."""
        return tuple(sorted((ref for ref in self.made if ref.type in kind.types), key=_by_type_and_id))

    def left_out(self, kinds: Iterable[Kind]) -> dict[EntityRef, tuple[Left, ...]]:
        """Return what is of none of these kinds, because the configuration does not tell of it any more."""
        known = {entity_type for kind in kinds for entity_type in kind.types}
        return {
            ref: tuple(Left(each.correction, Why.NOT_CONFIGURED) for each in made)
            for ref, made in self.made.items()
            if ref.type not in known
        }


def choose(db: sqlite_utils.Database, which: Filter) -> Chosen:
    """Read from the journal what was made and is to be taken back.

    What later undos took back of it counts with it: that is not to be taken back again.
    """
    made: dict[EntityRef, dict[int, Made]] = {}
    oldest: dict[Held, int] = {}
    for entry in history.iterate(db, which):
        if entry.outcome in _MADE:
            correction = entry.correction
            made.setdefault(correction.ref, {})[entry.id] = Made(entry.batch, correction)
            oldest.setdefault((correction.ref, correction.job), entry.run_id)
    undos = runs.ids_of(db, RunKind.UNDO)
    later = (entry for run_id in undos for entry in history.iterate(db, Filter(run_id=run_id, item=which.item)))
    undone = {entry.correction.ref for entry in later if entry.id > min(made.get(entry.correction.ref, (entry.id,)))}
    for ref in undone:
        entries = {entry.id: entry for entry in history.iterate(db, Filter(item=ref)) if entry.outcome in _MADE}
        rows = (Row(entry.id, entry.correction, entry.run_id in undos) for entry in entries.values())
        of_one = made[ref]
        of_one |= {each: Made(entries[each].batch, entries[each].correction) for each in undos_of(set(of_one), rows)}
    held = {run_id: holds.of_run(db, run_id) for run_id in set(oldest.values())}
    releases = frozenset(key for key, run_id in oldest.items() if key in held[run_id])
    in_order = {ref: tuple(of_one[entry_id] for entry_id in sorted(of_one)) for ref, of_one in made.items()}
    return Chosen(in_order, releases)


def _by_type_and_id(ref: EntityRef) -> tuple[str, int]:
    return ref.type.value, ref.id
