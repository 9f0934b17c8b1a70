"""Undoing contact points: what was there comes back, whatever was planned; what people did since stays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint, only_points, point_values
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.domain.taken_back import Row, undos_of
from b24syncd.domain.undoing import Undoing, Why
from b24syncd.domain.undoing_points import undo_points
from b24syncd.jobs.contact_values import says
from b24syncd.jobs.phones import planner as phones

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.undoing_points import Says

REF = EntityRef(EntityType.CONTACT, 42)
RULES = PhoneRules(region="RU")
SAYS = says({phones.NAME: RULES}, "RU")
ONE, TWO, THREE = "+79161234567", "+74957654321", "+78123004050"
VALUES = [ONE, "8 916 123-45-67", "8(916)1234567", TWO, "8 495 765-43-21", f"8 916 123-45-67, {TWO}", "ask Anna", ""]
VALUES += [f"{TWO}; {THREE}", THREE, f"{ONE}, {TWO}, {THREE}", f"{TWO}, {ONE}"]
TEXTS = st.sampled_from(VALUES)


@dataclass(frozen=True)
class Made:
    """A row of the journal."""

    batch: str
    correction: Correction


@dataclass
class Item:
    """An item of the portal, and what the journal knows of it."""

    points: list[ContactPoint]
    journal: list[Made] = field(default_factory=list)
    ids: count[int] = field(default_factory=lambda: count(100))

    @property
    def values(self) -> Counter[tuple[PointKind, str, str]]:
        return point_values(self.points)

    @property
    def numbers(self) -> set[str]:
        return {number for point in self.points for number in SAYS(point.kind, point.value)}

    def make(self, corrections: Iterable[Correction], batch: str) -> None:
        """Do as the portal does with one update; note it as the journal does."""
        for correction in only_points(corrections):
            match correction:
                case ChangePoint(point_id=point_id, after=after):
                    self.points = [replace(each, value=after) if each.id == point_id else each for each in self.points]
                case DeletePoint(point_id=point_id):
                    self.points = [each for each in self.points if each.id != point_id]
                case AddPoint():
                    self.add(correction.after, correction.value_type)
            self.journal.append(Made(batch, correction))

    def add(self, value: str, value_type: str = "WORK") -> None:
        self.points.append(ContactPoint(next(self.ids), PointKind.PHONE, value, value_type))

    def correct(self, batch: str) -> None:
        snapshot = Snapshot(REF, datetime(2026, 3, 1, tzinfo=UTC), tuple(self.points))
        self.make(phones.plan(snapshot, RULES).corrections, batch)

    def undo(self, made: Sequence[Made], batch: str) -> Undoing:
        undoing = self.undoing(made)
        self.make(undoing.corrections, batch)
        return undoing

    def undoing(self, made: Iterable[Made], says: Says = SAYS) -> Undoing:
        return undo_points(self.points, [each.correction for each in made], says)


def item_of(*values: str) -> Item:
    return Item([ContactPoint(number, PointKind.PHONE, value, "WORK") for number, value in enumerate(values, 1)])


@st.composite
def items(draw: st.DrawFn) -> Item:
    drawn = draw(st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(["WORK", "HOME"])), max_size=6))
    points = [ContactPoint(number, PointKind.PHONE, *value) for number, value in enumerate(drawn, 1)]
    return Item(points)


@given(item=items())
def test_what_was_there_comes_back_and_again_what_was_made_of_it(item: Item) -> None:
    before = item.values
    item.correct("1")
    corrected = item.values
    first = tuple(item.journal)
    assert item.undo(first, "2").left == ()
    assert item.values == before
    assert item.undo(first, "again") == Undoing()

    second = item.journal[len(first) :]
    assert item.undo(second, "3").left == ()
    assert item.values == corrected
    assert item.undo(item.journal[len(first) :], "again") == Undoing()

    third = item.journal[len(first) + len(second) :]
    assert item.undo(third, "4").left == ()
    assert item.values == before
    assert item.undo(item.journal, "all") == Undoing()


@given(item=items(), values=st.lists(st.sampled_from(VALUES), max_size=3))
def test_several_runs_with_new_entries_between_are_taken_back_together(item: Item, values: list[str]) -> None:
    item.correct("1")
    for value in values:
        item.add(value)
        item.correct(f"after {value}")
    numbers = item.numbers
    item.undo(tuple(item.journal), "undo")
    assert numbers <= item.numbers
    assert item.undoing(item.journal).corrections == ()


@given(item=items(), edits=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["", *VALUES])), max_size=4))
def test_what_people_wrote_since_stays_and_no_number_is_lost(item: Item, edits: list[tuple[int, str]]) -> None:
    item.correct("1")
    theirs: dict[int, str] = {}
    for index, value in edits:
        if index >= len(item.points):
            item.add(value or "+79990001122")
            continue
        point = item.points[index]
        if value:
            item.points[index] = replace(point, value=value)
            theirs[point.id] = value
        else:
            del item.points[index]
            theirs.pop(point.id, None)
    made_after = {
        each.correction.point_id: each.correction.after
        for each in item.journal
        if isinstance(each.correction, ChangePoint)
    }
    numbers = item.numbers
    undoing = item.undo(tuple(item.journal), "2")
    shown = {point.id: point.value for point in item.points}
    for point_id, value in theirs.items():
        if made_after.get(point_id) != value and value not in set(_added(item)):
            assert shown[point_id] == value
    assert numbers <= item.numbers
    assert {left.why for left in undoing.left} <= {Why.CHANGED, Why.GONE, Why.ONLY_THERE}


@st.composite
def lives(draw: st.DrawFn) -> tuple[Item, list[tuple[str, int, str]]]:
    """An item, and what is done with it: by a person, by a run, or by an undo of earlier ones."""
    steps = st.tuples(st.sampled_from(["change", "delete", "add", "run", "undo", "undo all"]), st.integers(0, 9), TEXTS)
    return draw(items()), draw(st.lists(steps, min_size=2, max_size=8))


@given(life=lives())
@settings(max_examples=300)
def test_whatever_runs_people_and_undos_did_before_no_undo_takes_a_number_away(
    life: tuple[Item, list[tuple[str, int, str]]],
) -> None:
    item, steps = life
    item.correct("0")
    undos: set[str] = set()
    for number, (step, index, value) in enumerate(steps, 1):
        place = index % len(item.points) if item.points else None
        if step == "run":
            item.correct(str(number))
        elif step == "add":
            item.add(value)
        elif step == "change" and place is not None:
            item.points[place] = replace(item.points[place], value=value)
        elif step == "delete" and place is not None:
            del item.points[place]
        elif step.startswith("undo"):
            batches = {str(index % number)} if step == "undo" else {made.batch for made in item.journal}
            numbers = item.numbers
            item.undo(chosen(item, batches, undos), str(number))
            undos.add(str(number))
            assert item.numbers == numbers
            assert item.undoing(chosen(item, batches, undos)).corrections == ()


def chosen(item: Item, batches: set[str], undos: set[str]) -> list[Made]:
    """Return what an undo of these runs goes by: with what later undos took back of it."""
    rows = [Row(number, made.correction, made.batch in undos) for number, made in enumerate(item.journal, 1)]
    of_runs = {number for number, made in enumerate(item.journal, 1) if made.batch in batches}
    belonging = of_runs | undos_of(of_runs, rows)
    return [made for number, made in enumerate(item.journal, 1) if number in belonging]


def _added(item: Item) -> list[str]:
    return [each.correction.after for each in item.journal if isinstance(each.correction, AddPoint)]


def test_a_text_that_was_split_comes_back_as_one() -> None:
    item = item_of(f"8 916 123-45-67, {TWO}")
    item.correct("1")
    assert [point.value for point in item.points] == [ONE, TWO]
    undoing = item.undo(item.journal[:], "2")
    assert [type(correction) for correction in undoing.corrections] == [ChangePoint, DeletePoint]
    assert [point.value for point in item.points] == [f"8 916 123-45-67, {TWO}"]


def test_a_text_does_not_come_back_that_says_what_somebody_wanted_gone() -> None:
    item = item_of(f"{ONE}, {TWO}")
    item.correct("1")
    made = tuple(item.journal)
    item.points = [replace(point, value=THREE) if point.value == TWO else point for point in item.points]
    undoing = item.undo(made, "2")
    assert item.numbers == {ONE, THREE}
    assert [left.why for left in undoing.left] == [Why.GONE]


def test_a_text_does_not_come_back_that_says_what_stood_elsewhere_and_somebody_wanted_gone() -> None:
    item = item_of(f"{ONE}, {TWO}", TWO)
    item.correct("1")
    assert [point.value for point in item.points] == [ONE, TWO]
    made = tuple(item.journal)
    item.points = [replace(point, value=THREE) if point.value == TWO else point for point in item.points]
    undoing = item.undo(made, "2")
    assert item.numbers == {ONE, THREE}
    assert [left.why for left in undoing.left] == [Why.GONE]


def test_a_number_that_only_a_text_says_stays_in_it() -> None:
    item = item_of(THREE, f"{TWO}, {THREE}")
    item.correct("1")
    made = item.journal[:]
    item.undo(made, "2")
    del item.points[0]
    undoing = item.undo(item.journal[len(made) :], "3")
    assert [point.value for point in item.points] == [f"{TWO}, {THREE}"]
    assert [left.why for left in undoing.left] == [Why.ONLY_THERE]


def test_an_entry_that_was_there_before_is_not_taken_for_one_that_was_added() -> None:
    item = item_of("8 495 765-43-21", TWO)
    item.correct("1")
    made = len(item.journal)
    item.undo(item.journal[:], "2")
    item.points = [replace(point, value=f"{ONE}, {TWO}") if point.value == TWO else point for point in item.points]
    for batch in ("3", "4"):
        item.undo(item.journal[made:], batch)
    assert [point.value for point in item.points] == [TWO, f"{ONE}, {TWO}"]


def test_an_added_entry_stays_to_which_a_person_gave_another_type() -> None:
    item = item_of(f"8 916 123-45-67, {TWO}")
    item.correct("1")
    item.points[1] = replace(item.points[1], value_type="HOME")
    undoing = item.undo(item.journal[:], "2")
    assert [point.value_type for point in item.points] == ["WORK", "HOME"]
    assert [left.why for left in undoing.left] == [Why.CHANGED]


def test_a_value_without_a_type_comes_back_with_the_usual_one() -> None:
    item = Item([ContactPoint(1, PointKind.PHONE, ONE, ""), ContactPoint(2, PointKind.PHONE, "8 916 123-45-67", "")])
    item.correct("1")
    made = len(item.journal)
    item.undo(item.journal[:], "2")
    assert [(point.value, point.value_type) for point in item.points] == [(ONE, ""), ("8 916 123-45-67", "WORK")]
    assert item.undo(item.journal[made:], "3").left == ()
    assert [point.value for point in item.points] == [ONE]


def under(region: str | None) -> Says:
    """Read as the rules of another region do."""
    return says({} if region is None else {phones.NAME: PhoneRules(region=region)}, region)


def test_what_a_wrong_region_made_of_a_number_comes_back_though_the_number_now_says_another() -> None:
    item = item_of("8 916 123-45-67")
    item.correct("1")
    item.make(item.undoing(item.journal, under("DE")).corrections, "2")
    assert [point.value for point in item.points] == ["8 916 123-45-67"]


@pytest.mark.parametrize("region", ["US", None])
@pytest.mark.parametrize("values", [(f"8 916 123-45-67, {TWO}",), ("+79162234567", "(916) 223-45-67"), (TWO, TWO)])
def test_what_was_made_by_rules_that_are_no_more_is_taken_back_and_made_again(
    values: tuple[str, ...], region: str | None
) -> None:
    item = item_of(*values)
    before = item.values
    item.correct("1")
    corrected, made = item.values, item.journal[:]
    item.make(item.undoing(made, under(region)).corrections, "2")
    assert item.values == before
    item.make(item.undoing(item.journal[len(made) :], under(region)).corrections, "3")
    assert item.values == corrected


@pytest.mark.parametrize("region", ["RU", "US", None])
@pytest.mark.parametrize("values", [(f"8 916 123-45-67, {TWO}",), (TWO, "8 495 765-43-21")])
def test_what_somebody_wanted_gone_stays_gone_by_whatever_rules(values: tuple[str, ...], region: str | None) -> None:
    item = item_of(*values)
    item.correct("1")
    item.points = [point for point in item.points if point.value != TWO]
    left = item.values
    item.make(item.undoing(item.journal, under(region)).corrections, "2")
    assert item.values == left


def test_a_chain_counts_as_one_also_where_it_began_with_an_added_entry() -> None:
    item = item_of(f"8 916 123-45-67, {TWO}")
    item.correct("1")
    added = item.points[1]
    item.make([ChangePoint(REF, "phones", added.kind, added.id, "WORK", TWO, "8 495 765 43 21")], "2")
    item.undo(item.journal[:], "3")
    assert [point.value for point in item.points] == [f"8 916 123-45-67, {TWO}"]


def test_of_a_chain_that_somebody_broke_only_the_last_part_is_taken_back() -> None:
    item = item_of("8 916 123-45-67")
    item.correct("1")
    item.points = [replace(item.points[0], value="8 495 765-43-21")]
    item.correct("2")
    undoing = item.undo(item.journal[:], "3")
    assert [point.value for point in item.points] == ["8 495 765-43-21"]
    assert [left.why for left in undoing.left] == [Why.CHANGED]


def test_the_newest_of_several_chains_of_one_entry_is_gone_on_with() -> None:
    item = item_of("8 916 123-45-67")
    item.correct("1")
    text = f"8 916 123-45-67, {TWO}"
    item.points = [replace(item.points[0], value=text)]
    item.correct("2")
    item.undo([made for made in item.journal if made.batch == "2"], "3")
    item.undo(item.journal[:], "4")
    assert [point.value for point in item.points] == [text]
