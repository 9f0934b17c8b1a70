"""Lives of the program: started as a process of its own, and ended by `kill -9` at a chosen moment of its work."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from random import Random

    from tests.engine.world import World

    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.portal import Portal

KILLED = -signal.SIGKILL
_WRITES = ("add", "delete", "move", "update")
_PATIENCE_SECONDS = 300.0
"""Only so that nothing waits for ever: a machine may be as busy as it likes."""

_START_SECONDS = 0.1
_ANSWER_SECONDS = 0.03
"""In this time an answer arrives and is settled, more or less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When to kill: `delay` seconds from the beginning of a life, or from the `nth` command of a kind in it.

    `before` its effect or `after` it. `asked` are the items whose reading is waited for, by type and id.
    """

    kind: str
    nth: int = 1
    when: str = "before"
    delay: float = 0.0
    asked: frozenset[tuple[int, int]] = frozenset()

    def is_met_by(self, call: Call) -> bool:
        """Tell whether a command is of the kind."""
        is_write = call.method.rpartition(".")[2] in _WRITES
        match self.kind:
            case "reading":
                return not is_write
            case "recovery":
                return not is_write and bool(self.asked & set(_items_asked(call)))
            case _:
                return is_write


def some_moment(rng: Random, unsettled: frozenset[tuple[int, int]], *, reads: int = 12, writes: int = 12) -> Moment:
    """Choose a moment; the settling of lost answers more often than not where there are any."""
    if unsettled and rng.random() < 0.6:
        return Moment(kind="recovery", asked=unsettled, when=rng.choice(("before", "after")), delay=_delay(rng))
    kind = rng.choice(("start", "reading", "writing", "writing", "answered", "answered"))
    match kind:
        case "start":
            return Moment(kind=kind, delay=rng.uniform(0.0, _START_SECONDS))
        case "reading":
            return Moment(kind=kind, nth=rng.randint(1, reads), delay=_delay(rng))
        case "writing":
            return Moment(kind=kind, nth=rng.randint(1, writes), when=rng.choice(("before", "after")))
        case _:
            return Moment(kind=kind, nth=rng.randint(1, writes), when="after", delay=rng.uniform(0, _ANSWER_SECONDS))


def _delay(rng: Random) -> float:
    return rng.choice((0.0, rng.uniform(0.0, _ANSWER_SECONDS)))


def _items_asked(call: Call) -> Iterator[tuple[int, int]]:
    """Yield the items that a reading names, whatever it calls them."""
    type_id = {"crm.activity": 6, "crm.lead": 1, "crm.deal": 2, "crm.contact": 3, "crm.company": 4}.get(
        call.method.rpartition(".")[0].removesuffix(".binding"), 0
    )
    type_id = int(call.parameters.get("entityTypeId", type_id))
    wanted = call.parameters.get("filter")
    for named in (call.parameters.get("activityId"), *(wanted.values() if isinstance(wanted, dict) else ())):
        for one in named.values() if isinstance(named, dict) else (named,):
            if str(one).isdigit():
                yield type_id, int(one)


class _Killer:
    """Sees the commands of one life pass, and kills at its moment."""

    def __init__(self, moment: Moment, kill: Callable[[], None]) -> None:
        self._moment = moment
        self._kill = kill
        self._seen = 0

    def before(self, call: Call) -> RestError | None:
        self._see(call, "before")
        return None

    def after(self, call: Call) -> RestError | None:
        self._see(call, "after")
        return None

    def _see(self, call: Call, when: str) -> None:
        if when != self._moment.when or not self._moment.is_met_by(call):
            return
        self._seen += 1
        if self._seen != self._moment.nth:
            return
        if self._moment.delay:
            asyncio.get_running_loop().call_later(self._moment.delay, self._kill)
        else:
            self._kill()


@contextmanager
def killing(portal: Portal, moment: Moment, number: int, patience: float) -> Iterator[None]:
    """Kill this process at its moment, or when that has not come after so many seconds."""
    loop = asyncio.get_running_loop()
    handle = os.pidfd_open(number)  # a number alone may be another process's by then

    def kill() -> None:
        if not is_over:
            with suppress(ProcessLookupError):  # it has just ended by itself
                signal.pidfd_send_signal(handle, signal.SIGKILL)

    is_over = False
    killer = _Killer(moment, kill)
    timer = loop.call_later(moment.delay if moment.kind == "start" else patience, kill)
    if moment.kind != "start":
        portal.watchers.append(killer)
    try:
        yield
    finally:
        is_over = True
        timer.cancel()
        os.close(handle)
        if killer in portal.watchers:
            portal.watchers.remove(killer)


@dataclass(slots=True)
class ForkServer:
    """Where lives begin; one at a time."""

    process: asyncio.subprocess.Process

    async def live(
        self, world: World, *arguments: str, moment: Moment | None = None, patience: float = 60.0
    ) -> tuple[int, str]:
        """Let the program live to its end, or to the moment at which it is killed; return its code and its words."""
        number = await self.start(world, *arguments)
        if moment is not None:
            with killing(world.portal, moment, number, patience):
                return await self.end(world)
        return await self.end(world)

    async def start(self, world: World, *arguments: str) -> int:
        """Start the program; return the number of its process."""
        order = json.dumps(_order(world, arguments)).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(order + b"\n")
        return await self._told()

    async def end(self, world: World) -> tuple[int, str]:
        """Wait for the end of the program; return its code and its words, in which there must be no secret."""
        code = await self._told()
        said = "".join((world.folder / f"{name}.txt").read_text(encoding="utf-8") for name in ("out", "err"))
        assert world.portal.options.secret not in said
        assert "Traceback" not in said
        return code, said

    async def _told(self) -> int:
        assert self.process.stdout is not None
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return int(await self.process.stdout.readline())


def _order(world: World, arguments: tuple[str, ...]) -> dict[str, object]:
    """Return an order; what the program says goes to files, so that no pipe can fill up."""
    environ = world.environ | {"HOME": str(world.folder)}
    if world.file is not None:
        environ["B24SYNCD_CONFIG"] = str(world.file)
    files = {name: str(world.folder / f"{name}.txt") for name in ("out", "err")}
    for path in files.values():
        Path(path).write_bytes(b"")
    return {"arguments": arguments, "environ": environ, "folder": str(world.folder), **files}


@asynccontextmanager
async def fork_server() -> AsyncIterator[ForkServer]:
    """Import the program once, for as many starts as are wanted."""
    script = Path(__file__).with_name("forkserver.py")
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, env=environ, stdin=pipe, stdout=pipe, start_new_session=True
    )
    try:
        yield ForkServer(process)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)  # a daemon that was started would wait for its portal for ever
        raise
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
