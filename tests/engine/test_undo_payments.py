"""Undo of payment dates: the field shows what stood there before, and goes on showing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.undone import held, release, undo

from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.tables.fields import DEAL, CustomField, FieldType

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.simulator.tables.values import Value

    MakeWorld = Callable[..., Coroutine[None, None, World]]

FIELD = "ufCrm_1721244707107"
SHOP = {
    "scopes": ("crm", "user_brief", "sale"),
    "custom_fields": (CustomField(DEAL, "UF_CRM_1721244707107", "Payment date", FieldType.DATE),),
}


def date_paid(world: World) -> None:
    """Let `payment_dates` alone be enabled."""
    off = "".join(f"[jobs.{name}]\nenabled = false\n" for name in ("phones", "emails"))
    world.file = world.folder / "b24syncd.toml"
    world.file.write_text(f"{off}[jobs.payment_dates]\nenabled = true\n", encoding="utf-8")


def paid_deal(world: World) -> int:
    """Add a deal that was paid ten days ago."""
    now = int(world.portal.clock())
    values: dict[str, Value] = {"title": "An order", "stageId": "NEW", "opportunity": 100.0, "currencyId": "RUB"}
    made = world.portal.create(DEAL, values, [], "generator", now - 86400)
    world.portal.payments.create((DEAL, made.id), 100.0, "generator", currency="RUB", paid=now - 864_000)
    return made.id


def shown(world: World, deal_id: int) -> object:
    """Return what stands in the field of a deal."""
    found = world.portal.find(DEAL, deal_id)
    return None if found is None else found.value(FIELD)


def typing(deal_id: int, value: str) -> PersonEdit:
    """Return a person's entering of a date."""
    return PersonEdit(action=Action.SET_FIELD, entity_type_id=DEAL, item_id=deal_id, name=FIELD, value=value)


async def test_a_date_is_taken_back_and_stays_so_until_it_is_released(make_world: MakeWorld) -> None:
    world = await make_world(**SHOP)
    date_paid(world)
    one, other = paid_deal(world), paid_deal(world)
    await world.backfill()
    day = shown(world, one)
    assert day is not None
    world.portal.person.edit(typing(other, "2026-01-15T12:00:00+03:00"))
    theirs = shown(world, other)
    assert theirs not in {day, None}

    undone = await undo(world, 1)
    assert (shown(world, one), shown(world, other)) == (None, theirs)
    assert [(str(left.correction.ref), left.why.value) for left in undone.left] == [(f"deal:{other}", "changed")]
    assert undone.titles == {"deal": {FIELD: "Payment date"}}
    assert held(world) == {(f"deal:{one}", "payment_dates")}

    await world.backfill()
    assert shown(world, one) is None
    assert "undone" in {review.reason for review in world.reviews()}

    second = await undo(world, undone.summary.run_id)
    assert shown(world, one) == day
    assert (held(world), second.left) == (set(), ())
    third = await undo(world, second.summary.run_id)
    assert shown(world, one) is None
    await release(world, third)
    assert held(world) == set()
    await world.backfill()
    assert shown(world, one) == day
    assert [review.ref.id for review in world.reviews()] == [other]  # nothing of it is taken for a person's doing


async def test_without_the_job_nobody_knows_which_field_it_was(make_world: MakeWorld) -> None:
    world = await make_world(**SHOP)
    date_paid(world)
    one = paid_deal(world)
    await world.backfill()
    day = shown(world, one)
    world.file = None
    undone = await undo(world, 1)
    assert shown(world, one) == day
    assert [left.why.value for left in undone.left] == ["not_configured"]
