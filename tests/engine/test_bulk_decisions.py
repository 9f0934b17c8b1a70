"""Decisions about many reviews at once: by what they have in common, and by a list that a person filled in."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from tests.engine.undone import unshown

from b24syncd import app
from b24syncd.app.review_decisions import typed
from b24syncd.app.review_import import DecisionList, read_decisions
from b24syncd.cli.csv_file import GUARDED
from b24syncd.errors import UsageInvalid
from b24syncd.reports.bulk_reviews import bulk_report
from b24syncd.reports.cards import card_report
from b24syncd.reports.portal_words import portal_words
from b24syncd.reports.reviews import ReviewReport, review_report
from b24syncd.reports.runs import latest_runs, run_detail
from b24syncd.store import exclusions
from b24syncd.store.history import Filter
from b24syncd.store.reading import open_for_reading
from b24syncd.store.review_search import ReviewFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.engine.world import World

RAW, MEANT = "+8 (495) 123-45-67", "+74951234567"
UNREADABLE = "call\tme =1"


def states(world: World) -> dict[str, str]:
    return {str(review.ref): review.state.value for review in world.reviews(all_states=True)}


def exported(world: World, decisions: Mapping[int, tuple[str, str]], extra: str = "") -> bytes:
    """Return the list of all reviews as it is exported, filled in by the numbers of reviews."""
    file = io.StringIO()
    write = GUARDED.writer(file)
    write([*ReviewReport.columns(), "decision", "new_value"])
    with open_for_reading(world.state) as db:
        words = portal_words(db)
    for review in world.reviews(all_states=True):
        write([*review_report(review, words).to_json().values(), *decisions.get(review.id, ("", ""))])
    return (file.getvalue() + extra).encode("utf-8-sig")


def read(world: World, content: bytes) -> DecisionList:
    with open_for_reading(world.state) as db:
        return read_decisions(world.settings, db, content)


async def test_all_of_a_filter_are_accepted_if_they_are_as_many_as_a_person_has_seen(world: World) -> None:
    right, unreadable = [world.add(RAW) for _ in range(70)], world.add(UNREADABLE)
    await world.backfill()
    which = ReviewFilter(text="+8 (4")
    with open_for_reading(world.state) as db:
        seen = bulk_report(db, which, portal_words(db), sample=3)
        assert (seen.number, seen.suggest, len(seen.sample), len(seen.groups)) == (70, 70, 3, 1)
        assert bulk_report(db, ReviewFilter(), portal_words(db)).number == 71
    with pytest.raises(UsageInvalid, match="there are 70 by now, not 69"):
        await app.accept_all(world.settings, which, unshown, expected=69, clock=world.clock)
    done = await app.accept_all(world.settings, which, unshown, expected=70, clock=world.clock)
    assert len(done.accepted) == 70
    assert {tuple(world.phones(item)) for item in right} == {(MEANT,)}
    assert states(world)[f"contact:{unreadable}"] == "open"


async def test_a_list_does_what_it_says(world: World) -> None:
    items = [world.add(RAW), world.add(UNREADABLE), world.add(UNREADABLE), world.add(RAW), world.add(RAW)]
    await world.backfill()
    numbers = [review.id for review in world.reviews()]
    words = [("accept", ""), ("Edit", "'+7 916 123-45-67"), ("dismiss", ""), ("exclude", ""), ("", "")]
    found = read(world, exported(world, dict(zip(numbers, words, strict=True))))
    assert found.problems == []
    assert found.counts() == {"accept": 1, "edit": 1, "dismiss": 1, "exclude": 1}
    done = await app.carry_out_list(world.settings, found, unshown, clock=world.clock)
    assert done.decided is not None
    assert sorted(done.decided.accepted) == numbers[:2]
    assert [world.phones(item) for item in items[:2]] == [[MEANT], ["+79161234567"]]
    assert list(states(world).values()) == ["accepted", "accepted", "dismissed", "closed", "open"]
    with open_for_reading(world.state) as db:
        assert [str(one.ref) for one in exclusions.all_of(db)] == [f"contact:{items[3]}"]
    again = read(world, exported(world, {numbers[2]: ("reopen", "")}))
    assert await app.carry_out_list(world.settings, again, unshown, clock=world.clock) == app.Imported(None, 1)
    assert list(states(world).values())[2] == "open"


async def test_every_line_is_checked_before_anything_is_done(world: World) -> None:
    for value in (RAW, UNREADABLE, UNREADABLE, RAW):
        world.add(value)
    await world.backfill()
    first, *_, last = (review.id for review in world.reviews())
    words = {
        first: ("reopen", ""),
        first + 1: ("accept", ""),
        first + 2: ("edit", "who knows"),
        last: ("perhaps", ""),
    }
    found = read(world, exported(world, words, extra=f"999,,,,,,,,,,,,,dismiss,\n{first},,,,,,,,,,,,,dismiss,\n"))
    told = [str(problem) for problem in found.problems]
    assert [line.split(":")[0] for line in told] == [f"line {number}" for number in (2, 3, 4, 5, 6, 7)]
    assert told[0] == f"line 2: review {first} is decided more than once"
    assert "suggests nothing" in told[1]
    assert "not certain either" in told[2]
    assert told[3] == "line 5: 'perhaps' is no decision: write one of accept, edit, dismiss, reopen, exclude"
    assert told[4] == "line 6: no review has the number '999'"
    with pytest.raises(UsageInvalid, match="line 6"):
        found.request()
    other = list(csv.reader(io.StringIO(exported(world, {first: ("dismiss", "")}).decode("utf-8-sig"))))
    other[1][ReviewReport.columns().index("value")] = "another"
    changed = io.StringIO()
    csv.writer(changed).writerows(other)
    assert "another value" in str(read(world, changed.getvalue().encode()).problems[0])
    assert "line 1" in str(read(world, b"").problems[0])
    assert "line 1" in str(read(world, b"id,value\n1,2\n").problems[0])
    assert "line 1" in str(read(world, "id,decision\n".encode("utf-16")).problems[0])
    assert set(states(world).values()) == {"open"}


async def test_a_typed_value_is_told_as_its_planner_reads_it(world: World) -> None:
    world.add(RAW, emails=["who@"])
    await world.backfill()
    phone, email = sorted(world.reviews(), key=lambda review: review.job, reverse=True)
    settings = world.settings
    assert typed(settings, phone, " 8 916 123-45-67 ").values == ("+79161234567",)
    unsure = typed(settings, phone, "916 12")
    assert (unsure.values, unsure.reason, unsure.may_be_as_is) == ((), "too_short", True)
    assert "1 to 250 characters" in str(typed(settings, phone, "").problem)
    assert "stands there already" in str(typed(settings, phone, RAW).problem)
    assert typed(settings, email, "Who@Example.COM").values == ("who@example.com",)


async def test_one_correction_is_taken_back_by_its_number_and_its_card_tells_all_of_it(world: World) -> None:
    item = world.add("8 916 111-22-33", "8 916 444-55-66")
    await world.backfill()
    first, second = world.journal()
    undone = await app.undo(world.settings, Filter(ids=(first.id,)), unshown, clock=world.clock)
    assert undone.summary.counts["corrections"] == 1
    assert sorted(world.phones(item)) == ["+79164445566", "8 916 111-22-33"]
    with open_for_reading(world.state) as db:
        words = portal_words(db)
        card = card_report(db, first.correction.ref, words, limit=2)
        assert [line.id for line in card.corrections] == [second.id + 1, second.id]
        older = card_report(db, first.correction.ref, words, after=card.goes_on).corrections
        assert [line.id for line in older] == [first.id]
        assert [(hold.reason, hold.run) for hold in card.holds] == [("undone", 2)]
        assert [review.reason for review in card.reviews] == ["undone"]
        assert (card.excluded, card.waiting) == (None, None)
        detail = run_detail(db, 1, is_held=False)
        assert detail is not None
        assert (detail.run.kind.value, detail.limit, detail.continues) == ("backfill", None, False)
        assert run_detail(db, 9, is_held=False) is None
        assert [run.id for run in latest_runs(db, is_held=False, before=2, limit=5)] == [1]
