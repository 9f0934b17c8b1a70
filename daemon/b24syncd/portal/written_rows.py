"""Witnessed writes of items: a unit, a read directly before its update, or a group behind one list, and their answers.

In a group the list is the witness of every update that follows. A list leaves out what is gone or not to be read, so
the first update takes its type from the last row of the list, by reference: each row tells it (php:
modules/crm/lib/Service/Converter/Item.php `toJson`). Where the list is not whole there is no such row; what the path
leads to instead, an array, is no type, and the batch halts (php: modules/rest/classes/general/rest_util.php
`processBatchElement`, modules/main/lib/engine/autowire/binder.php). Ids and values are never taken from a row: one that
is not where it is expected would be another item.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.portal.wire.commands import Answered, Command, Deferred, Reference, Refused, Unknown
from b24syncd.portal.wire.phpquery import is_expressible
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.words.universal import UniversalWords
from b24syncd.portal.words.vocabulary import by_ids, id_of

from .writes import NotTried

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.wire.commands import Outcome
    from b24syncd.portal.words.vocabulary import Row, Words

    from .writes import WriteOutcome

    Rows = tuple[Row, Row] | WriteOutcome
    """An item before and after a write, or what became of the write otherwise."""

_TYPE = "entityTypeId"


@dataclass(frozen=True, slots=True)
class Unit:
    """An item, in which words it is written, the fields to write, and what a list must select to witness that."""

    words: Words
    ref: EntityRef
    fields: Mapping[str, object]
    select: tuple[str, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        """The update between what reads it."""
        return self.words.write(self.ref.id, self.fields)

    @property
    def fits_into_a_batch(self) -> bool:
        """Whether its update can be said in a batch."""
        return is_expressible(self.commands[1].params)


def may_be_grouped(words: Words) -> bool:
    """Tell whether a list may witness an update, which has to answer with the item itself."""
    return isinstance(words, UniversalWords)


def methods_of(units: Sequence[Unit]) -> tuple[str, ...]:
    """Return the methods of `commands_of`."""
    words = units[0].words
    return words.unit if len(units) == 1 else (words.list_method, *(words.unit[1] for _ in units))


def commands_of(units: Sequence[Unit], *, at: int) -> tuple[Command, ...]:
    """Return the commands of one unit, or of a group of one type, that begin `at` this place of a batch."""
    if len(units) == 1:
        return units[0].commands
    words, ids = units[0].words, [unit.ref.id for unit in units]
    first, *others = (unit.commands[1] for unit in units)
    last_row = f"$result[c{at}]{words.rows}[{len(ids) - 1}]"
    proving = Command(first.method, {**first.params, _TYPE: Reference(f"{last_row}[{_TYPE}]")})
    return by_ids(words, ids, ("*", *units[0].select)), proving, *others


def answers_of(units: Sequence[Unit], outcomes: Sequence[Outcome]) -> list[Rows]:
    """Return the rows before and after each write of a unit or a group, from the outcomes of its commands."""
    if len(units) == 1:
        return [_rows(units[0].words, units[0].ref, outcomes)]
    listed, *updates = outcomes
    if is_unwitnessed(units, outcomes):
        updates[0] = Deferred(0.0)
    met = _by_id(units, listed)
    return [_rows_of_group(unit, met, update) for unit, update in zip(units, updates, strict=True)]


def is_unwitnessed(units: Sequence[Unit], outcomes: Sequence[Outcome]) -> bool:
    """Tell whether a group ended before its updates, for its list is not whole or was not to be had."""
    if len(units) == 1 or isinstance(outcomes[0], Deferred) or isinstance(outcomes[1], Answered):
        return False
    rows = _listed(units, outcomes[0])
    return len(rows) < len(units) or _TYPE not in rows[len(units) - 1]


def left_out(units: Sequence[Unit], outcomes: Sequence[Outcome]) -> set[EntityRef]:
    """Return the items of a group that its list does not show."""
    met = _by_id(units, outcomes[0])
    return {unit.ref for unit in units if unit.ref.id not in met}


def seconds_lasted(outcomes: Sequence[Outcome]) -> float | None:
    """Return the seconds from the beginning of the first read to the end of the last update; None if it was not told.

    By the portal's own clock; where somebody set that back, it tells nothing.
    """
    timings = [outcome.timing for outcome in outcomes if isinstance(outcome, Answered)]
    first, last = timings[0], timings[-1]
    if first is None or last is None or any(timing is None for timing in timings):
        return None
    seconds = last.finished_at - first.started_at
    return seconds if seconds >= 0 else None


def before_the_first_repeated(refs: Sequence[EntityRef]) -> int:
    """Return how many items there are before one that was among them already."""
    seen: set[EntityRef] = set()
    for index, ref in enumerate(refs):
        if ref in seen:
            return index
        seen.add(ref)
    return len(refs)


def _listed(units: Sequence[Unit], listed: Outcome) -> list[Row]:
    """Return the rows of a group's list; none where it is not what it should be."""
    try:
        return units[0].words.rows_of(listed.result) if isinstance(listed, Answered) else []
    except UnexpectedReply:
        return []


def _by_id(units: Sequence[Unit], listed: Outcome) -> dict[int, Row]:
    """Return the rows of a group's list that have a usable id, by it."""
    found: dict[int, Row] = {}
    for row in _listed(units, listed):
        with suppress(UnexpectedReply):
            found[id_of(units[0].words, row, units[0].ref.type)] = row
    return found


def _rows_of_group(unit: Unit, met: Mapping[int, Row], update: Outcome) -> Rows:
    if not isinstance(update, Answered):
        return unit.words.refusal(update) if isinstance(update, Refused) else update
    before = met.get(unit.ref.id)
    if before is None:
        return Unknown("the update was done but the list before it did not show the item")
    return _both(unit.words, unit.ref, ({"item": before}, update.result))


def _rows(words: Words, ref: EntityRef, outcomes: Sequence[Outcome]) -> Rows:
    """Return the item before and after a write, or what became of the write otherwise."""
    witness, update, *_ = outcomes
    answers = [outcome.result for outcome in outcomes if isinstance(outcome, Answered)]
    if len(answers) == len(outcomes):
        return _both(words, ref, answers)
    if isinstance(update, Answered):
        return Unknown("the update was done but what was read before or after it was not answered")
    if isinstance(update, Deferred) and not isinstance(witness, Answered | Deferred):
        return words.refusal(witness) if isinstance(witness, Refused) else NotTried(witness.reason)
    return words.refusal(update) if isinstance(update, Refused) else update


def _both(words: Words, ref: EntityRef, answers: Sequence[object]) -> Rows:
    try:
        rows = words.met_and_left(answers)
        ids = {id_of(words, row, ref.type) for row in rows}
    except UnexpectedReply as error:
        return Unknown(str(error))
    return rows if ids == {ref.id} else Unknown(f"another item than {ref} was answered")
