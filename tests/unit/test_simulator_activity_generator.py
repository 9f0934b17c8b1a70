"""Generated leads with a past: repeatable, and true in what they tell."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.simulator.judges.items import misplaced
from b24syncd.simulator.methods.bindings import rebind
from b24syncd.simulator.portal import Portal
from b24syncd.simulator.probe import probing
from b24syncd.simulator.seeds.activities import generate_activities
from b24syncd.simulator.tables.binding_truth import expected
from b24syncd.simulator.tables.fields import COMPANY, LEAD

if TYPE_CHECKING:
    from b24syncd.simulator.tables.binding_truth import BindingTruth, Story


class Clock:
    """A clock that stands still."""

    def __call__(self) -> float:
        return 1_700_000_000.0


def generated(seed: int = 1, **numbers: Any) -> Portal:  # noqa: ANN401 - numbers of leads and shares
    portal = Portal(clock=Clock())
    generate_activities(portal, seed, **{"converted": 120, "duplicated": 40, "split": 20, "obstacles": 0.1} | numbers)
    return portal


def test_the_same_seed_gives_the_same_portal() -> None:
    assert generated().binding_truth == generated().binding_truth
    assert generated().binding_truth != generated(2).binding_truth


def test_every_story_and_every_obstacle_occurs() -> None:
    portal = generated()
    truths = portal.binding_truth
    assert {truth.story for truth in truths} == {"converted", "duplicated", "split"}
    obstacles = Counter(obstacle for truth in truths for obstacle in truth.obstacles.values())
    assert obstacles.keys() == {"full", "missing", "refused", "ambiguous"}
    assert any(truth.task_id for truth in truths)
    providers = {activity.values["providerId"] for activity in portal.activities.rows.values()}
    assert providers >= {"VOXIMPLANT_CALL", "CRM_EMAIL", "CRM_TODO", "CRM_TASKS_TASK"}
    assert {len(activity.bindings) for activity in portal.activities.rows.values()} == {1, 2, 100}


def test_the_truth_is_in_the_portal() -> None:
    portal = generated()
    for truth in portal.binding_truth:
        activity = portal.activities.rows[truth.activity_id]
        assert frozenset(activity.bindings) == truth.bindings
        assert truth.source in truth.bindings
        lead = portal.find(*truth.source)
        assert lead is not None
        if truth.story == "converted":
            assert lead.value("stageSemanticId") == "S"
            assert lead.values["companyId"] == truth.targets["company"][1]
            assert lead.values.get("contactId") == truth.targets.get("contact", (0, None))[1]
            gone = portal.find(*truth.targets["company"]) is None
            assert gone is (truth.obstacles.get("company") == "missing")
        if truth.story == "duplicated":
            (phone,) = lead.points.values()
            sharing = portal.codes.find("PHONE", phone.value, COMPANY, 20)
            assert truth.targets["same_company"] in sharing
            assert len(sharing) == (2 if "ambiguous" in truth.obstacles.values() else 1)


def carry_out(portal: Portal, truth: BindingTruth, target: str) -> None:
    """Do what a rule asks for, in the order that is safe."""
    activity = portal.activities.rows[truth.activity_id]
    for after in (expected(truth, target, copy=True), expected(truth, target)):
        if set(activity.bindings) != after:
            rebind(portal, activity, sorted(after), "api")


@pytest.mark.parametrize(
    ("story", "target"), [("converted", "company"), ("duplicated", "same_company"), ("split", "lead")]
)
def test_the_judge_knows_right_from_wrong(story: Story, target: str) -> None:
    portal = generated()
    wrong = len(misplaced(portal, target, story))
    assert wrong > 10
    for truth in portal.binding_truth:
        if truth.story == story:
            carry_out(portal, truth, target)
    assert (misplaced(portal, target, story), portal.history.breaches) == ([], [])
    assert len(misplaced(portal, target, story, tasks=True)) > 0
    assert len(misplaced(portal, target, story, copy=True)) == wrong
    # what a person rebound is theirs
    first = next(truth for truth in portal.binding_truth if truth.story == story)
    rebind(portal, portal.activities.rows[first.activity_id], [(LEAD, 1)], "person")
    assert misplaced(portal, target, story) == []


async def test_a_served_portal_is_judged_from_outside() -> None:
    portal = generated(converted=5, duplicated=0, split=10)
    async with probing(portal) as probe:
        found = (await probe.control("GET", "misplaced?target=company"))["misplaced"]
        assert found == misplaced(portal, "company", "converted")
        assert (await probe.control("GET", "misplaced?target=lead&story=split&copy=1"))["misplaced"]
        moves = (await probe.control("GET", "moves"))["moves"]
        assert moves
        assert all(move["from"].startswith("L_") and move["to"].startswith("L_") for move in moves)
