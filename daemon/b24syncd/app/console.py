"""The console where no daemon follows the portal: commands are carried out, and nothing is watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.engine.conditions import Conditions
from b24syncd.engine.lifecycle import run_until_stopped, stop_on_signals
from b24syncd.engine.pulse import PulseRecorder
from b24syncd.observe.logs import get_logger
from b24syncd.session import holding
from b24syncd.task_group import Tasks

from .command_queue import CommandQueue
from .follow import Daemon
from .runs import GRACE_SECONDS

if TYPE_CHECKING:
    import asyncio

    from b24syncd.clock import Clock
    from b24syncd.settings import Settings

    from .follow import Serving

log = get_logger()


async def serve_console(settings: Settings, *, serving: Serving, clock: Clock = SYSTEM_CLOCK) -> None:
    """Hold the state and carry out what is asked for until SIGTERM or SIGINT; nothing is followed."""
    async with holding(settings, clock) as session:
        with stop_on_signals() as stop:
            pulse = PulseRecorder(session.client.clock, session.client.waits)
            conditions = Conditions(session.database, session.client.clock, lambda _: False)
            commands = CommandQueue(session, stop, pulse)
            async with serving(Daemon(session, commands, pulse, conditions, ())):
                log.info("console_alone")
                work = _carry_out(commands, stop)
                await run_until_stopped(work, stop, lambda: None, grace_seconds=GRACE_SECONDS)


async def _carry_out(commands: CommandQueue, stop: asyncio.Event) -> None:
    """Execute commands as they come, live ones at once."""
    async with Tasks() as group:
        group.create_task(commands.run_live(stop))
        group.create_task(commands.run(stop))
