"""Mending is tried against a small model of what the portal does with `fm`, written from the documentation."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from b24syncd.domain.corrections import AddPoint, ChangePoint, Correction, DeletePoint, only_points
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan
from b24syncd.domain.point_repairs import Met, met_points, repairs_of, shows_that_ids_stay
from b24syncd.domain.settling import is_effective, still_needed
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot

REF = EntityRef(EntityType.CONTACT, 1)
NEW_ID = 1000


def toy_plan(snapshot: Snapshot) -> Plan:
    """Lower-case words; split at `;`; the first entry that holds a word keeps it. The shape of the real planners."""
    kept: set[str] = set()
    corrections: list[Correction] = []
    spare: dict[str, str] = {}
    for point in snapshot.entries:
        words = [word for word in dict.fromkeys(point.value.lower().split(";")) if word]
        free = [word for word in words if word not in kept]
        if not free:
            corrections.append(DeletePoint(REF, "toy", point.kind, point.id, point.value_type, point.value))
            continue
        kept.add(free[0])
        if free[0] != point.value:
            corrections.append(ChangePoint(REF, "toy", point.kind, point.id, point.value_type, point.value, free[0]))
        for word in free[1:]:
            spare.setdefault(word, point.value_type)
    for word, value_type in spare.items():
        if word not in kept:
            corrections.append(AddPoint(REF, "toy", PointKind.PHONE, value_type, word))
    return Plan(tuple(corrections))


class ModelPortal:
    """One item as the portal keeps it."""

    def __init__(self, points: tuple[ContactPoint, ...]) -> None:
        self.points = {point.id: point for point in points}
        self._next = max([NEW_ID, *self.points]) + 1

    def apply(self, corrections: tuple[Correction, ...]) -> None:
        for correction in corrections:
            match correction:
                case ChangePoint():
                    known = correction.point_id in self.points
                    self._put(correction.point_id if known else None, correction.after, correction.value_type)
                case DeletePoint():
                    self.points.pop(correction.point_id, None)
                case AddPoint():
                    self._put(None, correction.after, correction.value_type)

    def _put(self, point_id: int | None, value: str, value_type: str) -> None:
        if point_id is None:
            point_id, self._next = self._next, self._next + 1
        self.points[point_id] = ContactPoint(point_id, PointKind.PHONE, value, value_type)

    def snapshot(self) -> Snapshot:
        points = tuple(sorted(self.points.values(), key=lambda point: point.id))
        return Snapshot(REF, datetime(2026, 1, 1, tzinfo=UTC), points)

    def values(self) -> Counter[str]:
        return Counter(point.value for point in self.points.values())


words = st.sampled_from(["a", "A", "b", "B", "c", "C", "a;b", "B;c", "A;C", "d"])
items = st.lists(words, min_size=1, max_size=4)
edits = st.lists(st.tuples(st.sampled_from(["change", "delete", "add", "none"]), st.integers(0, 4), words), max_size=3)


def item_of(values: list[str]) -> tuple[ContactPoint, ...]:
    return tuple(ContactPoint(index + 1, PointKind.PHONE, value, "WORK") for index, value in enumerate(values))


def edit(portal: ModelPortal, changes: list[tuple[str, int, str]]) -> None:
    for action, index, value in changes:
        ids = sorted(portal.points)
        if action == "add":
            portal._put(None, value, "HOME")  # noqa: SLF001 # the person is part of the model
        elif ids and action == "change":
            chosen = ids[index % len(ids)]
            portal.points[chosen] = replace(portal.points[chosen], value=value)
        elif ids and action == "delete":
            del portal.points[ids[index % len(ids)]]


def edit_visibly(portal: ModelPortal, corrections: tuple[Correction, ...], changes: list[tuple[str, int, str]]) -> None:
    """Edit between witness and update, as far as the update's answer can show it."""
    deleted = {correction.point_id for correction in corrections if isinstance(correction, DeletePoint)}
    changed = {correction.point_id for correction in corrections if isinstance(correction, ChangePoint)}
    unseen = {"change": changed | deleted, "delete": deleted}.get
    for action, index, value in changes:
        ids = sorted(portal.points)
        if action == "add" or (ids and ids[index % len(ids)] not in unseen(action, set())):
            edit(portal, [(action, index, value)])


def settle(portal: ModelPortal, corrections: tuple[Correction, ...], base: Snapshot, *, mends: bool) -> None:
    """Write as the engine does: witness, update, and repairs for as long as any are called for."""
    for _ in range(6):
        witness = portal.snapshot()
        portal.apply(corrections)
        after = portal.snapshot()
        if witness.points == base.points:
            return
        repairs = repairs_of(Met(only_points(corrections), mends, witness, after), toy_plan)
        if not repairs:
            return
        corrections, base, mends = repairs, after, True
    raise AssertionError(repairs)


def plan_until_clean(portal: ModelPortal) -> None:
    for _ in range(6):
        corrections = only_points(toy_plan(portal.snapshot()).corrections)
        if not corrections:
            return
        portal.apply(corrections)
    raise AssertionError(portal.points)


def canonical(points: tuple[ContactPoint, ...]) -> Counter[str]:
    portal = ModelPortal(points)
    plan_until_clean(portal)
    return portal.values()


@given(items, edits)
@example(["A", "A"], [("change", 0, "b")])  # the entry whose value a deleted duplicate relied on is changed
@example(["A;B"], [("change", 0, "C")])  # what was split off is no longer wanted
@example(["c", "B;c"], [("change", 0, "a")])  # a text held the value that its keeper loses
@example(["A"], [("delete", 0, "a")])  # the write brings a deleted entry back
@example(["A", "a"], [("change", 1, "D")])  # the person changes the entry that the write deletes
def test_a_persons_edit_between_snapshot_and_write_survives(
    values: list[str], changes: list[tuple[str, int, str]]
) -> None:
    portal = ModelPortal(item_of(values))
    base = portal.snapshot()
    corrections = only_points(toy_plan(base).corrections)
    if not corrections:
        return
    edit(portal, changes)
    wanted = canonical(portal.snapshot().entries)
    settle(portal, corrections, base, mends=False)
    plan_until_clean(portal)
    assert portal.values() == wanted


@given(items, edits, edits)
@example(["A"], [], [("delete", 0, "a")])  # what was changed had just vanished, so changing it added it again
@example(["A"], [], [("delete", 0, "a"), ("add", 0, "a")])  # and the person typed the very value that was written
@example(["A;B", "C"], [], [("delete", 0, "a")])  # of a text that is split, no part comes back
@example(["a", "A"], [], [("delete", 0, "a")])  # the keeper of a deleted duplicate vanished: the value comes back
@example(["a", "A"], [], [("change", 0, "d")])  # or was changed
@example(["A"], [("change", 0, "B")], [("add", 0, "a")])  # what is overwritten comes back, what was added stays
def test_an_edit_between_witness_and_update_survives_where_the_answer_shows_it(
    values: list[str], before: list[tuple[str, int, str]], meanwhile: list[tuple[str, int, str]]
) -> None:
    portal = ModelPortal(item_of(values))
    base = portal.snapshot()
    corrections = only_points(toy_plan(base).corrections)
    if not corrections:
        return
    edit(portal, before)
    witness = portal.snapshot()
    edit_visibly(portal, corrections, meanwhile)
    wanted = canonical(portal.snapshot().entries)
    portal.apply(corrections)
    after = portal.snapshot()
    met = Met(corrections, False, witness, after)  # noqa: FBT003 # not a repair
    repairs = repairs_of(met, toy_plan) if met_points(met) != base.entries else ()
    if repairs:
        settle(portal, repairs, after, mends=True)
    plan_until_clean(portal)
    assert portal.values() == wanted


@given(items, edits, edits)
def test_an_edit_during_the_mending_survives_too(
    values: list[str], first: list[tuple[str, int, str]], second: list[tuple[str, int, str]]
) -> None:
    portal = ModelPortal(item_of(values))
    base = portal.snapshot()
    corrections = only_points(toy_plan(base).corrections)
    if not corrections:
        return
    edit(portal, first)
    witness = portal.snapshot()
    portal.apply(corrections)
    after = portal.snapshot()
    repairs = repairs_of(Met(corrections, False, witness, after), toy_plan)  # noqa: FBT003 # not a repair
    edit(portal, second)
    changed_again = {point.id: point.value for point in portal.snapshot().entries}
    newer = {
        value
        for point_id, value in changed_again.items()
        if (before := next((point for point in after.entries if point.id == point_id), None)) is None
        or before.value != value
    }
    if repairs:
        settle(portal, repairs, after, mends=True)
    plan_until_clean(portal)
    held = set(portal.values())
    for value in newer:
        assert {word for word in value.lower().split(";") if word} <= held


@given(items)
def test_without_an_edit_there_is_nothing_to_mend(values: list[str]) -> None:
    portal = ModelPortal(item_of(values))
    base = portal.snapshot()
    corrections = only_points(toy_plan(base).corrections)
    portal.apply(corrections)
    after = portal.snapshot()
    assert repairs_of(Met(corrections, False, base, after), toy_plan) == ()  # noqa: FBT003 # not a repair
    assert is_effective(corrections, after.entries)
    assert still_needed(corrections, after.entries) == ()
    assert still_needed(corrections, base.entries) == corrections


def test_where_a_change_gives_a_new_id_nothing_is_taken_for_deleted() -> None:
    base = Snapshot(REF, datetime(2026, 1, 1, tzinfo=UTC), item_of(["A"]))
    corrections = only_points(toy_plan(base).corrections)
    renamed = replace(base, points=(ContactPoint(7, PointKind.PHONE, "a", "WORK"),))
    assert not shows_that_ids_stay(corrections, renamed.entries)
    assert repairs_of(Met(corrections, False, base, renamed, ids_stay=False), toy_plan) == ()  # noqa: FBT003 # not a repair
    assert repairs_of(Met(corrections, False, base, renamed, ids_stay=True), toy_plan) != ()  # noqa: FBT003 # not a repair
