"""Health: one verdict, since when and why, from what the state tells and what a daemon tells."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.conditions import Condition, ConditionKind, Severity
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.reports.health import (
    ErrorReport,
    LagReport,
    Living,
    Recorded,
    Verdict,
    health_of,
    recorded_in,
    with_disk,
)
from b24syncd.reports.health_lines import health_lines, span, verdict_lines
from b24syncd.store import conditions, cursors, limits, reviews, runs
from b24syncd.store.database import open_for_writing
from b24syncd.store.disk import lack_at
from b24syncd.store.runs import RunKind, RunState

if TYPE_CHECKING:
    from pathlib import Path

    import sqlite_utils

    from b24syncd.reports.health import Health

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AWAY = Condition(ConditionKind.PORTAL_AWAY, "", NOW, "timeout")
REFUSED = Condition(ConditionKind.TYPE_REFUSED, "lead", NOW - MINUTE, "ACCESS_DENIED")
OFF = Condition(ConditionKind.TYPE_OFF, "deal", NOW - 5 * MINUTE, "switched off")
BUSY = Condition(ConditionKind.OPERATING_LIMIT, "", NOW - 9 * MINUTE, "spent by others")
CONDITIONS = st.lists(
    st.builds(
        Condition,
        st.sampled_from(list(ConditionKind)),
        st.just(""),
        st.integers(0, 300).map(lambda seconds: NOW - timedelta(seconds=seconds)),
        st.just("so"),
    ),
    unique_by=lambda one: one.key,
)


def test_nothing_is_wrong_before_anything_ran() -> None:
    health = health_of(Recorded(), NOW, is_held=False)
    assert (health.verdict, health.since, health.has_run) == (Verdict.WELL, None, False)


@given(CONDITIONS)
def test_the_gravest_decides_and_tells_since_when(standing: list[Condition]) -> None:
    health = health_of(Recorded(has_run=True, conditions=tuple(standing)), NOW, is_held=True)
    assert [one.severity for one in health.conditions] == sorted(
        (one.severity for one in health.conditions), key=[*Severity].index, reverse=True
    )
    grave = [one for one in standing if one.severity(NOW) is not Severity.NOTED]
    if not grave:
        assert (health.verdict, health.since) == (Verdict.WELL, None)
        return
    first = health.conditions[0]
    assert health.verdict.value == first.severity.value
    assert health.since == first.since
    assert first.cure


def test_what_is_noted_harms_nothing_and_is_told() -> None:
    health = health_of(Recorded(has_run=True, conditions=(OFF,)), NOW, is_held=True)
    assert health.verdict is Verdict.WELL
    assert health.skipped_types == ("deal",)


def test_a_daemon_that_cannot_write_tells_what_the_state_does_not_know() -> None:
    full = Condition(ConditionKind.DISK_FULL, "", NOW, "database or disk is full")
    health = health_of(
        Recorded(has_run=True, conditions=(REFUSED,)), NOW, is_held=True, living=Living(conditions=(full, REFUSED))
    )
    assert {one.kind for one in health.conditions} == {ConditionKind.DISK_FULL, ConditionKind.TYPE_REFUSED}


def test_where_the_disk_is_full_it_is_no_riddle_how_a_process_ended() -> None:
    killed = Condition(ConditionKind.STOPPED_BY_ERROR, "", NOW, "run 2 ended without a word")
    full = Condition(ConditionKind.DISK_FULL, "", NOW + MINUTE, "no room")
    for standing, kind in (((full,), ConditionKind.DISK_FULL), ((), ConditionKind.STOPPED_BY_ERROR)):
        health = health_of(Recorded(has_run=True, conditions=standing, killed=killed), NOW + MINUTE, is_held=False)
        assert [one.kind for one in health.conditions] == [kind]


def test_what_only_a_living_process_knows_is_over_without_one() -> None:
    assert health_of(Recorded(has_run=True, conditions=(BUSY,)), NOW, is_held=True).verdict is Verdict.WAITING
    assert health_of(Recorded(has_run=True, conditions=(BUSY,)), NOW, is_held=False).verdict is Verdict.WELL


def test_it_is_well_since_the_last_error_was_over() -> None:
    error = ErrorReport(ConditionKind.PORTAL_AWAY, "timeout", NOW - 9 * MINUTE, NOW - 8 * MINUTE)
    assert health_of(Recorded(has_run=True, last_error=error), NOW, is_held=True).since == NOW - 8 * MINUTE


def test_the_lag_is_that_of_feeds_that_are_followed() -> None:
    until = {"lead": NOW - MINUTE, "deal": NOW + MINUTE, "gone": NOW - 99 * MINUTE}
    health = health_of(
        Recorded(has_run=True, read_until=until), NOW, is_held=True, living=Living(feeds=("lead", "deal"))
    )
    assert health.lag == (LagReport("lead", 60.0, until["lead"]), LagReport("deal", 0.0, until["deal"]))
    assert len(health_of(Recorded(has_run=True, read_until=until), NOW, is_held=False).lag) == 3


def fill(db: sqlite_utils.Database) -> None:
    for counted in (2, 3):
        number = runs.start_run(db, runs.NewRun(kind=RunKind.RUN, jobs=["phones"], fingerprint="f", now=NOW))
        runs.finish_run(db, number, state=RunState.DONE, counts={"unverified": counted}, now=NOW)
    runs.start_run(db, runs.NewRun(kind=RunKind.RUN, jobs=["phones"], fingerprint="f", now=NOW))
    cursors.put(db, "poll/lead", {"since": NOW.timestamp()}, now=NOW)
    cursors.put(db, "backfill/lead", {"after_id": 3}, now=NOW)
    lead = EntityRef(EntityType.LEAD, 7)
    asked = [Review(lead, "phones", 9, "x", Reason.NOT_A_PHONE), Review(lead, "phones", 1, "y", Reason.NOT_A_PHONE)]
    reviews.replace_for_item(db, lead, ["phones"], [*asked, Review(lead, "phones", 2, "z", Reason.TOO_SHORT)], now=NOW)
    limits.save_limits(db, {"answered": (NOW + MINUTE).timestamp()})
    conditions.note(db, [AWAY], judged=lambda _: True, now=NOW)


def test_what_a_state_tells(tmp_path: Path) -> None:
    async def read() -> Recorded:
        async with open_for_writing(tmp_path / "acme.db") as database:
            await database.write(fill)
            return await database.read(recorded_in)

    recorded = asyncio.run(read())
    assert recorded.conditions == (AWAY,)
    assert (recorded.unverified, recorded.open_intents, recorded.last_contact) == (5, 0, NOW + MINUTE)
    assert recorded.open_reviews == {"not_a_phone": 2, "too_short": 1}
    assert recorded.read_until == {"lead": NOW}
    assert recorded.last_error == ErrorReport(ConditionKind.PORTAL_AWAY, "timeout", NOW, None)
    health = health_of(recorded, NOW, is_held=False)
    assert [one.kind for one in health.conditions] == [ConditionKind.STOPPED_BY_ERROR, ConditionKind.PORTAL_AWAY]
    assert "run 3 ended without a word" in health.conditions[0].detail
    assert not health.is_running
    assert "killed" not in str(health_of(recorded, NOW, is_held=True).conditions)


def test_a_full_disk_is_told_by_who_looks_at_it_unless_it_is_on_record() -> None:
    recorded = with_disk(Recorded(has_run=True), "the disk has 3 MiB left", NOW)
    assert [one.detail for one in recorded.conditions] == ["the disk has 3 MiB left"]
    assert with_disk(recorded, "the disk has 2 MiB left", NOW) == recorded
    assert with_disk(Recorded(), None, NOW) == Recorded()


def test_a_disk_has_room_or_says_how_much_is_left(tmp_path: Path) -> None:
    assert lack_at(tmp_path / "acme.db", least=0) is None
    told = lack_at(tmp_path / "acme.db", least=1 << 62)
    assert told is not None
    assert re.fullmatch(rf"the disk of {tmp_path}/acme.db has \d+ MiB left", told)
    assert lack_at(tmp_path / "none" / "acme.db") is None


def told(health: Health) -> list[str]:
    facts = (*verdict_lines(health, str), *health_lines(health, str))
    return [f"{about}: {fact}" for about, fact in facts]


def test_in_words_the_verdict_comes_first_and_each_cure_below_its_condition() -> None:
    error = ErrorReport(ConditionKind.PORTAL_AWAY, "timeout", NOW - 9 * MINUTE, NOW - 8 * MINUTE)
    recorded = Recorded(
        has_run=True,
        conditions=(OFF, REFUSED),
        last_contact=NOW,
        read_until={"lead": NOW - 3 * MINUTE, "deal": NOW - timedelta(seconds=5)},
        last_error=error,
    )
    lines = told(health_of(recorded, NOW, is_held=True))
    assert [line.partition(":")[0] for line in lines] == [
        *("trouble", "cure", "noted", "cure", "contact", "lag", "skipped", "error"),
    ]
    assert lines[0] == f"trouble: since {NOW - MINUTE}: type refused (lead): ACCESS_DENIED"
    assert "lag: lead 3 min, deal 5 s" in lines
    assert "skipped: deal, lead" in lines


def test_in_words_a_stop_and_its_cure_are_told_once() -> None:
    detail = "safety.canary = 5: the first corrections were made; look at `b24syncd journal`, and go on"
    stop = Condition(ConditionKind.SAFETY_STOP, "backfill/canary", NOW, detail)
    health = health_of(Recorded(has_run=True, conditions=(stop,)), NOW, is_held=False)
    assert health.safety_stops == (detail,)
    trouble, cure = told(health)
    assert trouble.endswith("safety stop (backfill/canary): safety.canary = 5: the first corrections were made")
    assert cure.startswith("cure: look at the first corrections with `b24syncd journal`")
    field = Condition(ConditionKind.SAFETY_STOP, "backfill/field", NOW, "a field is gone; make it again")
    assert told(health_of(Recorded(has_run=True, conditions=(field,)), NOW, is_held=False))[0].endswith("make it again")


def test_in_words_it_is_well() -> None:
    assert told(health_of(Recorded(), NOW, is_held=False))[0].startswith("well: nothing has run yet; ")
    assert told(health_of(Recorded(has_run=True), NOW, is_held=True)) == ["well: at work"]
    assert told(health_of(Recorded(has_run=True), NOW, is_held=False)) == [
        "well: nothing is wrong, and nothing is running"
    ]
    assert told(health_of(Recorded(has_run=True, conditions=(OFF,)), NOW, is_held=True))[0] == "well: at work"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (2e5, "2 d")]
)
def test_a_span_is_told_in_the_largest_unit_of_which_there_are_several(seconds: float, words: str) -> None:
    assert span(seconds) == words
