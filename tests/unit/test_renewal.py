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


class Slow(Scripted):
    """Where renewing, or the authorisation server, takes until it is let go."""

    def __init__(self, *, slow: str) -> None:
        super().__init__([], has_grace=False)
        self.slow, self.go, self.asked = slow, asyncio.Event(), 0

    async def refresh(self, token: str) -> TokenPair:
        self.asked += 1
        if self.slow == "server":
            await self.go.wait()
        return await super().refresh(token)

    @asynccontextmanager
    async def renewing(self, used: TokenPair) -> AsyncIterator[tuple[TokenPair, Keep]]:
        if self.slow == "others":
            await self.go.wait()
        async with super().renewing(used) as found:
            yield found

    async def begin(self) -> tuple[ByApplication, asyncio.Task[None]]:
        """Return a call that needs another token, as far as it gets."""
        credentials = ByApplication("https://acme/rest/", self, self, SYSTEM_CLOCK)
        await credentials.ready()
        self.applications.expire()
        credentials.expired(credentials.signed({}))
        task = asyncio.create_task(credentials.ready())
        await settle()
        return credentials, task


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_pair_on_its_way_is_kept_however_often_its_call_is_cancelled() -> None:
    portal = Slow(slow="server")
    before = portal.kept
    _, task = await portal.begin()
    for _ in range(3):
        task.cancel()
        await settle()
    portal.go.set()
    await asyncio.wait({task})
    assert task.cancelled()
    assert portal.kept != before


async def test_who_waits_for_another_process_to_renew_may_leave_at_once() -> None:
    portal = Slow(slow="others")
    _, task = await portal.begin()
    task.cancel()
    await settle()
    assert task.cancelled()
    assert not portal.asked


async def test_a_renewal_that_fails_is_tried_once_for_all_that_wait() -> None:
    portal = Slow(slow="server")
    portal.script = ["lost before"]
    credentials, first = await portal.begin()
    others = [asyncio.create_task(credentials.ready()) for _ in range(3)]
    await settle()
    portal.go.set()
    assert [type(one) for one in await asyncio.gather(first, *others, return_exceptions=True)] == [NotSent] * 4
    assert portal.asked == 1
    await credentials.ready()
    assert portal.asked == 2
