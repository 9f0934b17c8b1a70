"""The pair of tokens of an application, kept in the state, sealed with a key that is not there."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.portal.wire.tokens import TokenPair
from b24syncd.store import meta
from b24syncd.store.database import open_for_writing
from b24syncd.store.reading import open_for_reading
from b24syncd.store.sealing import seal, unseal

from .errors import CredentialsRefused, RetryLater, StateLocked, StateUnusable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import sqlite_utils

    from b24syncd.portal.wire.credentials import Keep
    from b24syncd.store.database import Database

    from .clock import Clock

KEY: Final = "oauth_tokens"
"""Where they are among what belongs to the state as a whole."""

_LOGIN: Final = "call `b24syncd auth login`"
_PATIENCE_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Vault:
    """Opens and closes what is kept for one application of one portal."""

    host: str
    client_id: str
    key: str

    def close(self, pair: TokenPair) -> str:
        """Return the pair sealed."""
        told = {name: getattr(pair, name) for name in TokenPair.__slots__}
        return seal(json.dumps(told), self.key, self._about)

    def open(self, sealed: str | None) -> TokenPair:
        """Return the pair; raise `CredentialsRefused` where there is none that this key opens."""
        if sealed is None:
            message = f"nobody has authorised the application {self.client_id} yet; {_LOGIN}"
            raise CredentialsRefused(message)
        text = unseal(sealed, self.key, self._about)
        if text is None:
            message = (
                "the tokens in the state cannot be opened: they were kept with another key, or for another application "
                f"or portal; put back the key that portal.oauth.key_file held then, or {_LOGIN}"
            )
            raise CredentialsRefused(message)
        return TokenPair(**json.loads(text))

    @property
    def _about(self) -> str:
        return f"{self.host.lower()} {self.client_id}"


def keep(db: sqlite_utils.Database, sealed: str) -> None:
    """Keep a sealed pair instead of the one before."""
    meta.put(db, KEY, sealed)


def _replace(db: sqlite_utils.Database, before: str | None, after: str | None) -> None:
    """Keep a sealed pair in the place of another; what a login has put there meanwhile stays."""
    if after is not None and meta.get(db, KEY) == before:
        keep(db, after)


class StoredPairs:
    """The pair in a state that this process holds; all of one state share a lock."""

    def __init__(self, database: Database, vault: Vault, lock: asyncio.Lock) -> None:
        """Keep it in `database`."""
        self._database = database
        self._vault = vault
        self._lock = lock

    async def load(self) -> TokenPair:
        """Return the pair that is kept."""
        return self._vault.open(await self._database.read(lambda db: meta.get(db, KEY)))

    @asynccontextmanager
    async def renewing(self, used: TokenPair) -> AsyncIterator[tuple[TokenPair, Keep]]:
        """Give the pair that is kept now; nobody else in this process renews it meanwhile.

        Where nothing can be written, as on a full disk, that shows before the next pair is asked for.
        """
        async with self._lock:
            sealed = await self._database.read(lambda db: meta.get(db, KEY))
            kept = self._vault.open(sealed)
            if kept.access == used.access:
                await self._database.write(lambda db: _replace(db, sealed, sealed))

            async def keep_next(pair: TokenPair) -> None:
                following = self._vault.close(pair)
                await self._database.write(lambda db: _replace(db, sealed, following))

            yield kept, keep_next


class BorrowedPairs:
    """The pair in a state that this process only looks into; where nobody holds it, it is held to renew the pair.

    A token that is renewed and not kept would be lost for everybody, so this is the one thing that a process which
    only looks writes into the state.
    """

    def __init__(self, path: Path, vault: Vault, clock: Clock) -> None:
        """Look into the state at `path`."""
        self._path = path
        self._vault = vault
        self._clock = clock

    async def load(self) -> TokenPair:
        """Return the pair that is kept."""
        try:
            with open_for_reading(self._path) as db:
                sealed = meta.get(db, KEY)
        except StateUnusable as error:
            if self._path.exists():
                raise
            message = f"there are no tokens, as there is no state yet ({error}); {_LOGIN}"
            raise CredentialsRefused(message) from None
        return self._vault.open(sealed)

    @asynccontextmanager
    async def renewing(self, used: TokenPair) -> AsyncIterator[tuple[TokenPair, Keep]]:
        """Give the pair that is kept now; wait for whoever holds the state to renew it, who meets the same refusal."""
        given_up = self._clock.monotonic() + _PATIENCE_SECONDS
        async with AsyncExitStack() as stack:
            while (kept := await self.load()).access == used.access:
                try:
                    database = await stack.enter_async_context(open_for_writing(self._path))
                except StateLocked:
                    await self._wait(given_up)
                    continue
                async with StoredPairs(database, self._vault, asyncio.Lock()).renewing(used) as found:
                    yield found
                return
            yield kept, _nobody

    async def _wait(self, given_up: float) -> None:
        if self._clock.monotonic() > given_up:
            message = "the access token has expired, and the process that holds the state has not renewed it yet"
            raise RetryLater(message)
        await self._clock.sleep(1.0)


async def _nobody(pair: TokenPair) -> None:
    """Keep nothing: it is another's to keep."""


class HeldPairs:
    """A pair that is kept nowhere yet: of a portal that is being set up."""

    def __init__(self, pair: TokenPair) -> None:
        """Hold it."""
        self.pair = pair

    async def load(self) -> TokenPair:
        """Return it."""
        return self.pair

    @asynccontextmanager
    async def renewing(self, used: TokenPair) -> AsyncIterator[tuple[TokenPair, Keep]]:  # noqa: ARG002 # it is ours
        """Give it, and what takes the next one."""
        yield self.pair, self._keep

    async def _keep(self, pair: TokenPair) -> None:
        self.pair = pair
