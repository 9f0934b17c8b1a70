"""Reading and writing by reference: what is asked for, and what became of it, whatever kind of subject it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.portal.wire.commands import Deferred, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.errors import Rejected


@dataclass(frozen=True, slots=True)
class Read:
    """What was found of the refs asked for; `refused` ones are of a kind that the portal does not show."""

    found: Mapping[EntityRef, AnySnapshot]
    refused: Mapping[EntityRef, Rejected]


NOTHING_READ = Read({}, {})


@dataclass(frozen=True, slots=True)
class Write:
    """The corrections to make on one item or one activity, in their order, and what they were planned from."""

    snapshot: AnySnapshot
    corrections: tuple[Correction, ...]

    @property
    def ref(self) -> EntityRef:
        """What is written."""
        return self.snapshot.ref


@dataclass(frozen=True, slots=True)
class Written:
    """The write was executed: what it met, read directly before it, and what it left, as the portal answered."""

    witness: AnySnapshot
    after: AnySnapshot


@dataclass(frozen=True, slots=True)
class NotTried:
    """The witness could not be read, so nothing was written."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The portal did nothing because things are not as they were planned from: look again, then conclude."""

    code: str


@dataclass(frozen=True, slots=True)
class RefusedBeside(Refused):
    """The classic methods refused what the universal ones may take: look again, and write it with those."""


WriteOutcome = Written | Refused | Deferred | Unknown | NotTried | NotApplicable
