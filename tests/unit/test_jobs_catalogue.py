"""The catalogue: which jobs there are, and what their rules leave out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan
from b24syncd.domain.rules import EmailRules, PaymentRules, PhoneRules, Rules
from b24syncd.domain.snapshots import ContactPoint, Parts, PointKind, Snapshot
from b24syncd.engine.preflight.run import PREFLIGHTS
from b24syncd.jobs import payment_dates
from b24syncd.jobs.catalogue import CATALOGUE, jobs_for
from b24syncd.settings.schema import sections
from b24syncd.settings.sections import LookedUpSection

PHONES = PhoneRules(region="RU", entities=(EntityType.CONTACT,))


def item(entity_type: EntityType) -> Snapshot:
    points = (ContactPoint(1, PointKind.PHONE, "89162345678", "WORK"),)
    return Snapshot(EntityRef(entity_type, 1), datetime(2026, 1, 1, tzinfo=UTC), points)


def test_every_rules_class_has_a_job() -> None:
    assert {kind.rules for kind in CATALOGUE.values()} == set(get_args(Rules))


def test_jobs_come_in_the_order_of_the_catalogue() -> None:
    jobs = jobs_for({"emails": EmailRules(), "phones": PHONES})
    assert [(job.name, job.rules) for job in jobs] == [("phones", PHONES), ("emails", EmailRules())]
    assert jobs_for({}) == ()


def test_an_entity_type_that_the_rules_leave_out_gets_an_empty_plan() -> None:
    (job,) = jobs_for({"phones": PHONES})
    assert job.plan(item(EntityType.CONTACT)).corrections
    assert job.plan(item(EntityType.COMPANY)) == Plan(ran=frozenset({"phones"}))


def test_a_job_whose_part_was_not_read_does_not_run() -> None:
    (job,) = jobs_for({"phones": PHONES})
    assert job.plan(item(EntityType.CONTACT)).ran == {"phones"}
    assert job.plan(replace(item(EntityType.CONTACT), points=None)) == Plan()
    paid = payment_dates.needs(PaymentRules(fields=((EntityType.DEAL, "Paid"),)), EntityType.DEAL)
    assert paid == Parts(payments=True)
    assert (paid | Parts(points=True, fields=frozenset({"a"}))) == Parts(
        points=True, payments=True, fields=frozenset({"a"})
    )


def test_corrections_carry_the_name_of_their_job() -> None:
    (job,) = jobs_for({"phones": PHONES})
    assert {correction.job for correction in job.plan(item(EntityType.CONTACT)).corrections} == {"phones"}


def test_unknown_names_and_rules_of_another_job_are_refused() -> None:
    with pytest.raises(KeyError, match="faxes"):
        jobs_for({"faxes": PHONES})
    with pytest.raises(TypeError, match="job 'emails' takes EmailRules, not PhoneRules"):
        jobs_for({"emails": PHONES})


def test_every_job_that_the_portal_is_asked_about_has_a_preflight_and_its_settings() -> None:
    assert {kind.asked for kind in CATALOGUE.values()} - {None} == PREFLIGHTS.keys()
    looked_up = {name for name, section in sections().items() if issubclass(section, LookedUpSection)}
    own = {f"jobs.{name}" for name, kind in CATALOGUE.items() if kind.asked not in {None, kind.rules}}
    assert looked_up == own
