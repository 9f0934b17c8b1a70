"""Showing what a decision is about before it is made, on a terminal of 80 columns and 24 lines, and asking."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.reports.review_groups import grouped
from b24syncd.reports.wording import counted

from .output import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from b24syncd.reports.portal_words import PortalWords
    from b24syncd.reports.reviews import ReviewReport
    from b24syncd.store.stored_reviews import StoredReview

_LINES = 15
"""What comes after so many of them still fits on the terminal."""
_MOST_EXAMPLES = 3
_WIDEST = 26
"""Characters of a value: an item and two of them are a line."""


def summary_of(found: Sequence[StoredReview], words: PortalWords, after: str | None = None) -> Iterator[str]:
    """Yield lines that tell reviews by job, reason and country, the most frequent first, with some examples.

    An example shows what is suggested, or what else they become `after` the decision.
    """
    ordered = grouped(found, words)
    shown = ordered[: _LINES // 2]
    examples = min(_MOST_EXAMPLES, _LINES // max(1, len(shown)) - 1)
    for group in shown:
        yield visible(f"{group.name}: {len(group.reviews)}")
        for review in group.reviews[:examples]:
            yield _example(review, after)
    if rest := ordered[len(shown) :]:
        yield f"… and {sum(len(group.reviews) for group in rest)} more, of {counted(len(rest), 'kind')}"


def _example(review: ReviewReport, after: str | None) -> str:
    becomes = repr(_short(review.suggestion or "")) if after is None else after
    return visible(f"  {review.item!s:<15} {_short(review.told_value)!r} → {becomes}")


def _short(value: str) -> str:
    return value if len(value) <= _WIDEST else f"{value[: _WIDEST - 1]}…"


def require_yes(what: str, *, yes: bool, as_json: bool = False) -> bool:
    """Ask on a terminal; return whether it is to be done. Raise `UsageInvalid` where nobody can be asked."""
    if yes:
        return True
    if as_json or not sys.stdin.isatty():
        message = f"{what}? There is no terminal to ask on: look at it, and add --yes"
        raise UsageInvalid(message)
    typer.echo(f"{what}? [y/N] ", nl=False, err=True)
    try:
        answer = sys.stdin.readline().strip().lower()
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if answer in {"y", "yes"}:
        return True
    typer.echo("nothing was done")
    return False
