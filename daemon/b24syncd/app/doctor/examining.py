"""The examination from its beginning to its end: no check hides another, and none goes on for ever."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.errors import B24SyncError, ExitCode, OutcomeUnknown, PortalBlocked, RetryLater
from b24syncd.observe.redaction import brief
from b24syncd.portal.pace.waits import WaitCause
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.reports.doctor import Check, Examination, Finding, failure, of_error, skipped

from . import access, configuration, dates, events, limits, network, notices, region, rights, rules, state
from .case import Case, Look, Need

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from b24syncd.clock import Clock
    from b24syncd.errors import Problem
    from b24syncd.settings import Settings

    Tell = Callable[[Check], None]
    """Takes in each finding as it comes."""

LOOKS: Final = (
    Look("configuration", Need.NOTHING, configuration.settings),
    Look("secrets", Need.NOTHING, configuration.secrets),
    Look("dns", Need.SETTINGS, network.names),
    Look("proxy", Need.SETTINGS, network.proxy),
    Look("tls", Need.CONNECTION, network.tls),
    Look("authentication", Need.CONNECTION, access.authentication),
    Look("rights", Need.JOBS, rights.rights),
    Look("rules", Need.JOBS, rules.rules),
    Look("plan", Need.JOBS, rights.plan),
    Look("clock", Need.TIME, access.clock),
    Look("dates", Need.JOBS, dates.dates),
    Look("events", Need.JOBS, events.events),
    Look("region", Need.JOBS, region.region),
    Look("notices", Need.JOBS, notices.notices),
    Look("limits", Need.SETTINGS, limits.limits),
    Look("address", Need.SETTINGS, limits.address),
    Look("database", Need.SETTINGS, state.database),
    Look("disk", Need.SETTINGS, state.disk),
    Look("service", Need.SETTINGS, state.service),
)
"""All checks in their order."""

LONGEST_SECONDS: Final = 60.0
"""So long a check may take; a portal in trouble is asked again and again for longer."""

_OUR_LIMITS = frozenset({WaitCause.REQUEST_LIMIT, WaitCause.OPERATING_TIME})


async def examine(  # noqa: PLR0913 # what is examined, by name
    settings: Settings | None,
    problems: tuple[Problem, ...],
    environ: Mapping[str, str],
    tell: Tell,
    *,
    clock: Clock = SYSTEM_CLOCK,
    looks: tuple[Look, ...] = LOOKS,
) -> Examination:
    """Look at everything, and `tell` each finding as it comes; a signal ends it with what was found so far.

    Reads only: nothing is written to the portal or the state, and no lock is taken. Where the configuration has
    `problems`, the settings may be those of the connection alone.
    """
    checks: list[Check] = []

    def take(check: Check) -> None:
        checks.append(check)
        tell(check)

    async def look_at_all() -> None:
        async with AsyncExitStack() as stack:
            case = Case(environ, clock, stack, problems, settings)
            for look in looks:
                await _look(look, case, take)

    with stop_on_signals() as stop:
        finished = await run_until_stopped(look_at_all(), stop, lambda: None, grace_seconds=0.0)
    return Examination.of(checks, interrupted=not finished)


async def _look(look: Look, case: Case, take: Tell) -> None:
    """Make one check, as far as it can be made."""
    why = case.lacks(look.need)
    if why:
        take(Check(look.name, skipped(why)))
        return
    task = asyncio.create_task(_findings(look, case, take))
    try:
        await asyncio.wait({task}, timeout=LONGEST_SECONDS)
        if not task.done():
            take(Check(look.name, _endless(case)))
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _findings(look: Look, case: Case, take: Tell) -> None:
    try:
        async for finding in look.findings(case):
            take(Check(look.name, finding))
    except B24SyncError as error:
        if _is_of_the_portal(error) and look.need is Need.JOBS:
            case.unreachable = case.unreachable or "the portal does not answer any more"
        take(Check(look.name, of_error(error)))
    except Exception as error:  # noqa: BLE001 # whatever it is, the other checks are made
        cure = "set B24SYNCD_LOG__LEVEL=debug to see where it came from, and report it"
        take(Check(look.name, failure(f"unexpected failure: {brief(error)}", cure, ExitCode.UNEXPECTED)))


def _is_of_the_portal(error: B24SyncError) -> bool:
    """Tell whether nothing more is to be had of the portal; an odd answer to one question says nothing of others."""
    return isinstance(error, RetryLater | OutcomeUnknown | PortalBlocked) and not isinstance(error, UnexpectedReply)


def _endless(case: Case) -> Finding:
    """Return what to tell of a check that takes too long: where it is for our own limits, nothing is wrong."""
    wait = None if case.asked is None else case.asked.waits.latest
    told = f"{LONGEST_SECONDS:g} s were not enough; it waits for {'an answer' if wait is None else wait.what}"
    if wait is not None and wait.cause in _OUR_LIMITS:
        return skipped(told)
    case.unreachable = case.unreachable or "the portal does not answer any more"
    return failure(told, "look at the portal, and try again later", ExitCode.UNAVAILABLE)
