"""What is excluded: by the settings, and by people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.store import exclusions

from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef

    from .portal_words import PortalWords


@dataclass(frozen=True, slots=True)
class ExclusionReport(Report):
    """An item that is left alone: since when, `by` whom of the console; both are nothing where the settings say so."""

    item: EntityRef
    at: datetime | None
    by: str
    url: str | None

    @property
    def told_by(self) -> str:
        """Who said so, in words."""
        return self.by or ("the settings" if self.at is None else "the shell")


def excluded(
    db: sqlite_utils.Database, by_settings: Iterable[EntityRef], words: PortalWords
) -> Iterator[ExclusionReport]:
    """Yield what is excluded: first what the settings name."""
    for ref in by_settings:
        yield ExclusionReport(ref, None, "", words.url_of(ref))
    for one in exclusions.all_of(db):
        yield ExclusionReport(one.ref, one.at, one.by, words.url_of(one.ref))
