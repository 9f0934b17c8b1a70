"""Addresses of hosts that secrets are sent to: scheme, host and port; unencrypted on this machine itself only."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from b24syncd.errors import Problem

from .webhook import is_loopback, without_secrets


@dataclass(frozen=True, slots=True)
class WebAddress:
    """Where somebody answers: the host, with a port that is not the usual one; the whole has no slash at its end."""

    host: str
    url: str


def parse_address(text: str, key: str) -> WebAddress | Problem:
    """Return the address that is meant; a host alone is one that speaks https."""
    example = f'write it as {key.rpartition(".")[2]} = "https://HOST"'
    written = text.strip() if "://" in text else f"https://{text.strip()}"
    try:
        url = urlsplit(written)
        host, port = url.hostname, url.port
    except ValueError:
        return Problem(key, "this is no web address", example)
    if not host or url.scheme not in {"http", "https"} or any(letter.isspace() for letter in written):
        return Problem(key, "this is no web address", example)
    if url.username is not None or url.path not in {"", "/"} or url.query or url.fragment:
        return Problem(key, "there is more than a host in this address", example, without_secrets(host))
    if url.scheme == "http" and not is_loopback(host):
        cure = "write https:// (http:// is accepted for this machine itself only)"
        return Problem(key, "secrets would travel unencrypted to this address", cure, host)
    port = None if (url.scheme, port) in {("https", 443), ("http", 80)} else port  # as portals name themselves
    authority = (f"[{host}]" if ":" in host else host) + ("" if port is None else f":{port}")
    return WebAddress(authority, f"{url.scheme}://{authority}")
