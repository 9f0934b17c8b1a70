"""Deals with payments as processes of their own: the configuration, and whether every field ended as it should."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.acceptance.processes import until

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

NOTHING_ELSE = ("--contacts", "0", "--companies", "0", "--leads", "0")
WITH_SHOP = ("--scope", "crm", "--scope", "user_brief", "--scope", "sale")
FIELD = "UF_CRM_1721244707107"
NAME = "ufCrm_1721244707107"
DEAL = 2
WRITES = ("crm.item.update", "crm.deal.update", "crm.deal.userfield.add")
_OTHERS = "[jobs.phones]\nenabled = false\n[jobs.emails]\nenabled = false\n"


def write_settings(home: Installation, **keys: str) -> None:
    """Let `payment_dates` be the only job; keys as they are written in TOML."""
    written = "".join(f"{key} = {value}\n" for key, value in ({"enabled": "true"} | keys).items())
    path = home.folder / "b24syncd.toml"
    path.write_text(f"{_OTHERS}[jobs.payment_dates]\n{written}", encoding="utf-8")
    home.set(CONFIG=path)


def mistakes(portal: ServedPortal, pick: str = "last", field: str = FIELD) -> list[dict[str, Any]]:
    """Return the deals whose field does not hold what their payments say."""
    found: list[dict[str, Any]] = portal.ask("payment_mistakes", field=field, pick=pick)["mistakes"]
    return found


def shown(portal: ServedPortal, deal_id: int) -> str | None:
    """Return the day that a deal shows, as a list of deals tells it."""
    item = portal.ask("state", entityTypeId=DEAL, id=deal_id)["item"]
    value = item[NAME]
    return str(value).partition("T")[0] if value else None


def writes(portal: ServedPortal) -> dict[str, int]:
    """Return how many writing commands the portal was sent, by their methods."""
    commands = portal.stats["commands"]
    return {method: commands[method] for method in WRITES if method in commands}


def assert_right(portal: ServedPortal, pick: str = "last") -> None:
    """Every field is right, nothing was written twice or in vain, and no limit was met."""
    assert mistakes(portal, pick) == []
    stats = portal.stats
    found = (stats["repeated_writes"], stats["empty_saves"], stats["limit_errors"])
    assert found == ([], 0, {}), found


def assert_journal_fits(home: Installation, portal: ServedPortal) -> None:
    """Every write that took effect is in the journal once; nothing is left open or waiting."""
    outcomes = Counter(entry["outcome"] for entry in home.run("journal", "--json").records)
    made = outcomes["done"] + outcomes["unverified"]
    assert made == portal.stats["saves"], (outcomes, portal.stats["saves"])
    (status,) = home.run("status", "--json").records
    assert (status["open_intents"], status["queue"]["waiting"], status["writer"]) == (0, 0, None)


def kill_after(home: Installation, portal: ServedPortal, saves: int) -> None:
    """Start a backfill and kill it once it has saved so many more deals; it must be at work until then."""
    before = portal.stats["saves"]
    started = home.start("backfill")
    until(lambda: started.process.poll() is not None or portal.stats["saves"] - before >= saves, every=0.005)
    started.kill()
