"""`b24syncd backfill` on a portal of its own process, against what is true of its items."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from b24syncd.reports.csv_form import guarded

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

SIZE = ("--contacts", "240", "--companies", "60", "--leads", "90")
NAMES = {1: "lead", 3: "contact", 4: "company"}


def untouchable(portal: ServedPortal) -> set[tuple[str, str]]:
    """Return the phones and e-mails that nobody can read with certainty, with their items."""
    return {
        (f"{NAMES[entry['entity_type_id']]}:{entry['item_id']}", entry["raw"])
        for entry in portal.ask("truth", entries=1)["entries"]
        if entry["canonical"] is None and entry["type_id"] in {"PHONE", "EMAIL"}
    }


def test_a_backfill_leaves_everything_right_and_the_next_one_writes_nothing(home: Installation) -> None:
    portal = home.serve(*SIZE, "--update-cost", "0.02")
    ended = home.run("backfill")
    portal.assert_right()
    saves = portal.stats["saves"]
    assert saves > 200
    assert ended.out.startswith("390 items read, ")
    assert ended.sentences == []

    journal = home.run("journal", "--json").records
    assert {entry["outcome"] for entry in journal} == {"done"}
    assert len(journal) == portal.stats["api_edits"]
    reviews = home.run("review", "list", "--json").records
    assert {(review["item"], review["value"]) for review in reviews} == untouchable(portal)

    again = home.run("backfill")
    assert portal.stats["saves"] == saves
    assert "390 items read, 0 corrected" in again.out
    assert home.run("review", "list", "--json").records == reviews
    portal.assert_right()


def test_with_the_operating_limit_in_the_way_every_correction_still_arrives(home: Installation) -> None:
    seconds, window = 3.2, 4.0
    # Costs count here and do not pass, so where the machine stalls, the portal's clock seems to be ahead: what leaves
    # too early by that, three batches at most, has room above the share.
    home.set(LIMITS__OPERATING_SECONDS=seconds, LIMITS__OPERATING_WINDOW_SECONDS=window, LIMITS__SHARE=0.7)
    portal = home.serve(
        "--contacts", "70", "--companies", "0", "--leads", "0", "--update-cost", "0.07", "--scale", "0.00667"
    )
    home.run("backfill")
    portal.assert_right()
    assert portal.stats["operating_maximum"]["crm.item.update"] <= seconds


def test_a_dry_run_tells_everything_and_writes_nothing(home: Installation) -> None:
    portal = home.serve(*SIZE)
    before = portal.everything()
    ended = home.run("backfill", "--dry-run", "--csv", "plan.csv")
    assert portal.everything() == before
    assert portal.stats["api_edits"] == 0
    assert not home.state.exists()
    assert "all of them in plan.csv" in ended.out
    assert "correct" in ended.out
    assert "corrected" not in ended.out

    file = home.folder / "plan.csv"
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(encoding="utf-8-sig", newline="") as rows:
        findings = list(csv.DictReader(rows))
    assert list(findings[0]) == [
        "item",
        "title",
        "job",
        "kind",
        "point",
        "before",
        "after",
        "reason",
        "suggestion",
        "url",
    ]
    assert all(row["title"] for row in findings)
    reviews = {(row["item"], row["before"].removeprefix("'")) for row in findings if row["kind"] == "review"}
    assert reviews == untouchable(portal)

    (result,) = home.run("backfill", "--dry-run", "--json", "--sample", "3").records
    (again,) = home.run("backfill", "--dry-run", "--json", "--sample", "3").records
    preview = result["preview"]
    assert (result["run"], result["exit_code"], len(preview["sample"])) == (None, 0, 3)
    assert preview == again["preview"]
    groups = (*preview["changes"], *preview["reasons"])
    assert sum(group["count"] for group in groups) == preview["findings"] == len(findings)
    assert preview["effort"]["assumed"] == ["crm.item.get", "crm.item.update"]

    (done,) = home.run("backfill", "--json").records
    assert (done["run"], done["exit_code"], done["preview"]) == (1, 0, None)
    assert done["counts"]["corrections"] == result["counts"]["corrections"]
    portal.assert_right()
    planned = sorted((row["item"], row["before"], row["after"]) for row in findings if row["kind"] != "review")
    made = home.run("journal", "--json").records
    assert sorted((entry["item"], guarded(entry["before"]), guarded(entry["after"])) for entry in made) == planned
    (last,) = home.run("backfill", "--dry-run", "--json").records
    assert (last["counts"]["to_correct"], last["preview"]["changes"]) == (0, [])


def test_it_can_be_narrowed(home: Installation) -> None:
    portal = home.serve("--contacts", "30", "--companies", "5", "--leads", "5")
    wrong = {(mistake["entityTypeId"], mistake["id"]) for mistake in portal.ask("truth")["mistakes"]}
    (first, second, *_) = sorted(contact for kind, contact in wrong if kind == 3)
    home.run("backfill", "--only", f"contact:{first}", "--only", f"contact:{second}")
    left = {(mistake["entityTypeId"], mistake["id"]) for mistake in portal.ask("truth")["mistakes"]}
    assert left == wrong - {(3, first), (3, second)}
    assert home.run("backfill", "--limit", "3").out.startswith("3 items read")
    home.run("backfill", "phones")
    assert {entry["job"] for entry in home.run("journal", "--run", "3", "--json").records} == {"phones"}
    assert portal.ask("truth", types="PHONE")["mistakes"] == []


@pytest.mark.parametrize(
    ("mode", "code", "told"), [("off", 0, "switched off, lead: "), ("refused", 6, "skipped lead: ")]
)
def test_leads_that_are_not_there_are_one_warning_and_the_others_go_on(
    home: Installation, mode: str, code: int, told: str
) -> None:
    portal = home.serve("--contacts", "20", "--companies", "5", "--leads", "5", "--lead-mode", mode)
    ended = home.run("backfill", code=code)
    assert [entry["entity_type"] for entry in ended.logged if entry["level"] == "warning"] == ["lead"]
    assert ended.out.count(told) == 1
    assert {mistake["entityTypeId"] for mistake in portal.ask("truth")["mistakes"]} <= {1}
    assert portal.stats["saves"] > 10


def test_an_item_that_may_not_be_changed_is_listed_and_the_others_go_on(home: Installation) -> None:
    portal = home.serve("--contacts", "30", "--companies", "0", "--leads", "0")
    wrong = {mistake["id"] for mistake in portal.ask("truth")["mistakes"]}
    frozen = min(wrong)
    portal.tell("rights", {"refused": [[3, frozen]]})
    ended = home.run("backfill", code=6)
    assert f"  contact:{frozen}: ACCESS_DENIED" in ended.out
    assert {mistake["id"] for mistake in portal.ask("truth")["mistakes"]} == {frozen}
    assert f"contact:{frozen}" in home.run("status").out
