"""Which reviews a command is for: named by their numbers, or by what they have in common."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from b24syncd.domain.reasons import Reason
from b24syncd.errors import UsageInvalid
from b24syncd.store import reviews
from b24syncd.store.reviews import Filter, ReviewState

from .candidates import job_names, reasons
from .named import parse_item, require_job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.reviews import StoredReview

EITHER = "name reviews by their numbers, or by --job, --reason, --country and --item"

_OPTIONS = {
    "job": Annotated[
        str | None,
        typer.Option("--job", metavar="JOB", autocompletion=job_names, help="Only reviews of this job, as phones."),
    ],
    "reason": Annotated[
        list[str] | None,
        typer.Option(
            "--reason", metavar="REASON", autocompletion=reasons, help="Only with this reason; may be repeated."
        ),
    ],
    "country": Annotated[
        list[str] | None,
        typer.Option("--country", metavar="CC", help="Only phones suggested for DE, or for +49; may be repeated."),
    ],
    "item": Annotated[str | None, typer.Option("--item", metavar="TYPE:ID", help="Only of this item, as contact:42.")],
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What reviews have in common; what is empty does not narrow."""

    job: str | None = None
    reasons: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    item: EntityRef | None = None

    @classmethod
    def parse(
        cls, job: str | None, reason: Sequence[str] | None, country: Sequence[str] | None, item: str | None
    ) -> Narrowing:
        """Return what the options say; raise `UsageInvalid` for what does not exist."""
        require_job(job)
        named = None if item is None else parse_item(item)
        return cls(job, frozenset(reason or ()), _regions(country) if country else frozenset(), named)

    def find(
        self,
        db: sqlite_utils.Database,
        *,
        since: datetime | None = None,
        all_states: bool = False,
        limit: int | None = None,
    ) -> Iterator[StoredReview]:
        """Go through the reviews that are meant, the first so many; which countries they suggest is told one by one."""
        which = Filter(job=self.job, reasons=self.reasons, item=self.item, since=since)
        if not self.regions:
            return reviews.each_review(db, which, all_states=all_states, limit=limit)
        return islice(filter(self._is_of_countries, reviews.each_review(db, which, all_states=all_states)), limit)

    def _is_of_countries(self, review: StoredReview) -> bool:
        """Tell whether a review suggests numbers of the named countries, and of no other."""
        from b24syncd.jobs.countries import countries_of  # noqa: PLC0415  # takes long, and is for countries only

        countries = countries_of(review.job, review.suggestion)
        return bool(countries) and self.regions.issuperset(countries)


def _regions(countries: Sequence[str]) -> frozenset[str]:
    """Return the regions that a person names; raise `UsageInvalid` for what is no country."""
    from b24syncd.jobs.countries import regions_named  # noqa: PLC0415  # takes long, and is for countries only

    regions: set[str] = set()
    for written in countries:
        named = regions_named(written)
        if not named:
            message = f"{written!r} is no country; write two letters as DE, or a country code as +49"
            raise UsageInvalid(message)
        regions |= named
    return frozenset(regions)


def narrowed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that narrow, in the place of its parameter `narrowing`."""
    signature = inspect.signature(command)
    place = list(signature.parameters).index("narrowing")
    kept = [one for one in signature.parameters.values() if one.name != "narrowing"]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]

    @wraps(command)
    def called(**given: Any) -> None:  # noqa: ANN401 # whatever the command takes
        narrowing = Narrowing.parse(**{name: given.pop(name) for name in _OPTIONS})
        command(**given, narrowing=narrowing)

    parameters = [*kept[:place], *options, *kept[place:]]
    called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined] # what typer reads
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def chosen(db: sqlite_utils.Database, ids: Sequence[int] | None, narrowing: Narrowing) -> list[StoredReview]:
    """Return the open reviews that a person named; raise `UsageInvalid` where one of them, or any at all, is not."""
    is_narrowed = narrowing != Narrowing()
    if bool(ids) == is_narrowed:
        raise UsageInvalid(EITHER)
    if not ids:
        found = list(narrowing.find(db))
        if not found:
            raise UsageInvalid(_nothing(db, narrowing))
        return found
    by_id = {review.id: review for review in reviews.get_reviews(db, ids)}
    for review_id in ids:
        state = by_id[review_id].state if review_id in by_id else None
        if state is not ReviewState.OPEN:
            then = f"; `b24syncd review reopen {review_id}` asks again" if state is ReviewState.DISMISSED else ""
            message = f"review {review_id} is {state.value}{then}" if state else f"no review has the number {review_id}"
            raise UsageInvalid(message)
    return list(by_id.values())


def _nothing(db: sqlite_utils.Database, narrowing: Narrowing) -> str:
    unknown = narrowing.reasons - set(Reason)
    if not unknown:
        return "no open review is like that; `b24syncd review list` shows all"
    there = sorted({review.reason for review in reviews.each_review(db, all_states=False)})
    return f"no open review has the reason {', '.join(sorted(unknown))}; there are: {', '.join(there) or 'none'}"
