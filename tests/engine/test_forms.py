"""A form has all that editing needs: the portal's order, controls, values and what they are called, and what to say."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.engine.editing import fates, item_of, save, there, value
from tests.engine.test_handing_over import served
from tests.engine.test_live_first import in_the_cloud

from b24syncd.app.items import Assignment, forms_of, prepare
from b24syncd.domain.controls import Control
from b24syncd.domain.edits import AMOUNT, CATEGORY, MANUAL_AMOUNT, STAGE, FieldEdit
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import PointKind
from b24syncd.errors import UsageInvalid
from b24syncd.reports.report import plain
from b24syncd.simulator.seeds.cards import furnish
from b24syncd.simulator.tables.fields import SmartType

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.conftest import World

    from b24syncd.reports.forms import Form

    MakeWorld = Callable[..., Coroutine[None, None, World]]

SHOWN_ONLY = {"ufCrmScan", "taxValue", "createdTime", "stageSemanticId", "quoteId"}


@pytest.fixture
async def furnished(make_world: MakeWorld) -> World:
    """A portal that has been lived in, of which the first deal has products."""
    world = await make_world(smart_types=(SmartType(128, 3, "Equipment"),))
    world.fill(1, contacts=6, companies=3, leads=2)
    for number in range(3):
        item_of(
            world, "deal", title=f"Order {number}", currencyId="RUB", opportunity=10.0, categoryId=0, assignedById=7
        )
    item_of(world, "type128", title="Machine")
    furnish(world.portal, 1)
    return world


def deal(number: int) -> EntityRef:
    return EntityRef(EntityType.DEAL, number)


async def form_of(world: World, ref: EntityRef) -> Form:
    async with forms_of(world.settings, world.clock) as forms:
        return await forms.form(ref)


async def test_a_deal_is_shown_as_its_card_is_with_all_that_editing_needs(furnished: World) -> None:
    form = await form_of(furnished, deal(3))
    assert [group.title for group in form.groups] == ["About deal", "More", "Notes", ""]
    first = [field.name for field in form.groups[0].fields]
    assert first[:5] == ["title", AMOUNT, "currencyId", MANUAL_AMOUNT, STAGE]
    fields = form.fields
    controls = {
        "title": Control.TEXT,
        "comments": Control.LINES,
        "ufCrmLines": Control.LINES,
        "ufCrmCount": Control.INTEGER,
        "ufCrmRate": Control.DOUBLE,
        "ufCrmBudget": Control.MONEY,
        "begindate": Control.DATE,
        "ufCrmCallAt": Control.DATETIME,
        "ufCrmVip": Control.BOOLEAN,
        "ufCrmChannel": Control.LIST,
        "ufCrmOrigin": Control.LIST,
        STAGE: Control.STAGE,
        CATEGORY: Control.CATEGORY,
        "currencyId": Control.CURRENCY,
        "assignedById": Control.USER,
        "companyId": Control.LINK,
        "ufCrmPartner": Control.LINK,
        "ufCrmPlace": Control.ADDRESS,
        "ufCrmSite": Control.URL,
        "ufCrmScan": Control.NONE,
    }
    assert {name: fields[name].control for name in controls} == controls
    assert {name for name in SHOWN_ONLY if fields[name].why_not is None} == set()
    assert {name for name in controls if fields[name].why_not is not None} == {"ufCrmScan"}
    assert not {"fm", "contacts", "contactId"} & fields.keys()
    assert fields["ufCrmRegion"].is_required
    assert not fields["ufCrmRegion"].can_be_empty
    assert {one.title for one in fields["ufCrmOrigin"].options} >= {"Website"}
    assert [one.title for one in fields["ufCrmChannel"].options][:2] == ["Retail", "Wholesale"]
    assert [one.title for one in fields[CATEGORY].options][1:] == ["Partners", "Service"]
    partner = fields["ufCrmPartner"].entries[0]
    assert partner.item is not None
    assert partner.title == there(furnished, partner.item).values["title"]
    assert fields["ufCrmPlace"].entries[0].text == "Москва, Тверская улица, 1"
    assert "products" in (fields[AMOUNT].notice or "")
    assert (await form_of(furnished, deal(1))).fields[AMOUNT].notice is None
    assert form.notices == ()
    assert form.url is not None
    assert plain(form)["groups"][0]["fields"][1]["value"] == {"number": str(fields[AMOUNT].value)}


async def test_every_form_can_be_made_and_what_is_shown_is_no_change(furnished: World) -> None:
    async with forms_of(furnished.settings, furnished.clock) as forms:
        for ref in map(EntityRef.parse, ("lead:1", "contact:1", "company:1", "deal:1", "type128:1")):
            form = await forms.form(ref)
            assert form.item == ref
            assert (form.value_types != {}) is (ref.type in {EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY})
            for name, field in form.fields.items():
                if field.why_not is not None or not field.entries:
                    continue
                checked = await forms.check(ref.type, name, [entry.text for entry in field.entries], form.category)
                assert checked.problem is None, (name, checked)
                if field.control not in {Control.ADDRESS, Control.MONEY}:
                    assert checked.value == field.value, name
            blank = await forms.blank(ref.type)
            assert blank.item is None
            assert blank.fields.keys() == form.fields.keys()


async def test_what_is_typed_is_checked(furnished: World) -> None:
    async with forms_of(furnished.settings, furnished.clock) as forms:
        await forms.form(deal(1))

        async def check(name: str, *typed: str, category: str = "0") -> tuple[Any, ...]:
            found = await forms.check(EntityType.DEAL, name, typed, category)
            return found.value, found.note, found.problem

        partners = (await forms.references.categories(EntityType.DEAL))[1][0]
        stages = dict(
            await forms.references.options(
                (await forms.references.fields(EntityType.DEAL))[STAGE], EntityType.DEAL, partners
            )
        )
        signed = next(key for key, title in stages.items() if title == "Signed")
        assert (await check(STAGE, signed))[2] is not None
        assert (await check(STAGE, signed, category=partners))[2] is None
        assert (await check("ufCrmCount", "5001"))[2] is not None
        assert (await check("ufCrmText", "x" * 41))[2] is not None
        assert (await check("ufCrmRegion", ""))[2] == "it is required"
        assert str((await check("ufCrmRate", "12,345"))[1]) == "will be saved as 12.35"
        moscow = timezone(timedelta(hours=3))
        typed, _, _ = await check("ufCrmCallAt", "01.07.2026 09:30")
        assert typed == datetime(2026, 7, 1, 9, 30, tzinfo=moscow)
        phone = forms.check_point(PointKind.PHONE, "8 (495) 123-45-67")
        assert (phone.value, phone.note) == ("+74951234567", "will be saved as +74951234567")
        unclear = forms.check_point(PointKind.EMAIL, "ivan@gmial.com")
        assert unclear.value == "ivan@gmial.com"
        assert "perhaps ivan@gmail.com" in (unclear.note or "")


async def test_what_is_linked_is_found_by_name_phone_email_and_number(furnished: World) -> None:
    ref = EntityRef.parse(f"contact:{furnished.add('+74951112233', emails=('zoe@romashka.ru',))}")
    there(furnished, ref).values["lastName"] = "Zimmermann"
    async with forms_of(furnished.settings, furnished.clock) as forms:
        for text in ("immerm", "8 495 111-22-33", "zoe@romashka.ru", str(ref.id)):
            assert ref in [one.item for one in await forms.found(EntityType.CONTACT, text)], text
        assert await forms.found(EntityType.CONTACT, " ") == ()
        users = await forms.found_users("Anna")
        assert users is not None
        assert any("Anna" in one.title for one in users)


async def test_without_a_permission_users_are_numbers_and_one_notice_says_so(furnished: World) -> None:
    furnished.portal.access.scopes = ("crm",)
    form = await form_of(furnished, deal(1))
    assert [entry.title for entry in form.fields["assignedById"].entries] == ["user 7"]
    assert form.fields["assignedById"].entries[0].url is not None
    (notice,) = form.notices
    assert "user_brief" in notice
    async with forms_of(furnished.settings, furnished.clock) as forms:
        assert await forms.found_users("Anna") is None


async def test_what_fields_offer_is_read_once_in_minutes(furnished: World) -> None:
    async with forms_of(furnished.settings, furnished.clock) as forms:
        await forms.form(deal(1))
        before = forms.client.requests_sent
        await forms.form(deal(1))
        assert forms.client.requests_sent - before <= 2  # the item, and what its links are called
        await furnished.clock.sleep(301)
        before = forms.client.requests_sent
        await forms.form(deal(1))
        assert forms.client.requests_sent - before > 2


async def test_an_amount_with_products_is_refused_unless_it_is_manual(furnished: World) -> None:
    shown = (await form_of(furnished, deal(3))).fields
    amount = FieldEdit(AMOUNT, shown[AMOUNT].value, Decimal(1234))
    edited = await save(furnished, deal(3), amount)
    assert fates(edited) == ["refused"]
    manual = FieldEdit(MANUAL_AMOUNT, shown=False, wanted=True)
    assert fates(await save(furnished, deal(3), amount, manual)) == ["saved", "saved"]
    assert value(furnished, deal(3), AMOUNT) == 1234.0


async def test_assignments_of_a_command_line_become_an_edit(furnished: World) -> None:
    ref = EntityRef.parse(f"contact:{furnished.add('8 495 123-45-67')}")
    wanted = [
        Assignment("Seats", "5"),
        Assignment("UF_CRM_TAGS", "one"),
        Assignment("ufCrmTags", "two"),
        Assignment("phone", "8 916 555-44-33", adds=True, value_type="MOBILE"),
    ]
    prepared = await prepare(furnished.settings, ref, wanted, clock=furnished.clock)
    assert [(one.field, one.wanted) for one in prepared.edit.fields] == [
        ("ufCrmCount", 5),
        ("ufCrmTags", ("one", "two")),
    ]
    assert [(one.wanted, one.value_type) for one in prepared.edit.points] == [("+79165554433", "MOBILE")]
    for bad in (
        Assignment("Seet", "5"),
        Assignment("createdTime", "5"),
        Assignment("Seats", "many"),
        Assignment("Seats", "5", adds=True),
        Assignment("phone", "1", entry=99999),
    ):
        with pytest.raises(UsageInvalid):
            await prepare(furnished.settings, ref, [bad], clock=furnished.clock)


async def test_a_form_is_saved_at_once_beside_a_walk_of_the_service(make_world: MakeWorld) -> None:
    world = await in_the_cloud(make_world)
    ref = item_of(world, "contact", name="Anna", post="clerk")
    for _ in range(500):
        world.add("8 (916) 234-56-78")
    async with served(world):
        walking = asyncio.create_task(world.backfill(seconds=1e6))
        await world.until(lambda: world.portal.history.saves > 60, seconds=1e6)
        for pause, name in enumerate(("Olga", "Vera")):
            await asyncio.sleep(60 * pause)
            began = world.clock.monotonic()
            edited = await save(world, ref, FieldEdit("name", value(world, ref, "name"), name), seconds=1e6)  # type: ignore[arg-type] # a text
            assert fates(edited) == ["saved"]
            assert world.clock.monotonic() - began < 5
        assert not walking.done()
    assert value(world, ref, "name") == "Vera"
    assert world.portal.history.limit_errors == {}
