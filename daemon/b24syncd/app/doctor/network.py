"""The way to the portal: its name, the proxy, the certificate."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from b24syncd.engine.startup import at_start
from b24syncd.errors import ExitCode, RetryLater
from b24syncd.memory import BorrowedMemory
from b24syncd.portal.wire.handshake import expiry_of, shake_hands
from b24syncd.portal.wire.transport_faults import NotAPortal
from b24syncd.portal.wire.unreachable import dns_cure, reason_of
from b24syncd.reports.doctor import failure, of_error, ok, warning
from b24syncd.session import route_to
from b24syncd.settings.proxy import proxy_variable, why_direct

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from datetime import datetime

    from b24syncd.errors import B24SyncError
    from b24syncd.reports.doctor import Finding
    from b24syncd.settings import Portal

    from .case import Case

_SOON_DAYS = 14
"""Certificates that are renewed by programs have more days left than this at any time."""

_SHOWN = 3
_FAMILIES = {4: "IPv4", 6: "IPv6"}
_REACH = "open the portal's address in a browser; where it opens, let a firewall allow this machine to connect there"
_PORTS = {"http": 80, "https": 443}


async def names(case: Case) -> AsyncIterator[Finding]:
    """Look up the name that this machine has to know: the proxy's where there is one, else the portal's."""
    portal = case.settings.portal
    url = urlsplit(portal.credentials.url if portal.proxy is None else portal.proxy.url)
    host, port = url.hostname or "", url.port or _PORTS.get(url.scheme, 0)
    whose = "" if portal.proxy is None else "the proxy "
    if _is_address(host):
        yield ok(f"{whose}{host} is an address, there is no name to look up")
        return
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        case.unreachable = f"the name {host} is not found"
        cure = dns_cure(error) or "check this machine's network and its DNS (/etc/resolv.conf)"
        yield failure(f"{whose}{host} is not found: {reason_of(error)}", cure, ExitCode.UNAVAILABLE)
        return
    yield ok(told_addresses(f"{whose}{host}", (str(address[0]) for *_, address in found)))


def told_addresses(host: str, addresses: Iterable[str]) -> str:
    """Return of what families the addresses of a host are, and some of them."""
    found = list(dict.fromkeys(addresses))
    versions = sorted({ipaddress.ip_address(address.partition("%")[0]).version for address in found})
    families = " and ".join(_FAMILIES[version] for version in versions)
    more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{host} is known by {families}: {', '.join(found[:_SHOWN])}{more}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def proxy(case: Case) -> AsyncIterator[Finding]:
    """Tell whether there is a proxy, by the environment of this command."""
    portal = case.settings.portal
    if portal.proxy is not None:
        yield ok(f"{portal.proxy.redacted} is used ({proxy_variable(case.environ)})")
    else:
        yield ok(f"none is used: {why_direct(case.environ, portal.host)}")


async def tls(case: Case) -> AsyncIterator[Finding]:
    """Connect, without asking for anything, and look at the certificate."""
    portal = case.settings.portal
    url = urlsplit(portal.credentials.url)
    try:
        met = await shake_hands(f"{url.scheme}://{url.netloc}", route_to(portal))
    except RetryLater as error:
        case.unreachable = "there is no connection to the portal"
        found = of_error(await _as_told(error, case) if isinstance(error, NotAPortal) else error)
        yield found if found.cure is not None else replace(found, cure=_REACH)
        return
    if met.version is None:
        yield ok("none: http:// to this machine itself")
        return
    now = case.clock.now()
    for finding in (judged(met.version, met.issuer, met.valid_until, now), *_of_authorities(portal, now)):
        yield finding


async def _as_told(error: NotAPortal, case: Case) -> B24SyncError:
    learnt = await BorrowedMemory(case.settings.state.path).load()
    return at_start(error, has_answered_before=learnt.reached is not None)


def judged(version: str, issuer: str, valid_until: datetime | None, now: datetime) -> Finding:
    """Judge the certificate of a connection that was made."""
    told = f"{version}, a certificate{f' by {issuer}' if issuer else ''} for this host"
    if valid_until is None:
        return ok(told)
    days = (valid_until - now).days
    told = f"{told}, valid until {valid_until:%Y-%m-%d}, {days} days"
    return ok(told) if days >= _SOON_DAYS else warning(told, "let the portal's certificate be renewed in time")


def _of_authorities(portal: Portal, now: datetime) -> Iterator[Finding]:
    if portal.authorities is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=portal.authorities)
    found = context.get_ca_certs()
    expiries = [expiry for expiry in map(expiry_of, found) if expiry is not None]
    told = f"{portal.ca_file}: {len(found)} {'authority is' if len(found) == 1 else 'authorities are'} trusted besides"
    told = f"{told} the system's"
    if expiries and min(expiries) <= now:
        yield warning(f"{told}, one only until {min(expiries):%Y-%m-%d}", "put the authority's new certificate there")
    else:
        yield ok(told)
