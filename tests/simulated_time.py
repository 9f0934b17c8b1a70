"""Simulated time: an event loop whose time jumps to the next timer whenever there is nothing else to do.

Hours of waiting pass in moments, over real sockets and with a real database. Both clocks of a test come from the loop:
this machine's, which a test may set wrong, and the portal's, which is always right.
"""

from __future__ import annotations

import asyncio
import selectors
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")

_BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
_GRACE_SECONDS = 0.001
"""So long, in truth, something written on one end of a socket may take to be seen on the other."""

_LONGEST_SILENCE = 5.0

FIRST = "first"
_process: ContextVar[str] = ContextVar("process", default=FIRST)
"""The simulated process that a task belongs to, with all that it starts."""


class SimulatedTime:
    """What time it is in a simulation; this is the program's clock as well (`b24syncd.clock.Clock`)."""

    def __init__(self) -> None:
        """Begin on a working day."""
        self.elapsed = 0.0
        self.wrong_by = timedelta()
        """How far this machine's clock is set forward, or back."""

    def monotonic(self) -> float:
        return self.elapsed

    def now(self) -> datetime:
        return _BEGIN + timedelta(seconds=self.elapsed) + self.wrong_by

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def of_portal(self) -> float:
        """Return the portal's time, in unix seconds."""
        return _BEGIN.timestamp() + self.elapsed


class _Selector(selectors.DefaultSelector):
    """Never waits: where nothing comes, time passes instead; while programs run, as fast as it does in truth."""

    def __init__(self, time: SimulatedTime) -> None:
        super().__init__()
        self._time = time
        self.programs: list[asyncio.SubprocessTransport] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        self.programs = [program for program in self.programs if program.get_returncode() is None]
        grace = timeout if self.programs else _GRACE_SECONDS
        ready = super().select(_LONGEST_SILENCE if timeout is None else grace)
        if not ready and timeout is None:
            message = "nothing is waited for that could ever come"
            raise RuntimeError(message)
        if not ready:
            self._time.elapsed += timeout or 0.0
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Runs in simulated time, each step in the same order every time: what is meant for a thread is done at once.

    Processes are simulated as well, the first one and those that `spawn` begins beside it: each has its own handlers
    of signals, and once it dies nothing of it reaches the database any more, whatever is still to be unwound. `on_job`
    is called after each job that was done for the first one, with its number since the last `live`.
    """

    def __init__(self, time: SimulatedTime) -> None:
        """Run by `time`, which nothing else moves."""
        self._waiting = _Selector(time)
        super().__init__(self._waiting)
        self.simulated = time
        self.on_job: Callable[[int], None] | None = None
        self.jobs = 0
        self._dead: set[str] = set()
        self._signals: dict[tuple[str, int], Callable[[], object]] = {}

    def time(self) -> float:
        return self.simulated.elapsed

    def live(self) -> None:
        """Begin another first process, when no other is left."""
        self.jobs, self.on_job = 0, None
        self._dead.clear()

    def spawn(self, process: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin a process beside the first one."""
        context = copy_context()
        context.run(_process.set, process)
        return self.create_task(work, context=context)

    def die(self, process: str = FIRST) -> None:
        """Let nothing of a process be stored any more."""
        self._dead.add(process)

    def signal(self, number: int, process: str = FIRST) -> bool:
        """Send a signal to a process; return whether it listens already."""
        handler = self._signals.get((process, number))
        if handler is not None:
            self.call_soon(handler)
        return handler is not None

    def add_signal_handler(self, sig: int, callback: Callable[..., object], *args: object) -> None:
        self._signals[_process.get(), sig] = lambda: callback(*args)

    def remove_signal_handler(self, sig: int) -> bool:
        return self._signals.pop((_process.get(), sig), None) is not None

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]  # noqa: ANN401
        """Do it at once; its result comes a step later, as from a thread that was quick."""
        del executor
        future: asyncio.Future[Any] = self.create_future()
        process = _process.get()
        if process in self._dead:
            future.cancel()
            return future
        try:
            result = func(*args)
        except Exception as error:  # noqa: BLE001 # it is handed on
            self.call_soon(_unless_done, future, future.set_exception, error)
        else:
            self.call_soon(_unless_done, future, future.set_result, result)
        if process == FIRST:
            self.jobs += 1
            if self.on_job is not None:
                self.on_job(self.jobs)
        return future

    async def subprocess_exec(self, *args: Any, **settings: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Run a program, unless its process is dead; it needs true time, so that none is jumped over meanwhile."""
        if _process.get() in self._dead:
            raise asyncio.CancelledError
        transport, protocol = await super().subprocess_exec(*args, **settings)
        self._waiting.programs.append(transport)
        return transport, protocol

    async def programs_ended(self) -> None:
        """Wait for programs that nobody waits for any more: what is left of one is complained of in some later test."""
        for program in self._waiting.programs:
            await program._wait()  # type: ignore[attr-defined]  # noqa: SLF001 # what asyncio's own Process waits by


def _unless_done(future: asyncio.Future[Any], settle: Callable[[Any], None], outcome: object) -> None:
    if not future.done():
        settle(outcome)


class Simulation:
    """A simulated loop to run coroutines in, one after the other; between them no time passes."""

    def __init__(self) -> None:
        """Begin; made by `simulation`."""
        self.time = SimulatedTime()
        self.loop = SimulatedLoop(self.time)
        self._runner = asyncio.Runner(loop_factory=lambda: self.loop)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 # what the coroutine returns
        """Run to its end."""
        return self._runner.run(work)

    def close(self) -> None:
        self._runner.close()


@contextmanager
def simulation() -> Iterator[Simulation]:
    """Give a simulation in which everything is told its time."""
    simulated = Simulation()
    with ExitStack() as stack:
        stack.callback(simulated.close)
        stack.enter_context(told(simulated.time))
        yield simulated


@contextmanager
def told(time: SimulatedTime) -> Iterator[None]:
    """Tell the time to the libraries that read the system's clock themselves.

    What is left to chance in a run of the program comes out the same every time.
    """
    clock = SimpleNamespace(monotonic=time.monotonic)
    jitter = SimpleNamespace(Random=lambda: Random(0))  # noqa: S311 # has to be repeatable
    with (
        mock.patch("asyncio_throttle.throttler.time", clock),
        mock.patch("aiohttp.connector.monotonic", time.monotonic),
        mock.patch("b24syncd.session.random", jitter),
    ):
        yield


def simulated_loop() -> SimulatedLoop:
    """Return a loop with a time of its own."""
    return SimulatedLoop(SimulatedTime())


def time_of_the_loop() -> SimulatedTime:
    """Return the time of the simulated loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SimulatedLoop)
    return loop.simulated


def simulated(work: Callable[[SimulatedTime], Coroutine[Any, Any, T]]) -> T:
    """Run to its end, in a simulation of its own, what gets its time; return what comes of it."""
    with simulation() as made:
        result: T = made.run(work(made.time))
    return result
