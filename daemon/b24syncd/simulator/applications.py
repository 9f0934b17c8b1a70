"""The local applications of a portal, and the access tokens that they were given.

Sources: docs local-integrations/local-apps.md, settings/oauth/index.md (a token lives an hour, and opens what the
application's card lists).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Application:
    """A local application: what identifies it, what its card lets it do, where its users are sent back to."""

    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    redirect_uri: str = "https://app.example/b24syncd"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """In whose name an application may call, what, and until when."""

    client_id: str
    user_id: int
    scopes: tuple[str, ...]
    expires: float


class Applications:
    """The applications that are installed, by their client ids, and the tokens that are known."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin without any."""
        self._clock = clock
        self._last = 0
        self.installed: dict[str, Application] = {}
        self.tokens: dict[str, AccessToken] = {}

    def install(self, application: Application) -> None:
        """Install an application."""
        self.installed[application.client_id] = application

    def uninstall(self, client_id: str) -> None:
        """Take an application away; its tokens open nothing any more."""
        self.installed.pop(client_id, None)

    def issue(self, client_id: str, user_id: int, *, seconds: float = TOKEN_SECONDS) -> str:
        """Return a new access token of an application in the name of a user."""
        token = self.new_secret("access")
        scopes = self.installed[client_id].scopes
        self.tokens[token] = AccessToken(client_id, user_id, scopes, self._clock() + seconds)
        return token

    def new_secret(self, kind: str) -> str:
        """Return a text that was never given out; the same portal gives the same ones."""
        self._last += 1
        return f"simulated{kind}{self._last:08d}"
