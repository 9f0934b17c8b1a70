"""Addresses that hold a phone number: `tel:` with its parameters (RFC 3966), and those of messengers.

Works on text that went through `characters.plain`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_ESCAPED_PLUS = re.compile(r"%2B(?=\d)", re.IGNORECASE)
_ESCAPED_SPACE = re.compile(r"(?<=[\d=/:])%20(?=[\d+(])|(?<=\d)%20")
_SCHEME = re.compile(r"\b(?:tel|callto|phone):(?://)?(?=[^\s/])", re.IGNORECASE)
_TEL = re.compile(
    r"(?P<scheme>\btel:\s*)?(?P<number>[+(\d][\d().\s-]*)(?P<parameters>(?:;[\w-]+(?:=[^;,\s]*)?)+)", re.IGNORECASE
)
_CONTEXT = re.compile(r";phone-context=([^;,\s]*)", re.IGNORECASE)
_SUBADDRESS = re.compile(r";isub=[^;,\s]*", re.IGNORECASE)
_MESSENGER = re.compile(
    r"(?:viber:(?://)?(?:chat|add|contact)/?\?number=|(?:https?://)?(?:www\.)?(?:wa\.me/|t\.me/(?=\+)"
    r"|(?:(?:api|web|chat)\.whatsapp\.com|whatsapp:/)/send/?\?(?:[^\s,;]*&)?phone=))"
    r"(?P<number>[ +]*\d[\d.-]*)(?P<rest>[/?&#][^\s;]*)?",
    re.IGNORECASE,
)
_MANY_DIGITS = re.compile(r"(?:\d[\s().-]*){5}")
_COUNTRY = re.compile(r"\+[\d().-]+")


def without_uris(text: str) -> str:
    """Return the text with the numbers in place of the addresses that hold them; what says more than a number stays."""
    text = _ESCAPED_SPACE.sub(" ", _ESCAPED_PLUS.sub("+", text))
    text = _MESSENGER.sub(_international, _TEL.sub(_global, text))
    return _SCHEME.sub(" ", text)


def _international(match: re.Match[str]) -> str:
    """Return the number of a messenger's address: the country code stands there, the plus sign need not."""
    rest = unquote(match["rest"] or "")
    if _MANY_DIGITS.search(rest):
        return match[0]
    number = match["number"].strip()
    return number if "+" in number else f"+{number}"


def _global(match: re.Match[str]) -> str:
    """Return the number of a `tel:` address: a local one is local to its context, a domain's context says nothing."""
    number, parameters = match["number"], match["parameters"]
    context = _CONTEXT.search(parameters)
    if context is None and not match["scheme"]:
        return match[0]
    rest = _SUBADDRESS.sub("", _CONTEXT.sub("", parameters))
    if context and _COUNTRY.fullmatch(context[1]):
        if "+" in number and not number.lstrip().startswith(context[1]):
            return match[0]
        number = number if "+" in number else f"{context[1]} {number}"
    return number + rest
