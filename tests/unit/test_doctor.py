"""What an examination makes of what it sees: each judgement by itself, and the verdict on all of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulated_time import simulated_loop

from b24syncd.app.doctor import access, dates, events, examining, limits, network, region, rights, state
from b24syncd.app.doctor.case import Case, Look, Need
from b24syncd.app.doctor.state import Disk
from b24syncd.cli.doctor import lines_of
from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.domain.entities import EntityType
from b24syncd.errors import CredentialsRefused, ExitCode, Problem, Rejected, RightMissing, SafetyStop
from b24syncd.jobs.phones.written_regions import OtherRegion
from b24syncd.portal.dates.marks import DateMark
from b24syncd.portal.offline_events import Standing
from b24syncd.portal.pace.limits import LimitsState
from b24syncd.reports.doctor import (
    Check,
    Examination,
    Finding,
    Level,
    Verdict,
    failure,
    of_error,
    of_problem,
    ok,
    skipped,
    warning,
)
from b24syncd.reports.wording import in_halves
from b24syncd.settings import load_settings
from b24syncd.settings.schema import Limits
from b24syncd.store.conditions import OnRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.settings import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODES = [code for code in ExitCode if code not in {ExitCode.DONE, ExitCode.INTERRUPTED}]
LINE = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=200)
FINDINGS = st.one_of(
    st.builds(ok, LINE),
    st.builds(skipped, LINE),
    st.builds(warning, LINE, LINE),
    st.builds(failure, LINE, st.none() | LINE, st.sampled_from(CODES)),
)
CHECKS = st.lists(st.builds(Check, st.sampled_from([look.name for look in examining.LOOKS]), FINDINGS), max_size=20)
WEBHOOK = {"B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/", "B24SYNCD_PORTAL__REGION": "RU"}


def settings(**keys: str) -> Settings:
    return load_settings(None, WEBHOOK | {f"B24SYNCD_{key.upper()}": value for key, value in keys.items()})


@given(CHECKS)
def test_the_exit_code_is_that_of_the_gravest_failure_and_of_nothing_else(checks: list[Check]) -> None:
    found = Examination.of(checks)
    codes = {check.finding.exit_code for check in checks if check.finding.level is Level.FAILURE}
    assert (found.exit_code is ExitCode.DONE) == (not codes)
    assert found.exit_code in codes | {ExitCode.DONE}
    assert (found.verdict is Verdict.FAILURE) == bool(codes)
    alone = {Examination.of([Check("dns", failure("", None, code))]).exit_code for code in codes}
    assert alone == codes
    assert Examination.of(reversed(checks)).exit_code is found.exit_code
    assert found.sentence()


@given(CHECKS)
def test_an_interruption_has_no_verdict(checks: list[Check]) -> None:
    found = Examination.of(checks, interrupted=True)
    assert (found.verdict, found.exit_code) == (Verdict.INTERRUPTED, ExitCode.INTERRUPTED)
    assert found.sentence().startswith("interrupted; so far: ")


def test_what_a_person_mends_is_graver_than_what_time_mends() -> None:
    both = [Check("dns", failure("", None, code)) for code in (ExitCode.UNAVAILABLE, ExitCode.USAGE)]
    assert Examination.of(both).exit_code is ExitCode.USAGE
    assert Examination.of(both[:1]).sentence() == "1 failure"
    assert Examination.of([]).sentence() == "all is well"


def test_in_json_a_check_is_one_flat_object() -> None:
    found = Examination.of([Check("proxy", warning("so", "do")), Check("disk", ok("fine"))]).to_json()
    assert found == {
        "checks": [
            {"name": "proxy", "level": "warning", "detail": "so", "cure": "do", "exit_code": 0},
            {"name": "disk", "level": "ok", "detail": "fine", "cure": None, "exit_code": 0},
        ],
        "verdict": "warning",
        "exit_code": 0,
    }


@given(st.builds(Check, st.just("dns"), FINDINGS), st.integers(40, 200))
def test_lines_wrap_at_spaces_and_lose_no_word(check: Check, width: int) -> None:
    wrapped, whole = list(lines_of(check, width)), list(lines_of(check, None))
    assert " ".join(wrapped).split() == " ".join(whole).split()
    assert all(len(line) <= width or len(line.split()) <= 2 for line in wrapped)
    assert len(whole) == (1 if check.finding.cure is None else 2)


def test_the_cure_has_a_line_of_its_own() -> None:
    told = warning("the certificate of this host is valid for 3 days more", "let it be renewed in time, and look again")
    assert list(lines_of(Check("tls", told), 40)) == [
        "warning  tls: the certificate of this",
        "         host is valid for 3 days more",
        "         cure: let it be renewed in",
        "               time, and look again",
    ]


@given(LINE, LINE)
def test_an_error_is_told_in_two_halves(detail: str, cure: str) -> None:
    first, second = in_halves(f"{detail}; {cure}")
    assert "".join((first + second).replace(";", "").split()) == "".join((detail + cure).replace(";", "").split())


def test_what_is_in_brackets_is_no_cure() -> None:
    assert in_halves("none may be read (lead: no; deal: no)") == ("none may be read (lead: no; deal: no)", "")
    found = of_error(CredentialsRefused("no permission (it has: a; b); grant it"))
    assert found == failure("no permission (it has: a; b)", "grant it", ExitCode.REFUSED)
    assert of_error(SafetyStop("so")) == failure("so", None, ExitCode.SAFETY_STOP)


def test_a_missing_right_is_no_mistake_of_the_configuration() -> None:
    assert of_problem(Problem("a.b", "wrong", "mend it", "5")) == failure(
        "a.b: wrong (is 5)", "mend it", ExitCode.USAGE
    )
    assert of_problem(RightMissing("a", "denied", "ask")).exit_code is ExitCode.REFUSED


@pytest.mark.parametrize(
    ("ahead", "level"), [(0.4, Level.OK), (59, Level.OK), (-59, Level.OK), (61, Level.WARNING), (-7200, Level.WARNING)]
)
def test_clocks_may_differ_by_a_minute(ahead: float, level: Level) -> None:
    found = access.judged(ahead)
    assert found.level is level
    assert ("behind" in found.detail) == (ahead < -1)


@pytest.mark.parametrize(("days", "level"), [(400, Level.OK), (14, Level.OK), (13, Level.WARNING), (None, Level.OK)])
def test_a_certificate_is_to_be_renewed_in_time(days: int | None, level: Level) -> None:
    until = None if days is None else NOW + timedelta(days=days, hours=1)
    found = network.judged("TLSv1.3", "Acme", until, NOW)
    assert found.level is level
    assert "TLSv1.3, a certificate by Acme" in found.detail
    assert days is None or f"{days} days" in found.detail


def test_addresses_are_told_by_family() -> None:
    found = ["192.0.2.1", "192.0.2.1", "2001:db8::1", "fe80::1%eth0", "192.0.2.2"]
    told = network.told_addresses("acme", found)
    assert told == "acme is known by IPv4 and IPv6: 192.0.2.1, 2001:db8::1, fe80::1%eth0, and 1 more"


GIBI = 2**30


@pytest.mark.parametrize(
    ("change", "level", "code"),
    [
        ({}, Level.OK, ExitCode.DONE),
        ({"free": GIBI, "grows": GIBI / 10}, Level.WARNING, ExitCode.DONE),
        ({"free": GIBI, "grows": GIBI / 100}, Level.OK, ExitCode.DONE),
        ({"free": GIBI // 4}, Level.WARNING, ExitCode.DONE),
        ({"free": GIBI // 64}, Level.FAILURE, ExitCode.UNAVAILABLE),
        ({"has_files_left": False}, Level.FAILURE, ExitCode.UNAVAILABLE),
        ({"is_read_only": True}, Level.FAILURE, ExitCode.USAGE),
    ],
)
def test_a_disk_needs_room_for_what_comes(change: dict[str, object], level: Level, code: ExitCode) -> None:
    disk = replace(Disk(Path("/var/lib"), 100 * GIBI, GIBI, 2.0**20), **change)  # type: ignore[arg-type] # they vary
    found = state.judged(disk)
    assert (found.level, found.exit_code) == (level, code)
    assert (found.cure is None) == (level is Level.OK)


def test_room_is_told_in_units_that_fit() -> None:
    found = state.judged(Disk(Path("/x"), 3 * GIBI // 2, 2048, 5 * 2.0**20))
    assert found.detail == "1.5 GiB free in /x, the state takes 2.0 KiB and 5.0 MiB more each day"


def test_who_holds_the_state() -> None:
    assert "nothing runs" in state.judged_holder(None, None).detail
    assert "a backfill or another command" in state.judged_holder(7, None).detail
    assert state.judged_holder(7, Path("/run/x.sock")).detail == "`b24syncd run` works: process 7"


def test_types_are_judged_job_by_job() -> None:
    lead, deal, company = EntityType.LEAD, EntityType.DEAL, EntityType.COMPANY
    absent = Rejected("ENTITY_TYPE_NOT_SUPPORTED", "no such")
    types: dict[EntityType, int | Rejected] = {lead: Rejected("ACCESS_DENIED", "no"), deal: 7, company: absent}
    jobs = {"phones": {lead, company}, "fields": {deal, lead}}
    denied, *others = rights.judged_types(jobs, types, "webhook")
    assert denied.detail == "phones: lead cannot be read (ACCESS_DENIED: no)"
    assert [(one.level, one.detail.partition(" (")[0]) for one in others] == [
        (Level.FAILURE, "fields: lead cannot be read"),
        (Level.OK, "fields: deal can be read"),
    ]
    (told,) = rights.judged_absence(jobs, types)
    assert told.detail == "phones: the portal has no company, or it is switched off there"


def test_permissions_that_let_a_job_do_all_of_its_work() -> None:
    paying = settings(jobs__payment_dates__enabled="true", changes__sweep_hours="0")
    (sale,) = rights.judged_scopes(paying, ["crm"])
    assert "by the next backfill (changes.sweep_hours is 0)" in sale.detail
    assert list(rights.judged_scopes(paying, ["crm", "sale"])) == []
    binding = settings(jobs__bindings__rules='[{"name": "r", "from": "lead", "to": "company"}]')
    (task,) = rights.judged_scopes(binding, ["crm"])
    assert "no permission 'task'" in task.detail
    assert list(rights.judged_scopes(settings(), ["crm"])) == []


@pytest.mark.parametrize(
    ("name", "burst", "level", "told"),
    [
        ("ru_ent250", 50, Level.OK, "250 and 5 are allowed there"),
        ("ru_ent250", 250, Level.OK, "limits.burst = 250"),
        ("de_std", 50, Level.OK, "fit it"),
        ("de_std", 250, Level.WARNING, "no Enterprise plan"),
        ("ru_selfhosted", 900, Level.OK, "self-hosted"),
        ("", 50, Level.SKIPPED, "does not tell its plan"),
    ],
)
def test_only_enterprise_has_a_larger_limit(name: str, burst: int, level: Level, told: str) -> None:
    found = rights.judged_plan(name, Limits(burst=burst))
    assert found.level is level
    assert told in found.detail


MARK = DateMark(is_plain=False, shift=0.0, held_since=0.0, confirmed_at=0.0, utc_offset=10800.0)


@pytest.mark.parametrize(
    ("mark", "needs_zone", "level", "told"),
    [
        (None, False, Level.SKIPPED, "there is no lead"),
        (MARK, True, Level.OK, "filters take times as they are meant; the portal's clock is +3 h from UTC"),
        (replace(MARK, shift=21600.0, user_zone="Asia/Tokyo"), True, Level.OK, "off by 6 h"),
        (replace(MARK, shift=-5400.0), False, Level.OK, "off by -1.5 h"),
        (replace(MARK, shift=21600.0), True, Level.WARNING, "off by 6 h"),
    ],
)
def test_a_shift_is_reckoned_with_but_days_need_a_zone(
    mark: DateMark | None, *, needs_zone: bool, level: Level, told: str
) -> None:
    found = dates.judged("lead", mark, needs_zone=needs_zone)
    assert found.level is level
    assert told in found.detail


def test_a_wrong_region_stops_a_run_unless_a_person_let_it_pass() -> None:
    other = OtherRegion(200, "US", 3, "RU", 99)
    found = region.judged("US", 3, other, lets_pass=False)
    assert (found.level, found.exit_code) == (Level.FAILURE, ExitCode.SAFETY_STOP)
    assert 'set portal.region = "RU"' in str(found.cure)
    assert region.judged("US", 3, other, lets_pass=True).level is Level.WARNING
    assert region.judged("US", 88, None, lets_pass=False).detail.endswith("88 % are certain in US")


def test_limits_are_told_as_they_were_learnt() -> None:
    costs = {"crm.item.update": 0.25, "crm.item.list": 0.0104, "crm.item.get": 0.01, "scope": 0.001}
    learnt = LimitsState(costs=costs, operating={"crm.item.update": (440.0, 2000.0), "scope": (440.0, 900.0)})
    spent, told = limits.judged(learnt, Limits(), 1000.0)
    assert spent.level is Level.WARNING
    assert spent.detail == "crm.item.update has spent 440 s of its 480 s of operating time"
    assert "wait until 00:33 (UTC)" in str(spent.cure)
    assert "crm.item.update 0.25 s, crm.item.list 0.0104 s, crm.item.get 0.01 s;" in told.detail
    by_night = Limits.model_validate({"schedule": ({"days": ("thu",), "to": "02:00", "share": 1.0},)})
    (fine,) = limits.judged(replace(learnt, utc_offset=3600.0), by_night, 1000.0)
    assert fine.level is Level.OK
    lower = replace(learnt, operating_limits={"crm.item.update": (399.0, 0.0), "scope": (500.0, 0.0)})
    spent, allowed, _ = limits.judged(replace(lower, operating={"crm.item.update": (360.0, 2000.0)}), Limits(), 1000.0)
    assert spent.detail == "crm.item.update has spent 360 s of its 399 s of operating time"
    assert allowed.detail == "the portal allows 399 s of crm.item.update, not 480 s, as it refused more on 1970-01-01"
    (nothing,) = limits.judged(LimitsState(), Limits(), 1000.0)
    assert nothing.level is Level.SKIPPED


def test_requests_of_others_are_told_from_the_record() -> None:
    one = OnRecord(1, Condition(ConditionKind.FOREIGN_REQUESTS, "", NOW, "3 requests were refused"))
    assert limits.judged_address(None).level is Level.OK
    assert limits.judged_address(one).level is Level.WARNING
    over = limits.judged_address(replace(one, over_at=NOW + timedelta(hours=1)))
    assert (over.level, over.detail) == (
        Level.OK,
        "none now; 2026-03-01 12:00 to 2026-03-01 13:00 (UTC): 3 requests were refused",
    )


async def _breaking(_: Case) -> AsyncIterator[Finding]:
    yield ok("so far")
    message = "+79161234567"
    raise KeyError(message)


async def _endless(_: Case) -> AsyncIterator[Finding]:
    yield ok("begun")
    await asyncio.Event().wait()


async def _fine(_: Case) -> AsyncIterator[Finding]:
    yield ok("fine")


def test_whatever_happens_in_a_check_the_others_are_made() -> None:
    looks = tuple(Look(look.__name__, Need.NOTHING, look) for look in (_breaking, _endless, _fine))
    told: list[Check] = []
    with asyncio.Runner(loop_factory=simulated_loop) as runner:
        found = runner.run(examining.examine(None, (), {}, told.append, looks=(*looks, examining.LOOKS[-1])))
    assert tuple(told) == found.checks
    assert [(check.name, check.finding.level) for check in told] == [
        ("_breaking", Level.OK),
        ("_breaking", Level.FAILURE),
        ("_endless", Level.OK),
        ("_endless", Level.FAILURE),
        ("_fine", Level.OK),
        ("service", Level.SKIPPED),
    ]
    assert "KeyError" in told[1].finding.detail
    assert "7916" not in str(told)
    assert found.exit_code is ExitCode.UNEXPECTED


def test_events_are_judged_by_what_the_portal_tells_and_what_is_bound() -> None:
    wanted = ("ONCRMLEADADD", "ONCRMLEADUPDATE")
    bound = frozenset((event, "ours") for event in wanted)
    lacking = events.judged(Standing("the portal's plan does not include it"), None, wanted)
    assert (lacking.level, "changes are polled" in str(lacking.cure)) == (Level.WARNING, True)
    assert "binds 2 of them" in events.judged(Standing(None), None, wanted).detail
    assert "2 of 2 are still to be bound" in events.judged(Standing(None, bound), "another", wanted).detail
    assert events.judged(Standing(None, bound), "ours", wanted).detail == "all 2 are bound, for the connector ours"
