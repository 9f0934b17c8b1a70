"""The protocol of preflights: what a person wrote about a job becomes rules, or problems, by asking the portal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.rules import Rules
    from b24syncd.engine.checks import NotFitting
    from b24syncd.engine.subjects import Requirement
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.item_rows import WantedField
    from b24syncd.portal.words.vocabulary import Vocabulary

WrittenT_contra = TypeVar("WrittenT_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: through `client` in these words, after jobs that `write` fields already, and what they may do.

    `writes` are those fields by type and upper-case name, each with its job; `remembered` the fields that earlier runs
    wrote into. With `create`, fields that are missing may be made.
    """

    client: PortalClient
    vocabulary: Vocabulary
    remembered: Mapping[str, str]
    create: bool
    writes: Mapping[tuple[EntityType, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passed:
    """A job that fits the portal: its rules, the fields that it needs read, and those of them that it `writes`.

    Fields that are `promised`, by type and name, are still to be made. `known` is how the fields that it writes into
    are remembered; `requirements` what is to be proved again while it runs.
    """

    rules: Rules
    fields: Mapping[EntityType, tuple[WantedField, ...]] = field(default_factory=dict)
    writes: frozenset[tuple[EntityType, str]] = frozenset()
    promised: frozenset[tuple[EntityType, str]] = frozenset()
    requirements: tuple[Requirement, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)


class Preflight(Protocol[WrittenT_contra]):
    """Looks up what a person wrote about a job; makes nothing but what `Asking` lets it."""

    async def __call__(self, name: str, written: WrittenT_contra, asking: Asking, /) -> Passed | NotFitting:
        """Return the job as it fits the portal, else what is wrong, or the error that keeps it from being looked at."""
