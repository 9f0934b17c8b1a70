"""What lets the program in: a webhook, which is in the address of every call, or an application with its tokens.

Docs: local-integrations/local-webhooks.md; settings/oauth/auto-renewal.md: an application calls with the access token
that it has until the portal answers `expired_token`, then gets another pair, keeps it, and calls again. The portal
judges a token once for a whole request, before any command of it (php: modules/rest/classes/general/rest.php
`checkAuth`, lib/oauth/auth.php `onRestCheckAuth`), so nothing of such a request was carried out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, Literal, Protocol

from b24syncd.errors import CredentialsRefused, PortalBlocked, RetryLater
from b24syncd.observe.logs import get_logger, hide

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from b24syncd.clock import Clock

    from .tokens import TokenPair

    Keep = Callable[[TokenPair], Awaitable[None]]

_TOO_SOON_SECONDS: Final = 60.0
_MOST_REFUSED_NEW: Final = 3
"""So many in a row does the portal refuse within that time after they were given: one may have been taken back."""
_TOKENS_KEPT_SECRET: Final = 16

log = get_logger()


Called = Literal["webhook", "application"]


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


class Credentials(Protocol):
    """How calls are made that the portal lets in, and what becomes of a token that is too old."""

    base_url: str
    """What method names are appended to; it may be secret."""
    redacted: str
    """The same, fit for logs and errors."""
    called: Called
    """What it is called in sentences."""
    cure: str
    """What to do where no portal answers."""
    renews: bool
    """Whether there is another token after one that is too old."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no answer of the portal is to show."""
        ...

    async def ready(self) -> None:
        """Have something to sign with that is not known to be too old.

        Raises `NotSent` where that cannot be had now, `CredentialsRefused` where not without a person.
        """
        ...

    def signed(self, params: Mapping[str, object]) -> Mapping[str, object]:
        """Return the parameters of a call with what tells who calls."""
        ...

    def accepted(self, params: Mapping[str, object]) -> None:
        """Take in that the portal let a signed call in."""
        ...

    def expired(self, params: Mapping[str, object]) -> None:
        """Take in that the portal refused a signed call for its age; raise where nothing younger can be had."""
        ...


class ByWebhook:
    """A webhook, which is in the address and never too old."""

    called: Called = "webhook"
    renews = False
    cure = "is this a Bitrix24 webhook? copy its address anew from the portal"

    def __init__(self, webhook: Webhook) -> None:
        """Call by this webhook."""
        self.base_url = webhook.base_url
        self.redacted = webhook.redacted
        self._secret = webhook.base_url.rstrip("/").rpartition("/")[2]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Its secret."""
        return (self._secret,)

    async def ready(self) -> None:
        """Do nothing."""

    def signed(self, params: Mapping[str, object]) -> Mapping[str, object]:
        """Return the parameters as they are."""
        return params

    def accepted(self, params: Mapping[str, object]) -> None:
        """Do nothing."""

    def expired(self, params: Mapping[str, object]) -> None:  # noqa: ARG002 # nothing was added to them
        """Raise: no webhook can be renewed."""
        message = "the portal says that a token has expired, where a webhook has none; check the webhook's address"
        raise CredentialsRefused(message)


class Renews(Protocol):
    """Who gives the next pair."""

    async def refresh(self, token: str) -> TokenPair:
        """Return the pair that takes the place of the one with this refresh token; raise where there is none."""
        ...


class Pairs(Protocol):
    """Where the pair of tokens is kept."""

    async def load(self) -> TokenPair:
        """Return the pair that is kept; raise `CredentialsRefused` where there is none that can be read."""
        ...

    def renewing(self, used: TokenPair) -> AbstractAsyncContextManager[tuple[TokenPair, Keep]]:
        """Give the pair that is kept now, which may be another than the one in use, and what keeps the next one.

        Nobody else renews it meanwhile; what is kept is durable when that returns.
        """
        ...


class ByApplication:
    """An application with its tokens: called with the access token until that is refused, then renewed once for all."""

    called: Called = "application"
    renews = True
    cure = "is portal.oauth.address the address of a Bitrix24 portal?"

    def __init__(self, redacted: str, server: Renews, pairs: Pairs, clock: Clock) -> None:
        """Call methods at this address, with the pair of `pairs`, renewed by `server`."""
        self.base_url = self.redacted = redacted
        self._server = server
        self._pairs = pairs
        self._clock = clock
        self._renewing = asyncio.Lock()
        self._failed: RetryLater | CredentialsRefused | PortalBlocked | None = None
        self._failures = 0
        """Why it was not renewed last, and how often it was not: who waited meanwhile does not ask once more."""
        self._pair: TokenPair | None = None
        self._taken: deque[str] = deque(maxlen=_TOKENS_KEPT_SECRET)
        self._expired = ""
        """The access token that the portal refused last."""
        self._new_since: float | None = None
        """When the pair in use was given, until the portal has let it in."""
        self._refused_new = 0
        """How many pairs in a row it did not let in at all."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The tokens in use, and the last ones before them: an answer may have been on its way for long."""
        return tuple(self._taken)

    async def ready(self) -> None:
        """Load the pair, or renew it where the portal has refused it for its age."""
        if self._pair is not None and self._pair.access != self._expired:
            return
        failures = self._failures
        async with self._renewing:
            if self._pair is None:
                self._take(await self._pairs.load())
            if self._pair is None or self._pair.access != self._expired:
                return
            if self._failed is not None and self._failures > failures:
                raise type(self._failed)(str(self._failed))
            try:
                await self._renew(self._pair)
            except (RetryLater, CredentialsRefused, PortalBlocked) as fault:
                self._failed, self._failures = type(fault)(str(fault)), self._failures + 1
                raise

    async def _renew(self, used: TokenPair) -> None:
        async with self._pairs.renewing(used) as (kept, keep):
            if kept.access != used.access:  # somebody logged in, or renewed it
                self._take(kept)
                return
            await _to_its_end(self._exchange(kept, keep))

    async def _exchange(self, kept: TokenPair, keep: Keep) -> None:
        given = await self._server.refresh(kept.refresh)
        hide(given.access, given.refresh)
        await keep(given)  # before it is used: what was used and is not kept would be lost with this process
        self._take(given)
        self._new_since = self._clock.monotonic()
        log.info("token_renewed")

    def _take(self, pair: TokenPair) -> None:
        hide(pair.access, pair.refresh)
        self._taken.extend((pair.access, pair.refresh))
        self._pair = pair
        self._new_since = None

    def signed(self, params: Mapping[str, object]) -> Mapping[str, object]:
        """Return the parameters with the access token."""
        if self._pair is None:
            message = "a call was signed before there was a token"
            raise RuntimeError(message)
        return {**params, "auth": self._pair.access}

    def accepted(self, params: Mapping[str, object]) -> None:
        """Take in that the portal lets the token in."""
        if self._is_current(params):
            self._new_since, self._refused_new = None, 0

    def expired(self, params: Mapping[str, object]) -> None:
        """Let it be renewed before the next call; raise where several in a row were refused that were new."""
        if not self._is_current(params) or params["auth"] == self._expired:
            return  # a later one is in use by now, or another call has told so
        new_since = self._new_since
        is_new = new_since is not None and self._clock.monotonic() - new_since < _TOO_SOON_SECONDS
        self._refused_new = self._refused_new + 1 if is_new else 0
        if self._refused_new >= _MOST_REFUSED_NEW:
            message = (
                "the portal calls access tokens expired, or unknown, that the authorisation server has just given; "
                "are the portal's clock and zone right, and is portal.oauth.address this portal's?"
            )
            raise CredentialsRefused(message)
        self._expired = str(params["auth"])

    def _is_current(self, params: Mapping[str, object]) -> bool:
        return self._pair is not None and params.get("auth") == self._pair.access


async def _to_its_end(work: Awaitable[None]) -> None:
    """Await something that has to come to its end even where whoever waits is cancelled, however often."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        task.result()
        return
    if not task.cancelled():
        task.exception()  # it is of no interest any more, and asyncio would tell of one that nobody looked at
    raise cancelled


def credentials_of(given: Webhook | ByApplication) -> Credentials:
    """Return how to call by what the portal lets in."""
    return given if isinstance(given, ByApplication) else ByWebhook(given)
