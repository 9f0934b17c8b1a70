"""Asks the authorisation server for tokens; whatever goes wrong is told without any secret.

Docs: settings/oauth/index.md, auto-renewal.md, error-codes.md. The server is asked by GET, with all in the address, so
no address is ever told, and no exception of aiohttp, which holds it, is the cause or the context of one of ours.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import aiohttp

from b24syncd import __version__
from b24syncd.errors import B24SyncError, CredentialsRefused, PortalBlocked, RetryLater
from b24syncd.observe.logs import hide

from .batch import parse_error, without
from .decoding import TooLarge, decode, received_from
from .replies import whole_number
from .route import DIRECT, Route
from .tokens import TokenPair
from .transport_faults import NotSent
from .unreachable import no_connection, no_secure_connection, refused_by_proxy

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS: Final = 20.0
_PATH: Final = "/oauth/token/"
_LOGIN: Final = "call `b24syncd auth login`"
_REFUSED: Final[Mapping[str, str]] = {
    "INVALID_GRANT": f"what it was given does not count any more; {_LOGIN}",
    "INVALID_CLIENT": "client id and secret do not belong together, or the application is not installed in this portal;"
    " compare them with its card",
    "WRONG_CLIENT": "it does not know the client id; compare it with the application's card",
    "INVALID_REQUEST": f"it does not understand what it was asked; {_LOGIN}",
    "INVALID_SCOPE": "the application wants more than its card permits; add it there",
    "INSUFFICIENT_SCOPE": "the application wants more than its card permits; add it there",
    "NOT_INSTALLED": f"the application is not installed any more; install it in the portal, then {_LOGIN}",
}


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """Where an application with this id and secret is given tokens; `url` has no slash at its end."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    route: Route = DIRECT

    async def exchange(self, code: str) -> TokenPair:
        """Return the pair for a code, which is spent by that; raise as `refresh` does."""
        return await self._ask("authorization_code", "code", code)

    async def refresh(self, token: str) -> TokenPair:
        """Return the pair that takes the place of the one with this refresh token.

        Raises `NotSent` where the server cannot be asked or its answer is lost, `CredentialsRefused` and
        `PortalBlocked` where it gives none.
        """
        return await self._ask("refresh_token", "refresh_token", token)

    async def _ask(self, grant: str, name: str, given: str) -> TokenPair:
        hide(given)
        known = {"client_id": self.client_id, "client_secret": self.client_secret}
        query = {"grant_type": grant, **known, name: given}
        host = urlsplit(self.url).netloc
        where = f"the authorisation server {self.url}"
        fault: B24SyncError
        try:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(ssl=self.route.trust()),
                    headers={"User-Agent": f"b24syncd/{__version__}"},
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=aiohttp.ClientTimeout(total=_SECONDS),
                ) as session,
                session.get(self.url + _PATH, params=query, allow_redirects=False, proxy=self.route.proxy) as response,
            ):
                status, received = response.status, await received_from(response.content)
        except TooLarge:
            fault = NotSent(f"{where} answers with far too much")
        except aiohttp.ClientSSLError as error:
            fault = no_secure_connection(error, where)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            fault = no_connection(error, host, where, self.route.proxy_shown)
        except aiohttp.ClientHttpProxyError as error:
            fault = refused_by_proxy(error.status, host, self.route.proxy_shown)
        except TimeoutError:
            fault = NotSent(f"{where} did not answer within {_SECONDS:g} s")
        except (aiohttp.ClientError, OSError) as error:
            fault = NotSent(f"the connection to {where} broke ({type(error).__name__})")
        else:
            return self._read(status, received, (self.client_secret, given, *self.route.secrets), where)
        # raised here, outside of the handlers, so that no exception of aiohttp hangs on to it
        raise NotSent(str(fault)) if isinstance(fault, RetryLater) else fault

    def _read(self, status: int, received: bytes | bytearray, secrets: tuple[str, ...], where: str) -> TokenPair:
        try:
            body = decode(received)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            message = f"{where} answered with no object in JSON (HTTP {status}); is portal.oauth.server right?"
            raise NotSent(message)
        if "error" in body or status != HTTPStatus.OK:
            for secret in secrets:
                body = without(secret, body)
            raise _refusal(status, *parse_error(body), where)
        texts = [body.get(name) for name in ("access_token", "refresh_token")]
        access, refresh = (text if isinstance(text, str) else "" for text in texts)
        if not access or not refresh:
            message = f"{where} answered without tokens"
            raise NotSent(message)
        hide(access, refresh)
        scope, endpoint = (body.get(name) for name in ("scope", "client_endpoint"))
        user: int | None = None
        with suppress(ValueError):
            user = whole_number(body.get("user_id"))
        return TokenPair(
            access,
            refresh,
            scope if isinstance(scope, str) else "",
            endpoint if isinstance(endpoint, str) else "",
            user,
        )


def _refusal(status: int, code: str, description: str, where: str) -> B24SyncError:
    name = code.upper()
    said = f"{code}: {description}" if description else code or f"HTTP {status}"
    if name == "PAYMENT_REQUIRED":
        return PortalBlocked(f"{where} gives no tokens before the application is paid for ({said})")
    if name in _REFUSED:
        return CredentialsRefused(f"{where} refuses the application ({said}): {_REFUSED[name]}")
    return NotSent(f"{where} answered HTTP {status} {said}")
