"""The judge of fields: what became of a write of fields' values, and what it spoiled of a person's.

A field holds one value, and values are compared by their meaning: the portal may write one otherwise than it was sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .corrections import only_fields
from .job_names import EDITS
from .judging import Aftermath, Verdict
from .values import same_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .corrections import Correction, SetField
    from .judging import Executed
    from .snapshots import ItemState, Snapshot
    from .values import Value


class FieldsJudge:
    """Judges writes of fields; of one that was not read, because nobody names it any more, nothing can be told."""

    def verdict(self, base: ItemState, corrections: Sequence[Correction], current: ItemState) -> Verdict:
        """Tell by reading whether these were made, all in one."""
        fields = only_fields(corrections)
        if any(correction.field not in current.fields for correction in fields):
            return Verdict.ELSEWHERE
        if self.is_effective(corrections, current):
            return Verdict.DONE
        if all(same_value(base.fields.get(one.field), current.fields[one.field]) for one in fields):
            return Verdict.NOT_DONE
        return Verdict.OVERTAKEN

    def was_made(self, corrections: Sequence[Correction], current: ItemState) -> bool:
        """See `Judge`."""
        return self.is_effective(corrections, current)

    def visible(
        self,
        base: ItemState,  # noqa: ARG002 # see Judge
        corrections: Sequence[Correction],
        current: ItemState,
    ) -> tuple[Correction, ...]:
        """See `Judge`."""
        return tuple(correction for correction in only_fields(corrections) if _shows(correction, current))

    def still_needed(self, corrections: Sequence[Correction], current: ItemState) -> tuple[Correction, ...]:
        """See `Judge`."""
        return tuple(
            correction
            for correction in only_fields(corrections)
            if correction.field in current.fields and same_value(correction.before, current.fields[correction.field])
        )

    def is_effective(self, corrections: Sequence[Correction], after: ItemState) -> bool:
        """See `Judge`."""
        return all(_shows(correction, after) for correction in only_fields(corrections))

    def aftermath(self, write: Executed[Snapshot]) -> Aftermath:
        """Return what the write did and spoiled; see `Judge`.

        What a person typed meanwhile comes back whatever planning says: it is newer than the plan.
        """
        base, met, left = write.base.fields, write.witness.fields, write.after.fields
        known = [one for one in only_fields(write.corrections) if one.field in met and one.field in base]
        spoiled = [one for one in known if not same_value(met[one.field], base[one.field])]
        otherwise = tuple((one, _what_it_did(one, met[one.field])) for one in spoiled)
        as_met = [one for one in known if one not in spoiled and not same_value(left[one.field], one.after)]
        otherwise += tuple(
            (one, replace(one, after=left[one.field])) for one in as_met if _shows(one, write.after.state)
        )
        repairs = tuple(
            replace(one, before=left[one.field], after=met[one.field], restores=True)
            for one in spoiled
            if _shows(one, write.after.state) and not same_value(left[one.field], met[one.field])
        )
        return Aftermath(otherwise, repairs)


def _shows(correction: SetField, current: ItemState) -> bool:
    """Tell whether a value shows that was written; what a person edits the portal may keep in a form of its own.

    Numbers are rounded, formatted texts written anew (php: modules/crm/lib/entity/commentshelper.php
    `normalizeComment`), a stage is chosen with the pipeline: what is neither before nor after came of the edit.
    """
    if correction.field not in current.fields:
        return False
    there = current.fields[correction.field]
    is_kept_otherwise = correction.job == EDITS and not same_value(correction.before, there)
    return is_kept_otherwise or same_value(correction.after, there)


def _what_it_did(correction: SetField, met: Value) -> SetField | None:
    """Return what a correction really did to the value that it met; None for nothing at all."""
    return None if same_value(correction.after, met) else replace(correction, before=met)
