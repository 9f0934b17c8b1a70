"""A backfill where nothing goes wrong, and what narrows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.conftest import edit
from tests.engine.undone import release, undo
from tests.engine.world import CUT_SECONDS

from b24syncd.errors import CredentialsRefused, UsageInvalid
from b24syncd.memory import BorrowedMemory
from b24syncd.portal.pace.limits import LimitsState
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.judges.items import mistakes
from b24syncd.simulator.people.person import Action, Trigger
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, LEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    MakeWorld = Callable[..., Coroutine[None, None, World]]

MESSY, CLEAN = "8 (916) 123-45-67", "+79161234567"


async def test_a_clean_pass(world: World) -> None:
    world.fill(1, contacts=300, companies=80, leads=120)
    summary = await world.backfill()
    assert not summary.interrupted
    assert summary.counts["read"] == 500
    assert summary.counts["corrected"] > 100
    assert summary.counts["mended"] == summary.counts["unverified"] == summary.counts["failed"] == 0
    assert set(world.outcomes()) == {"done"}
    assert world.portal.history.empty_saves == 0
    await world.assert_settled()


async def test_an_empty_portal(world: World) -> None:
    summary = await world.backfill()
    assert not summary.interrupted
    assert sum(summary.counts.values()) == 0
    assert summary.refused_types == {}


async def test_only_these_items(world: World) -> None:
    items = [world.add(MESSY) for _ in range(3)]
    company = world.add(MESSY, type_id=COMPANY)
    summary = await world.backfill(only=[f"contact:{items[1]}", f"company:{company}", "lead:77"])
    assert [world.phones(item)[0] for item in items] == [MESSY, CLEAN, MESSY]
    assert world.phones(company, COMPANY) == [CLEAN]
    assert [str(ref) for ref in summary.missing] == ["lead:77"]
    await world.backfill()
    await world.assert_settled()


async def test_an_item_of_a_type_that_no_job_looks_at(world: World) -> None:
    summary = await world.backfill(only=["deal:1"])
    assert [str(ref) for ref in summary.of_no_job] == ["deal:1"]
    assert summary.missing == ()
    assert world.portal.history.saves == 0
    seen, _ = await world.preview(only=["deal:1"])
    assert [str(ref) for ref in seen.of_no_job] == ["deal:1"]


@pytest.mark.parametrize("limit", [1, 60])
async def test_the_first_items_only(world: World, limit: int) -> None:
    items = [world.add(MESSY) for _ in range(70)]
    summary = await world.backfill(limit=limit)
    assert summary.counts["read"] == limit
    corrected = [world.phones(item) == [CLEAN] for item in items]
    assert sum(corrected) == limit
    await world.backfill()
    assert all(world.phones(item) == [CLEAN] for item in items)


@pytest.mark.parametrize("narrowed", [{"only": ["contact:2"]}, {"limit": 1}])
async def test_of_the_queue_nothing_else_is_looked_at(world: World, narrowed: dict[str, Any]) -> None:
    world.fill(2, contacts=30)
    first = await world.backfill()
    before = world.portal.history.saves
    await release(world, await undo(world, first.run_id))
    assert world.waiting() > 20
    undone = world.portal.history.saves
    assert undone > before
    summary = await world.backfill(**narrowed)
    assert summary.counts["read"] <= 2
    assert world.portal.history.saves - undone <= 2
    assert world.waiting() > 20
    await world.backfill()
    assert world.waiting() == 0
    await world.assert_settled(repeated=True)


@pytest.mark.parametrize("narrowed", [{"only": ["contact:1"]}, {"limit": 1}])
async def test_what_a_killed_run_left_of_other_items_is_left_to_the_next_whole_one(
    world: World, narrowed: dict[str, Any]
) -> None:
    world.fill(2, contacts=30)
    lost = Fault(kind=Kind.RESET, match="crm.item.update", when="after", more_than=1)
    world.portal.faults.add(lost)
    world.configure(limits__request_cut_seconds=3600)
    with pytest.raises(TimeoutError):
        await world.backfill(seconds=3)
    assert len({row.correction.ref for row in world.journal() if row.outcome.value == "intent"}) > 1
    world.configure(limits__request_cut_seconds=CUT_SECONDS)
    saves = world.portal.history.saves
    await world.backfill(**narrowed)
    assert world.portal.history.saves - saves <= 1
    await world.backfill()
    await world.assert_settled()


async def test_some_jobs_only(world: World) -> None:
    item = world.add(MESSY, emails=["INFO@Vektor-Snab.ru"])
    await world.backfill("emails")
    assert world.phones(item) == [MESSY]
    with pytest.raises(UsageInvalid, match="'faxes' is not an enabled job"):
        await world.backfill("faxes")
    await world.backfill()
    assert world.phones(item) == [CLEAN]


async def test_excluded_items_are_left_alone(world: World) -> None:
    kept, other = world.add(MESSY, "call Anna"), world.add(MESSY)
    world.configure(safety__exclude=f'["contact:{kept}"]')
    await world.backfill()
    assert world.phones(kept) == [MESSY, "call Anna"]
    assert world.phones(other) == [CLEAN]
    assert world.reviews() == []
    assert world.portal.history.by_api()[0].item_id == other


async def test_a_preview_tells_what_would_be_done_and_writes_nothing_at_all(world: World) -> None:
    world.fill(3, contacts=80, companies=30)
    summary, plans = await world.preview()
    assert world.portal.history.saves == world.portal.history.empty_saves == 0
    assert list(world.folder.iterdir()) == []
    done = await world.backfill()
    assert summary.counts["corrected"] == done.counts["corrected"] > 0
    assert sum(len(plan.corrections) for plan in plans) == summary.counts["corrections"] == done.counts["corrections"]
    before = {path: path.read_bytes() for path in world.state.parent.iterdir()}
    summary, plans = await world.preview(limit=20)
    assert summary.counts["read"] == 20
    assert [plan for plan in plans if plan.corrections] == []
    assert {path: path.read_bytes() for path in world.state.parent.iterdir()} == before


async def test_a_preview_of_some_items(world: World) -> None:
    items = [world.add(MESSY), world.add(MESSY)]
    summary, plans = await world.preview(only=[f"contact:{items[1]}", "contact:99"])
    assert [plan.corrections[0].ref.id for plan in plans] == [items[1]]
    assert [str(ref) for ref in summary.missing] == ["contact:99"]


async def test_leads_are_switched_off(make_world: MakeWorld) -> None:
    world = await make_world(leads="off")
    world.fill(3, contacts=30)
    summary = await world.backfill()
    assert [entity_type.value for entity_type in summary.types_off] == ["lead"]
    await world.assert_settled()


async def test_leads_are_not_shown_to_this_user(make_world: MakeWorld) -> None:
    world = await make_world(leads="refused")
    world.fill(3, contacts=30, leads=10)
    summary = await world.backfill()
    assert [entity_type.value for entity_type in summary.refused_types] == ["lead"]
    assert {mistake["entityTypeId"] for mistake in mistakes(world.portal)} == {LEAD}
    async with world.following() as task:
        await world.rounds()
        assert not task.done()


@pytest.mark.parametrize("leads", ["off", "refused"])
async def test_all_types_are_refused(make_world: MakeWorld, leads: str) -> None:
    world = await make_world(leads=leads)
    world.configure(jobs__phones__entities='["lead"]', jobs__emails__enabled="false")
    for attempt in (world.backfill(), world.preview(), world.follow()):
        with pytest.raises(CredentialsRefused, match="none of the configured entity types"):
            await attempt


async def test_the_webhook_lacks_the_permission(make_world: MakeWorld) -> None:
    world = await make_world(scopes=("user_brief",))
    for attempt in (world.backfill(), world.preview(), world.follow()):
        with pytest.raises(CredentialsRefused, match="no permission 'crm'"):
            await attempt


@pytest.mark.parametrize("method", ["crm.item.get", "crm.item.update"])
async def test_an_item_is_deleted_meanwhile(world: World, method: str) -> None:
    world.configure(limits__witness_seconds=0)
    items = [world.add(MESSY, "call Anna") for _ in range(5)]
    gone = edit(Action.DELETE_ITEM, items[2])
    world.portal.person.plan(Trigger(method=method, entity_type_id=CONTACT, item_id=items[2]), gone)
    summary = await world.backfill()
    assert summary.counts["failed"] == 0
    # the batch ends there, and what was behind it goes with the next one
    assert world.outcomes() == {"done": 4, "overtaken": 1, "not_sent": 2}
    assert len(world.reviews()) == 4
    await world.assert_settled()


async def test_items_that_disappear_while_the_limits_let_nothing_go_are_not_written(make_world: MakeWorld) -> None:
    world = await make_world(request_cut_seconds=60, costs={"crm.item.update": 0.6})
    world.configure(limits__operating_seconds=1, limits__operating_window_seconds=3, limits__request_cut_seconds=60)
    items = [world.add(MESSY) for _ in range(2)]
    gone = edit(Action.DELETE_ITEM, items[-1])
    world.portal.person.plan(Trigger(method="crm.item.update"), gone)
    await world.backfill()
    assert world.portal.history.commands["crm.item.update"] == 1
    world.assert_right()


async def test_a_preview_begins_with_what_the_state_knows_of_the_limits(world: World) -> None:
    world.add("8 916 123-45-67")
    await world.backfill()
    known = await BorrowedMemory(world.state).load()
    assert known.send_times
    await BorrowedMemory(world.state).save(LimitsState())
    assert await BorrowedMemory(world.state).load() == known
    assert await BorrowedMemory(world.state.with_name("none.db")).load() == LimitsState()
