"""Which reviews a page is about: what its address says, and the addresses that say it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.job_names import JOBS
from b24syncd.errors import UsageInvalid
from b24syncd.store.review_search import Place, ReviewFilter
from b24syncd.store.stored_reviews import ReviewState
from b24syncd.web.console.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY: Final = ""
EXACTLY: Final = "exactly"
_PARTS: Final = ","


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a page asks for; `item` is as it was typed, `after` the place from which the list goes on."""

    which: ReviewFilter
    item: str = ""
    after: Place | None = None

    @property
    def state(self) -> ReviewState:
        """The one state that is listed."""
        (state,) = self.which.states
        return state

    @property
    def narrows(self) -> bool:
        """Whether anything but the state narrows it."""
        return not self.which.takes_all

    def without(self, name: str) -> Asked:
        """Return the same without one of its reasons or countries."""
        reasons, regions = self.which.reasons - {name}, self.which.regions - {name}
        return replace(self, which=replace(self.which, reasons=reasons, regions=regions), after=None)

    @property
    def type(self) -> str:
        """The types of cards, as the address tells them."""
        return _PARTS.join(sorted(one.value for one in self.which.types))

    def parameters(self) -> dict[str, str]:
        """Return what an address says of it, without the place."""
        which = self.which
        told = {
            "state": ANY if self.state is ReviewState.OPEN else self.state.value,
            "job": which.job or ANY,
            "type": self.type,
            "reason": _PARTS.join(sorted(which.reasons)),
            "country": _PARTS.join(sorted(which.regions)),
            "item": self.item,
            "value": which.text,
            "how": EXACTLY if which.exact and which.text else ANY,
        }
        return {name: value for name, value in told.items() if value}

    def address(self, path: str = "/reviews") -> str:
        """Return the address of a page about these reviews, from the first on."""
        told = urlencode(self.parameters())
        return f"{path}?{told}" if told else path

    def next_address(self, place: Place) -> str:
        """Return the address of the page that follows."""
        return f"/reviews?{urlencode({**self.parameters(), 'after': f'{place.id}:{place.key}'})}"

    def with_state(self, state: ReviewState) -> Asked:
        """Return the same, in another state."""
        return replace(self, which=replace(self.which, states=frozenset({state})), after=None)

    def of_group(self, job: str | None, reason: str | None = None, countries: tuple[str, ...] = ()) -> Asked:
        """Return a group of what is listed, whatever group is shown now."""
        reasons = frozenset() if reason is None else frozenset({reason})
        return replace(
            self, which=replace(self.which, job=job, reasons=reasons, regions=frozenset(countries)), after=None
        )


def parse(asked: Mapping[str, str]) -> Asked:
    """Return what an address or a form asks for; raise `UsageInvalid` for what does not exist."""
    job, item, text = (asked.get(name, "").strip() for name in ("job", "item", "value"))
    if job and job not in JOBS:
        raise UsageInvalid(_("There is no such job."))
    which = ReviewFilter(
        states=frozenset({_state(asked.get("state", ""))}),
        job=job or None,
        reasons=_several(asked.get("reason", "")),
        types=frozenset(map(_type, _several(asked.get("type", "")))),
        regions=frozenset(one.upper() for one in _several(asked.get("country", ""))),
        item=_item(item) if item else None,
        text=text,
        exact=bool(text) and asked.get("how") == EXACTLY,
    )
    return Asked(which, item, _place(asked.get("after", "")))


def _several(text: str) -> frozenset[str]:
    return frozenset(one for one in (part.strip() for part in text.split(_PARTS)) if one)


def _state(text: str) -> ReviewState:
    try:
        return ReviewState(text or ReviewState.OPEN)
    except ValueError:
        raise UsageInvalid(_("Reviews have no such state.")) from None


def _type(text: str) -> EntityType:
    try:
        return EntityType(text)
    except ValueError:
        raise UsageInvalid(_("There is no such type of cards.")) from None


def _item(text: str) -> EntityRef:
    """Return the card that somebody named, `contact:42` or as in an address, `contact/42`."""
    try:
        return EntityRef.parse(text.strip("/").removeprefix("items/").replace("/", ":").replace(" ", ":"))
    except ValueError:
        raise UsageInvalid(_("Name a card by its type and number, such as contact:42.")) from None


def _place(text: str) -> Place | None:
    number, _colon, key = text.partition(":")
    return Place(key, int(number)) if number.isascii() and number.isdigit() and len(number) <= _LONGEST else None


_LONGEST: Final = 18
"""Digits of a number that SQLite takes."""
