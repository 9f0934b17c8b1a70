from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.rebinding import (
    CALL,
    COMPANY,
    DEAL,
    LEAD,
    MOVE,
    OTHER_COMPANY,
    OTHER_LEAD,
    offer,
    rule,
    snapshot,
    source,
)

from b24syncd.domain.activities import Candidate, Offer, Source
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import BindingRule, BindingRules, LinkedItem, LinkField, ListedItem, SharedContactPoint
from b24syncd.domain.snapshots import ContactPoint, PointKind
from b24syncd.jobs.bindings.planner import plan
from b24syncd.jobs.shared_points import share_a_point

RULES = BindingRules(region="RU")
SHARED = rule("same client", to=SharedContactPoint(EntityType.COMPANY))


def phone(value: str, point_id: int = 1) -> ContactPoint:
    return ContactPoint(point_id, PointKind.PHONE, value, "WORK")


def email(value: str) -> ContactPoint:
    return ContactPoint(9, PointKind.EMAIL, value, "WORK")


def reviewed(item: Source) -> Review:
    planned = plan(snapshot(LEAD, sources=(item,)), RULES)
    assert planned.corrections == ()
    (review,) = planned.reviews
    return review


@pytest.mark.parametrize(
    ("which", "destination"),
    [
        (rule("r", to=LinkedItem(EntityType.COMPANY)), "company"),
        (rule("r", to=LinkField("UF_CRM_CLIENT")), "UF_CRM_CLIENT"),
        (rule("r", to=SharedContactPoint(EntityType.CONTACT)), "contact with the same phone or e-mail"),
        (rule("r", to=ListedItem(COMPANY)), "company:5"),
    ],
)
def test_no_target(which: BindingRule, destination: str) -> None:
    review = reviewed(source(LEAD, offer(which)))
    assert review == Review(
        EntityRef(EntityType.LEAD, 1), "bindings", review.point_id, f"rule “r”: {destination}", Reason.NO_TARGET
    )


def test_every_rule_of_an_item_has_a_review_of_its_own() -> None:
    planned = plan(snapshot(LEAD, sources=(source(LEAD, offer(MOVE), offer(rule("others"))),)), RULES)
    assert len({review.point_id for review in planned.reviews}) == 2
    assert all(0 < review.point_id < 1 << 31 for review in planned.reviews)


def test_the_item_itself_is_no_target() -> None:
    review = reviewed(source(LEAD, offer(MOVE, LEAD, missing=(LEAD,))))
    assert review.reason is Reason.NO_TARGET
    assert plan(snapshot(LEAD, sources=(source(LEAD, offer(MOVE, LEAD, DEAL)),)), RULES).corrections


def test_several_targets_are_named_in_one_order() -> None:
    review = reviewed(source(LEAD, offer(MOVE, OTHER_COMPANY, COMPANY, COMPANY)))
    assert (review.reason, review.suggestion) == (Reason.SEVERAL_TARGETS, "company:5, company:8")


def test_a_target_that_is_not_shown_may_be_the_one() -> None:
    review = reviewed(source(LEAD, offer(MOVE, COMPANY, missing=(OTHER_COMPANY,))))
    assert (review.reason, review.suggestion) == (Reason.SEVERAL_TARGETS, "company:5")
    review = reviewed(source(LEAD, offer(MOVE, missing=(OTHER_COMPANY, COMPANY))))
    assert (review.reason, review.value) == (Reason.MISSING_TARGET, "rule “leads”: company:5, company:8")
    assert review.suggestion is None


def test_too_many_matches() -> None:
    candidate = Candidate(COMPANY, (email("a@b.de"),))
    item = Source(LEAD, (Offer(SHARED, (candidate,), is_full=True),), (email("a@b.de"),))
    assert reviewed(item).reason is Reason.TOO_MANY_MATCHES


def test_only_candidates_that_share_a_contact_point_count() -> None:
    candidates = (Candidate(COMPANY, (phone("8 (916) 234-56-78"),)), Candidate(OTHER_COMPANY, (phone("+79162345679"),)))
    item = Source(LEAD, (Offer(SHARED, candidates),), (phone("+7 916 234 56 78"),))
    planned = plan(snapshot(LEAD, sources=(item,)), RULES)
    assert [str(correction.target) for correction in planned.corrections if hasattr(correction, "target")] == [
        "company:5"
    ]
    assert reviewed(replace(item, points=(email("a@b.de"),))).reason is Reason.NO_TARGET
    assert plan(snapshot(OTHER_LEAD, sources=(item,)), RULES) == Plan()
    assert CALL.type is EntityType.ACTIVITY


@pytest.mark.parametrize(
    ("one", "other", "region", "is_shared"),
    [
        (email(" Olga@B24.de"), email("olga@b24.DE "), "RU", True),
        (email("olga@b24.de"), email("olga@b24.ru"), "RU", False),
        (email(" "), email(""), "RU", False),
        (phone("8 916 234-56-78"), phone("+79162345678"), "RU", True),
        (phone("8 916 234-56-78"), phone("+79162345678"), None, False),
        (phone("8 916 234-56-78"), phone("8(916)2345678"), None, True),
        (phone("8 916 234-56-78 / 8 916 234-56-79"), phone("+79162345679"), "RU", True),
        (phone("00 99 12"), phone("009912"), "RU", True),
        (phone("1234"), phone("1234"), "RU", False),
        (phone("+79162345678"), email("+79162345678"), "RU", False),
    ],
)
def test_what_is_shared(one: ContactPoint, other: ContactPoint, region: str | None, *, is_shared: bool) -> None:
    assert share_a_point((phone("+74951234567"), one), (other,), region) is is_shared
