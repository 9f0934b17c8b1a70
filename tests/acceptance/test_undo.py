"""`b24syncd undo` and `review release`, as a person calls them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.acceptance.processes import until
from tests.variants import some

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

SIZE = ("--contacts", "120", "--companies", "20", "--leads", "30")
SLOWLY = ("--update-cost", "0.004", "--real-time")


def held_values(portal: ServedPortal) -> dict[tuple[int, int], list[list[object]]]:
    """Return what every item holds, without ids: what returns has another one."""
    return {
        (type_id, item_id): sorted(points, key=str)
        for type_id, items in portal.everything().items()
        for item_id, points in items.items()
    }


def test_previewed_undone_kept_and_released(home: Installation) -> None:
    portal = home.serve(*SIZE)
    before = held_values(portal)
    home.run("backfill")
    after = held_values(portal)
    made = len(home.run("journal", "--json").records)

    rehearsed = home.run("undo", "1", "--dry-run", "--csv", "undo.csv")
    assert held_values(portal) == after
    assert "\nnothing was written\n" in rehearsed.out
    assert "learnt: crm.item.list" in rehearsed.out
    assert f"{made} corrections to make" in rehearsed.out
    with (home.folder / "undo.csv").open(encoding="utf-8-sig", newline="") as rows:
        assert len(list(csv.DictReader(rows))) == made

    undone = home.run("undo", "1")
    assert held_values(portal) == before
    assert f"{made} corrections made" in undone.out
    (status,) = home.run("status", "--json").records
    assert [(run["kind"], run["state"]) for run in status["runs"]] == [("undo", "done"), ("backfill", "done")]

    home.run("backfill")
    assert held_values(portal) == before
    reviews = [one for one in home.run("review", "list", "--json").records if one["reason"] == "undone"]
    first, *_ = reviews
    assert (first["value"], first["point"]) == ("run 2", None)
    assert home.run("review", "release", str(first["id"]), "--json").records == [{"released": 1}]
    released = home.run("review", "release", "--run", "2")
    assert released.out.splitlines() == [f"{len(reviews) - 1} released"]
    assert "run 2 holds nothing" in home.run("review", "release", "--run", "2", code=2).err
    assert "has the number" in home.run("review", "release", str(first["id"]), code=2).err

    home.run("backfill")
    assert held_values(portal) == after


@pytest.mark.parametrize("requests", some([7, 4, 9]))
def test_a_killed_undo_goes_on(home: Installation, requests: int) -> None:
    portal = home.serve(*SIZE, *SLOWLY)
    before = held_values(portal)
    home.run("backfill")
    begun = portal.stats["requests"]
    started = home.start("undo", "1")
    until(lambda: portal.stats["requests"] - begun >= requests, every=0.005)
    started.kill()
    ended = home.run("undo", "1", "--json")
    assert held_values(portal) == before
    (result,) = ended.records
    assert (result["failed"], result["interrupted"], result["left"], result["findings"]) == (0, False, 0, [])
    saves = portal.stats["saves"]
    home.run("backfill")
    assert portal.stats["saves"] == saves


def test_what_a_person_changed_since_is_told(home: Installation) -> None:
    portal = home.serve("--contacts", "20", "--companies", "0", "--leads", "0")
    home.run("backfill")
    changed = next(one for one in home.run("journal", "--json").records if one["point"] and one["after"])
    kind, _, number = changed["item"].partition(":")
    assert kind == "contact"
    newer = {"value": "+79990001122", "point_id": changed["point"], "canonical": ["+79990001122"]}
    portal.edit(action="change", entity_type_id=3, item_id=int(number), **newer)
    ended = home.run("undo", "--item", changed["item"], "--csv", "left.csv", "--json")
    (result,) = ended.records
    assert result["left"] == len(result["findings"])
    assert {
        "item": changed["item"],
        "job": changed["job"],
        "action": "leave",
        "point": str(changed["point"]),
        "before": changed["before"],
        "after": changed["after"],
        "field_title": "",
        "url": f"https://{urlsplit(portal.webhook).netloc}/crm/contact/details/{number}/",
        "why": "changed",
    } in result["findings"]
    assert "+79990001122" in portal.points(3, int(number))
    told = home.run("undo", "1", "--item", changed["item"])
    assert ": changed since" in told.out
