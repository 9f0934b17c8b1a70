"""Both families of methods: which updates may be written by the classic ones beside the universal, and what they say.

What is read is always told by the universal ones, so what the classic ones would tell, take or do otherwise goes the
universal way: docs/decisions/0017-both-families-by-choice.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddPoint, ChangePoint
from b24syncd.domain.malformed import keeps_malformed
from b24syncd.domain.snapshots import PointKind
from b24syncd.portal.wire.commands import Deferred, Refused
from b24syncd.portal.wire.faults import is_of_credentials
from b24syncd.portal.words.classic import ClassicWords

from .writes import RefusedBeside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.pace.beside import Beside
    from b24syncd.portal.words.vocabulary import Vocabulary, Words

    from .item_rows import Wanted
    from .writes import Write, WriteOutcome

_BRACKETS = "<>()[]"


class Families:
    """Chooses for one reader and writer of items; an item that the classic methods refused goes the other way."""

    def __init__(self, beside: Beside, vocabulary: Vocabulary) -> None:
        """Write beside what `vocabulary` says as long as `beside` allows it."""
        self._beside = beside
        self._vocabulary = vocabulary
        self._refused: set[EntityRef] = set()

    def words_beside(self, write: Write, wanted: Wanted) -> ClassicWords | None:
        """Return the other words in which an item may be written of which this is wanted; None where it may not."""
        words = self._vocabulary.beside(write.ref.type)
        if words is None or write.ref in self._refused or not self._beside.is_allowed():
            return None
        has_one_form = not wanted.payments and all(one.has_one_form for one in wanted.fields)
        is_taken = not keeps_malformed(write.snapshot, write.corrections) and _sends_plain(write.corrections)
        return words if has_one_form and is_taken else None

    def are_beside(self, words: Words) -> bool:
        """Tell whether these are words of the second family."""
        return isinstance(words, ClassicWords) and self._vocabulary.beside(words.entity_type) is not None

    def note_sent(self, said: Iterable[Words]) -> None:
        """Take in that a batch in these words is about to leave."""
        if any(map(self.are_beside, said)):
            self._beside.note_used()

    def note_written(self, words: Words) -> None:
        """Take in that an item was written in these words."""
        if self.are_beside(words):
            self._beside.note_written()

    def answered(self, ref: EntityRef, words: Words, outcome: WriteOutcome) -> WriteOutcome:
        """Return what became of a write; what the second family refuses is not believed, but written in the first.

        What the first has no operating time for need not wait for it.
        """
        if isinstance(outcome, Deferred) and self._vocabulary.beside(ref.type) is not None and self._beside.is_alone():
            return Deferred(0.0)
        if not isinstance(outcome, Refused) or is_of_credentials(outcome.code) or not self.are_beside(words):
            return outcome
        self._refused.add(ref)
        self._beside.note_refused()
        return RefusedBeside(outcome.code, outcome.description)


def _sends_plain(corrections: Iterable[Correction]) -> bool:
    """Tell whether every e-mail that is sent is an address and nothing else, whatever a server makes of brackets."""
    sent = (one for one in corrections if isinstance(one, AddPoint | ChangePoint) and one.kind is PointKind.EMAIL)
    return not any(bracket in one.after for one in sent for bracket in _BRACKETS)
