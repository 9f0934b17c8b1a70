"""Which canonical values a raw one says, whatever job asks: what an undo must not lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.rules import EmailRules, PhoneRules

from .catalogue import reader_of
from .emails import planner as emails
from .phones import planner as phones

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from b24syncd.domain.rules import Rules
    from b24syncd.domain.snapshots import PointKind


def says(rules: Mapping[str, Rules], region: str | None) -> Callable[[PointKind, str], frozenset[str]]:
    """Return what reads contact points by the rules of the jobs, or by those of a region where a job is off."""
    known: dict[str, Rules] = {emails.NAME: EmailRules(), **rules}
    if region is not None:
        known.setdefault(phones.NAME, PhoneRules(region=region))
    readers = {reader.kind: reader for name, own in known.items() if (reader := reader_of(name, own)) is not None}

    def read(kind: PointKind, value: str) -> frozenset[str]:
        reader = readers.get(kind)
        return frozenset() if reader is None else frozenset(reader.says(value))

    return read
