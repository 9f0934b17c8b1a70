"""An examination against a portal: what it finds, that it only reads, and that no check hides another."""

from __future__ import annotations

import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.engine.paying import CODE, TITLE, date_paid, deal, pay
from tests.engine.rebinding import rule
from tests.engine.scripting import Watcher
from tests.engine.test_missing_rights import deny_deals
from tests.simulated_time import SimulatedTime
from tests.store.test_reading import files
from tests.unit.test_written_regions import GERMAN, RUSSIAN

from b24syncd import app
from b24syncd.app.doctor.examining import LOOKS
from b24syncd.errors import ExitCode, SettingsInvalid
from b24syncd.reports.doctor import Examination, Finding, Level, Verdict
from b24syncd.settings import load_connection, load_settings
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import DEAL

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.methods.calls import Call

    MakeWorld = Callable[..., Coroutine[None, None, World]]

READING = frozenset({"list", "fields", "get", "scope", "profile", "info", "time"})
"""How the names of methods end that write nothing."""

ALL_JOBS = """
[jobs.payment_dates]
enabled = true
[[jobs.fields.rules]]
name = "names"
entity = "contact"
field = "name"
trim = true
"""


async def examine(world: World) -> Examination:
    """Examine as the command does."""
    environ, clock = world.environ, world.clock
    try:
        settings = load_settings(world.file, environ)
        return await app.examine(settings, (), environ, lambda _: None, clock=clock)
    except SettingsInvalid as error:
        usable = load_connection(world.file, environ)
        return await app.examine(usable, error.problems, environ, lambda _: None, clock=clock)


def of(found: Examination, name: str) -> list[Finding]:
    return [check.finding for check in found.checks if check.name == name]


def worst(found: Examination, name: str) -> Finding:
    order = list(Level)
    return max(of(found, name), key=lambda finding: order.index(finding.level) % 3)


def skipped(found: Examination) -> set[str]:
    return {check.name for check in found.checks if check.finding.level is Level.SKIPPED}


def assert_only_read(world: World) -> None:
    """Hold that nothing was written, nor asked for that could have been."""
    history = world.portal.history
    assert (history.saves, history.empty_saves, history.by_api()) == (0, 0, [])
    assert {method for method in history.commands if method.rpartition(".")[2] not in READING} == set()
    assert history.limit_errors == {}


async def test_every_check_only_reads_whatever_the_jobs_are(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(), scopes=("crm", "task", "sale"))
    world.fill(1, contacts=60, leads=20)
    pay(world, deal(world))
    world.file = world.folder / "b24syncd.toml"
    world.file.write_text(ALL_JOBS + rule(source="lead"), encoding="utf-8")
    found = await examine(world)
    assert [check for check in found.checks if check.finding.level is Level.FAILURE] == []
    assert list(dict.fromkeys(check.name for check in found.checks)) == [look.name for look in LOOKS]
    assert found.exit_code is ExitCode.DONE
    assert "the field is not there yet" in str(of(found, "rules"))
    assert_only_read(world)
    assert not world.state.parent.exists()


async def test_it_works_beside_a_daemon_and_finds_what_that_put_on_record(world: World) -> None:
    world.add("8 916 123-45-67")
    async with world.following():
        await world.rounds(2)
        found = await examine(world)
        assert found.verdict is Verdict.OK
        assert "`b24syncd run` works: process " in str(of(found, "service"))
        assert "is sound at a quick look, schema m" in str(of(found, "database"))
        assert "crm.item.list" in str(of(found, "limits"))


async def test_it_stays_inside_limits_that_a_run_has_just_used_and_leaves_the_state_as_it_is(
    make_world: MakeWorld,
) -> None:
    world = await make_world(burst=10, per_second=2)
    world.configure(limits__burst=10, limits__per_second=2, limits__share=0.9)
    world.fill(1, contacts=60)
    await world.backfill()
    saves, before = world.portal.history.saves, files(world.state.parent)
    found = await examine(world)
    assert [check for check in found.checks if check.finding.level is Level.FAILURE] == []
    assert world.portal.history.limit_errors == {}
    assert world.portal.history.saves == saves
    assert files(world.state.parent) == before


async def test_a_right_that_is_missing_is_told_for_each_job_that_needs_it(make_world: MakeWorld) -> None:
    world = await make_world()
    date_paid(world, others=True)
    deal(world)
    deny_deals(world)
    found = await examine(world)
    assert found.exit_code is ExitCode.REFUSED
    assert "payment_dates: deal cannot be read (ACCESS_DENIED" in worst(found, "rights").detail
    assert "take deal out of jobs.payment_dates" in str(worst(found, "rights").cure)
    assert "phones: lead, contact, company can be read" in str(of(found, "rights"))
    assert worst(found, "rules").exit_code is ExitCode.REFUSED
    assert_only_read(world)


async def test_without_administrator_no_field_can_be_made_and_changing_is_not_proved(make_world: MakeWorld) -> None:
    world = await make_world(custom_fields=(), administrator=False, scopes=("crm", "sale"))
    date_paid(world, others=True)
    deal(world)
    found = await examine(world)
    assert "payment_dates: the webhook's user may not add the field" in worst(found, "rules").detail
    assert "only a change would prove it" in str(of(found, "rights"))
    assert "payments of deals that do not change are seen late" in str(of(found, "rights"))
    assert_only_read(world)


@pytest.mark.parametrize(
    ("leads", "name", "level", "told"),
    [
        ("off", "plan", Level.WARNING, "phones, emails: the portal has no lead, or it is switched off there"),
        ("simple", "plan", Level.OK, "leads are switched off (simple CRM mode): phones, emails will hardly meet any"),
        ("refused", "rights", Level.FAILURE, "phones: lead cannot be read (ACCESS_DENIED"),
    ],
)
async def test_leads_that_are_switched_off_are_no_missing_right(
    make_world: MakeWorld, leads: str, name: str, level: Level, told: str
) -> None:
    found = await examine(await make_world(leads=leads))
    assert [finding.level for finding in of(found, name) if told in finding.detail] == [level]
    assert found.exit_code is (ExitCode.REFUSED if level is Level.FAILURE else ExitCode.DONE)


async def test_a_webhook_without_the_crm_hides_nothing_that_does_not_need_it(make_world: MakeWorld) -> None:
    found = await examine(await make_world(scopes=("task",)))
    assert found.exit_code is ExitCode.REFUSED
    assert "no permission 'crm'" in worst(found, "authentication").detail
    assert {"rights", "rules", "plan", "dates", "region"} <= skipped(found)
    assert worst(found, "clock").level is Level.OK
    assert worst(found, "disk").level is not Level.SKIPPED


async def test_a_revoked_webhook(world: World) -> None:
    world.configure(portal__webhook=world.server.webhook_url.replace("simulated1secret", "another0secret00"))
    found = await examine(world)
    assert found.exit_code is ExitCode.REFUSED
    assert "INVALID_CREDENTIALS" in worst(found, "authentication").detail
    assert worst(found, "rights").detail == "not looked at: the portal does not let this webhook in"
    assert "another0secret00" not in str(found)


async def test_of_a_dead_portal_is_told_what_can_be_told(world: World) -> None:
    world.configure(portal__webhook="http://127.0.0.1:9/rest/1/simulated1secret/")
    found = await examine(world)
    assert found.exit_code is ExitCode.UNAVAILABLE
    assert "http://127.0.0.1:9 cannot be reached: Connection refused" in worst(found, "tls").detail
    assert "not looked at: there is no connection to the portal" in str(of(found, "clock"))
    assert worst(found, "configuration").level is Level.OK
    assert worst(found, "disk").level is not Level.SKIPPED


async def test_a_portal_that_falls_silent_ends_no_check_but_its_own(world: World) -> None:
    world.add("8 916 123-45-67")
    world.portal.faults.add(Fault(kind=Kind.ERROR_500, match="crm.item.list", times=None))
    found = await examine(world)
    assert found.exit_code is ExitCode.UNAVAILABLE
    assert "60 s were not enough; it waits for the portal (the portal answered" in worst(found, "rights").detail
    assert "the portal does not answer any more" in str(of(found, "rules"))
    assert worst(found, "clock").level is Level.OK


async def test_the_operating_limit_is_waited_for_by_nobody(make_world: MakeWorld) -> None:
    world = await make_world(request_cut_seconds=60)
    world.configure(limits__operating_seconds=10.0)
    world.portal.costs["crm.item.list"] = 9.5
    world.add("8 916 123-45-67")
    found = await examine(world)
    assert found.exit_code is ExitCode.DONE
    assert "it waits for operating time of crm.item.list" in str(of(found, "rules") + of(found, "rights"))
    assert_only_read(world)


async def test_a_wrong_region_is_found_before_the_first_run(world: World) -> None:
    for value in GERMAN:
        world.add(value)
    found = await examine(world)
    assert found.exit_code is ExitCode.SAFETY_STOP
    assert "phones seem to be written in another region" in worst(found, "region").detail
    assert worst(found, "region").cure is not None
    assert 'portal.region = "DE"' in str(worst(found, "region").cure)


async def test_the_right_region_is_told_with_its_share(world: World) -> None:
    for value in RUSSIAN:
        world.add(value)
    assert "% are certain in RU" in worst(await examine(world), "region").detail


async def test_a_clock_that_is_wrong_and_a_user_elsewhere(make_world: MakeWorld) -> None:
    world = await make_world(user_time_zone="Asia/Tokyo")
    world.add("8 916 123-45-67")
    assert isinstance(world.clock, SimulatedTime)
    world.clock.wrong_by = timedelta(minutes=-5)
    found = await examine(world)
    assert worst(found, "clock").level is Level.WARNING
    assert "the portal's is 300 s ahead of this machine's" in worst(found, "clock").detail
    assert "contact: filters are off by 6 h, which is reckoned with" in worst(found, "dates").detail
    assert "its user lives in Asia/Tokyo" in worst(found, "dates").detail
    assert found.exit_code is ExitCode.DONE


async def test_every_problem_of_every_job_is_told(make_world: MakeWorld) -> None:
    world = await make_world(shows_points=False)
    world.add("8 916 123-45-67")
    world.file = world.folder / "b24syncd.toml"
    written = ALL_JOBS.replace('"name"', '"nam"') + rule(to='"field:UF_CRM_NOWHERE"'.strip('"'))
    world.file.write_text(written, encoding="utf-8")
    found = await examine(world)
    told = [finding.detail for finding in of(found, "rules") if finding.level is Level.FAILURE]
    assert [next(part for part in ("portal.api", "jobs.bindings", "jobs.fields") if part in line) for line in told] == [
        "portal.api",
        "jobs.bindings",
        "jobs.fields",
    ]
    assert found.exit_code is ExitCode.USAGE


async def test_a_field_that_was_there_before_and_one_that_two_jobs_write(world: World) -> None:
    date_paid(world)
    pay(world, deal(world))
    await world.backfill()
    own = world.portal.user_fields.find(DEAL, CODE)
    assert own is not None
    world.configure(
        jobs__fields__rules=f'[{{"name": "r", "entity": "deal", "field": "{TITLE}", "default": "2026-01-01"}}]'
    )
    (told,) = [finding for finding in of(await examine(world), "rules") if finding.level is Level.FAILURE]
    assert (told.detail.partition(": ")[2], told.exit_code) == (
        f"payment_dates writes this field (is {TITLE})",
        ExitCode.USAGE,
    )
    world.portal.user_fields.delete(own)
    found = await examine(world)
    assert ExitCode.SAFETY_STOP in {finding.exit_code for finding in of(found, "rules")}
    assert "payment_dates: " in str(of(found, "rules"))


async def test_a_portal_that_does_not_filter_by_time_cannot_be_followed(world: World) -> None:
    world.add("8 916 123-45-67")
    world.portal.watchers.append(Watcher(lambda _, call: forget_times(call)))
    found = await examine(world)
    assert found.exit_code is ExitCode.UNAVAILABLE
    assert "does not filter by updatedTime" in worst(found, "dates").detail
    assert worst(found, "database").level is not Level.FAILURE


def forget_times(call: Call) -> None:
    wanted = call.parameters.get("filter")
    if isinstance(wanted, dict):
        wanted.pop(">=updatedTime", None)


async def test_notices_that_cannot_go_out_are_judged_as_by_a_check_of_the_configuration(world: World) -> None:
    world.configure(notify__user="1")
    found = await examine(world)
    assert (worst(found, "notices").level, found.exit_code) == (Level.FAILURE, ExitCode.USAGE)  # as `config check`
    assert "no permission 'im'" in worst(found, "notices").detail
    assert_only_read(world)


async def test_without_phones_there_is_no_region_to_look_at(world: World) -> None:
    world.configure(jobs__phones__enabled="no")
    assert "the job phones is not enabled" in worst(await examine(world), "region").detail


async def test_rules_that_are_wrong_hide_neither_the_portal_nor_the_state(world: World) -> None:
    world.configure(jobs__phones__split="perhaps", portal__region="XX")
    found = await examine(world)
    assert len(of(found, "configuration")) == 2
    assert found.exit_code is ExitCode.USAGE
    world.configure(portal__region="RU")
    found = await examine(world)
    assert len(of(found, "configuration")) == 1
    assert worst(found, "authentication").level is Level.OK
    assert {"rights", "rules", "plan", "dates", "region"} <= skipped(found)


async def test_an_interruption_keeps_what_was_found_so_far(world: World) -> None:
    world.add("8 916 123-45-67")
    with world.at_command(8, lambda: world.send(signal.SIGINT)):
        found = await examine(world)
    assert (found.verdict, found.exit_code) == (Verdict.INTERRUPTED, ExitCode.INTERRUPTED)
    assert worst(found, "authentication").level is Level.OK
    assert of(found, "service") == []
