"""Several errors at once come out of a group of tasks as one: the one that decides what is to be done."""

from __future__ import annotations

import asyncio
from itertools import permutations

import pytest

from b24syncd.errors import (
    B24SyncError,
    CredentialsRefused,
    OutcomeUnknown,
    PortalBlocked,
    Rejected,
    RetryLater,
    SafetyStop,
    StateUnavailable,
    gravest,
)
from b24syncd.task_group import Tasks

ERRORS: list[Exception] = [
    ValueError("a mistake of ours"),
    StateUnavailable("the disk is full"),
    CredentialsRefused("no right"),
    PortalBlocked("unpaid"),
    SafetyStop("too many"),
    B24SyncError("another one"),
    OutcomeUnknown("no answer"),
    RetryLater("not now"),
    Rejected("FIELD_GONE", "no field"),
]


@pytest.mark.parametrize("number", range(len(ERRORS) - 1))
def test_of_several_the_gravest_decides_in_whatever_order_and_depth_they_come(number: int) -> None:
    for first, second in permutations(ERRORS[number : number + 2]):
        group = ExceptionGroup("outer", [ExceptionGroup("inner", [first]), second])
        assert gravest(group) is ERRORS[number]


async def fail(error: Exception) -> None:
    await asyncio.sleep(0)
    raise error


@pytest.mark.parametrize("inner", ERRORS, ids=lambda error: type(error).__name__)
async def test_tasks_end_in_one_error_and_leave_none_of_them_running(inner: Exception) -> None:
    running: list[asyncio.Task[bool]] = []

    async def work() -> None:
        async with Tasks() as outer:
            running.append(outer.create_task(asyncio.Event().wait()))
            async with Tasks() as tasks:
                tasks.create_task(fail(Rejected("FIELD_GONE", "no field")))
                tasks.create_task(fail(inner))

    with pytest.raises(type(inner)) as raised:
        await work()
    assert raised.value is inner or isinstance(inner, Rejected)
    assert running[0].cancelled()


async def test_what_fails_in_the_block_itself_comes_out_as_it_is() -> None:
    error = RetryLater("not now")

    async def work() -> None:
        async with Tasks() as tasks:
            tasks.create_task(asyncio.Event().wait())
            raise error

    with pytest.raises(RetryLater) as raised:
        await work()
    assert raised.value is error


async def test_a_cancelled_block_stays_cancelled() -> None:
    async def wait() -> None:
        async with Tasks() as tasks:
            tasks.create_task(asyncio.Event().wait())

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
