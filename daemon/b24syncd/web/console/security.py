"""What a browser is told and asked so that nobody else acts in a person's name."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from b24syncd.web.guard import names_this_machine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.settings.http import Http

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer; only files that never change may be kept."""


def is_called(host: str, http: Http) -> bool:
    """Tell whether a `Host` header is one of the names of the console: not one that leads here by DNS rebinding."""
    if http.door.is_host(host):
        return True
    return http.is_local and not http.door.proxies and names_this_machine(host, http.host)


def is_from_here(headers: Mapping[str, str], scheme: str) -> bool:
    """Tell whether a page of the console itself sends this.

    Where pages send no referrer, browsers tell `null` as the origin of a form, and `Sec-Fetch-Site` instead.
    """
    origin = headers.get("Origin", "null").lower()
    if origin == "null":
        return headers.get("Sec-Fetch-Site", "") == "same-origin"
    return origin == f"{scheme}://{headers.get('Host', '').strip().lower()}"


def is_same(given: str, expected: str) -> bool:
    """Compare two tokens in a time that tells nothing of them."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())
