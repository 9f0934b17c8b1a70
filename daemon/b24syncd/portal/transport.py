"""One HTTP request to the portal and its JSON answer; everything that goes wrong on the way, without the secret.

aiohttp's own exceptions carry the whole address, so none of them is ever the cause or the context of one of ours.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
from typing import TYPE_CHECKING, Any, Protocol, Self

import aiohttp

from b24syncd import __version__
from b24syncd.errors import OutcomeUnknown, RetryLater

from .batch import parse_error, without
from .decoding import MOST_BYTES, TooLarge, decode, received_from

if TYPE_CHECKING:
    from types import TracebackType

    from .limits import Limits

_CONNECT_SECONDS = 15.0
_KEEPALIVE_SECONDS = 15.0
"""Shorter than servers keep idle connections, so that none is closed under a request that has just left."""

_OK = 200
_REDIRECTS = range(300, 400)
_TOO_MANY = 429
_SERVER_ERRORS = range(500, 600)


class Webhook(Protocol):
    """Where to call: `base_url` is secret and ends with a slash, `redacted` may be shown."""

    @property
    def base_url(self) -> str:
        """The address that method names are appended to."""
        ...

    @property
    def redacted(self) -> str:
        """The address without its secret."""
        ...


class NotSent(RetryLater):
    """The request certainly did not reach the REST API."""


class Blocked(NotSent):
    """The portal refused the request for the operating time of its method; the governor knows how long."""


class NotAPortal(RetryLater):
    """What answers at this address does not look like a Bitrix24 webhook; nothing was done."""


class NotOurs(OutcomeUnknown):
    """An answer that is none of the REST API's: from no portal, or from something between it and us."""


class Reply:
    """An answer in JSON: its status, its body, and code and description of its error where it is one."""

    __slots__ = ("body", "code", "description", "is_error", "status")

    def __init__(self, status: int, body: dict[str, Any], secret: str) -> None:
        """Take an answer apart; the secret is taken out of what may be shown."""
        self.status = status
        self.body = body = without(secret, body)
        self.code, self.description = parse_error(body)
        self.is_error = "error" in body or "result" not in body


class Transport:
    """Posts JSON to the methods of one webhook over one session."""

    def __init__(self, webhook: Webhook, limits: Limits) -> None:
        """Call `webhook`; the session opens with the `async with` block."""
        self._base_url = webhook.base_url
        self._redacted = webhook.redacted
        self._secret = webhook.base_url.rstrip("/").rpartition("/")[2]
        self._timeout = aiohttp.ClientTimeout(
            total=limits.request_timeout_seconds,
            sock_connect=min(_CONNECT_SECONDS, limits.request_timeout_seconds / 2),
        )
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_SECONDS)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
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

    async def post(self, method: str, params: object) -> Reply:
        """Call a method; raise `NotSent`, `NotAPortal`, or `OutcomeUnknown` when there is no answer in JSON."""
        if self._session is None:
            message = "the portal's client is not open"
            raise RuntimeError(message)
        content = json.dumps(params, ensure_ascii=False, separators=(",", ":")).encode()
        fault: RetryLater | OutcomeUnknown
        try:
            async with self._session.post(self._base_url + method, data=content, allow_redirects=False) as response:
                status, location = response.status, response.headers.get("Location", "")
                received = await received_from(response.content)
        except TooLarge:
            fault = OutcomeUnknown(f"the portal's answer is larger than {MOST_BYTES // 2**20} MiB")
        except aiohttp.ClientSSLError as error:
            fault = NotAPortal(f"no secure connection to {self._redacted}: {_reason(error)}")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            fault = NotSent(f"{self._redacted} cannot be reached: {_reason(error)}")
        except TimeoutError:
            fault = OutcomeUnknown(f"the portal did not answer within {self._timeout.total:g} s")
        except aiohttp.ClientResponseError:
            fault = NotOurs(f"{self._redacted} answered with something that is not HTTP; is this a Bitrix24 webhook?")
        except (aiohttp.ClientError, OSError) as error:
            fault = OutcomeUnknown(f"the connection to the portal broke ({type(error).__name__})")
        else:
            return self._read(status, location, received)
        # raised here, outside of the handlers, so that no exception of aiohttp hangs on to it
        raise fault

    def _read(self, status: int, location: str, received: bytes) -> Reply:
        try:
            body = decode(received)
        except ValueError:
            body = None
        if isinstance(body, dict) and status not in _REDIRECTS:
            return Reply(status, body, self._secret)
        raise self._no_answer(status, location, is_page=received.lstrip()[:1] == b"<")

    def _no_answer(self, status: int, location: str, *, is_page: bool) -> RetryLater | OutcomeUnknown:
        what = "an HTML page" if is_page else "something that is no object in JSON"
        if status == _TOO_MANY:
            return NotSent(f"the portal answered HTTP {status}: too many requests")
        if status in _REDIRECTS:
            host = location.partition("://")[2].partition("/")[0].rpartition("@")[2]
            to = f" to {host}" if host else ""
            return NotAPortal(f"{self._redacted} redirects{to} (HTTP {status}); is this a Bitrix24 webhook?")
        text = f"{self._redacted} answered with {what} (HTTP {status}); is this a Bitrix24 webhook?"
        if status == _OK:
            return NotOurs(text)
        return OutcomeUnknown(text) if status in _SERVER_ERRORS else NotAPortal(text)


def _reason(error: Exception) -> str:
    """Return why a connection failed, in words that hold no address."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    match cause:
        case ssl.SSLCertVerificationError():
            return cause.verify_message
        case ssl.SSLError():
            return (cause.reason or "TLS failed").replace("_", " ").lower()
        case socket.gaierror():
            return cause.strerror or "the name is unknown"
        case OSError(errno=int(number)):
            return os.strerror(number)
        case TimeoutError():
            return "no answer to the attempt to connect"
        case _:
            return type(cause).__name__
