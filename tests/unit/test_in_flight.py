"""Whose turn an item is: it is written by one at a time, and what is claimed is nobody else's."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import Snapshot
from b24syncd.engine.updates import Update
from b24syncd.engine.writing.in_flight import Claim, InFlight
from b24syncd.portal.wire.commands import Deferred, Refused

ONE, TWO, THREE = (EntityRef(EntityType.CONTACT, number) for number in (1, 2, 3))


async def test_a_claim_waits_for_what_is_being_written_and_for_other_claims() -> None:
    in_flight, order = InFlight(SYSTEM_CLOCK), list[str]()
    first, second = Claim(in_flight), Claim(in_flight)
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def claim(name: str, claim: Claim, *refs: EntityRef) -> None:
        async with claim.of(refs):
            order.append(name)
            has_begun.set()
            await may_end.wait()
            claim.note_open([TWO])

    async with asyncio.TaskGroup() as group:
        with in_flight.holding({ONE}):
            group.create_task(claim("first", first, ONE, TWO))
            await asyncio.sleep(0)
            group.create_task(claim("second", second, TWO, THREE))
            await asyncio.sleep(0)
            assert order == []
            assert in_flight.holds(TWO, None)  # nobody begins with it any more
            assert not in_flight.holds(THREE, None)
        await has_begun.wait()
        assert order == ["first"]
        assert in_flight.is_claimed(TWO, second)
        assert in_flight.may_touch(TWO, first)
        assert not in_flight.may_touch(TWO, None)
        may_end.set()
    assert order == ["first", "second"]
    assert in_flight.claimed == ()
    assert in_flight.left_open == {TWO}
    in_flight.leave_only([])
    assert not in_flight.left_open


async def test_a_claim_that_is_cut_off_may_have_left_all_of_it_open_but_not_what_it_never_had() -> None:
    in_flight = InFlight(SYSTEM_CLOCK)
    with suppress(RuntimeError):
        async with Claim(in_flight).of([ONE, TWO]):
            raise RuntimeError
    assert in_flight.left_open == {ONE, TWO}
    in_flight.close([ONE])
    assert in_flight.left_open == {TWO}
    with in_flight.holding({THREE}):
        waiting = asyncio.create_task(Claim(in_flight).of([THREE]).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        assert in_flight.left_open == {TWO}
        assert not in_flight.is_claimed(THREE, None)


def test_what_was_deferred_was_not_written_and_is_not_read_again_for_that() -> None:
    in_flight = InFlight(SYSTEM_CLOCK)
    in_flight.remember(60.0)
    updates = [Update(Snapshot(ref, datetime(2026, 3, 2, tzinfo=UTC), read_at=1.0), ()) for ref in (ONE, TWO)]
    in_flight.note_answered(updates, [Refused("CODE", "why"), Deferred(0.0)], 2.0)
    assert [in_flight.was_written_since(update) for update in updates] == [True, False]
    in_flight.note_answered(updates[:1], [Deferred(0.0)], 3.0)
    assert in_flight.was_written_since(updates[0])  # by what was refused before
