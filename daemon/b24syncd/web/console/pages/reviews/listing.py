"""`/reviews`: a page of the reviews that are asked for, and what lives beside it: the groups, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.app.review_decisions import takes_values
from b24syncd.domain.field_reviews import value_of
from b24syncd.domain.holds import HOLDING
from b24syncd.domain.job_names import BINDINGS
from b24syncd.reports.portal_words import portal_words
from b24syncd.reports.reviews import review_report
from b24syncd.store import review_search
from b24syncd.store.review_search import ReviewFilter
from b24syncd.store.stored_reviews import ReviewState
from b24syncd.web.console.formats import word
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import marked
from b24syncd.web.console.rendering import page

from .filters import parse
from .groups import country, grouped
from .many import told_of
from .reasons import meaning
from .standing import stands_by
from .telling import decided

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils
    from aiohttp import web

    from b24syncd.reports.reviews import ReviewReport
    from b24syncd.store.review_search import Place, ReviewGroup
    from b24syncd.web.console.visit import Console, Visit

    from .filters import Asked

SECTION: Final = "reviews"
_ON_A_PAGE: Final = 50
_LONGEST_START: Final = 250
_STATES: Final = {
    ReviewState.OPEN: marked("Open"),
    ReviewState.DISMISSED: marked("Dismissed"),
    ReviewState.ACCEPTED: marked("Accepted"),
    ReviewState.CLOSED: marked("Closed"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A review as it is listed, and what can be done about it: whether it `takes_values` that are typed.

    By `stands` a decision tells what it was made about.
    """

    review: ReviewReport
    takes_values: bool = False
    stands: str = ""

    @property
    def value(self) -> str:
        """The value, without the name of its field."""
        one = self.review
        return one.value if one.field is None else value_of(one.value)

    @property
    def meaning(self) -> str:
        """Why it is asked about, in a sentence."""
        return meaning(self.review.reason)

    @property
    def starts(self) -> str:
        """With what typing another value begins."""
        value = self.review.suggestion or ("" if self.review.job == BINDINGS else self.value)
        return value if len(value) <= _LONGEST_START else ""

    @property
    def told_decision(self) -> str:
        """How it was decided, where it was."""
        if self.review.state is ReviewState.OPEN:
            return ""
        told = word(self.review.state)
        return _("%(what)s by %(name)s") % {"what": told, "name": self.review.by} if self.review.by else told

    @property
    def is_held(self) -> bool:
        """Whether a job leaves it alone until it is released."""
        return self.review.reason in HOLDING

    @property
    def can_be_accepted(self) -> bool:
        """Whether what it suggests can be written."""
        return self.review.suggestion is not None and self.review.job != BINDINGS


@dataclass(frozen=True, slots=True)
class _Found:
    rows: tuple[Row, ...]
    goes_on: Place | None
    number: int
    groups: tuple[ReviewGroup, ...]
    states: Mapping[ReviewState, int]


async def show(console: Console, visit: Visit) -> web.StreamResponse:
    """Show the reviews that are asked for."""
    asked, settings = parse(visit.asked), console.session.settings

    def read(db: sqlite_utils.Database) -> _Found:
        found = review_search.page(db, asked.which, after=asked.after, limit=_ON_A_PAGE)
        words = portal_words(db)
        rows = tuple(
            Row(review_report(one, words), takes_values(settings, one), stands_by(one)) for one in found.reviews
        )
        every = review_search.groups(db, ReviewFilter(states=frozenset(ReviewState)))
        states = {state: sum(one.number for one in every if one.state is state) for state in _STATES}
        of_state = tuple(one for one in every if one.state is asked.state)
        return _Found(rows, found.goes_on, review_search.count(db, asked.which), of_state, states)

    found = await console.session.database.read(read)
    shown = {
        "asked": asked,
        "rows": found.rows,
        "number": found.number,
        "next": None if found.goes_on is None else asked.next_address(found.goes_on),
        "states": [
            (one, _(_STATES[one]), number, asked.with_state(one).address()) for one, number in found.states.items()
        ],
        "types": sorted({one.entity_type.value for one in found.groups} | {one.value for one in asked.which.types}),
        "chosen": _chosen(asked),
        "meaning": meaning(next(iter(asked.which.reasons), "")) if len(asked.which.reasons) == 1 else "",
        **_beside(console, visit.person.name, asked, found.groups),
    }
    return page(visit, "reviews/page.html", shown, section=SECTION)


async def look(console: Console, visit: Visit) -> Mapping[str, object]:
    """Return what lives beside the list."""
    asked = parse(visit.asked)
    of_state = ReviewFilter(states=asked.which.states)
    found = await console.session.database.read(lambda db: review_search.groups(db, of_state))
    return _beside(console, visit.person.name, asked, found)


def _beside(console: Console, name: str, asked: Asked, found: tuple[ReviewGroup, ...]) -> Mapping[str, object]:
    return {
        "groups": grouped(found, asked),
        "everything": asked.of_group(None),
        "in_state": sum(one.number for one in found),
        "asked": asked,
        "decided": decided(console.decided.told(), name),
        "many": [told_of(one) for one in console.decided.many],
    }


def _chosen(asked: Asked) -> list[tuple[str, str]]:
    """Return the groups that narrow the list, each by its name and with the address of the list without it."""
    which = asked.which
    told = []
    if which.job is not None:
        told.append((word(which.job), asked.of_group(None, None, ())))
    told += [(word(reason), asked.without(reason)) for reason in sorted(which.reasons)]
    told += [(country(region), asked.without(region)) for region in sorted(which.regions)]
    return [(name, rest.address()) for name, rest in told]
