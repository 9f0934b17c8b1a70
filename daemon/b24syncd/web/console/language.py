"""The languages of the console: English is written in the code, the others are gettext catalogues (`locale/`).

A catalogue is compiled in memory when it is needed first: there is nothing to build, and nothing that can be stale.
"""

from __future__ import annotations

import gettext as gnu
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterable

LANGUAGES: Final = {"en": "English", "ru": "Русский"}
"""Each by its own name."""

_AS_WRITTEN: Final = {"en": "en_GB"}
"""Days before months, and 24 hours."""

SOURCE: Final = "en"
FOLDER: Final = Path(__file__).with_name("locale")

LANGUAGE: Final = ContextVar("LANGUAGE", default=SOURCE)
"""The language in which the present visitor reads."""


def gettext(text: str) -> str:
    """Return a text of the program in the visitor's language; as it is where nobody translated it."""
    return _catalogue(LANGUAGE.get()).gettext(text) if text else ""


def ngettext(one: str, several: str, number: int) -> str:
    """Return the form of a text that goes with a number, which stands in it as `%(num)d`."""
    return _catalogue(LANGUAGE.get()).ngettext(one, several, number)


def marked(text: str) -> str:
    """Return a text as it is, which is to be translated where it is shown."""
    return text


def locale_now() -> Locale:
    """Return how numbers and times are written in the visitor's language."""
    return _locale(LANGUAGE.get())


def preferred(chosen: str | None, accepted: str) -> str:
    """Return the language for a visitor: the one they chose, else the first of their browser's that there is."""
    if chosen in LANGUAGES:
        return chosen
    return next((name for name in _by_weight(accepted) if name in LANGUAGES), SOURCE)


def _by_weight(accepted: str) -> Iterable[str]:
    """Yield the languages of an `Accept-Language` header, those that are liked best first, without their regions."""
    weighed = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        _, _, weight = parameters.partition("q=")
        try:
            weighed.append((-float(weight or 1), place, tag.partition("-")[0].lower()))
        except ValueError:
            continue
    return (name for *_, name in sorted(weighed))


@cache
def _catalogue(language: str) -> gnu.NullTranslations:
    if language == SOURCE:
        return gnu.NullTranslations()
    compiled = BytesIO()
    with (FOLDER / language / "LC_MESSAGES" / "console.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gnu.GNUTranslations(compiled)


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(_AS_WRITTEN.get(language, language))
