"""The local applications of a portal: what they were given to come in with, and how long it counts.

Sources: docs local-integrations/local-apps.md, settings/oauth/index.md (a code lives 30 seconds, an access token an
hour, a refresh token 180 days; an application may what its card lists), settings/oauth/auto-renewal.md (the new refresh
token takes the place of the old one). That a code is spent once is OAuth's own (RFC 6749, 4.1.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

CODE_SECONDS = 30
TOKEN_SECONDS = 3600
REFRESH_SECONDS = 180 * 86_400


@dataclass(frozen=True, slots=True)
class Application:
    """A local application: what identifies it, what its card lets it do, where its users are sent back to."""

    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    redirect_uri: str = "https://app.example/b24syncd/"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """In whose name an application may call, what, and until when."""

    client_id: str
    user_id: int
    scopes: tuple[str, ...]
    expires: float


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or a refresh token stands for: the application and the user who authorised it, and until when."""

    client_id: str
    user_id: int
    expires: float


@dataclass(frozen=True, slots=True)
class Pair:
    """What an application is given: an access token, and the refresh token that gets the next pair."""

    access: str
    refresh: str
    user_id: int
    scopes: tuple[str, ...]
    expires: float


class Applications:
    """The applications that are installed, by their client ids, and all that was given to them.

    An access token counts for `token_seconds`, a refresh token that was used for `grace_seconds` more; the
    documentation knows of no such grace.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin without any."""
        self._clock = clock
        self.token_seconds: float = TOKEN_SECONDS
        self.grace_seconds: float = 0.0
        self.installed: dict[str, Application] = {}
        self.tokens: dict[str, AccessToken] = {}
        self.unpaid = False
        self.unjudged = 0
        """How many calls come while the portal cannot ask the authorisation server about their token."""
        self.given: list[str] = []
        """Every code and token that was ever given to anybody."""
        self.refreshed = 0
        """How often a pair was given for a refresh token."""
        self._codes: dict[str, Grant] = {}
        self._refreshes: dict[str, Grant] = {}

    def install(self, application: Application) -> None:
        """Install an application."""
        self.installed[application.client_id] = application

    def uninstall(self, client_id: str) -> None:
        """Take an application away; nothing that it was given opens anything any more."""
        self.installed.pop(client_id, None)

    def expire(self, tokens: Collection[str] | None = None) -> None:
        """Let these access tokens be too old, or all."""
        now = self._clock()
        for token in tuple(self.tokens) if tokens is None else tokens:
            access = self.tokens[token]
            self.tokens[token] = AccessToken(access.client_id, access.user_id, access.scopes, min(access.expires, now))

    def revoke(self) -> None:
        """Let no refresh token count any more; an access token does to the end of its hour."""
        self._refreshes.clear()

    def issue(self, client_id: str, user_id: int) -> str:
        """Return a new access token of an application in the name of a user."""
        return self._pair(client_id, user_id).access

    def authorize(self, client_id: str, user_id: int) -> str:
        """Return a code for an application that a user has authorised."""
        code = self._secret("code")
        self._codes[code] = Grant(client_id, user_id, self._clock() + CODE_SECONDS)
        return code

    def spend(self, client_id: str, code: str) -> Pair | None:
        """Return a pair for a code, once; None where it is none of this application's, or not any more."""
        grant = self._codes.pop(code, None)
        return None if not self._counts(grant, client_id) else self._pair(client_id, grant.user_id)

    def refresh(self, client_id: str, token: str) -> Pair | None:
        """Return a pair that takes the place of the one with this refresh token; None where that does not count."""
        grant = self._refreshes.get(token)
        if not self._counts(grant, client_id):
            return None
        until = min(grant.expires, self._clock() + self.grace_seconds)
        self._refreshes[token] = Grant(client_id, grant.user_id, until)
        self.refreshed += 1
        return self._pair(client_id, grant.user_id)

    def _counts(self, grant: Grant | None, client_id: str) -> TypeGuard[Grant]:
        return grant is not None and grant.client_id == client_id and self._clock() < grant.expires

    def _pair(self, client_id: str, user_id: int) -> Pair:
        access, refresh = self._secret("access"), self._secret("refresh")
        scopes, now = self.installed[client_id].scopes, self._clock()
        expires = now + self.token_seconds
        self.tokens[access] = AccessToken(client_id, user_id, scopes, expires)
        self._refreshes[refresh] = Grant(client_id, user_id, now + REFRESH_SECONDS)
        return Pair(access, refresh, user_id, scopes, expires)

    def _secret(self, kind: str) -> str:
        """Return a text that was never given out; the same portal gives the same ones."""
        self.given.append(f"simulated{kind}{len(self.given):08d}")
        return self.given[-1]
