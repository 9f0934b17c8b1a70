"""The most telling corrections of a journal: one for each kind of mess."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.history import JournalEntry


@dataclass(frozen=True, slots=True)
class Sample:
    """One correction as it is shown: an entry before, and the entries after; none for a duplicate that went."""

    kind: str
    ref: EntityRef
    before: str
    after: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    """What one job did with one item in one batch."""

    ref: EntityRef
    changes: list[ChangePoint] = field(default_factory=list)
    added: list[AddPoint] = field(default_factory=list)
    deleted: list[DeletePoint] = field(default_factory=list)

    def take(self, correction: Correction) -> None:
        """Take in one correction."""
        match correction:
            case ChangePoint():
                self.changes.append(correction)
            case AddPoint():
                self.added.append(correction)
            case DeletePoint():
                self.deleted.append(correction)

    def sample(self, kind: str) -> Sample:
        """Return it as it is shown."""
        if self.deleted:
            return Sample(kind, self.ref, self.deleted[0].before, ())
        return Sample(kind, self.ref, self.changes[0].before, (self.changes[0].after, *(a.after for a in self.added)))


def _one(pattern: str) -> Callable[[_Group], bool]:
    """Recognise a group that changed one entry, with this pattern in its value before."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def fits(group: _Group) -> bool:
        return _shape(group) == (1, 0, 0) and compiled.search(group.changes[0].before) is not None

    return fits


def _is_invisible(group: _Group) -> bool:
    if _shape(group) != (1, 0, 0):
        return False
    return any(unicodedata.category(sign) == "Cf" for sign in group.changes[0].before)


def _shape(group: _Group) -> tuple[int, int, int]:
    return len(group.changes), len(group.added), len(group.deleted)


_KINDS: dict[str, tuple[tuple[str, Callable[[_Group], bool]], ...]] = {
    # the more special first: a group goes to the first kind that fits
    "phones": (
        ("full-width digits", _one("[０-９]")),
        ("invisible character", _is_invisible),
        ("label", _one(r"тел|моб|tel|mobile")),
        ("extension", _one(r"доб|вн|ext|x|#")),
        ("dialled from Russia", _one(r"^8 10 ")),
        ("(0) after country", _one(r"\(0\)")),
        ("trunk prefix 8", _one(r"^8[ (-]")),
        ("no + before 7", _one(r"^7[ 0-9-]+$")),
        ("several in one field", lambda group: _shape(group) == (1, 1, 0)),
        ("duplicate", lambda group: _shape(group) == (0, 0, 1)),
    ),
    "emails": (
        ("display name", _one(r"^.+ <[^>]+>$")),
        ("mailto:", _one(r"^mailto:")),
        ("capital letters", _one(r"^(?-i:[A-Z0-9._]+@[A-Z0-9.-]+)$")),
        ("punctuation", _one(r"[.,]$")),
        ("several in one field", lambda group: _shape(group) == (1, 1, 0)),
        ("duplicate", lambda group: _shape(group) == (0, 0, 1)),
    ),
}


def telling(entries: Iterable[JournalEntry]) -> list[Sample]:
    """Return the shortest sample of each kind of mess that was corrected, phones first."""
    groups: dict[tuple[str, str, EntityRef], _Group] = {}
    for entry in entries:
        if not entry.mends:
            correction = entry.correction
            key = (correction.job, entry.batch, correction.ref)
            groups.setdefault(key, _Group(correction.ref)).take(correction)
    found: dict[tuple[str, str], Sample] = {}
    for (job, _, _), group in groups.items():
        kind = next((kind for kind, fits in _KINDS.get(job, ()) if fits(group)), None)
        if kind is None:
            continue
        sample = group.sample(kind)
        shortest = found.get((job, kind))
        if shortest is None or len(sample.before) < len(shortest.before):
            found[job, kind] = sample
    return [found[job, kind] for job, kinds in _KINDS.items() for kind, _ in kinds if (job, kind) in found]
