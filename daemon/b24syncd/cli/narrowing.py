"""Which reviews a command is for: named by their numbers, or by what they have in common."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from b24syncd.domain.reasons import Reason
from b24syncd.errors import UsageInvalid
from b24syncd.store import review_search, reviews
from b24syncd.store.review_search import ReviewFilter
from b24syncd.store.stored_reviews import ReviewState

from .candidates import job_names, reasons
from .named import parse_item, parse_type, require_job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    import sqlite_utils

    from b24syncd.store.stored_reviews import StoredReview

EITHER = "name reviews by their numbers, or by --job, --reason, --country, --type, --item, --value and --begins"

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
    "entity_type": Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only of items of this type, as lead; may be repeated."),
    ],
    "value": Annotated[str | None, typer.Option("--value", metavar="TEXT", help="Only of exactly this value.")],
    "begins": Annotated[
        str | None, typer.Option("--begins", metavar="TEXT", help="Only of values that begin so, whatever their case.")
    ],
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What reviews have in common; what is empty does not narrow."""

    which: ReviewFilter = field(default_factory=ReviewFilter)

    @classmethod
    def parse(  # noqa: PLR0913 # an option each
        cls,
        *,
        job: str | None,
        entity_type: Sequence[str] | None,
        reason: Sequence[str] | None,
        country: Sequence[str] | None,
        item: str | None,
        value: str | None,
        begins: str | None,
    ) -> Narrowing:
        """Return what the options say; raise `UsageInvalid` for what does not exist."""
        require_job(job)
        if value is not None and begins is not None:
            message = "--value names all of a value, --begins its beginning: give one of them"
            raise UsageInvalid(message)
        which = ReviewFilter(
            job=job,
            types=frozenset(map(parse_type, entity_type or ())),
            reasons=frozenset(reason or ()),
            regions=_regions(country) if country else frozenset(),
            item=None if item is None else parse_item(item),
            text=value or begins or "",
            exact=value is not None,
        )
        return cls(which)

    def find(
        self,
        db: sqlite_utils.Database,
        *,
        since: datetime | None = None,
        all_states: bool = False,
        limit: int | None = None,
    ) -> Iterator[StoredReview]:
        """Go through the reviews that are meant, the first so many."""
        states = frozenset(ReviewState) if all_states else frozenset({ReviewState.OPEN})
        return review_search.each(db, replace(self.which, states=states, since=since), limit=limit)


def _regions(countries: Sequence[str]) -> frozenset[str]:
    """Return the regions that a person names; raise `UsageInvalid` for what is no country."""
    from b24syncd.jobs.phones.countries import regions_named  # noqa: PLC0415  # takes long, and is for countries only

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
    unknown = narrowing.which.reasons - set(Reason)
    if not unknown:
        return "no open review is like that; `b24syncd review list` shows all"
    there = sorted({group.reason for group in review_search.groups(db, ReviewFilter())})
    return f"no open review has the reason {', '.join(sorted(unknown))}; there are: {', '.join(there) or 'none'}"
