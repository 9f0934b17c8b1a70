"""How people write e-mail addresses: separators, `mailto:`, angle brackets, display names, punctuation.

Works on text that went through `characters.without_invisible`; knows nothing about domains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

_MAILTO = re.compile(r"mailto:\s*([^\s<>\"?]*)(\?[^\s<>]*)?", re.IGNORECASE)
_SPOILS_MAILTO = re.compile(r"[\s<>\",;/|\ufffd]")
_TOKEN = re.compile(r"\"[^\"\n]*\"|<[^<>\n]*>|[,;/|\n]|[^\s,;/|<>\"]+|[<>\"]")
_SEPARATORS = frozenset({",", ";", "/", "|", "\n", "или", "or", "und"})
_NO_WORD = re.compile(r"[-–—•*·.:<>\"]+")
_COMMA = ","
_OPENING = '<([{"«“„'
_CLOSING = ".,;:!?)]}>\"»”’'"


@dataclass(slots=True)
class Addresses:
    """What looks like an address in a value, in order, and whether other words stand there too."""

    candidates: list[str] = field(default_factory=list)
    stray_words: bool = False


def find(text: str) -> Addresses:
    """Return the addresses of a value; display names before `<…>` are no stray words."""
    found = Addresses()
    words: list[str] = []
    for token in _TOKEN.findall(_MAILTO.sub(_without_mailto, text)):
        if token.lower() in _SEPARATORS:
            # "Иванов, Иван <ivan@…>": the comma belongs to the display name.
            if token != _COMMA:
                found.stray_words |= bool(words)
                words.clear()
        elif "@" in token:
            found.stray_words |= bool(words) and not token.startswith("<")
            words.clear()
            found.candidates.append(_trimmed(token))
        elif not _NO_WORD.fullmatch(token):
            words.append(token)
    found.stray_words |= bool(words)
    return found


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
