"""The same work by b24syncd and by two plain scripts, as the portal counts it, beside what its limits allow."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.activities import RULES, fewest
from tests.bench.contestants import Allowed, Portal, Used, ours, portal_of, script
from tests.bench.cost import MOST_COMMANDS, PAGE
from tests.bench.report import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITES = (
    "crm.item.update",
    "crm.contact.update",
    "crm.deal.update",
    "crm.activity.binding.add",
    "crm.activity.binding.delete",
    "crm.activity.binding.move",
    "tasks.task.update",
)
PAYMENTS = """
[jobs.payment_dates]
enabled = true
field = "UF_CRM_1721244707107"
pick = "last"
"""
CONTACTS = """
[jobs.phones]
entities = ["contact"]
[jobs.emails]
entities = ["contact"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One task for all contestants; `reads` are the fewest commands that tell what is to be done."""

    title: str
    name: str
    allowed: Allowed
    made: dict[str, float]
    rules: str
    jobs: tuple[str, ...] = ()
    update_cost: float = 0.0
    items: int
    reads: int

    def limit(self, writes: int, share: float = 1.0) -> tuple[int, float]:
        """Return the fewest requests, and the seconds in which the portal's limits let them leave at this share."""
        requests = ceil(self.reads / MOST_COMMANDS) + ceil(writes / MOST_COMMANDS)
        by_requests = max(0.0, requests - self.allowed.burst * share) / (self.allowed.per_second * share)
        windows = ceil(writes * self.update_cost / (self.allowed.operating_seconds * share)) - 1
        return requests, max(by_requests, windows * self.allowed.operating_window_seconds)


def works(*, in_full: bool) -> tuple[Work, ...]:
    """Return the tasks; the short ones are a quarter of the full ones, with a quarter of what may leave at once."""
    part = 1 if in_full else 4
    contacts, deals, leads = 10_000 // part, 5_000 // part, 1_000 // part
    activities = 5 * leads
    burst = 50 // part
    faster = Allowed(burst=burst, per_second=40, operating_seconds=24.0 / part, operating_window_seconds=30.0 / part)
    unscaled = Allowed(burst=burst)
    fourfold = Allowed(burst=burst, per_second=8, operating_seconds=120.0, operating_window_seconds=150.0)
    messy = {"contacts": contacts, "wrong": 0.4}
    pages = ceil(contacts / PAGE)
    return (
        Work(
            title=f"{contacts:,} contacts, 40 % wrong, 0.2 s per update, twenty times faster",
            name="contacts",
            allowed=faster,
            made=messy,
            rules=CONTACTS,
            update_cost=0.01,
            items=contacts,
            reads=pages,
        ),
        Work(
            title=f"{contacts:,} contacts, 40 % wrong, a portal that answers at once, the cloud's own pace",
            name="contacts",
            allowed=unscaled,
            made=messy,
            rules=CONTACTS,
            items=contacts,
            reads=pages,
        ),
        Work(
            title=f"{activities:,} activities of converted leads, four times faster",
            name="activities",
            allowed=fourfold,
            made={"converted": leads, "obstacles": 0},
            rules=RULES,
            jobs=("bindings",),
            items=activities,
            reads=ceil(leads / PAGE) + ceil(activities / PAGE) + activities,
        ),
        Work(
            title=f"{deals:,} deals and their payments, four times faster",
            name="deals",
            allowed=fourfold,
            made={"paid_deals": deals},
            rules=PAYMENTS,
            jobs=("payment_dates",),
            items=deals,
            reads=ceil(deals / PAGE) + deals,
        ),
    )


@dataclass(slots=True)
class Result:
    """What one contestant did with a task."""

    used: Used
    stats: dict[str, Any] = field(default_factory=dict)
    portal: Portal | None = None


HEAD = (
    "",
    "requests",
    "commands",
    "operating s",
    "503",
    "operating limit",
    "arrived",
    "of",
    "seconds",
    "÷ limit",
    "CPU s per 1,000",
    "peak MiB",
)


def measure(*, in_full: bool) -> Iterator[Table]:
    """Yield a table for each task."""
    for work in works(in_full=in_full):
        contestants: dict[str, Callable[[Portal], Used]] = {
            "b24syncd": lambda portal, work=work: ours(portal, dry=False, rules=work.rules, jobs=work.jobs),  # type: ignore[misc]
            "fast-bitrix24": lambda portal, work=work: script(portal, dry=False, work=work.name),  # type: ignore[misc]
            "b24pysdk": lambda portal, work=work: script(  # type: ignore[misc]
                portal, dry=False, work=work.name, library="sdk_script"
            ),
        }
        results = {name: _result(work, contestant) for name, contestant in contestants.items()}
        yield _table(work, results)


def _result(work: Work, contestant: Callable[[Portal], Used]) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        authority = str(Path(folder) / "authority.pem")
        with portal_of(work.allowed, update_cost=work.update_cost, authority=authority, **work.made) as portal:
            result = Result(contestant(portal))
            result.stats = portal.stats()
        result.portal = portal
    return result


def _table(work: Work, results: dict[str, Result]) -> Table:
    table = Table(work.title, HEAD)
    first = results["b24syncd"]
    writes = sum(first.stats["commands"].get(name, 0) for name in WRITES)
    requests, seconds = work.limit(writes)
    spent = f"{writes * work.update_cost:.0f}" if work.update_cost else ""
    wanted = first.portal.wanted if first.portal is not None else 0
    counts = (requests, work.reads + writes, spent, "", "", wanted, wanted)
    table.add("the limits", *counts, f"{seconds:.1f}", "1.00", "", "")
    if work.jobs == ("bindings",):
        commands = first.stats["commands"]
        owed = fewest(work.reads - work.items - ceil(work.items / PAGE), work.items, commands)
        table.add("… with witnesses and proofs", owed, *("",) * (len(HEAD) - 2))
    for name, result in results.items():
        table.add(name, *_cells(work, result, seconds))
        if name != "b24syncd" and result.used.output:
            table.note(f"{name} ended with {result.used.output}")
        if result.portal is not None:
            dearest = sorted(result.portal.operating.items(), key=lambda one: -one[1])[:3]
            table.note(f"{name}, operating seconds: " + ", ".join(f"{method} {spent:.1f}" for method, spent in dearest))
    table.note(f"At a share of 0.9: {work.limit(writes, 0.9)[1]:.1f} s.")
    return table


def _cells(work: Work, result: Result, least: float) -> tuple[object, ...]:
    stats, used, portal = result.stats, result.used, result.portal
    errors = stats["limit_errors"]
    return (
        stats["requests"],
        sum(stats["commands"].values()),
        f"{sum(portal.operating.values()):.1f}" if portal is not None else "",
        errors.get("QUERY_LIMIT_EXCEEDED", 0),
        errors.get("OPERATION_TIME_LIMIT", 0),
        portal.arrived if portal is not None else "",
        portal.wanted if portal is not None else "",
        f"{used.wall_seconds:.1f}",
        f"{used.wall_seconds / least:.2f}" if least else "–",
        f"{1000 * used.cpu_seconds / work.items:.2f}",
        f"{used.peak_mib:.0f}",
    )
