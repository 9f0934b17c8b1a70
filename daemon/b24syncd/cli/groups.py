"""Groups of findings on a terminal: values may be shortened there, identifiers and numbers never are."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from itertools import takewhile
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

import typer

from b24syncd.domain.descriptions import Action
from b24syncd.reports.findings import LEAVE, REVIEW, PlanFinding

from .output import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from b24syncd.reports.findings import Finding
    from b24syncd.reports.groups import Group

NARROW = 80
"""Columns of a terminal that nobody has widened, and of what is no terminal."""

_OF_TEXTS = {Action.CHANGE, Action.DELETE, Action.ADD, REVIEW, LEAVE}
_IDENTIFIER = re.compile(r"[a-z_]+[0-9]*:[0-9]+", re.ASCII)
_SHOWN_OF_ALIKE = 3
"""So much of what values have in common is enough to find the place."""
_ARROW = " → "
_QUOTES = 2
_BOTH = 2


def columns() -> int:
    """Return how many columns there are."""
    return shutil.get_terminal_size((NARROW, 24)).columns if sys.stdout.isatty() else NARROW


def say(line: str) -> None:
    """Write a line; on a terminal it is folded between words, and goes on below its own beginning."""
    if not sys.stdout.isatty():
        typer.echo(line)
        return
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    for part in textwrap.wrap(
        line, columns(), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [""]:
        typer.echo(part)


def group_lines(title: str, groups: Sequence[Group]) -> Iterator[str]:
    """Yield a title, and below it each group with its count and its example; nothing where there are no groups.

    An example that would be cut beside its group stands on a line of its own, where there is more room for it.
    """
    if not groups:
        return
    yield title
    counts = max(len(str(group.count)) for group in groups)
    names = max(width(visible(group.name)) for group in groups)
    start = 2 + counts + 2
    room = columns() - start - names - 2
    for group in groups:
        name = visible(group.name)
        begun = f"  {group.count:>{counts}}  {name}"
        if width(whole := _example(group.example, sys.maxsize)) <= room:
            yield f"{begun}{' ' * (names - width(name) + 2)}{whole}"
        else:
            yield begun
            yield f"{' ' * start}{_example(group.example, columns() - start)}"


def _example(finding: Finding, room: int) -> str:
    """Return a finding as briefly as fits: the item, and its values as far as there is room for them."""
    values = [visible(value) for value in _values(finding)]
    quoted = finding.action in _OF_TEXTS
    item = str(finding.item)
    left = room - len(item) - 2 - len(_ARROW) * (len(values) - 1) - (_QUOTES * len(values) if quoted else 0)
    told = _ARROW.join(f"'{value}'" if quoted else value for value in _fitted(values, left))
    return f"{item}  {told}" if told else item


def _values(finding: Finding) -> Iterator[str]:
    if finding.action == Action.SET_FIELD:
        yield finding.before or "empty"
        yield finding.after or "empty"
        return
    after = finding.after or (finding.suggestion if isinstance(finding, PlanFinding) else None)
    if finding.before or finding.action == REVIEW:
        yield finding.before or ""
    if after:
        yield after


def _fitted(values: Sequence[str], room: int) -> list[str]:
    """Return values that take no more room together; what a short one leaves over is a longer one's.

    What all of them begin with is cut off first: it tells nothing.
    """
    if sum(map(width, values)) > room and (start := _start_of_differing(values)):
        values = [f"…{value[start:]}" for value in values]
    cut: dict[int, str] = {}
    for place in sorted(range(len(values)), key=lambda place: width(values[place])):
        share = max(1, room // (len(values) - len(cut)))
        cut[place] = shortened(values[place], share)
        room -= width(cut[place])
    return [cut[place] for place in range(len(values))]


def _start_of_differing(values: Sequence[str]) -> int:
    """Return from where on values are told, a little before they differ; 0 where that would cut an identifier."""
    if len(values) < _BOTH or any(map(_IDENTIFIER.search, values)):
        return 0
    alike = takewhile(lambda characters: len(set(characters)) == 1, zip(*values, strict=False))
    return max(0, sum(1 for _ in alike) - _SHOWN_OF_ALIKE)


def shortened(text: str, room: int) -> str:
    """Return a text that takes no more columns than there is room for; `…` stands for what is cut off.

    An identifier that would be cut through is left out whole.
    """
    if width(text) <= room:
        return text
    kept = text
    while kept and width(kept) >= room:
        kept = kept[:-1]
    for found in _IDENTIFIER.finditer(text):
        if found.start() < len(kept) < found.end():
            kept = kept[: found.start()]
    return f"{kept}…"


def width(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in {"W", "F"} else 1 for c in text)
