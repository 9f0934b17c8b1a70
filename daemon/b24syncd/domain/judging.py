"""Judging: what became of a write, told from what was read. Each kind of state has its judge; all of it is pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .corrections import Correction
    from .plans import Plan

StateT_contra = TypeVar("StateT_contra", contravariant=True)
SnapshotT = TypeVar("SnapshotT")


class Verdict(StrEnum):
    """What reading tells of an intent whose answer was lost."""

    DONE = "done"
    NOT_DONE = "not_done"
    OVERTAKEN = "overtaken"
    ELSEWHERE = "elsewhere"
    """It was of a part that is not read, as of a field that the configuration does not name any more."""


@dataclass(frozen=True, slots=True)
class Executed(Generic[SnapshotT]):
    """A write that was executed: its corrections were planned from `base`, met `witness` and left `after`.

    It `mends` where it was itself a repair: what it restored belongs to a person.
    """

    corrections: tuple[Correction, ...]
    base: SnapshotT
    witness: SnapshotT
    after: SnapshotT
    mends: bool


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What an executed write did besides its plan, because it met something else than its snapshot.

    `otherwise` pairs corrections with what they really did (None for nothing at all); `repairs` bring back what a
    person had done before the write and the write spoiled.
    """

    otherwise: tuple[tuple[Correction, Correction | None], ...] = ()
    repairs: tuple[Correction, ...] = ()

    def __add__(self, other: Aftermath) -> Aftermath:
        """Return both as one."""
        return Aftermath(self.otherwise + other.otherwise, self.repairs + other.repairs)


class Judge(Protocol[StateT_contra, SnapshotT]):
    """Judges the writes of one kind of state; the corrections of one call belong to one item and one write."""

    def verdicts(
        self, base: StateT_contra, corrections: Sequence[Correction], current: StateT_contra
    ) -> tuple[tuple[Verdict, tuple[Correction, ...]], ...]:
        """Tell by reading whether `corrections`, planned from `base`, were made: for each part of them by itself."""

    def was_made(self, corrections: Sequence[Correction], current: StateT_contra) -> bool:
        """Tell whether what was read proves that the write was executed, whatever happened since."""

    def visible(
        self, base: StateT_contra, corrections: Sequence[Correction], current: StateT_contra
    ) -> tuple[Correction, ...]:
        """Return the corrections whose effect shows, though others of the same write are overtaken."""

    def to_take_back(
        self, base: StateT_contra, corrections: Sequence[Correction], current: StateT_contra
    ) -> tuple[Correction, ...]:
        """Return what takes back the part of a failed write that was made, where something would be lost by it."""

    def perhaps_lost(
        self, base: StateT_contra, corrections: Sequence[Correction], current: StateT_contra
    ) -> tuple[Correction, ...]:
        """Return what takes back a write that was never answered and may have been made in part."""

    def still_needed(self, corrections: Sequence[Correction], current: StateT_contra) -> tuple[Correction, ...]:
        """Return the corrections that still meet what they were planned for; the others are done or overtaken."""

    def is_effective(self, corrections: Sequence[Correction], after: StateT_contra) -> bool:
        """Tell whether every correction shows in the state that the write left."""

    def learn(self, corrections: Sequence[Correction], after: StateT_contra) -> bool:
        """Take in how this portal answers, before the writes of the same batch are compared.

        Returns whether it is known now, and was not before, that entries keep their ids.
        """

    def aftermath(self, write: Executed[SnapshotT], plan: Callable[[SnapshotT], Plan]) -> Aftermath:
        """Compare what a write met with what it was planned from, and with what it left."""
