"""How a connection to the portal comes to be, without the webhook's secret: the version of TLS, and the certificate."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp

from b24syncd import __version__

from .transport_faults import NotSent
from .unreachable import no_connection, no_secure_connection, refused_by_proxy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.connector import Connection

    from b24syncd.errors import RetryLater

    from .route import Route

_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Handshake:
    """How a host was reached: over which version of TLS (None over none), until when its certificate is valid."""

    version: str | None = None
    valid_until: datetime | None = None
    issuer: str = ""


async def shake_hands(origin: str, route: Route) -> Handshake:
    """Connect to `https://HOST:PORT` as requests do, and ask for nothing that a portal counts.

    Raises `NotSent`, or `NotAPortal` where that will not pass by itself.
    """
    met: list[Handshake] = []

    class Seen(aiohttp.ClientResponse):
        async def start(self, connection: Connection) -> aiohttp.ClientResponse:
            transport = connection.transport
            met.append(_seen(None if transport is None else transport.get_extra_info("ssl_object")))
            return await super().start(connection)

    connector = aiohttp.TCPConnector(ssl=route.trust(), force_close=True)
    timeout = aiohttp.ClientTimeout(total=_SECONDS, sock_connect=_SECONDS)
    host, where = origin.partition("://")[2], origin
    if route.proxy:
        where += f" (through the proxy {route.proxy_shown})"
    fault: RetryLater | None = None
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        response_class=Seen,
        headers={"User-Agent": f"b24syncd/{__version__}"},
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        try:
            async with session.head(f"{origin}/", allow_redirects=False, proxy=route.proxy):
                pass
        except aiohttp.ClientSSLError as error:
            fault = no_secure_connection(error, where)
        except aiohttp.ClientHttpProxyError as error:
            fault = refused_by_proxy(error.status, host, route.proxy_shown)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            fault = no_connection(error, host, where, route.proxy_shown)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            fault = NotSent(f"{where} does not answer ({type(error).__name__})")
    if met:  # what is said then is another matter
        return met[-1]
    # raised here, outside of the handlers, so that no exception of aiohttp hangs on to it
    raise fault or NotSent(f"{where} does not answer")


def _seen(found: ssl.SSLObject | None) -> Handshake:
    if found is None:
        return Handshake()
    certificate: Mapping[str, Any] = found.getpeercert() or {}
    issuer = dict(pair for part in certificate.get("issuer", ()) for pair in part)
    name = issuer.get("organizationName") or issuer.get("commonName") or ""
    return Handshake(found.version(), expiry_of(certificate), str(name))


def expiry_of(certificate: Mapping[str, Any]) -> datetime | None:
    """Return until when a certificate is valid, as the `ssl` module tells one."""
    told = certificate.get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(told), UTC) if isinstance(told, str) else None
