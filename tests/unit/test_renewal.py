"""Renewing a token, whatever happens meanwhile: once for all that wait, kept before it is used."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.errors import CredentialsRefused
from b24syncd.portal.wire.credentials import ByApplication
from b24syncd.portal.wire.tokens import TokenPair
from b24syncd.portal.wire.transport_faults import NotSent
from b24syncd.simulator.tables.applications import Application, Applications

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.portal.wire.credentials import Keep

CLIENT = "local.1"
GOES_WELL = "well"
EVENTS = st.sampled_from([GOES_WELL, "lost before", "lost after", "dies before keeping", "dies after keeping"])


class Died(BaseException):
    """The process is gone."""


class Scripted:
    """A portal, its authorisation server, and the disk of whoever calls it; what happens at renewals is scripted."""

    def __init__(self, script: list[str], *, has_grace: bool) -> None:
        self.applications = Applications(lambda: 0.0)
        self.applications.install(Application(CLIENT, "s", ("crm",)))
        self.applications.grace_seconds = 10.0 if has_grace else 0.0
        self.script = script
        first = self.applications.spend(CLIENT, self.applications.authorize(CLIENT, 1))
        assert first is not None
        self.kept = TokenPair(first.access, first.refresh)
        self.ever_kept = {first.access}
        self.is_lost = False
        """Whether a pair was given and not kept, and the one before does not count any more."""

    async def refresh(self, token: str) -> TokenPair:
        self.event = self.script.pop(0) if self.script else GOES_WELL
        await asyncio.sleep(0)
        if self.event == "lost before":
            raise NotSent(self.event)
        given = self.applications.refresh(CLIENT, token)
        await asyncio.sleep(0)
        if given is None:
            message = "invalid_grant"
            raise CredentialsRefused(message)
        if self.event == "lost after":
            self.is_lost = not self.applications.grace_seconds
            raise NotSent(self.event)
        return TokenPair(given.access, given.refresh)

    async def load(self) -> TokenPair:
        await asyncio.sleep(0)
        return self.kept

    @asynccontextmanager
    async def renewing(self, used: TokenPair) -> AsyncIterator[tuple[TokenPair, Keep]]:
        assert used.access == self.kept.access
        yield self.kept, self.keep

    async def keep(self, pair: TokenPair) -> None:
        await asyncio.sleep(0)
        if self.event == "dies before keeping":
            self.is_lost = not self.applications.grace_seconds
            raise Died
        self.kept = pair
        self.ever_kept.add(pair.access)
        if self.event == "dies after keeping":
            raise Died

    async def call(self, credentials: ByApplication) -> None:
        """Call as the transport does, until the portal lets the call in."""
        while True:
            try:
                await credentials.ready()
            except NotSent:
                continue
            call = credentials.signed({})
            assert call["auth"] in self.ever_kept  # kept before it is used
            await asyncio.sleep(0)
            if self.applications.tokens[str(call["auth"])].expires > 0:
                credentials.accepted(call)
                return
            credentials.expired(call)


@given(script=st.lists(EVENTS, max_size=6), calls=st.integers(1, 5), has_grace=st.booleans())
@settings(max_examples=60)
def test_calls_go_through_with_one_renewal_or_a_person_is_asked_where_a_pair_was_lost(
    script: list[str], calls: int, *, has_grace: bool
) -> None:
    troubles = [event for event in script if event != GOES_WELL]
    portal = Scripted(list(script), has_grace=has_grace)

    async def live() -> None:
        credentials = ByApplication("https://acme/rest/", portal, portal, SYSTEM_CLOCK)
        await portal.call(credentials)
        portal.applications.expire()
        before = portal.applications.refreshed
        await asyncio.gather(*(portal.call(credentials) for _ in range(calls)))
        if not troubles:
            assert portal.applications.refreshed == before + 1

    for _ in range(len(script) + 1):
        try:
            asyncio.run(live())
        except Died:
            continue
        except CredentialsRefused:
            assert portal.is_lost
            return
        assert portal.applications.tokens[portal.kept.access].expires > 0
        return
