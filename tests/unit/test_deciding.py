"""What is written of decisions: nothing but what was decided about, and no value is lost by it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint, only_points, values_after
from b24syncd.domain.decisions import Decision, Kept
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import EmailRules, PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.jobs.catalogue import jobs_for
from b24syncd.jobs.decisions import decide

if TYPE_CHECKING:
    from b24syncd.domain.rules import Rules

REF = EntityRef(EntityType.CONTACT, 42)
RULES: dict[str, Rules] = {"phones": PhoneRules(region="RU"), "emails": EmailRules()}
ONE, OTHER = "+74951234567", "+79161234567"
VALUES = [
    "+8 (495) 123-45-67",
    "8 495 123-45-67",
    ONE,
    "8 916 123-45-67 (Anna)",
    OTHER,
    "8 916 123-45-67, 8 495 123-45-67",
    "call me",
    "12345",
    "",
]
GIVEN = [ONE, OTHER, "8 (495) 123-45-67", f"{ONE}, {OTHER}", "nobody", "12345"]
POINTS = st.lists(
    st.tuples(st.sampled_from(VALUES), st.sampled_from(["WORK", "HOME", ""])), min_size=1, max_size=5
).map(
    lambda values: tuple(
        ContactPoint(number + 1, PointKind.PHONE, value, value_type)
        for number, (value, value_type) in enumerate(values)
    )
)


def snapshot(points: tuple[ContactPoint, ...]) -> Snapshot:
    return Snapshot(REF, datetime(2026, 1, 1, tzinfo=UTC), points)


def asked(points: tuple[ContactPoint, ...]) -> list[Decision]:
    """Return what accepts everything that the job suggests."""
    (phones, _) = jobs_for(RULES)
    reviews = phones.plan(snapshot(points)).reviews
    return [
        Decision(one.point_id, REF, one.job, one.point_id, one.value, one.suggestion)
        for one in reviews
        if one.suggestion
    ]


def values_of(points: tuple[ContactPoint, ...]) -> set[str]:
    return {point.value for point in points}


@given(POINTS, st.data())
def test_accepting_touches_only_what_was_decided_about_and_keeps_every_suggestion(
    points: tuple[ContactPoint, ...], data: st.DataObject
) -> None:
    offered = asked(points)
    assume(offered)
    chosen = data.draw(st.lists(st.sampled_from(offered), min_size=1, unique=True))
    deciding = decide(snapshot(points), chosen, RULES)
    assert deciding.left == ()
    corrections = only_points(deciding.corrections)
    ids = {decision.point_id for decision in chosen}
    assert {one.point_id for one in corrections if not isinstance(one, AddPoint)} <= ids
    after = values_after(points, corrections)
    there = {value for _, _, value in after.elements()}
    assert {point.value for point in points if point.id not in ids} <= there
    others = [point.value for point in points if point.id not in ids]
    for decision in chosen:
        assert decision.becomes in there or any(says(other, decision.becomes) for other in others)
    again = decide(snapshot(tuple(rest(points, corrections))), chosen, RULES)
    assert again.corrections == ()


def says(text: str, value: str) -> bool:
    digits = "".join(filter(str.isdigit, text))
    return value[2:] in digits and "(Anna)" not in text and not text.startswith("+8")


def rest(points: tuple[ContactPoint, ...], corrections: tuple[object, ...]) -> list[ContactPoint]:
    changed = {one.point_id: one.after for one in corrections if isinstance(one, ChangePoint)}
    gone = {one.point_id for one in corrections if isinstance(one, DeletePoint)}
    return [
        ContactPoint(point.id, point.kind, changed.get(point.id, point.value), point.value_type)
        for point in points
        if point.id not in gone
    ]


@given(POINTS, st.sampled_from(GIVEN), st.booleans(), st.integers(0, 4))
def test_what_a_person_gives_is_written_where_it_is_certain_or_to_the_letter(
    points: tuple[ContactPoint, ...],
    given_value: str,
    to_the_letter: bool,  # noqa: FBT001
    index: int,
) -> None:
    assume(index < len(points))
    point = points[index]
    start = (1, REF, "phones", point.id, point.value, given_value)
    decision = Decision(*start, is_suggestion=False, to_the_letter=to_the_letter)
    deciding = decide(snapshot(points), [decision], RULES)
    is_certain = given_value not in {"nobody", "12345"}
    assert bool(deciding.left) == (not is_certain and not to_the_letter)
    if deciding.left:
        assert (deciding.left[0].why, deciding.corrections) == (Kept.STALE, ())
        return
    after = values_after(points, only_points(deciding.corrections))
    there = {value for _, _, value in after.elements()}
    others = {each.value for each in points if each.id != point.id}
    wanted = {"nobody": {"nobody"}, "12345": {"12345"}, "8 (495) 123-45-67": {ONE}}
    for value in wanted.get(given_value, set(given_value.split(", "))):
        assert value in there or any(says(other, value) for other in others)


@given(POINTS, st.sampled_from(VALUES))
def test_what_does_not_stand_there_any_more_is_left(points: tuple[ContactPoint, ...], newer: str) -> None:
    offered = asked(points)
    changed = tuple(ContactPoint(point.id, point.kind, newer, point.value_type) for point in points)
    deciding = decide(snapshot(changed), offered, RULES)
    assert {left.why for left in deciding.left} <= {Kept.CHANGED}
    still = {decision.point_id for decision in offered if decision.value == newer}
    assert {left.decision.point_id for left in deciding.left} == {one.point_id for one in offered} - still
    nothing = decide(snapshot(()), offered, RULES)
    assert [left.why for left in nothing.left] == [Kept.GONE] * len(offered)


def test_a_job_that_is_off_or_not_for_this_type_writes_nothing() -> None:
    points = (ContactPoint(1, PointKind.PHONE, VALUES[0], "WORK"),)
    others: tuple[dict[str, Rules], ...] = ({}, {"phones": PhoneRules(region="RU", entities=(EntityType.LEAD,))})
    for rules in others:
        deciding = decide(snapshot(points), asked(points), rules)
        assert (deciding.corrections, [left.why for left in deciding.left]) == ((), [Kept.NOT_CONFIGURED])
