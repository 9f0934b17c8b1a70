"""The proxy that the environment names, as for other programs: `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`.

Their names may be in lower case, which wins, as with curl. `HTTP_PROXY` is for addresses that begin with http://, which
a webhook's does on this machine itself only; nothing on it is reached through a proxy.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from b24syncd.errors import Problem

from .webhook import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAMES: Final = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_FORM: Final = "write http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with % for what an address cannot hold"
_HTTPS_PORT: Final = 443


@dataclass(frozen=True, slots=True, repr=False)
class Proxy:
    """A proxy for HTTPS. `url` is secret where it holds a user and a password; `repr` and `str` are redacted."""

    url: str
    redacted: str
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Proxy {self.redacted}>"

    def __str__(self) -> str:
        return self.redacted


def find_proxy(environ: Mapping[str, str], authority: str) -> Proxy | Problem | None:
    """Return the proxy for a portal's host (`authority`, perhaps with a port), what is wrong with it, or nothing."""
    name = proxy_variable(environ)
    return None if name is None or why_direct(environ, authority) else _parsed(environ[name].strip(), name)


def proxy_variable(environ: Mapping[str, str]) -> str | None:
    """Return the variable that names the proxy for HTTPS, if there is one."""
    return next((name for name in _NAMES if environ.get(name, "").strip()), None)


def why_direct(environ: Mapping[str, str], authority: str) -> str:
    """Return why a portal's host is not reached through a proxy, as half a sentence; empty where it is."""
    url = urlsplit(f"//{authority}")
    host, port = (url.hostname or "").rstrip("."), url.port or _HTTPS_PORT
    if proxy_variable(environ) is None:
        return "neither HTTPS_PROXY nor ALL_PROXY is set"
    if is_loopback(host):
        return "the portal is on this machine itself"
    return f"NO_PROXY names {host}" if _is_excepted(host, port, environ) else ""


def _parsed(text: str, name: str) -> Proxy | Problem:
    written = text if "://" in text else f"http://{text}"
    try:
        url = urlsplit(written)
        host, port = url.hostname, url.port
    except ValueError:
        return Problem(name, "this is no address of a proxy", _FORM)
    if url.scheme not in {"http", "https"}:
        return Problem(name, "only proxies that speak HTTP can be used", _FORM, url.scheme or None)
    if not host or not written.isprintable() or " " in written:
        return Problem(name, "this is no address of a proxy", _FORM)
    # A path means nothing to a proxy, and could hold anything.
    authority = (f"[{host}]" if ":" in host else host) + ("" if port is None else f":{port}")
    user = url.netloc.rpartition("@")[0]
    redacted = f"{url.scheme}://{'***@' if user else ''}{authority}"
    return Proxy(f"{url.scheme}://{f'{user}@' if user else ''}{authority}", redacted, tuple(_secrets(user)))


def _secrets(user: str) -> Iterator[str]:
    """Yield what must not be shown of a user and a password, as they are written and as they are meant."""
    if user:
        yield user
        _, _, password = user.partition(":")
        yield from (part for part in {password, unquote(password)} if part)


def _is_excepted(host: str, port: int, environ: Mapping[str, str]) -> bool:
    entries = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    return any(_covers(entry, host.lower(), port) for entry in entries.lower().replace(",", " ").split())


def _covers(entry: str, host: str, port: int) -> bool:
    """Tell whether an entry of `NO_PROXY` means this host: a name and all below it, an address, a network, or all."""
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass
    try:
        url = urlsplit(f"//{entry}")
        name, wanted = url.hostname or "", url.port
    except ValueError:
        return False
    if wanted not in {None, port}:
        return False
    name = name.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
