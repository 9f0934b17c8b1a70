"""How people write phone numbers: separators, labels, extensions, groups of digits.

Works on text that went through `characters.plain`; knows nothing about countries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.domain.reasons import Reason

from .words import AND, EXTENSION_WORD, LABEL, NUMBER_WORD, OR, PHONE_SIGN

if TYPE_CHECKING:
    from collections.abc import Iterator

# Possessive (`*+`): were it open which of two labels the space between them belongs to, a row of labels could be
# read in exponentially many ways.
_LABELS = rf"(?:[\s(\[]*(?:{LABEL}|{PHONE_SIGN})[\s.:=)\]-]*+)+"
_LEADING_LABELS = re.compile(rf"{_LABELS}|\s*(?:т\s*[.:]|[tm]\s*:)\s*", re.IGNORECASE)
_TRAILING_LABELS = re.compile(rf"(?:{LABEL}|{PHONE_SIGN})[\s.:=)\]-]*+(?:{_LABELS})?$", re.IGNORECASE)

_EXTENSION = re.compile(
    rf"(?:{EXTENSION_WORD})(?:[\s.(\[]*(?:{EXTENSION_WORD}|{LABEL}|{NUMBER_WORD}))*[)\]]*[\s.:=№(\[-]*",
    re.IGNORECASE,
)
_EXTENSION_DIGITS = re.compile(r"(\d{1,6})[\s)\]]*")

_ESCAPED = re.compile(r"\\+(?=[,;:])")  # as address books write what is none of their own separators
_SEPARATOR = re.compile(rf"({OR}|[,;/|\\、\n](?!\s*(?:{EXTENSION_WORD})))", re.IGNORECASE)

# Between two numbers only: a single letter may also stand for a digit, and a dot may part groups.
_JOINER = re.compile(rf"(?P<sure>\s*(?:&|{AND}\.?)\s*)|\s[yeioua]\.?\s|\s*[•·●▪∙◦・]\s*", re.IGNORECASE)
_FEWEST_BEFORE = 5
_FEWEST_OF_A_NUMBER = 7
_BEGINNING = re.compile(r"[\s(\[+]*\d[\d\s()\[\].~_·-]*")
_BETWEEN_GROUPS = re.compile(r"(?<=[\d)\]])\s*[~_·•∙⋅‧・'’`´]\s*(?=[(\[]?\d)")
_SEVERAL = 2
"""So many of them part the groups of a number; a single one may announce an extension, or a range (`1234~38`)."""
_BEHIND_AREA_CODE = re.compile(r"[\s(\[+]*(?:\d[\s()\[\]-]*){1,5}[~_·](?:[\s()\[\].-]*\d){5,}")
_PAUSED = re.compile(r"(?<=\d)\s*(?:,{2,}\s*(?=\d{3,4}$|\d{1,4}#$)|,\s*(?=\d{1,4}#$))(\d+)#?$")
"""How telephones store an extension: pauses before it, and the key that ends it."""
_LOOKS_LIKE_A_NUMBER = re.compile(r"\+?\(?\d[\d ().-]{4,}\d")
_EXTENSION_BEHIND = re.compile(rf"[^\d\n]{{0,40}}?(?P<extension>{_EXTENSION.pattern}\d{{1,6}})(?!\d)", re.IGNORECASE)
_NO_EXTENSION = re.compile(
    r"\d{1,2}:\d\d|\d{1,2}\s?(?:до|to|bis)\s?\d{1,2}|(?:utc|gmt|мск|msk)\s?[+-]\s?\d{1,2}|@[\w.-]+\.[a-z]+",
    re.IGNORECASE,
)
"""Digits of remarks behind a number: hours, time zones, hosts."""

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19\d\d|20[0-3]\d)"
_DATE = re.compile(
    rf"(?<!\d)(?<!\d[./-])(?:(?:{_DAY}[./-]{_MONTH}|{_MONTH}[./-]{_DAY})[./-]{_YEAR}|{_YEAR}[./-]{_MONTH}[./-]{_DAY})"
    r"(?![./-]?\d)"
)
"""Nobody groups a number so, and in many a region its digits are one."""

_NUMBER = re.compile(r"[\s(\[]*((?:\+\s*)*)[\d\s()\[\].-]*")
_GROUP = re.compile(r"\d+")
_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
_BEFORE_A_WORD = " ,;/|([\n"
_EDGE = " .:-\"'«»\n"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a value and the separator before it (empty at the beginning)."""

    separator: str
    text: str


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """One number as it was written."""

    plus: bool
    digits: str
    groups: tuple[str, ...]
    bracketed: bool
    """The first group stands in brackets."""
    zero_at: int | None
    """Where in `digits` a `(0)` stands, if it is not at the beginning."""
    extension: str

    @property
    def first_group(self) -> str:
        """The digits before the first separator."""
        return self.groups[0]


def with_extension(text: str) -> str:
    """Return the text with an extension as Bitrix24 writes it, where a telephone stored it (`,,123#`)."""
    return _PAUSED.sub(r";\1", text.rstrip()) if "," in text else text


def segments(text: str) -> list[Segment]:
    """Split a value at its separators; what stands before an extension word is none."""
    pieces = ["", *_SEPARATOR.split(_ESCAPED.sub("", text))]
    return [part for place in range(0, len(pieces), 2) for part in _apart(pieces[place], pieces[place + 1])]


def _apart(separator: str, text: str) -> Iterator[Segment]:
    """Yield the numbers of a piece that words join (`… и …`, `… & …`)."""
    start = 0
    for match in _JOINER.finditer(text):
        before, behind = _digits_in(text[start : match.start()]), _digits_ahead(text[match.end() :])
        if separator and not text[: match.start()].strip() and behind >= _FEWEST_OF_A_NUMBER:
            start = match.end()  # `…, и …`
            continue
        # What is short behind a sure word makes the whole a review, as it does behind a comma.
        if (match["sure"] and before >= _FEWEST_BEFORE and behind) or min(before, behind) >= _FEWEST_OF_A_NUMBER:
            yield Segment(separator, text[start : match.start()])
            separator, start = match[0].strip(), match.end()
    yield Segment(separator, text[start:])


def numbers_within(text: str) -> list[str]:
    """Return the pieces of a text that look like numbers, each with the extension behind it.

    None at all where one may have an extension behind a word, or a sign, that is not known here.
    """
    text = _DATE.sub(" ", text)
    pieces = list(_LOOKS_LIKE_A_NUMBER.finditer(text))
    starts = [piece.start() for piece in pieces if _digits_in(piece[0]) >= _FEWEST_OF_A_NUMBER]
    found: list[str] = []
    for piece in pieces:
        following = next((start for start in starts if start > piece.start()), len(text))
        if extension := _EXTENSION_BEHIND.match(text, piece.end()):
            found.append(f"{piece[0]} {extension['extension']}")
        elif _digits_in(_NO_EXTENSION.sub("", text[piece.end() : following])):
            return []
        else:
            found.append(piece[0])
    return found


def _digits_ahead(text: str) -> int:
    """Return how many digits the number has that the text begins with, behind its label."""
    label = _LEADING_LABELS.match(text)
    beginning = _BEGINNING.match(text, label.end() if label else 0)
    return _digits_in(beginning[0]) if beginning else 0


def _digits_in(text: str) -> int:
    return sum(map(str.isdigit, text))


def parse(text: str) -> WrittenNumber | Reason | None:
    """Return the one number that a segment holds, or why it holds none; `None` if it is blank or only a label."""
    spaced, signs = _BETWEEN_GROUPS.subn(" ", text)
    body = (spaced if signs >= _SEVERAL or _BEHIND_AREA_CODE.match(text) else text).strip(_EDGE)
    if label := _LEADING_LABELS.match(body):
        body = body[label.end() :]
    if label := _TRAILING_LABELS.search(body):
        body = body[: label.start()].rstrip(_BEFORE_A_WORD)
    body = body.strip(_EDGE)
    if not body:
        return None
    if _DATE.fullmatch(body):
        return Reason.NOT_A_PHONE
    extension = ""
    if mark := _EXTENSION.search(body):
        digits = _EXTENSION_DIGITS.fullmatch(body, mark.end())
        if digits is None:
            # A word of a remark may look like an announcement; what stands beside it tells.
            follows = body[mark.end() : mark.end() + 1]
            announces = mark.start() and (follows.isdigit() or not follows)
            return Reason.BAD_EXTENSION if announces else Reason.CONTAINS_TEXT
        extension = digits[1]
        body = body[: mark.start()].rstrip(_BEFORE_A_WORD).strip(_EDGE)
    number = _NUMBER.fullmatch(body)
    if number is None:
        return Reason.CONTAINS_TEXT
    groups = _GROUP.findall(body)
    if not groups:
        return Reason.NOT_A_PHONE
    zero = _ZERO.search(body)
    start = body.index(groups[0])
    end = start + len(groups[0])
    return WrittenNumber(
        plus=bool(number[1]),
        digits="".join(groups),
        groups=tuple(groups),
        bracketed=body[start - 1 : start] in {"(", "["} and body[end : end + 1] in {")", "]"},
        zero_at=sum(map(str.isdigit, body[: zero.start()])) or None if zero else None,
        extension=extension,
    )
