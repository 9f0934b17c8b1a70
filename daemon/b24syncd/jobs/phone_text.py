"""How people write phone numbers: separators, labels, extensions, groups of digits.

Works on text that went through `characters.plain`; knows nothing about countries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from b24syncd.domain.reasons import Reason

_NO_LETTER_BEFORE = r"(?<![^\W\d_])"
_NO_LETTER_AFTER = r"(?![^\W\d_])"


def _words(*words: str) -> str:
    return f"{_NO_LETTER_BEFORE}(?:{'|'.join(words)}){_NO_LETTER_AFTER}"


# Only what says "phone" and nothing else: a fax, a "home" or a "WhatsApp" is a remark that must not get lost.
_LABEL = _words(
    r"(?:номер\s+)?тел(?:ефон(?:а|у|ы)?)?",
    r"моб(?:ил(?:ьный|ьн)?)?",
    r"сот(?:овый)?",
    r"(?:tele)?phone(?:\s+number)?",
    r"tel(?:efon|ephone|éfono|efono|éphone)?",
    r"mob(?:ile?)?",
    r"mobil(?:e\s*phone|telefon|funk)",
    r"cell(?:ular|\s*phone)?",
    r"handy",
    r"ph",
)
# Possessive (`*+`): were it open which of two labels the space between them belongs to, a row of labels could be
# read in exponentially many ways.
_LABELS = rf"(?:[\s(\[]*(?:{_LABEL}|[☎☏✆📞📱])[\s.:=)\]-]*+)+"
_LEADING_LABELS = re.compile(rf"{_LABELS}|\s*т\s*[.:]\s*", re.IGNORECASE)
_TRAILING_LABELS = re.compile(rf"(?:{_LABEL}|[☎☏✆📞📱])[\s.:=)\]-]*+(?:{_LABELS})?$", re.IGNORECASE)

_EXTENSION_WORD = (
    _words(
        r"доб(?:ав(?:очный)?)?",
        r"вн(?:утр(?:енний)?)?",
        r"дод(?:атковий)?",
        r"e?xt(?:n|ension)?",
        r"[xх]",  # the second one is the Cyrillic letter
        r"durchwahl",
        r"dw",
        r"anexo",
        r"interno",
        r"poste",
    )
    + "|#"
)
_EXTENSION = re.compile(rf"(?:{_EXTENSION_WORD})(?:[\s.]*(?:{_EXTENSION_WORD}|{_LABEL}))*[\s.:=№-]*", re.IGNORECASE)
_EXTENSION_DIGITS = re.compile(r"(\d{1,6})[\s)\]]*")

_OR = _words("или", "or", "und")
_SEPARATOR = re.compile(rf"({_OR}|[,;/|\n](?!\s*(?:{_EXTENSION_WORD})))", re.IGNORECASE)

_NUMBER = re.compile(r"[\s(\[]*(\+?)[\d\s()\[\].-]*")
_GROUP = re.compile(r"\d+")
_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
_BEFORE_A_WORD = " ,;([\n"
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
    first_group: str
    bracketed: bool
    """The first group stands in brackets."""
    zero_at: int | None
    """Where in `digits` a `(0)` stands, if it is not at the beginning."""
    extension: str


def segments(text: str) -> list[Segment]:
    """Split a value at its separators; what stands before an extension word is none."""
    pieces = _SEPARATOR.split(text)
    found = [Segment("", pieces[0])]
    found.extend(Segment(pieces[place], pieces[place + 1]) for place in range(1, len(pieces), 2))
    return found


def parse(text: str) -> WrittenNumber | Reason | None:
    """Return the one number that a segment holds, or why it holds none; `None` if it is blank or only a label."""
    body = text.strip(_EDGE)
    if label := _LEADING_LABELS.match(body):
        body = body[label.end() :]
    if label := _TRAILING_LABELS.search(body):
        body = body[: label.start()].rstrip(_BEFORE_A_WORD)
    body = body.strip(_EDGE)
    if not body:
        return None
    extension = ""
    if mark := _EXTENSION.search(body):
        digits = _EXTENSION_DIGITS.fullmatch(body, mark.end())
        if digits is None:
            # A word of a remark may look like an announcement; what follows tells.
            follows = body[mark.end() : mark.end() + 1]
            return Reason.CONTAINS_TEXT if follows and not follows.isdigit() else Reason.BAD_EXTENSION
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
        first_group=groups[0],
        bracketed=body[start - 1 : start] in {"(", "["} and body[end : end + 1] in {")", "]"},
        zero_at=sum(map(str.isdigit, body[: zero.start()])) or None if zero else None,
        extension=extension,
    )
