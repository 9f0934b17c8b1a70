"""The simulated portal of a benchmark, as a process of its own; at its end it tells what it counted.

Arguments: a JSON object with `made` (numbers of items, leads that were converted, paid deals, contacts of which a
share is wrong), `options` (fields of `Options`) and `authority` (a file for the certificate; empty: no TLS). The
webhook's address is the first line of standard output, what was counted the second, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.plain_work import PAYMENT_FIELD, fields_of_points

from b24syncd.domain.entities import EntityType
from b24syncd.simulator.http.certificates import issue
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.judges.payments import payment_mistakes
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.seeds.items import generate
from b24syncd.simulator.seeds.made_items import make_contacts
from b24syncd.simulator.seeds.payments import generate_payments
from b24syncd.simulator.tables.fields import CONTACT
from b24syncd.simulator.tables.limits import OperatingLimit, RequestLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.http.certificates import Certificates
    from b24syncd.simulator.methods.calls import Call
    from b24syncd.simulator.tables.model import Item

SEED = 1


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


class SummedLimit(OperatingLimit):
    """The operating limit, which notes what each method took altogether."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.operating_seconds, options.operating_window_seconds)
        self.sums: Counter[str] = Counter()

    def charge(self, webhook: str, method: str, amount: float, now: float) -> dict[str, float]:
        self.sums[method] += amount  # type: ignore[assignment] # seconds
        return super().charge(webhook, method, amount, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is in the portal; contacts are made beforehand, or `as_read`, a share of them `wrong`, or `at_least` one."""

    items: int = 0
    contacts: int = 0
    as_read: int = 0
    wrong: float = 1.0
    at_least: float = 0.0
    converted: int = 0
    obstacles: float = 0.04
    paid_deals: int = 0


def fill(portal: Portal, made: Made) -> None:
    """Make what is wanted; of the contacts no more than the share is wrong."""
    few = made.items * 2 // 15
    generate(portal, SEED, contacts=made.items * 10 // 15 + made.contacts, companies=few, leads=made.items * 3 // 15)
    if made.as_read:
        make_contacts(portal, made.as_read, wrong=made.wrong)
    generate_activities(portal, SEED, converted=made.converted, obstacles=made.obstacles)
    generate_payments(portal, SEED, deals=made.paid_deals, obstacles=0)
    wrong = 0
    for number, item in enumerate(portal.table(CONTACT) if made.contacts else (), 1):
        if wrong < made.at_least * number and not is_wrong(item):
            for place, point in enumerate(item.points.values()):
                point.value = _messy(point.type_id, item.id * 10 + place)
        if not is_wrong(item):
            continue
        if wrong < made.wrong * number:
            wrong += 1
        else:
            for place, point in enumerate(item.points.values()):
                point.value = _right(point.type_id, item.id * 10 + place)


def _right(type_id: str, number: int) -> str:
    return f"+7495{2_000_000 + number}" if type_id == "PHONE" else f"person{number}@romashka-opt.ru"


def _messy(type_id: str, number: int) -> str:
    return f"8 (495) {2_000_000 + number}" if type_id == "PHONE" else f"Person{number}@Romashka-Opt.ru"


def is_wrong(item: Item) -> bool:
    entries = [
        {"id": point.id, "typeId": point.type_id, "valueType": point.value_type, "value": point.value}
        for point in item.points.values()
    ]
    return fields_of_points(EntityType.from_type_id(item.entity_type_id), {"id": item.id, "fm": entries}) is not None


def left(portal: Portal, made: Made) -> int:
    """Count what is not as it should be."""
    return sum(1 for _ in _left(portal, made))


def _left(portal: Portal, made: Made) -> Iterator[object]:
    if made.contacts:
        yield from filter(is_wrong, portal.table(CONTACT))
    if made.converted:
        yield from misplaced(portal, "company", "converted", tasks=True)
    if made.paid_deals:
        yield from payment_mistakes(portal, PAYMENT_FIELD, "last")


async def run(portal: Portal, wanted: Made, certificates: Certificates | None) -> None:
    fill(portal, wanted)
    at_first = left(portal, wanted)
    timeline, operating = Timeline(), SummedLimit(portal.options)
    portal.requests, portal.operating = TimedLimit(portal.options, timeline), operating
    portal.watchers.append(timeline)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(portal, tls=certificates.context if certificates else None) as server:
        sys.stdout.write(f"{server.webhook_url}\n")
        sys.stdout.flush()
        await stop.wait()
    told = {
        "requests": timeline.told(),
        "operating": operating.sums,
        "wanted": at_first,
        "arrived": at_first - left(portal, wanted),
    }
    sys.stdout.write(json.dumps(told) + "\n")


def main(made: dict[str, Any], options: dict[str, Any], authority: str) -> None:
    certificates = issue() if authority else None
    if certificates is not None:
        Path(authority).write_bytes(certificates.authority)
    asyncio.run(run(Portal(Options(**options)), Made(**made), certificates))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
