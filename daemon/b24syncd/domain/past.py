"""What was done with an activity or a field before: from it shows what a person took back, or wrote since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .bindings import Binding
from .corrections import AddBinding, MoveBinding, RemoveBinding, SetTaskLinks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from .corrections import Correction
    from .values import Value


@dataclass(frozen=True, slots=True)
class Past:
    """The last that corrections did with each item: the activity was bound to it, or taken off it."""

    bound: frozenset[Binding] = frozenset()
    left: frozenset[Binding] = frozenset()

    def after(self, corrections: Iterable[Correction]) -> Past:
        """Return the past once these are made, too."""
        past = self
        for correction in corrections:
            left, bound = _ends(correction)
            past = Past(past.bound - left | bound, past.left - bound | left)
        return past

    def forgetting(self, corrections: Iterable[Correction]) -> Past:
        """Return the past without the ends of these: they mended, and what they left is a person's own doing."""
        ends: frozenset[Binding] = frozenset().union(*(end for each in corrections for end in _ends(each)))
        return Past(self.bound - ends, self.left - ends)


NO_PAST = Past()
"""Nothing was done."""


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """One write of a field by this program: for which job, what over what, and when.

    What is not `is_certain` was overtaken: somebody else changed the field around the write, which may have had no
    effect.
    """

    job: str
    before: Value
    after: Value
    at: datetime
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class FieldPast:
    """What this program did with a field, None where it never did.

    `own` is the last value of its own that it put there: a field that holds another one was written by a person since.
    `last` is the last write that was made, also of a person's value that was given back: a field that holds what stood
    there before was put back by a person.
    """

    own: FieldWrite | None = None
    last: FieldWrite | None = None


def _ends(correction: Correction) -> tuple[frozenset[Binding], frozenset[Binding]]:
    """Return what a correction takes an activity off, and what it binds it to."""
    match correction:
        case AddBinding(target=target):
            return frozenset(), frozenset({target})
        case RemoveBinding(source=source):
            return frozenset({source}), frozenset()
        case MoveBinding(source=source, target=target):
            return frozenset({source}), frozenset({target})
        case SetTaskLinks(before=before, after=after):
            old, new = _items(before), _items(after)
            return old - new, new - old
        case _:
            return frozenset(), frozenset()


def _items(links: Iterable[str]) -> frozenset[Binding]:
    named = (Binding.from_short_code(link) for link in links)
    return frozenset(item for item in named if item is not None)
