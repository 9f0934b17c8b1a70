"""The entries of one item: which keeps which value, which is deleted, which is new."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import EmailRules, PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.jobs.emails import planner as emails
from b24syncd.jobs.phones import planner as phones

CONTACT = EntityRef(EntityType.CONTACT, 42)
A, B, C, D = "+74951234561", "+74951234562", "+74951234563", "+74951234564"
AT = {A: "8 (495) 123-45-61", B: "8 (495) 123-45-62"}
"""The same numbers as people write them."""


def snapshot(*values: str | tuple[str, str], kind: PointKind = PointKind.PHONE, first: int = 10) -> Snapshot:
    points = []
    for place, value in enumerate(values):
        raw, value_type = value if isinstance(value, tuple) else (value, "WORK")
        points.append(ContactPoint(first + place, kind, raw, value_type))
    return Snapshot(CONTACT, datetime(2026, 1, 1, tzinfo=UTC), tuple(points))


def planned(*values: str | tuple[str, str]) -> Plan:
    return phones.plan(snapshot(*values), PhoneRules(region="RU"))


def change(point_id: int, before: str, after: str, value_type: str = "WORK") -> ChangePoint:
    return ChangePoint(CONTACT, "phones", PointKind.PHONE, point_id, value_type, before, after)


def delete(point_id: int, before: str, value_type: str = "WORK") -> DeletePoint:
    return DeletePoint(CONTACT, "phones", PointKind.PHONE, point_id, value_type, before)


def add(after: str, value_type: str = "WORK") -> AddPoint:
    return AddPoint(CONTACT, "phones", PointKind.PHONE, value_type, after)


@pytest.mark.parametrize(
    ("values", "corrections"),
    [
        ((), ()),
        ((A,), ()),
        ((A, B), ()),
        ((AT[A],), (change(10, AT[A], A),)),
        # The first entry that holds a value keeps it, however it is written.
        ((A, A), (delete(11, A),)),
        ((AT[A], A), (change(10, AT[A], A), delete(11, A))),
        ((A, AT[A]), (delete(11, AT[A]),)),
        ((A, B, A, B), (delete(12, A), delete(13, B))),
        # Several in one: the first stays, the others become new entries of the same type.
        ((f"{A}, {B}",), (change(10, f"{A}, {B}", A), add(B))),
        (((f"{A}, {B}, {C}", "HOME"),), (change(10, f"{A}, {B}, {C}", A, "HOME"), add(B, "HOME"), add(C, "HOME"))),
        # A new entry comes only for a value that is held nowhere, before or behind.
        ((f"{A}, {B}", B), (change(10, f"{A}, {B}", A),)),
        ((B, f"{A}, {B}"), (change(11, f"{A}, {B}", A),)),
        ((f"{A}, {B}", AT[B]), (change(10, f"{A}, {B}", A), change(11, AT[B], B))),
        # An entry keeps its first value that no earlier one keeps; it is deleted only if there is none.
        ((A, f"{A}, {B}"), (change(11, f"{A}, {B}", B),)),
        ((f"{A}, {B}", f"{B}, {A}"), (change(10, f"{A}, {B}", A), change(11, f"{B}, {A}", B))),
        ((f"{A}, {B}", A), (change(10, f"{A}, {B}", A), delete(11, A), add(B))),
        ((f"{A}, {B}", A, B), (change(10, f"{A}, {B}", A), delete(11, A))),
        (
            (f"{A}, {B}", f"{A}, {C}, {D}"),
            (change(10, f"{A}, {B}", A), change(11, f"{A}, {C}, {D}", C), add(B), add(D)),
        ),
        ((f"{A}; {A}",), (change(10, f"{A}; {A}", A),)),
        # With and without an extension are two values.
        ((A, f"{A};12"), ()),
        ((f"{A};12", f"{AT[A]} доб. 12"), (delete(11, f"{AT[A]} доб. 12"),)),
        # Value types that differ between merged entries are in the correction.
        (((A, "WORK"), (A, "MOBILE")), (delete(11, A, "MOBILE"),)),
    ],
)
def test_entries_that_can_be_read(values: tuple[str | tuple[str, str], ...], corrections: tuple[object, ...]) -> None:
    assert planned(*values) == Plan(corrections)  # type: ignore[arg-type] # a table of corrections


def test_an_entry_that_cannot_be_read_stays_and_holds_nothing() -> None:
    remark, shorthand = f"{A} Иван", f"{A}/62"
    plan = planned(remark, A, shorthand, A, remark)
    assert plan.corrections == (delete(13, A),)
    assert plan.reviews == (
        Review(CONTACT, "phones", 10, remark, Reason.CONTAINS_TEXT, A),
        Review(CONTACT, "phones", 12, shorthand, Reason.PARTLY_READABLE),
        Review(CONTACT, "phones", 14, remark, Reason.CONTAINS_TEXT, A),
    )


def test_a_blank_entry_stays_without_a_review() -> None:
    assert planned(" ", A, "") == Plan()


def test_entries_are_gone_through_by_id_however_they_arrive() -> None:
    taken = snapshot(AT[A], A)
    turned = Snapshot(taken.ref, taken.updated_at, taken.entries[::-1])
    assert phones.plan(turned, PhoneRules(region="RU")) == planned(AT[A], A)


def test_each_job_sees_its_own_kind_only() -> None:
    taken = snapshot("Ivan@Example.com", kind=PointKind.EMAIL)
    assert phones.plan(taken, PhoneRules(region="RU")) == Plan()
    assert emails.plan(snapshot(AT[A]), EmailRules()) == Plan()


def test_emails_are_merged_in_the_same_way() -> None:
    taken = snapshot("Ivan@Example.com", ("ivan@example.com; b@x.ru", "HOME"), "ivan@gmial.com", kind=PointKind.EMAIL)
    plan = emails.plan(taken, EmailRules())
    kind = PointKind.EMAIL
    assert plan.corrections == (
        ChangePoint(CONTACT, "emails", kind, 10, "WORK", "Ivan@Example.com", "ivan@example.com"),
        ChangePoint(CONTACT, "emails", kind, 11, "HOME", "ivan@example.com; b@x.ru", "b@x.ru"),
    )
    assert plan.reviews == (Review(CONTACT, "emails", 12, "ivan@gmial.com", Reason.DOMAIN_TYPO, "ivan@gmail.com"),)


def test_whether_case_makes_a_duplicate_is_up_to_the_setting() -> None:
    taken = snapshot("Ivan@example.com", "ivan@example.com", kind=PointKind.EMAIL)
    assert emails.plan(taken, EmailRules(lowercase_local_part=False)) == Plan()
    merged = emails.plan(taken, EmailRules())
    assert [type(correction) for correction in merged.corrections] == [ChangePoint, DeletePoint]


def test_what_is_split_off_an_entry_without_a_type_has_one() -> None:
    plan = planned(("8 (916) 123-45-67; 8 (916) 123-45-68", ""))
    assert plan.corrections == (
        change(10, "8 (916) 123-45-67; 8 (916) 123-45-68", "+79161234567", ""),
        add("+79161234568", "WORK"),
    )
