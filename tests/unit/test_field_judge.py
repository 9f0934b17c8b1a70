"""The judge of fields, and the comparison of values by what they mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.paying import BERLIN, DEAL, FIELD, PortalField, deal, made, payment, rules, showing, value

from b24syncd.domain.corrections import SetField, written_after
from b24syncd.domain.item_judge import ItemJudge
from b24syncd.domain.judging import Aftermath, Executed, Verdict
from b24syncd.domain.plans import Plan
from b24syncd.domain.snapshots import ItemState, Snapshot
from b24syncd.domain.values import same_value, shown
from b24syncd.jobs.payment_dates import NAME, plan

if TYPE_CHECKING:
    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.payments import Payment

JUDGE = ItemJudge()
OLD, NEW, TYPED, OTHER = "2026-01-10", "2026-03-10", "2026-02-02", "2026-05-05"
MARCH = payment(2, "2026-03-10T12:00:00+01:00")
FIRST_HOUR, SECOND_HOUR = "2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00"


def setting(before: str | None, after: str | None, *, restores: bool = False) -> SetField:
    return SetField(DEAL, NAME, FIELD, value(before), value(after), restores)


SET, CLEAR, ENTER = setting(OLD, NEW), setting(OLD, None), setting(None, NEW)


def held(text: str | None, name: str = FIELD) -> ItemState:
    return ItemState(fields={name: value(text)})


def planner(snapshot: Snapshot) -> Plan:
    return plan(snapshot, rules())


def aftermath(
    correction: SetField, met: str | None, left: str | None, *, base: str | None = OLD, mends: bool = False
) -> Aftermath:
    before, witness, after = (deal(MARCH, there=there) for there in (base, met, left))
    return JUDGE.aftermath(Executed((correction,), before, witness, after, mends), planner)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (None, None, True),
        (OLD, None, False),
        (OLD, OLD, True),
        (OLD, NEW, False),
        ("2026-01-10T12:00:00+03:00", "2026-01-10T09:00:00+00:00", True),
        ("2026-01-10T12:00:00+03:00", "2026-01-10T12:00:01+03:00", False),
        (FIRST_HOUR, SECOND_HOUR, True),
        (FIRST_HOUR, "2025-10-26T01:30:00+00:00", False),
        ("2026-01-10T00:00:00+03:00", OLD, False),
    ],
)
def test_values_are_compared_by_what_they_mean(one: str | None, other: str | None, *, expected: bool) -> None:
    assert same_value(value(one), value(other)) is expected
    assert same_value(value(other), value(one)) is expected


@pytest.mark.parametrize(
    ("correction", "base", "current", "verdict"),
    [
        (SET, OLD, held(NEW), Verdict.DONE),
        (SET, OLD, held(OLD), Verdict.NOT_DONE),
        (SET, OLD, held(TYPED), Verdict.OVERTAKEN),
        (SET, OLD, held(None), Verdict.OVERTAKEN),
        (CLEAR, OLD, held(None), Verdict.DONE),
        (CLEAR, OLD, held(OLD), Verdict.NOT_DONE),
        (ENTER, None, held(None), Verdict.NOT_DONE),
        (ENTER, None, held(NEW), Verdict.DONE),
        (SET, OLD, held(NEW, "ufCrmOther"), Verdict.ELSEWHERE),
        (SET, OLD, held(OLD, "ufCrmOther"), Verdict.ELSEWHERE),
    ],
)
def test_what_reading_tells(correction: SetField, base: str | None, current: ItemState, verdict: Verdict) -> None:
    shows = verdict is Verdict.DONE
    assert JUDGE.verdicts(held(base), [correction], current) == ((verdict, (correction,)),)
    assert JUDGE.was_made([correction], current) is shows
    assert JUDGE.is_effective([correction], current) is shows
    assert JUDGE.visible(held(base), [correction], current) == ((correction,) if shows else ())
    assert JUDGE.still_needed([correction], current) == ((correction,) if verdict is Verdict.NOT_DONE else ())


def test_what_a_clock_shows_twice_is_done() -> None:
    correction = setting(None, SECOND_HOUR)
    assert JUDGE.verdicts(held(None), [correction], held(FIRST_HOUR)) == ((Verdict.DONE, (correction,)),)
    later = setting(SECOND_HOUR, "2026-03-10T12:00:00+01:00")
    assert JUDGE.verdicts(held(SECOND_HOUR), [later], held(FIRST_HOUR)) == ((Verdict.NOT_DONE, (later,)),)
    assert JUDGE.still_needed([later], held(FIRST_HOUR)) == (later,)


def test_where_nobody_came_between_nothing_is_mended() -> None:
    assert aftermath(SET, OLD, NEW) == Aftermath()
    assert aftermath(setting(SECOND_HOUR, NEW), FIRST_HOUR, NEW, base=SECOND_HOUR) == Aftermath()


@pytest.mark.parametrize("typed", [TYPED, None])
def test_what_a_person_did_between_comes_back(typed: str | None) -> None:
    found = aftermath(SET, typed, NEW)
    assert found.otherwise == ((SET, replace(SET, before=value(typed))),)
    assert found.repairs == (setting(NEW, typed, restores=True),)


def test_what_was_typed_before_an_emptying_comes_back() -> None:
    assert aftermath(CLEAR, TYPED, None).repairs == (setting(None, TYPED, restores=True),)


def test_who_did_the_same_before_leaves_nothing_to_mend() -> None:
    assert aftermath(SET, NEW, NEW) == Aftermath(((SET, None),))


def test_what_somebody_wrote_after_us_is_not_touched() -> None:
    assert aftermath(SET, TYPED, OTHER).repairs == ()


def test_a_repair_that_met_a_newer_value_gives_that_back() -> None:
    repair = setting(NEW, TYPED, restores=True)
    assert aftermath(repair, OTHER, TYPED, base=NEW, mends=True) == Aftermath(
        ((repair, replace(repair, before=value(OTHER))),), (replace(repair, before=value(TYPED), after=value(OTHER)),)
    )


@pytest.mark.parametrize("typed", [TYPED, None])
@pytest.mark.parametrize("written", [None, OLD])
def test_what_was_given_back_is_not_planned_away(typed: str | None, written: str | None) -> None:
    before = deal(MARCH, there=OLD, written=written)
    (correction,) = planner(before).corrections
    left = replace(showing(before, value(NEW)), written=written_after(before.written, [correction]))
    assert planner(left) == Plan()
    met = showing(before, value(typed))
    found = JUDGE.aftermath(Executed((correction,), before, met, left, mends=False), planner)
    mended = replace(showing(left, value(typed)), written=written_after(left.written, found.repairs))
    assert planner(mended).corrections == ()
    assert [review.suggestion for review in planner(mended).reviews] == [NEW]


def test_there_is_nothing_to_learn() -> None:
    JUDGE.learn([SET], held(NEW))
    assert aftermath(SET, OLD, NEW) == Aftermath()


STANDS = "as it stood"
VALUES = st.sampled_from([None, OLD, NEW, TYPED, OTHER])
EDITS = st.lists(st.just(STANDS) | VALUES, max_size=4)


class Item:
    """A deal at a portal, with a person who types now and then; knows what they typed last."""

    def __init__(self, snapshot: Snapshot, edits: list[str | None]) -> None:
        self.now = snapshot
        self.typed: list[str | None] = []
        self._edits = edits

    def met(self) -> Snapshot:
        """Return what a write meets, perhaps after an edit."""
        if self._edits:
            edit = self._edits.pop(0)
            if edit not in {STANDS, shown(self.now.fields[FIELD])}:
                self.typed.append(edit)
                self.now = showing(self.now, value(edit))
        return self.now

    def write(self, corrections: tuple[Correction, ...]) -> Snapshot:
        self.now = made(self.now, corrections, PortalField(BERLIN, holds_instant=False))
        return self.now


@given(VALUES, st.sampled_from([None, OLD, NEW]), st.sampled_from([(), (MARCH,)]), EDITS)
def test_whatever_a_person_does_while_we_write_stays(
    there: str | None, written: str | None, paid: tuple[Payment, ...], edits: list[str | None]
) -> None:
    base = deal(*paid, there=there, written=written)
    item = Item(base, edits)
    corrections, mends = planner(base).corrections, False
    for _ in range(8):
        if not corrections:
            break
        witness = item.met()
        after = item.write(corrections)
        found = JUDGE.aftermath(Executed(corrections, base, witness, after, mends), planner)
        mends = bool(found.repairs)
        base, corrections = after, found.repairs or planner(after).corrections
    assert corrections == ()
    if item.typed:
        assert shown(item.now.fields[FIELD]) == item.typed[-1]
