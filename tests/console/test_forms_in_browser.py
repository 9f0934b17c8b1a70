"""The edit form in a browser: every sort of control, by hand and by keys, what others change, and a new card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect
from tests.console.accessible import assert_accessible
from tests.console.form_page import office
from tests.engine.editing import all_of, item_of, there, value

from b24syncd.domain.entities import EntityRef
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.tables.fields import SMART_INVOICE
from b24syncd.simulator.tables.statuses import stages_name

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page
    from tests.console.served import Served

__all__ = ["office"]

FILL = """() => Array.from(document.querySelectorAll("[data-edit] [data-field]")).map((field) => {
  const control = field.querySelector(
    "select:not([data-stages]):not([data-pipelines]), textarea, input:not([type=hidden]):not([role])");
  if (!control || control.closest("[hidden]")) return "";
  if (control.type === "checkbox") control.click();
  else if (control.tagName === "SELECT") {
    const others = Array.from(control.options).filter((one) => one.value && one.value !== control.value);
    if (!others.length) return "";
    control.value = others.at(-1).value;
  } else {
    const typed = {date: "2026-03-01", "datetime-local": "2026-07-01T09:30:00", numeric: "7", decimal: "7",
      url: "https://example.com/walk"};
    control.value = typed[control.inputMode || control.type] || "Walked";
  }
  for (const told of ["input", "change"]) control.dispatchEvent(new Event(told, {bubbles: true}));
  return field.dataset.field;
}).filter(Boolean)"""
"""Put something else into the first control of each field; return their names."""


@pytest.fixture
def console(office: Served) -> Served:
    """One console for this file."""
    return office


async def choose(page: Page, field: str, text: str) -> None:
    """Find somebody by what is typed, and take the first by keys."""
    box = page.get_by_role("combobox", name=field, exact=True)
    await box.press_sequentially(text)
    await page.locator(".combo-option").first.wait_for()
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(page.locator(".combo-option")).to_have_count(0)


async def save(page: Page, heading: str = "Saved") -> None:
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    await expect(page.locator("[data-outcome]")).to_be_focused()


async def shown(page: Page) -> None:
    """Hold that anybody can use the form as it is now, light and dark, and that a phone shows all of it."""
    await page.emulate_media(color_scheme="light")
    await assert_accessible(page)
    await page.emulate_media(color_scheme="dark")
    await assert_accessible(page, only="color-contrast")


async def test_a_deal_is_edited_in_all_its_sorts_of_fields(page: Page, console: Served) -> None:
    ref, world = EntityRef.parse("deal:2"), console.world
    await page.goto(f"{console.url}/items/deal/2/edit")
    await shown(page)
    await expect(page.locator("[data-field=ufCrmRegion]")).to_contain_text("(required)")
    await expect(page.locator(".field-fixed").filter(has_text="Scan")).to_contain_text("Files are not edited here")
    await page.get_by_label("Name", exact=True).fill("Chairs")
    await page.get_by_label("Amount", exact=True).fill("1 500,50")
    await page.get_by_label("Currency", exact=True).select_option(label="US Dollar")
    await page.get_by_label("Finished on").fill("2026-03-01")
    await page.get_by_label("Call back at").fill("2026-07-01T09:30")
    await page.get_by_label("Sales channel").select_option(label="Wholesale")
    await page.get_by_role("textbox", name="Amount of Budget").fill("12000")
    await page.get_by_label("Available to everyone").check()
    await page.get_by_label("Delivery notes").fill("first\nsecond")
    await page.get_by_label("Pipeline").select_option(label="Partners")
    stages = await page.get_by_label("Stage", exact=True).locator("option").all_inner_texts()
    assert "Terms agreed" in stages
    assert "Diagnosis" not in stages
    await page.get_by_label("Stage", exact=True).select_option(label="Terms agreed")
    await page.get_by_text("Other fields").click()
    await page.get_by_role("textbox", name="Tags, 1").fill("one")
    await page.locator("[data-field=ufCrmTags]").get_by_role("button", name="Add one more").click()
    await page.keyboard.type("two")
    await page.get_by_label("Seats").fill("many")
    await expect(page.locator("#f-ufCrmCount-error")).to_contain_text("is no number")
    await expect(page.get_by_label("Seats")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Seats").fill("12")
    await expect(page.locator("#f-ufCrmCount-error")).to_be_empty()
    await page.get_by_label("Wholesale", exact=True).last.check()
    company = str(value(world, EntityRef.parse("company:2"), "title"))
    await choose(page, "Company", company)
    await save(page)
    now = there(world, ref).values
    assert (now["title"], now["opportunity"], now["currencyId"], now["opened"]) == ("Chairs", 1500.5, "USD", "Y")
    assert str(now["stageId"]).endswith(":AGREED")
    assert now["companyId"] == 2
    assert str(now["ufCrmTags"]).endswith("\ntwo")
    assert str(now["ufCrmBudget"]).startswith("12000|")
    assert now["ufCrmLines"] == "first\nsecond"
    await expect(page.locator("[data-field=title]")).to_contain_text("Saved.")
    await expect(page.get_by_role("link", name="Look at it in the journal")).to_be_visible()
    await shown(page)


@pytest.mark.parametrize("kind", ["lead", "contact", "company", "smart_invoice"])
async def test_every_field_of_a_form_is_edited(page: Page, console: Served, kind: str) -> None:
    world = console.world
    ref = item_of(world, kind, **({"name": "Ivan"} if kind == "contact" else {"title": "Before"}))
    before = dict(there(world, ref).values)
    await page.goto(f"{console.url}/items/{kind}/{ref.id}/edit")
    assert await page.locator(".field-fixed").count() > 3
    await expect(page.locator(".field-fixed input, .field-fixed select, .field-fixed textarea")).to_have_count(0)
    filled = await page.evaluate(FILL)
    assert len(filled) > 12
    if kind in {"lead", "smart_invoice"}:
        await page.evaluate("() => document.querySelectorAll('details').forEach((one) => (one.open = true))")
        await choose(page, "Company", str(value(world, EntityRef.parse("company:2"), "title")))
        filled.append("companyId")
    if kind != "smart_invoice":
        await page.get_by_role("textbox", name="Phone, 1").fill(f"8 916 555-00-{ref.id:02}")
    await save(page)
    now = there(world, ref).values
    assert {name for name in filled if now.get(name) == before.get(name)} == set()
    assert [point.value for point in there(world, ref).points.values()] in ([], [f"+79165550{ref.id:03}"])
    assert await page.locator(".row-saved").count() >= len(filled)


async def test_further_entries_are_added_and_removed(page: Page, console: Served) -> None:
    world = console.world
    number = world.add("+74957770021", "+74957770022")
    await page.goto(f"{console.url}/items/contact/{number}/edit")
    await page.evaluate("() => document.querySelectorAll('details').forEach((one) => (one.open = true))")
    phones = page.get_by_role("group", name="Phones")
    first = phones.locator("[data-entry]").first
    await first.get_by_role("button", name="Remove").click()
    await expect(first.locator("[data-hint]")).to_have_text("It will be deleted.")
    await first.get_by_role("button", name="Keep").click()
    await expect(page.get_by_role("textbox", name="Phone, 1")).to_have_value("+74957770021")
    await first.get_by_role("button", name="Remove").click()
    await page.get_by_role("textbox", name="Phone, 3").fill("8 495 777-00-23")
    for typed in ("8 495 777-00-24", "8 495 777-00-25"):
        await phones.get_by_role("button", name="Add one more").click()
        await page.keyboard.type(typed)
    await phones.get_by_role("button", name="Remove").last.click()
    tags = page.locator("[data-field=ufCrmTags]")
    await tags.get_by_role("textbox").first.fill("one")
    for typed in ("two", "three"):
        await tags.get_by_role("button", name="Add one more").click()
        await page.keyboard.type(typed)
    await tags.get_by_role("button", name="Remove").nth(-2).click()
    await shown(page)
    await page.get_by_label("Sales region").fill("North")
    await save(page)
    assert world.phones(number) == ["+74957770022", "+74957770023", "+74957770024"]
    assert value(world, EntityRef.parse(f"contact:{number}"), "ufCrmTags") == "one\nthree"


async def test_a_smart_invoice_goes_through_its_stages(page: Page, console: Served) -> None:
    world = console.world
    portal = world.portal
    default = portal.categories.default_of(SMART_INVOICE)
    assert default is not None
    stages = portal.statuses.of(stages_name(SMART_INVOICE, default.id))
    ref = item_of(world, "smart_invoice", title="Invoice", stageId=stages[0].status_id)
    await page.goto(f"{console.url}/items/smart_invoice/{ref.id}/edit")
    for number in (1, len(stages) - 1):
        stage = page.get_by_label("Stage", exact=True)
        assert await stage.locator("option").all_inner_texts() == [one.name for one in stages]
        await stage.select_option(label=stages[number].name)
        await save(page)
        assert value(world, ref, "stageId") == stages[number].status_id


async def test_somebody_else_changes_the_same_field_and_another_one(page: Page, console: Served) -> None:
    ref, world = item_of(console.world, "lead", title="Old", name="Anna", comments="one"), console.world
    there(world, ref).values["ufCrmRegion"] = "North"
    await page.goto(f"{console.url}/items/lead/{ref.id}/edit")
    await page.locator("#f-title").fill("Mine")
    await page.get_by_label("First name").fill("Olga")
    there(world, ref).values |= {"title": "Theirs", "comments": "two"}
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Let theirs stand")).to_be_focused()
    await expect(page.get_by_role("heading", name="Saved in part")).to_be_visible()
    await shown(page)
    now = there(world, ref).values
    assert (now["title"], now["name"], now["comments"]) == ("Theirs", "Olga", "two")
    await page.get_by_label("Save mine").check()
    await page.keyboard.press("Control+s")
    await expect(page.get_by_role("heading", name="Saved", exact=True)).to_be_visible()
    assert (there(world, ref).values["title"], there(world, ref).values["comments"]) == ("Mine", "two")


async def test_a_company_is_edited_by_keys_alone_and_a_refusal_stands_at_its_field(page: Page, console: Served) -> None:
    ref, world = EntityRef.parse("company:1"), console.world
    fault = Fault(
        kind=Kind.COMMAND_ERROR,
        match=lambda call: call.parameters.get("fields", {}).get("title") == "Refused",
        times=None,
        code="CRM_FIELD_ERROR_VALUE_NOT_VALID",
        description="The portal does not like it",
    )
    world.portal.faults.add(fault)
    await page.goto(f"{console.url}/items/company/1/edit")
    await page.locator("#f-title").focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Refused")
    await page.keyboard.press("Control+s")
    await expect(page.locator("#f-title-error")).to_contain_text("The portal does not like it")
    await expect(page.locator("#f-title")).to_be_focused()
    await expect(page.locator("#f-title")).to_have_value("Refused")
    world.portal.faults.clear()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("Taken")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Saved", exact=True)).to_be_visible()
    await expect(page.locator("[data-outcome]")).to_be_focused()
    assert value(world, ref, "title") == "Taken"


async def test_a_contact_is_created_once_though_its_answer_is_lost(page: Page, console: Served) -> None:
    world = console.world
    known = world.add("+74957770011")
    before = set(all_of(world, "contact"))
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{console.url}/items/contact/new")
    await shown(page)
    await page.get_by_label("First name").fill("Vera")
    await page.get_by_role("button", name="Create").click()
    await expect(page.locator("#f-ufCrmRegion-error")).to_contain_text("It is required")
    await page.get_by_label("Sales region").fill("North")
    phone = page.get_by_role("textbox", name="Phone, 1")
    await phone.fill("8 495 777-00-11")
    await expect(page.locator("#p-PHONE-n0-hint")).to_have_text("Will be saved as +74957770011")
    await phone.press("Tab")
    await expect(page.locator(f'#duplicates a[href="/items/contact/{known}/edit"]')).to_be_visible()
    assert await page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    await page.get_by_label("Create a new card all the same").check()
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.add", when="before", times=1))
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("heading", name="It was certainly not created.")).to_be_visible()
    await expect(page.get_by_label("First name")).to_have_value("Vera")
    world.portal.faults.add(Fault(kind=Kind.RESET, match="crm.item.add", when="after", times=1))
    await page.get_by_label("Create a new card all the same").check()
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_text("reading shows that it was created, once")).to_be_visible()
    (ref,) = set(all_of(world, "contact")) - before - {EntityRef.parse(f"contact:{known}")}
    assert page.url.endswith(f"/items/contact/{ref.id}")
    assert world.phones(ref.id) == ["+74957770011"]


@pytest.mark.usefixtures("page")
async def test_without_scripts_a_form_is_saved_as_well(context: BrowserContext, console: Served) -> None:
    assert context.browser is not None
    plain = await context.browser.new_context(java_script_enabled=False, storage_state=await context.storage_state())
    opened = await plain.new_page()
    await opened.goto(f"{console.url}/items/type128/1/edit")
    await opened.get_by_label("Name", exact=True).fill("Lathe")
    await opened.get_by_role("button", name="Save").click()
    await expect(opened.get_by_role("heading", name="Saved", exact=True)).to_be_visible()
    assert value(console.world, EntityRef.parse("type128:1"), "title") == "Lathe"
    await plain.close()
