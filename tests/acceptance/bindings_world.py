"""Leads with a past as processes of their own: rules for them, and whether everything ended where it belongs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from tests.acceptance.processes import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

NOTHING_ELSE = ("--contacts", "0", "--companies", "0", "--leads", "0")
WITH_TASKS = ("--scope", "crm", "--scope", "user_brief", "--scope", "task")
PAGE, MOST_COMMANDS = 50, 50
TARGET = "company"
WRITES = ("crm.activity.binding.add", "crm.activity.binding.delete", "crm.activity.binding.move", "tasks.task.update")
RULES = f"""
[jobs.phones]
enabled = false
[jobs.emails]
enabled = false
[jobs.bindings]
include_tasks = true
[[jobs.bindings.rules]]
name = "converted leads"
from = "lead"
where = {{ stageId = "CONVERTED" }}
to = "{TARGET}"
"""


def write_rules(home: Installation, rules: str = RULES) -> Path:
    """Give the installation a configuration file with these rules."""
    path = home.folder / "b24syncd.toml"
    path.write_text(rules, encoding="utf-8")
    home.set(CONFIG=path)
    return path


def misplaced(portal: ServedPortal) -> list[dict[str, Any]]:
    """Return the activities and tasks of converted leads that are not where the rule sends them."""
    found: list[dict[str, Any]] = portal.ask("misplaced", target=TARGET, tasks=1)["misplaced"]
    return found


def hung(portal: ServedPortal) -> dict[int, str]:
    """Return what every activity hangs on."""
    return {one["id"]: one["bindings"] for one in portal.ask("activities")["activities"]}


def writes(portal: ServedPortal) -> dict[str, int]:
    """Return how many writing commands the portal was sent, by their methods."""
    commands = portal.stats["commands"]
    return {method: commands[method] for method in WRITES if method in commands}


def assert_rebound(portal: ServedPortal) -> None:
    """Everything ended where the rule sends it, nothing was lost on the way, nothing overlapped, no limit was met."""
    assert misplaced(portal) == []
    stats = portal.stats
    found = (stats["breaches"], stats["binding_overlaps"], stats["limit_errors"])
    assert found == ([], 0, {}), found


def assert_journal_fits(home: Installation, portal: ServedPortal) -> None:
    """Every write that took effect is in the journal once; nothing is left open or waiting."""
    outcomes = Counter(entry["outcome"] for entry in home.run("journal", "--json").records)
    made = outcomes["done"] + outcomes["unverified"]
    assert made == portal.stats["saves"], (outcomes, portal.stats["saves"])
    (status,) = home.run("status", "--json").records
    assert (status["open_intents"], status["queue"]["waiting"], status["writer"]) == (0, 0, None)


def kill_after(home: Installation, portal: ServedPortal, requests: int, *arguments: str) -> None:
    """Start a backfill, or another command, and kill it after so many requests; it must be at work until then."""
    before = portal.stats["requests"]
    started = home.start(*(arguments or ("backfill",)))
    until(lambda: started.process.poll() is not None or portal.stats["requests"] - before >= requests, every=0.005)
    started.kill()


@dataclass(frozen=True, slots=True)
class Size:
    """What a portal holds that the rule is for; counted before anything is written."""

    leads: int
    activities: int
    mirrors: int

    @classmethod
    def of(cls, portal: ServedPortal) -> Size:
        """Count."""
        activities = portal.ask("activities")["activities"]
        on_leads = [one for one in activities if "L_" in one["bindings"]]
        leads = portal.ask("state")["items"]["1"]
        return cls(leads, len(on_leads), sum(1 for one in on_leads if one["task"]))

    def least_commands(self, stats: dict[str, Any]) -> int:
        """Return how few commands the order of reading and writing allows, for what a portal was asked to write.

        Leads, their companies, their activities and the tasks among these by the page; the bindings of each; a
        witness before every write of bindings, and three commands more around every write of a task.
        """
        pages = 2 * ceil(self.leads / PAGE) + ceil(self.activities / PAGE) + ceil(self.mirrors / PAGE)
        commands = stats["commands"]
        bindings = sum(int(commands.get(method, 0)) for method in WRITES[:-1])
        tasks = int(commands.get(WRITES[-1], 0))
        return pages + self.activities + 2 * bindings + 4 * tasks
