"""The judge of items: one update of contact points and fields, told part by part."""

from __future__ import annotations

from datetime import UTC, datetime

from b24syncd.domain.corrections import AddPoint, ChangePoint, SetField, unit_of, units_of
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.item_judge import ItemJudge
from b24syncd.domain.judging import Aftermath, Executed, Verdict
from b24syncd.domain.plans import Plan
from b24syncd.domain.snapshots import ContactPoint, ItemState, PointKind, Snapshot

REF = EntityRef(EntityType.CONTACT, 1)
RAW, RIGHT = "8 916", "+7916"
PHONE = ChangePoint(REF, "phones", PointKind.PHONE, 5, "WORK", RAW, RIGHT)
NOTE, TITLE = SetField(REF, "fields", "note", " a", "a"), SetField(REF, "fields", "title", "b ", "b")
ALL = (PHONE, NOTE, TITLE)


def state(phone: str | None, note: str | None = " a", title: str | None = "b ") -> ItemState:
    points = None if phone is None else (ContactPoint(5, PointKind.PHONE, phone, "WORK"),)
    return ItemState(points, {"note": note, "title": title})


BASE = state(RAW)


def snapshot(found: ItemState) -> Snapshot:
    return Snapshot(REF, datetime(2026, 1, 1, tzinfo=UTC), found.points, found.fields)


def test_each_part_is_told_by_itself() -> None:
    judge = ItemJudge()
    assert judge.verdicts(BASE, ALL, state(RAW, "a", "typed")) == (
        (Verdict.NOT_DONE, (PHONE,)),
        (Verdict.DONE, (NOTE,)),
        (Verdict.OVERTAKEN, (TITLE,)),
    )
    assert judge.visible(BASE, ALL, state(RIGHT, "a", "typed")) == (PHONE, NOTE)
    assert judge.still_needed(ALL, state(RAW, "a")) == (PHONE, TITLE)
    assert judge.is_effective(ALL, state(RIGHT, "a", "b"))
    assert not judge.is_effective(ALL, state(RIGHT, "a"))


def test_of_what_was_not_read_nothing_is_told() -> None:
    judge, unread = ItemJudge(), ItemState(None, {"title": "b"})
    assert judge.verdicts(BASE, ALL, unread) == (
        (Verdict.ELSEWHERE, (PHONE,)),
        (Verdict.ELSEWHERE, (NOTE,)),
        (Verdict.DONE, (TITLE,)),
    )


def test_a_persons_edit_of_one_part_mends_that_part_alone() -> None:
    met, left = snapshot(state(RAW, "typed")), snapshot(state(RIGHT, "a", "b"))
    found = ItemJudge().aftermath(Executed(ALL, snapshot(BASE), met, left, mends=False), lambda _: Plan())
    assert found == Aftermath(
        ((NOTE, SetField(REF, "fields", "note", "typed", "a")),),
        (SetField(REF, "fields", "note", "a", "typed", restores=True),),
    )


def test_parts_are_contact_points_by_their_job_and_each_field() -> None:
    more, mail = (
        AddPoint(REF, "phones", PointKind.PHONE, "WORK", "+7917"),
        AddPoint(REF, "emails", PointKind.EMAIL, "WORK", "a@example.org"),
    )
    assert units_of([PHONE, NOTE, more, mail, TITLE]) == ((PHONE, more), (NOTE,), (mail,), (TITLE,))
    assert [unit_of(one) for one in (PHONE, NOTE)] == [("phones", ""), ("fields", "note")]
