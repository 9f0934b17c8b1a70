"""How people write e-mail addresses: separators, `mailto:`, labels, angle brackets, display names, punctuation.

Works on text that went through `characters.without_invisible`; knows nothing about domains.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote

_MAILTO = re.compile(r"mailto:\s*([^\s<>\"?]*)(\?[^\s<>]*)?", re.IGNORECASE)
_SPOILS_MAILTO = re.compile(r"[\s<>\",;/|\ufffd]")
_ENCODED_WORD = re.compile(r"=\?[\w-]+\?[bq]\?[^?\s]*\?=", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:(?<=[\s,;/|<(])|^)(?:e[ -]?mail(?:s|[ -]address|-adresse)?|mail|(?:эл(?:ектронная|\.)?\s*)?почта"
    r"|(?:эл\.?|электронный)\s*адрес|[еэ][ -]?м[еэа]й?л|им[еэ]йл|м[еэ]йл|(?:ел(?:ектронна|\.)?\s*)?пошта"
    r"|correo(?:\s+electr[óo]nico)?|courriel|poczta|posta)\s*[:=]+",
    re.IGNORECASE,
)
_COLON = " : "
_TOKEN = re.compile(r"\"[^\"\n]*\"|<[^<>\n]*>|[,;/|\n]|[^\s,;/|<>\"]+|[<>\"]")
_SIGNS = frozenset(",;/|\n")
_SIGNS_LIKE = str.maketrans(
    dict.fromkeys("\uff0c\u201a\u060c\u3001\ufe50\ufe51", ",") | dict.fromkeys("\uff1b\u037e\u061b\ufe54", ";")
)
_JOINER = re.compile(
    "или|or|und|oder|and|&|и|і|й|та|або|чи|y|e|et|i|o|ou|u|lub|oraz|en|of|og|och|ve|veya",
    re.IGNORECASE,
)
_ANNOUNCING = re.compile(r"to|e-?mail\.?|mail|contact|на|по|адрес|почт[ау]|пошта", re.IGNORECASE)
_NO_WORD = re.compile(r"[-–—•*·.:<>\"]+")
_SPACE = re.compile(r"[ \n]")
_BESIDE_WORDS = " \n-–—•*·.,;/|"
_ENDS_A_TAG = re.compile(r"[:=]$|<[^<>]*>$")
_GOES_ON = re.compile(r"[\w+&=%~'`^$#!-]$")
_LAST_WORD = re.compile(r"[^\s,;/|:()<>\"]+$")
_BEHIND = re.compile(r"[ .,]{1,3}([A-Za-z][A-Za-z.-]*)")
_COMMA = ","
_OPENING = '<([{"«“„‟‘’‹「『【《（［'
_CLOSING = ".,;:!?)]}>\"»”“‟’‘'›」』】》）］"


@dataclass(slots=True)
class Addresses:
    """What looks like an address in a value, in order, and whether other words stand there too."""

    candidates: list[str] = field(default_factory=list)
    stray_words: bool = False
    touched: bool = False
    """What stands to the left of an address may be a part of it (`iv an@…`, `ivan,petrov@…`)."""
    behind: str = ""
    """A word directly behind the last address, in lower case."""


def find(text: str) -> Addresses:
    """Return the addresses of a value; display names before `<…>` are no stray words."""
    text = _LABEL.sub(_COLON, _ENCODED_WORD.sub(_decoded, _MAILTO.sub(_without_mailto, text.translate(_SIGNS_LIKE))))
    found = Addresses()
    words: list[str] = []
    start, behind_address, joined = 0, False, False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in _SIGNS:
            # "Иванов, Иван <ivan@…>": the comma belongs to the display name.
            if token != _COMMA:
                found.stray_words |= bool(words)
                words.clear()
        elif behind_address and not joined and _JOINER.fullmatch(token):
            joined, start = True, match.end()
        elif "@" in token:
            found.stray_words |= bool(words) and not token.startswith("<")
            words.clear()
            found.candidates.append(_trimmed(token))
            found.touched |= _touches(text[start : match.start()], token)
            behind = _BEHIND.match(text, match.end())
            found.behind = behind[1].lower() if behind else ""
            start, behind_address, joined = match.end(), True, False
        elif not _NO_WORD.fullmatch(token):
            words.append(token)
            behind_address = joined = False
    found.stray_words |= bool(words) or joined
    return found


def _touches(before: str, token: str) -> bool:
    """Tell whether the text before an address may be a part of it."""
    word = _without_punctuation(before)
    if not word or _ENDS_A_TAG.search(word) or token[0] in _OPENING:
        return False
    if not _SPACE.search(before, len(word)):
        return True
    last = _LAST_WORD.search(word)
    if last is None or not _GOES_ON.search(word) or _ANNOUNCING.fullmatch(last[0]):
        return False
    return _script(last[0][-1]) == _script(token[0])


def _without_punctuation(text: str) -> str:
    """Return the text without what ends it and neither closes nor announces anything, whatever it looks like."""
    end = len(text)
    while end and (text[end - 1] in _BESIDE_WORDS or _is_punctuation(text[end - 1])):
        end -= 1
    return text[:end]


def _is_punctuation(character: str) -> bool:
    return not character.isascii() and character not in _CLOSING and unicodedata.category(character)[0] in {"P", "C"}


def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0] if character.isalpha() else "LATIN"


def _trimmed(token: str) -> str:
    address = token.lstrip(_OPENING).strip().rstrip(_CLOSING).strip()
    # An apostrophe may begin a name (`'t.hooft@…`); a pair of them is a pair of quotes.
    return address[1:] if address.startswith("'") and token.rstrip(".,;:").endswith("'") else address


def _without_mailto(match: re.Match[str]) -> str:
    """Return the addresses of a `mailto:` URI; one whose query holds another address stays, and is not valid then."""
    addresses = [unquote(address) for address in match[1].split(",")]
    query = match[2] or ""
    if any(map(_SPOILS_MAILTO.search, addresses)) or "@" in unquote(query):
        return match[0]
    return ",".join(addresses) + " "


def _decoded(match: re.Match[str]) -> str:
    """Return a quoted display name for a word as mail headers encode it (RFC 2047)."""
    try:
        name = str(make_header(decode_header(match[0])))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return match[0]
    return f'"{" ".join(name.replace(chr(34), " ").split())}"'
