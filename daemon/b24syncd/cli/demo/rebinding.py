"""The demonstration's chapter on activities: two rules, a preview, the rebinding, and what a person does meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityType
from b24syncd.errors import ExitCode
from b24syncd.jobs.bindings import planner as bindings
from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.store import reviews
from b24syncd.store.reading import open_for_reading

from .programs import wait_for
from .text import Check, activities_table, heading, reviews_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .portal import DemoActivity, DemoPortal
    from .programs import Programs

RULES = """
[[jobs.bindings.rules]]
name = "converted leads"
from = "lead"
where = { stageId = "CONVERTED" }
to = "company"

[[jobs.bindings.rules]]
name = "known customers"
from = "lead"
where = { "!stageId" = "CONVERTED" }
to = "same_contact_point:company"
"""

_STORIES = {"converted": "company", "duplicated": "same_company"}
"""Of the leads with a past, and where the rules send what they have."""

_ACTIVITY = EntityType.ACTIVITY.type_id


@dataclass(frozen=True, slots=True)
class _Rebind:
    """What a person makes of an activity: its bindings before and after."""

    activity: DemoActivity
    after: frozenset[str]


class Rebinding:
    """The chapter, in the order in which it is told: `preview`, `rebind`, `follow`, `checks`."""

    def __init__(self, programs: Programs, portal: DemoPortal, state: Path) -> None:
        """Choose the activities that people are going to move."""
        self._programs = programs
        self._portal = portal
        self._state = state
        self._misplaced = self._to_be_moved()
        self._before = portal.activities()
        self._moved = _Rebind(self._plain()[0], frozenset({"contact:1"}))
        self._previewed = 0
        self.edits_made = 0

    def preview(self, configuration: Path) -> None:
        """Add the rules to the configuration, and show what they would do."""
        number = sum(map(len, self._misplaced.values()))
        heading(f"Activities: two rules send {number} of {len(self._before)} calls, mails, to-dos and tasks elsewhere")
        typer.echo(RULES.strip())
        with configuration.open("a", encoding="utf-8") as file:
            file.write(RULES)
        before = self._portal.stats()["saves"]
        self._programs.run("backfill", bindings.NAME, "--dry-run")
        self._previewed = self._portal.stats()["saves"] - before

    def rebind(self) -> None:
        """Rebind everything, and let a person move one activity in the instant before it is rebound."""
        moved = self._moved
        [source], [target] = moved.activity.bindings, moved.after
        heading(f"The rebinding, while a person moves {moved.activity} from {source} to {target}")
        # the first reading plans, the second is the witness directly before the write
        moment = Trigger(method="crm.activity.binding.list", nth=2, entity_type_id=_ACTIVITY, item_id=moved.activity.id)
        hung_on = _edit(moved.activity, Action.BIND, target), _edit(moved.activity, Action.UNBIND, source)
        self._portal.edit_at([(moment, edit) for edit in hung_on])
        self.edits_made += len(hung_on)
        # the portal lets nobody edit some tasks, and some activities have no room
        self._programs.run("backfill", bindings.NAME, may_end={ExitCode.SOME_FAILED})
        now = self._portal.activities()
        typer.echo(f"{moved.activity} hangs on {now[moved.activity.id].told}, as the person left it")
        heading("What it rebound: one of each kind; what else they hang on stays")
        activities_table(self._samples(now))
        heading("What it leaves to a person")
        with open_for_reading(self._state) as db:
            reviews_table(review for review in reviews.each_review(db, all_states=False) if review.job == bindings.NAME)

    def follow(self) -> None:
        """Let a person file an activity under another converted lead as well, while changes are followed."""
        now = self._portal.activities()
        settled = [activity for activity in self._plain() if now[activity.id].is_at("company")]
        activity = settled[0]
        other = next(each for each in settled if now[each.id].bindings != now[activity.id].bindings)
        [lead] = other.bindings
        expected = now[activity.id].bindings | now[other.id].bindings
        typer.echo(f"{activity}: a person files it under {lead}, too, which was converted")
        self._portal.edit(_edit(activity, Action.BIND, lead))
        self.edits_made += 1
        wait_for(lambda: self._portal.activities()[activity.id].bindings == expected, f"{activity} to leave {lead}")
        seconds = self._portal.last_rebinding(activity.id, "api") - self._portal.last_rebinding(activity.id, "person")
        typer.echo(f"    → it hangs on {self._portal.activities()[activity.id].told}, {seconds:.1f} s later")

    @property
    def lost(self) -> int:
        """How many moves of a person are not as they left them."""
        return int(self._portal.activities()[self._moved.activity.id].bindings != self._moved.after)

    def checks(self) -> list[Check]:
        """Return what has to hold at the end, by what the portal counted."""
        stats = self._portal.stats()
        wrong = sum(map(len, self._to_be_moved().values()))
        breaches, overlaps = len(stats["breaches"]), stats["binding_overlaps"]
        return [
            Check("preview of rules", f"{self._previewed} writes", self._previewed == 0),
            Check("wrong bindings", f"of {wrong} activities, by the truth that the portal keeps", wrong == 0),
            Check(
                "lost bindings",
                f"{breaches}; {overlaps} times two requests at once for one activity",
                breaches == 0 and overlaps == 0,
            ),
        ]

    def _plain(self) -> list[DemoActivity]:
        """Return those of converted leads that hung on nothing else and mirror no task."""
        activities = [self._before[number] for number in self._misplaced["converted"]]
        return [activity for activity in activities if activity.is_at("lead") and not activity.task_id]

    def _to_be_moved(self) -> Mapping[str, list[int]]:
        return {story: self._portal.misplaced(story, target) for story, target in _STORIES.items()}

    def _samples(self, now: Mapping[int, DemoActivity]) -> list[tuple[DemoActivity, DemoActivity]]:
        """Return of each kind of activity, from each kind of lead, the one with most bindings, before and after."""
        chosen: dict[tuple[str, str], DemoActivity] = {}
        for story, numbers in self._misplaced.items():
            for number in numbers:
                activity = self._before[number]
                known = chosen.setdefault((story, activity.kind), activity)
                if number != self._moved.activity.id and len(activity.bindings) > len(known.bindings):
                    chosen[story, activity.kind] = activity
        return [(activity, now[activity.id]) for activity in chosen.values()]


def _edit(activity: DemoActivity, action: Action, item: str) -> PersonEdit:
    code = Binding.parse(item).short_code
    return PersonEdit(action=action, entity_type_id=_ACTIVITY, item_id=activity.id, value=code)
