"""One HTTP request to the portal and its JSON answer; everything that goes wrong on the way, without the secret.

aiohttp's own exceptions carry the whole address, so none of them is ever the cause or the context of one of ours.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp

from b24syncd import __version__
from b24syncd.errors import OutcomeUnknown

from .batch import parse_error, without
from .decoding import MOST_BYTES, TooLarge, decode, received_from
from .faults import is_expired, is_unjudged, is_unknown_token
from .route import DIRECT
from .transport_faults import NotAPortal, NotOurs, NotSent, TokenExpired, TooFast
from .unreachable import no_connection, no_secure_connection, refused_by_proxy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from b24syncd.errors import RetryLater

    from .credentials import Credentials
    from .route import Route

_CONNECT_SECONDS = 15.0
_KEEPALIVE_SECONDS = 15.0
"""Shorter than servers keep idle connections, so that none is closed under a request that has just left."""

_REDIRECTS = range(300, 400)
_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_SERVER_ERRORS = range(500, 600)


_HOST = re.compile(r"[\w.:-]{1,253}")


class Reply:
    """An answer in JSON: its status, its body, and code and description of its error where it is one.

    `call` are the parameters that it answers, with what told who calls; it `took` so many seconds, where that is known.
    """

    __slots__ = ("body", "call", "code", "description", "is_error", "status", "took")

    def __init__(self, status: int, body: dict[str, Any], secrets: Iterable[str], call: Mapping[str, object]) -> None:
        """Take an answer apart; the secrets are taken out of what may be shown."""
        for secret in secrets:
            body = without(secret, body)
        self.status, self.body, self.call = status, body, call
        self.took: float | None = None
        self.code, self.description = parse_error(body)
        self.is_error = "error" in body or "result" not in body


class Transport:
    """Posts JSON to the methods of one portal over one session."""

    def __init__(self, credentials: Credentials, timeout_seconds: float, route: Route = DIRECT) -> None:
        """Call by this route, each call with this time-out; the session opens with the `async with` block."""
        self._credentials = credentials
        self._base_url = credentials.base_url
        self._host = urlsplit(credentials.base_url).netloc
        self._route = route
        self._where = credentials.redacted + (f" (through the proxy {route.proxy_shown})" if route.proxy else "")
        self.wait_for(timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    def wait_for(self, seconds: float) -> None:
        """Let the calls from now on have this time-out."""
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(_CONNECT_SECONDS, seconds / 2))

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_SECONDS, ssl=self._route.trust())
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"Content-Type": "application/json", "User-Agent": f"b24syncd/{__version__}"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, method: str, params: Mapping[str, object]) -> Reply:
        """Call a method; raise `NotSent`, `NotAPortal`, or `OutcomeUnknown` when there is no answer in JSON.

        Raises `TokenExpired` where it was refused for the age of its token, which is renewed before the next call.
        """
        if self._session is None:
            message = "the portal's client is not open"
            raise RuntimeError(message)
        call = self._credentials.signed(params)
        content = json.dumps(call, ensure_ascii=False, separators=(",", ":")).encode()
        fault: RetryLater | OutcomeUnknown
        try:
            async with self._session.post(
                self._base_url + method,
                data=content,
                allow_redirects=False,
                proxy=self._route.proxy,
                timeout=self._timeout,
            ) as response:
                status, location = response.status, response.headers.get("Location", "")
                received = await received_from(response.content)
        except TooLarge:
            fault = OutcomeUnknown(f"the portal's answer is larger than {MOST_BYTES // 2**20} MiB")
        except aiohttp.ClientSSLError as error:
            fault = no_secure_connection(error, self._where)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            fault = no_connection(error, self._host, self._where, self._route.proxy_shown)
        except TimeoutError:
            fault = OutcomeUnknown(f"the portal did not answer within {self._timeout.total:g} s")
        except aiohttp.ClientHttpProxyError as error:
            fault = refused_by_proxy(error.status, self._host, self._route.proxy_shown)
        except aiohttp.ClientResponseError:
            fault = NotOurs(f"{self._where} answered with something that is not HTTP; {self._credentials.cure}")
        except (aiohttp.ClientError, OSError) as error:
            fault = OutcomeUnknown(f"the connection to the portal broke ({type(error).__name__})")
        else:
            return self._let_in(self._read(status, location, received, call))
        # raised here, outside of the handlers, so that no exception of aiohttp hangs on to it
        raise fault

    def _let_in(self, reply: Reply) -> Reply:
        if is_expired(reply.code) or (self._credentials.renews and is_unknown_token(reply.code)):
            self._credentials.expired(reply.call)
            message = "the portal does not take the access token any more; it is renewed"
            raise TokenExpired(message)
        if is_unjudged(reply.code):
            message = f"the portal cannot ask the authorisation server about our token ({reply.description})"
            raise NotSent(message)
        if not reply.is_error:
            self._credentials.accepted(reply.call)
        return reply

    def _read(self, status: int, location: str, received: bytes | bytearray, call: Mapping[str, object]) -> Reply:
        try:
            body = decode(received)
        except ValueError:
            body = None
        if isinstance(body, dict) and status not in _REDIRECTS:
            return Reply(status, body, (*self._credentials.secrets, *self._route.secrets), call)
        raise self._no_answer(status, location, is_page=received.lstrip()[:1] == b"<")

    def _no_answer(self, status: int, location: str, *, is_page: bool) -> RetryLater | OutcomeUnknown:
        what = "an HTML page" if is_page else "something that is no object in JSON"
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return TooFast(f"the portal answered HTTP {status}: too many requests")
        if status in _REDIRECTS:
            return self._redirected(status, location)
        told = f"{self._where} answered with {what} (HTTP {status})"
        if status in _SERVER_ERRORS:  # which says nothing against the address
            return OutcomeUnknown(told)
        text = f"{told}; {self._credentials.cure}"
        return NotOurs(text) if status == HTTPStatus.OK else NotAPortal(text, is_refusal=status in _REFUSALS)

    def _redirected(self, status: int, location: str) -> NotAPortal:
        """Return what to raise for a redirect, which is never followed: it would carry the secret elsewhere."""
        scheme, host = _target(self._base_url, location)
        if host and host != self._host.lower():
            text = (
                f"{self._where} redirects to {host} (HTTP {status}); if the portal was renamed, write {host} in place "
                f"of {self._host} into the {self._credentials.called}'s address and call "
                f"`b24syncd state rename {self._host}`; otherwise: {self._credentials.cure.partition('?')[0]}?"
            )
            return NotAPortal(text, has_moved=True)
        if not host:
            to = ""
        elif scheme == "http" and self._base_url.startswith("https:"):
            to = " to http://, where the secret would travel unencrypted"
        else:
            to = " to another path of this host"
        return NotAPortal(f"{self._where} redirects{to} (HTTP {status}); {self._credentials.cure}")


def _target(base_url: str, location: str) -> tuple[str, str]:
    """Return the scheme and the host of a redirect, with its port, and nothing else of it; empty where it has none."""
    if not location:
        return "", ""
    try:
        url = urlsplit(urljoin(base_url, location))
        host, port = url.hostname or "", url.port
    except ValueError:
        return "", ""
    if not _HOST.fullmatch(host):
        return url.scheme, ""
    named = f"[{host}]" if ":" in host else host
    return url.scheme, named if port is None else f"{named}:{port}"
