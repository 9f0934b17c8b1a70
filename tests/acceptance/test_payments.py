"""Payment dates by processes: killed, followed, rehearsed; and what is said where the field or a right is missing."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.payments_world import (
    DEAL,
    NOTHING_ELSE,
    WITH_SHOP,
    assert_journal_fits,
    assert_right,
    kill_after,
    mistakes,
    shown,
    write_settings,
    writes,
)
from tests.acceptance.processes import until

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

DEALS = ("--paid-deals", "200", "--payments", "3")


def test_a_killed_walk_goes_on_to_the_end_of_an_undisturbed_one(home: Installation) -> None:
    portal = home.serve(*NOTHING_ELSE, *DEALS, "--time-zone", "Europe/Berlin")
    write_settings(home, pick='"fully_paid"')
    kill_after(home, portal, 20)
    assert mistakes(portal, "fully_paid")
    home.run("backfill", code=ended_with(portal))
    assert_right(portal, "fully_paid")
    assert_journal_fits(home, portal)


def ended_with(portal: ServedPortal) -> int:
    return 6 if portal.ask("state")["frozen"] else 0


def test_paying_shows_at_once_and_cancelling_too(home: Installation) -> None:
    portal = home.serve(*NOTHING_ELSE, *WITH_SHOP, "--paid-deals", "20")
    write_settings(home)
    home.set(CHANGES__SWEEP_HOURS=0)
    home.run("backfill", code=ended_with(portal))
    frozen = {item_id for _, item_id in portal.ask("state")["frozen"]}
    paid = next(one["owner"][1] for one in portal.ask("payments")["payments"] if one["owner"][1] not in frozen)
    daemon = home.follow()
    portal.edit(action="pay", entity_type_id=DEAL, item_id=paid, value="2030-01-15T10:00:00+03:00")
    until(lambda: shown(portal, paid) == "2030-01-15")
    portal.edit(action="unpay", entity_type_id=DEAL, item_id=paid)
    until(lambda: shown(portal, paid) != "2030-01-15")
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
    assert mistakes(portal) == []


def test_a_rehearsal_creates_no_field_and_writes_nothing(home: Installation) -> None:
    portal = home.serve(*NOTHING_ELSE, *DEALS, "--no-payment-field")
    write_settings(home)
    home.run("backfill", "--dry-run", "--csv", "preview.csv")
    rows = (home.folder / "preview.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) > 100
    assert writes(portal) == {}
    home.run("backfill", code=ended_with(portal))
    assert writes(portal)["crm.deal.userfield.add"] == 1


@pytest.mark.parametrize(
    ("options", "keys", "code", "parts"),
    [
        (("--no-payment-field",), {"create_field": "false"}, 2, ("no such field", "create_field = true")),
        ((), {"field": '"payment DATE"'}, 2, ("did you mean 'Payment date'",)),
        (("--no-payment-field", "--no-administrator"), {}, 3, ("may not add the field", "administrator")),
        (("--scope", "user_brief"), {}, 3, ("'crm'",)),
    ],
    ids=["no field", "other capitals", "no right", "no permission"],
)
@pytest.mark.parametrize("command", ["backfill", "run"])
def test_what_is_in_the_way_is_told_in_one_sentence(  # noqa: PLR0913, PLR0917 # a table of cases
    home: Installation,
    command: str,
    options: tuple[str, ...],
    keys: dict[str, str],
    code: int,
    parts: tuple[str, ...],
) -> None:
    portal = home.serve(*NOTHING_ELSE, "--paid-deals", "3", *options)
    write_settings(home, **keys)
    ended = home.run(command, code=code)
    said = "\n".join(ended.sentences)
    assert len([line for line in ended.sentences if line]) <= 2, said
    for part in parts:
        assert part in said
    assert writes(portal) in ({}, {"crm.deal.userfield.add": 1})
