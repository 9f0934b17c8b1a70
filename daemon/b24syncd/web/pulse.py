"""`GET /v1/pulse`: how the loops of the daemon are."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from .pulse_messages import PULSE_PATH, ConditionTold, LoopTold, PulseTold, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from b24syncd.app.follow import Daemon
    from b24syncd.domain.conditions import Condition
    from b24syncd.engine.pulse import LoopState, Pulse
    from b24syncd.portal.pace.waits import Wait


def routes(daemon: Daemon) -> tuple[web.RouteDef, ...]:
    """Return what is asked of the loops."""
    return (web.get(PULSE_PATH, partial(_pulse, daemon)),)


async def _pulse(daemon: Daemon, _request: web.Request) -> web.Response:
    client = daemon.session.client
    now = told(
        daemon.pulse.now(),
        is_alive=daemon.is_alive,
        monotonic=client.clock.monotonic(),
        now=client.clock.now(),
        answered_at=client.signs.answered_at,
        conditions=daemon.conditions.standing,
    )
    return web.Response(text=now.model_dump_json(), content_type="application/json")


def told(  # noqa: PLR0913 # how everything is
    pulse: Pulse,
    *,
    is_alive: bool,
    monotonic: float,
    now: datetime,
    answered_at: float | None = None,
    conditions: Iterable[Condition] = (),
) -> PulseTold:
    """Return the pulse with times, by what both clocks show at this moment."""

    def time(instant: float) -> datetime:
        return now - timedelta(seconds=monotonic - instant)

    def maybe(instant: float | None) -> datetime | None:
        return None if instant is None else time(instant)

    def waiting(wait: Wait | None) -> Waiting | None:
        return None if wait is None else Waiting(what=wait.what, since=time(wait.since), until=maybe(wait.until))

    def loop(name: str, state: LoopState) -> LoopTold:
        return LoopTold(
            name=name,
            last_success=maybe(state.last_success),
            failures=state.failures,
            failing_since=maybe(state.failing_since),
            detail=state.detail,
            waiting=waiting(state.wait),
        )

    return PulseTold(
        at=now,
        is_alive=is_alive,
        last_sign=time(pulse.last_sign),
        waiting=waiting(pulse.waiting),
        loops=tuple(loop(name, state) for name, state in sorted(pulse.loops.items())),
        last_contact=maybe(answered_at),
        conditions=tuple(
            ConditionTold(kind=one.kind.value, about=one.about, since=one.since, detail=one.detail)
            for one in conditions
        ),
    )
