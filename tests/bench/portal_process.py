"""The simulated portal of a benchmark, as a process of its own; at its end it tells when each request came.

Arguments: a JSON object with `items`, `converted` (leads, each with five activities on average), `options` (fields of
`Options`). The webhook's address is the first line of
standard output, the requests as JSON the second: seconds since the first one, and the commands in it.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from b24syncd.simulator.activity_generator import generate_activities
from b24syncd.simulator.generator import generate
from b24syncd.simulator.limits import RequestLimit
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.server import serve

if TYPE_CHECKING:
    from b24syncd.simulator.calls import Call
    from b24syncd.simulator.errors import RestError


@dataclass(slots=True)
class Timeline:
    """Every request with its commands; one of the portal's watchers."""

    requests: list[tuple[float, Counter[str]]] = field(default_factory=list)

    def before(self, call: Call) -> RestError | None:
        if self.requests:
            self.requests[-1][1][call.method] += 1
        return None

    def after(self, _call: Call) -> RestError | None:
        return None

    def told(self) -> list[tuple[float, Counter[str]]]:
        start = self.requests[0][0] if self.requests else 0.0
        return [(round(at - start, 3), commands) for at, commands in self.requests]


class TimedLimit(RequestLimit):
    """The request limit, which notes when requests come: it is asked first of all."""

    def __init__(self, options: Options, timeline: Timeline) -> None:
        super().__init__(options.burst, options.per_second)
        self._timeline = timeline

    def admit(self, address: str, now: float) -> bool:
        self._timeline.requests.append((now, Counter()))
        return super().admit(address, now)


async def run(items: int, converted: int, options: dict[str, Any]) -> None:
    portal = Portal(Options(**options))
    generate(portal, 1, contacts=items * 10 // 15, companies=items * 2 // 15, leads=items * 3 // 15)
    generate_activities(portal, 1, converted=converted)
    timeline = Timeline()
    portal.requests = TimedLimit(portal.options, timeline)
    portal.watchers.append(timeline)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(portal) as server:
        sys.stdout.write(f"{server.webhook_url}\n")
        sys.stdout.flush()
        await stop.wait()
    sys.stdout.write(json.dumps(timeline.told()) + "\n")


if __name__ == "__main__":
    asyncio.run(run(**json.loads(sys.argv[1])))
