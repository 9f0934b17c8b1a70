"""The judge of fields: what became of a write of a field's value, and what it spoiled of a person's.

A field holds one value, and values are compared by their meaning: the portal may write one otherwise than it was sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .corrections import SetField
from .judging import Aftermath, Verdict
from .payments import same_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .corrections import Correction
    from .payments import FieldValue, PaidSnapshot
    from .plans import Plan


class FieldsJudge:
    """Judges writes of one field; of another one, which the configuration named before, nothing can be told."""

    def verdict(self, base: FieldValue, corrections: Sequence[Correction], current: FieldValue) -> Verdict:
        """See `Judge`."""
        if base.name != current.name:
            return Verdict.ELSEWHERE
        if self.is_effective(corrections, current):
            return Verdict.DONE
        if same_value(base.value, current.value):
            return Verdict.NOT_DONE
        return Verdict.OVERTAKEN

    def was_made(self, corrections: Sequence[Correction], current: FieldValue) -> bool:
        """See `Judge`."""
        return self.is_effective(corrections, current)

    def visible(
        self,
        base: FieldValue,  # noqa: ARG002 # see Judge
        corrections: Sequence[Correction],
        current: FieldValue,
    ) -> tuple[Correction, ...]:
        """See `Judge`."""
        return tuple(correction for correction in _only_fields(corrections) if _shows(correction, current))

    def to_take_back(
        self,
        base: FieldValue,  # noqa: ARG002 # see Judge
        corrections: Sequence[Correction],  # noqa: ARG002 # see Judge
        current: FieldValue,  # noqa: ARG002 # see Judge
    ) -> tuple[Correction, ...]:
        """See `Judge`. A field is written or not."""
        return ()

    perhaps_lost = to_take_back

    def still_needed(self, corrections: Sequence[Correction], current: FieldValue) -> tuple[Correction, ...]:
        """See `Judge`."""
        return tuple(
            correction
            for correction in _only_fields(corrections)
            if correction.field == current.name and same_value(correction.before, current.value)
        )

    def is_effective(self, corrections: Sequence[Correction], after: FieldValue) -> bool:
        """See `Judge`."""
        return all(_shows(correction, after) for correction in _only_fields(corrections))

    def learn(self, corrections: Sequence[Correction], after: FieldValue) -> bool:  # noqa: ARG002 # see Judge
        """See `Judge`. There is nothing to learn."""
        return False

    def aftermath(  # noqa: PLR0913 # see Judge
        self,
        base: FieldValue,
        corrections: Sequence[Correction],
        *,
        mends: bool,  # noqa: ARG002 # see Judge
        witness: PaidSnapshot,
        after: PaidSnapshot,
        plan: Callable[[PaidSnapshot], Plan],  # noqa: ARG002 # see Judge
    ) -> Aftermath:
        """See `Judge`. What a person typed meanwhile comes back whatever planning says: it is newer than the plan."""
        met, left = witness.state, after.state
        if same_value(met.value, base.value):
            return Aftermath()
        made = tuple(_only_fields(corrections))
        otherwise = tuple((correction, _what_it_did(correction, met)) for correction in made)
        repairs = tuple(
            replace(correction, before=left.value, after=met.value, restores=True)
            for correction in made
            if _shows(correction, left) and not same_value(left.value, met.value)
        )
        return Aftermath(otherwise, repairs)


def _only_fields(corrections: Iterable[Correction]) -> Iterable[SetField]:
    return (correction for correction in corrections if isinstance(correction, SetField))


def _shows(correction: SetField, current: FieldValue) -> bool:
    return correction.field == current.name and same_value(correction.after, current.value)


def _what_it_did(correction: SetField, met: FieldValue) -> SetField | None:
    """Return what a correction really did to the value that it met; None for nothing at all."""
    return None if same_value(correction.after, met.value) else replace(correction, before=met.value)
