"""What an undo is to take back, as the journal tells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddItem, BindingCorrection, PointCorrection
from b24syncd.domain.taken_back import Row, replaced, undone_with_others, undos_of
from b24syncd.domain.undoing import NotUndone, Why
from b24syncd.store import history, holds, runs
from b24syncd.store.history import Filter
from b24syncd.store.journal import Outcome
from b24syncd.store.runs import RunKind

from .selection import of_kind, of_no_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import sqlite_utils

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.holds import Held
    from b24syncd.store.history import JournalEntry

    from .subjects import Kind

_MADE = frozenset({Outcome.DONE, Outcome.UNVERIFIED})


@dataclass(frozen=True, slots=True)
class UndoSelection:
    """What is to be taken back: corrections by item or activity, oldest first.

    `replaced` are those of which a later correction took away what they had brought: what shows it again is a person's.
    `releases` tells of what an undo had held, and which: taking that back corrects it again. `people` are those of the
    console who had asked for what is to be taken back, with how many corrections each.
    """

    made: Mapping[EntityRef, tuple[Correction, ...]]
    replaced: Mapping[EntityRef, tuple[Correction, ...]] = field(default_factory=dict)
    releases: Mapping[Held, int] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs that made them."""
        both = (*self.made.values(), *self.replaced.values())
        return tuple(sorted({correction.job for corrections in both for correction in corrections}))

    def refs_of(self, kind: Kind) -> tuple[EntityRef, ...]:
        """Return the items, or the activities, of one kind, in the order of ids."""
        return of_kind(self.made, kind)

    def all_of(self, ref: EntityRef) -> tuple[Correction, ...]:
        """Return what was chosen of one item or activity."""
        return (*self.made.get(ref, ()), *self.replaced.get(ref, ()))

    def left_out(self, kinds: Iterable[Kind]) -> dict[EntityRef, tuple[NotUndone, ...]]:
        """Return what is of none of these kinds, because the configuration does not tell of it any more."""
        unknown = of_no_kind(self.made, kinds)
        return {ref: tuple(NotUndone(each, _why_left(each)) for each in self.all_of(ref)) for ref in unknown}


def _why_left(correction: Correction) -> Why:
    return Why.ADDED_ITEM if isinstance(correction, AddItem) else Why.NOT_CONFIGURED


def choose(db: sqlite_utils.Database, which: Filter) -> UndoSelection:
    """Read from the journal what was made and is to be taken back.

    What later undos took back of it counts with it: that is not to be taken back again.
    """
    made: dict[EntityRef, dict[int, Correction]] = {}
    oldest: dict[Held, int] = {}
    people: Counter[str] = Counter()
    for entry in history.iterate(db, which):
        if entry.outcome in _MADE:
            correction = entry.correction
            made.setdefault(correction.ref, {})[entry.id] = correction
            oldest.setdefault((correction.ref, correction.job), entry.run_id)
            people[entry.by] += bool(entry.by)
    undos = runs.ids_of(db, RunKind.UNDO)
    later = (entry for run_id in undos for entry in history.iterate(db, Filter(run_id=run_id, item=which.item)))
    undone = {entry.correction.ref for entry in later if entry.id > min(made.get(entry.correction.ref, (entry.id,)))}
    gone: dict[EntityRef, tuple[Correction, ...]] = {}
    for ref, of_one in made.items():
        if ref not in undone and all(isinstance(correction, PointCorrection) for correction in of_one.values()):
            continue
        entries = {entry.id: entry for entry in history.iterate(db, Filter(item=ref)) if entry.outcome in _MADE}
        rows = [Row(entry.id, entry.correction, entry.run_id in undos) for entry in entries.values()]
        left = replaced({*of_one, *undos_of(of_one.keys(), rows)}, rows) | undone_with_others(of_one.keys(), rows)
        for each in sorted(_with_their_moves(left, tuple(entries.values())) & of_one.keys()):
            gone[ref] = (*gone.get(ref, ()), of_one.pop(each))
        # asked anew: what an undo brought back stays where what it took back is left as it is
        of_one |= {each: entries[each].correction for each in undos_of(of_one.keys(), rows)}
    held = {run_id: holds.of_run(db, run_id) for run_id in set(oldest.values())}
    releases = {key: run_id for key, run_id in oldest.items() if key in held[run_id]}
    chosen = {ref: tuple(of_one[each] for each in sorted(of_one)) for ref, of_one in made.items()}
    return UndoSelection(chosen, gone, releases, {name: number for name, number in people.items() if number})


def _with_their_moves(replaced_ids: frozenset[int], history: Sequence[JournalEntry]) -> frozenset[int]:
    """Add to rebindings what was made right before and after them by the same run: a move is several corrections."""
    moved = set(replaced_ids)
    for _, group in groupby(history, key=lambda entry: (entry.run_id, entry.correction.job)):
        ids = {entry.id for entry in group if isinstance(entry.correction, BindingCorrection)}
        if ids & replaced_ids:
            moved |= ids
    return frozenset(moved)
