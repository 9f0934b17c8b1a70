"""What tests of payment dates share: the configuration, deals with payments, and what must hold of every field."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from b24syncd.simulator.judges.payments import payment_mistakes
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.simulator.tables.fields import DEAL, CustomField, FieldType
from b24syncd.simulator.tables.values import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.engine.world import World

    from b24syncd.domain.corrections import Correction
    from b24syncd.simulator.tables.model import Item
    from b24syncd.simulator.tables.payment_truth import Pick

    MakeWorld = Callable[..., Coroutine[None, None, World]]

CODE = "UF_CRM_1721244707107"
NAME = "ufCrm_1721244707107"
TITLE = "Payment date"
UNIVERSAL, CLASSIC = "crm.item.update", "crm.deal.update"
WRITES = (UNIVERSAL, CLASSIC, "crm.deal.userfield.add", "crm.lead.update", "crm.contact.update", "crm.company.update")
PAYMENTS = "crm.item.payment.list"
ABOUT = "crm.item.fields"
"""Asked for once per type at the beginning of every round of the daemon."""

DAY, INSTANT = (CustomField(DEAL, CODE, TITLE, kind) for kind in (FieldType.DATE, FieldType.DATETIME))
SHOP = {"scopes": ("crm", "user_brief", "sale")}


def date_paid(world: World, *, api: str = "universal", others: bool = False, **keys: str) -> None:
    """Let `payment_dates` be enabled, alone or beside the `others`; further keys as they are written in TOML."""
    off = "" if others else "".join(f"[jobs.{name}]\nenabled = false\n" for name in ("phones", "emails"))
    written = "".join(f"{key} = {value}\n" for key, value in ({"enabled": "true"} | keys).items())
    world.file = world.folder / "b24syncd.toml"
    world.file.write_text(f"{off}[jobs.payment_dates]\n{written}", encoding="utf-8")
    world.configure(portal__api=api)


def deal(world: World, *, amount: float = 100.0, type_id: int = DEAL, **values: Any) -> int:  # noqa: ANN401 # a field's
    """Add an item that nobody changed for a long time."""
    whole: dict[str, Any] = {"title": "An order", "stageId": "NEW", "opportunity": amount, "currencyId": "RUB"} | values
    return world.portal.create(type_id, whole, [], "generator", int(world.portal.clock()) - 86400).id


def pay(world: World, deal_id: int, *, days_ago: float = 10.0, amount: float = 100.0, currency: str = "RUB") -> Item:
    """Add a payment that was made so long ago."""
    paid = int(world.portal.clock() - days_ago * 86400)
    return world.portal.payments.create((DEAL, deal_id), amount, "generator", currency=currency, paid=paid)


def shown(world: World, deal_id: int, name: str = NAME) -> str | None:
    """Return the day that a deal shows."""
    found = world.portal.find(DEAL, deal_id)
    value = None if found is None else found.value(name)
    return None if value is None else iso(int(value), world.portal.zone).partition("T")[0]


def day_of(world: World, payment: Item) -> str:
    """Return the day of a payment on the wall of the portal."""
    return iso(int(payment.values["datePaid"] or 0), world.portal.zone).partition("T")[0]


def day_ago(world: World, days: float) -> str:
    return iso(int(world.portal.clock() - days * 86400), world.portal.zone).partition("T")[0]


def typing(deal_id: int, day: str, name: str = NAME) -> PersonEdit:
    """Return a person's entering of a day, or of nothing."""
    value = f"{day}T12:00:00+03:00" if day else ""
    return PersonEdit(action=Action.SET_FIELD, entity_type_id=DEAL, item_id=deal_id, name=name, value=value)


def doing(action: Action, deal_id: int, value: str = "") -> PersonEdit:
    """Return what a person does to a payment of a deal."""
    return PersonEdit(action=action, entity_type_id=DEAL, item_id=deal_id, value=value)


def mistakes(world: World, pick: Pick = "last", field: str = CODE, **how: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return payment_mistakes(world.portal, field, pick, **how)


def commands(world: World) -> Counter[str]:
    """Count the commands that write, refused ones as well."""
    sent = world.portal.history.commands
    return Counter({method: sent[method] for method in WRITES if sent[method]})


def made(world: World) -> Counter[Correction]:
    """Count the corrections that the journal tells as made."""
    return Counter(entry.correction for entry in world.journal() if entry.outcome.value in {"done", "unverified"})


def reasons(world: World) -> Counter[str]:
    return Counter(str(review.reason) for review in world.reviews())


def assert_unbroken(world: World, *, repeated: bool = False) -> None:
    """Hold what must be true of every run, whatever happened during it."""
    history = world.portal.history
    if not repeated:
        assert history.repeated_writes() == []
    assert history.empty_saves == 0
    assert history.limit_errors == {}
    assert world.outcomes()["intent"] == 0


def assert_nothing_twice(world: World) -> None:
    """Hold that no correction is told twice as made; true where no person interferes."""
    assert [correction for correction, number in made(world).items() if number > 1] == []


async def assert_settled(world: World, **how: bool) -> None:
    """Hold that another walk sends no command that writes, but to what refused before: each process tries that once."""
    assert_unbroken(world, **how)
    before = commands(world).total()
    await world.backfill()
    assert commands(world).total() - before <= len(world.portal.frozen)
    assert_unbroken(world, **how)


async def rounds(world: World, number: int = 2, *, types: int = 1) -> None:
    """Wait until the daemon has gone so many whole rounds, from now on."""
    asked = world.portal.history.commands
    last = asked[ABOUT] + (number + 1) * types
    await world.until(lambda: asked[ABOUT] >= last)
