"""Telling what other parts of the program said in the visitor's language.

What they say is English, in the state and at the doors as well; it is found again by its words. Nothing is decided by
that: what is not known is shown as it was said.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from b24syncd.reports.wording import in_halves
from b24syncd.web.console.language import gettext

from . import of_forms, of_work

_LONGEST: Final = 2000
"""Characters of what is looked for: nothing that the program says by itself is as long."""

_OF_KEY: Final = re.compile(r"([a-z_]+(?:\.[a-z_]+|\[\d+\])+: )(.+)", re.DOTALL)
"""What is wrong with a setting begins with its name."""


def told(text: str | None) -> str:
    """Return a sentence of the program in the visitor's language; what the portal said stays as it is."""
    if not text:
        return ""
    known = "\n".join(map(_line, text.split("\n"))) if len(text) <= _LONGEST else text
    first, _, _ = known.partition(" ")
    # the name of a host, a card or a setting is written as it is
    return known if {".", ":"}.intersection(first.rstrip(".:")) else known[:1].upper() + known[1:]


def _line(text: str) -> str:
    known = _known(text)
    if known is not None:
        return known
    if (of_key := _OF_KEY.fullmatch(text)) is not None:
        return of_key[1] + _line(of_key[2])
    what, cure = in_halves(text)
    return f"{_known(what) or what}; {_known(cure) or cure}" if cure else text


def _known(text: str) -> str | None:
    """Return a sentence in the visitor's language; None for one that is not known."""
    known = gettext(text)
    if known != text:
        return known
    for pattern, template in _compiled():
        found = pattern.fullmatch(text)
        if found is not None:
            return gettext(template).format(*map(_part, found.groups()))
    return None


def _part(part: str) -> str:
    """Return a word of the program, or another sentence, in the visitor's language; a value stays as it is."""
    plain = part.replace("_", " ")
    known = gettext(plain)
    return known if known != plain else _line(part)


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    made = []
    for template in (*of_forms.PATTERNS, *of_work.PATTERNS):
        parts = map(re.escape, template.split("{}"))
        made.append((re.compile("(.*?)".join(parts), re.DOTALL), template))
    return tuple(made)
