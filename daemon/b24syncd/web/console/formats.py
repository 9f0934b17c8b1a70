"""How values are shown on pages: whatever a customer wrote stays text, and what does not print is made visible."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from b24syncd.domain.conditions import Condition, cure_of

from .language import gettext, locale_now
from .sentences.telling import told
from .words import DEEDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from b24syncd.reports.health import ConditionReport

_ENOUGH: Final = 2000
"""Characters of a value that a list shows; its card shows all of it."""


def visible(value: object, most: int = _ENOUGH) -> Markup:
    """Return a value as text: what does not print, or turns the direction of text, as its code; long ones cut short."""
    text = "" if value is None else str(value)
    cut = text[:most]
    shown = escape(cut) if cut.isprintable() else Markup("").join(_parts(cut))
    if len(text) > most:
        rest = gettext("… and %(count)s more characters") % {"count": number(len(text) - most)}
        shown += Markup('<span class="rest">{}</span>').format(rest)
    return shown


def _parts(text: str) -> list[Markup]:
    shown = []
    for part in re.split(r"([^\S\n ]|[^\w\s])", text):
        if part.isprintable() or part == "\n":
            shown.append(escape(part))
        else:
            shown += [_character(one) for one in part]
    return shown


def _character(one: str) -> Markup:
    if one.isprintable() or one == "\n":
        return escape(one)
    return Markup('<span class="control">{}</span>').format(f"U+{ord(one):04X}")


def differing(before: object, after: object) -> tuple[str, str, str, str]:
    """Return what two values begin with alike, the different middles of both, and what they end with alike."""
    one, other = "" if before is None else str(before), "" if after is None else str(after)
    start = _alike(one, other)
    end = _alike(one[start:][::-1], other[start:][::-1])
    return one[:start], one[start : len(one) - end], other[start : len(other) - end], one[len(one) - end :]


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike; quickly also where they are very long."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def moment(value: datetime | None) -> Markup:
    """Return a time, which the browser shows in its own zone."""
    if value is None:
        return Markup("–")
    local = value.astimezone()
    told = format_datetime(local, "medium", locale=locale_now())
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), told)


def day(value: date) -> str:
    """Return a day, without its year."""
    return format_date(value, "d MMM", locale=locale_now())


def number(value: float) -> str:
    """Return a number as the visitor writes it."""
    return format_decimal(value, locale=locale_now())


def percent(value: float) -> str:
    """Return a share."""
    return format_percent(value, locale=locale_now())


def span(seconds: float) -> str:
    """Return a span of time in its largest unit."""
    return str(format_timedelta(timedelta(seconds=seconds), locale=locale_now(), format="short"))


def word(value: object) -> str:
    """Return a word of the program, such as the reason of a review, as people read it."""
    return gettext(str(getattr(value, "value", value)).replace("_", " "))


def deed(value: object) -> str:
    """Return a command, or the kind of a run, as people read it: not as what a role lets one do."""
    name = str(getattr(value, "value", value))
    return word(DEEDS.get(name, name))


def cure(one: ConditionReport) -> str:
    """Return what to do about something that is not as it should be."""
    return cure_of(Condition(one.kind, one.about, one.since, one.detail), gettext)


FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "visible": visible,
    "told": told,
    "moment": moment,
    "day": day,
    "number": number,
    "percent": percent,
    "span": span,
    "word": word,
    "deed": deed,
    "translated": gettext,
    "cure": cure,
}
