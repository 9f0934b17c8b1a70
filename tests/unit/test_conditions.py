"""Conditions: what begins, goes on and is over; how grave each is, and that each has a cure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.conditions import PATIENCE, Changes, Condition, ConditionKind, Severity, changes, cure_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ABOUTS = ("", "lead", "phones")
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(list(ConditionKind)),
    st.sampled_from(ABOUTS),
    st.integers(0, 9).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    st.sampled_from(["so", "otherwise"]),
)
SETS = st.lists(CONDITIONS, unique_by=lambda one: one.key, max_size=8)
JUDGED = st.sets(st.sampled_from(list(ConditionKind)))


def compare(standing: list[Condition], met: list[Condition], kinds: set[ConditionKind]) -> Changes:
    return changes(standing, met, judged=lambda one: one.kind in kinds)


@given(SETS, SETS, JUDGED)
def test_everything_that_is_met_stands_and_nothing_is_two_things(
    standing: list[Condition], met: list[Condition], kinds: set[ConditionKind]
) -> None:
    found = compare(standing, met, kinds)
    keys = [one.key for one in (*found.begun, *found.going_on, *found.over)]
    assert len(keys) == len(set(keys))
    assert set(keys) == {one.key for one in (*standing, *met)}
    assert {one.key for one in met} <= {one.key for one in found.standing}
    assert {one.key for one in found.begun} == {one.key for one in met} - {one.key for one in standing}


@given(SETS, SETS, JUDGED)
def test_what_goes_on_stands_since_it_began_with_what_is_told_now(
    standing: list[Condition], met: list[Condition], kinds: set[ConditionKind]
) -> None:
    before, now = ({one.key: one for one in each} for each in (standing, met))
    for one in compare(standing, met, kinds).going_on:
        assert one.since == before[one.key].since
        assert one.detail == now.get(one.key, before[one.key]).detail


@given(SETS, SETS, JUDGED)
def test_only_what_was_judged_and_not_met_is_over(
    standing: list[Condition], met: list[Condition], kinds: set[ConditionKind]
) -> None:
    keys = {one.key for one in met}
    expected = {one for one in standing if one.key not in keys and one.kind in kinds}
    assert set(compare(standing, met, kinds).over) == expected


@given(SETS, SETS, JUDGED)
def test_the_same_again_changes_nothing(
    standing: list[Condition], met: list[Condition], kinds: set[ConditionKind]
) -> None:
    first = compare(standing, met, kinds)
    again = compare(list(first.standing), met, kinds)
    assert (again.begun, again.over, again.standing) == ((), (), first.standing)


def test_of_several_with_the_same_key_the_first_counts() -> None:
    met = [Condition(ConditionKind.TYPE_REFUSED, "lead", NOW, detail) for detail in ("first", "second")]
    assert compare([], met, set()).standing == (met[0],)


@pytest.mark.parametrize("kind", ConditionKind)
def test_each_kind_has_a_cure_in_one_sentence(kind: ConditionKind) -> None:
    for about in ("", "lead", "backfill/share"):
        cure = cure_of(Condition(kind, about, NOW, "x"))
        assert cure
        assert "{" not in cure
        assert "\n" not in cure
        assert not cure.endswith(".")


def test_the_cure_of_a_safety_stop_is_that_of_its_limit() -> None:
    cures = {cure_of(Condition(ConditionKind.SAFETY_STOP, f"run/{name}", NOW, "x")) for name in ("canary", "denied")}
    assert len(cures) == 2
    assert all("--continue" in cure for cure in cures)


def test_a_portal_that_is_away_is_waited_for_at_first() -> None:
    away = Condition(ConditionKind.PORTAL_AWAY, "", NOW, "timeout")
    assert away.severity(NOW + PATIENCE - timedelta(seconds=1)) is Severity.WAITING
    assert away.severity(NOW + PATIENCE) is Severity.TROUBLE


def test_how_grave_each_kind_is() -> None:
    late = NOW + PATIENCE
    of = {kind: Condition(kind, "", NOW, "x").severity(late) for kind in ConditionKind}
    others = {kind: grave for kind, grave in of.items() if grave is not Severity.TROUBLE}
    assert others == {
        ConditionKind.TYPE_OFF: Severity.NOTED,
        ConditionKind.JOB_PAUSED: Severity.NOTED,
        ConditionKind.EVENTS_UNAVAILABLE: Severity.NOTED,
        ConditionKind.OPERATING_LIMIT: Severity.WAITING,
        ConditionKind.FOREIGN_REQUESTS: Severity.WAITING,
    }
