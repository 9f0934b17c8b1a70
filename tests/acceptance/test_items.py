"""Single items from the shell: shown, changed and added, beside a service and without one."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.acceptance.processes import until

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation

SIZE = ("--contacts", "6", "--companies", "3", "--leads", "2", "--deals", "4")


def test_an_item_is_shown_changed_taken_back_and_added(home: Installation) -> None:
    portal = home.serve(*SIZE)
    (form,) = home.run("item", "show", "deal:3", "--json").records
    fields = {field["name"]: field for group in form["groups"] for field in group["fields"]}
    assert (form["item"], fields["stageId"]["control"]) == ("deal:3", "stage")
    shown = home.run("item", "show", "deal:3").out
    assert fields["title"]["entries"][0]["title"] in shown
    assert "the portal does not let it be changed" in shown.partition("what is not edited here")[2]
    assert (
        "deal:999 is not there, or the user that b24syncd works as may not see it"
        in home.run("item", "show", "deal:999", code=6).err
    )

    saves = portal.stats["saves"]
    told = home.run("item", "set", "deal:3", "title=Order 17", "probability=12", "--dry-run").out
    assert "→ Order 17" in told
    assert told.endswith("nothing was written\n")
    assert portal.stats["saves"] == saves
    refused = home.run("item", "set", "deal:3", "title=", "--yes", "--json", code=2).records
    assert "does not let it be empty" in str(refused[0]["error"])
    (saved,) = home.run("item", "set", "deal:3", "title=Order 17", "probability=12", "--yes", "--json").records
    assert [(one["field"], one["outcome"], one["there"]) for one in saved["changes"]] == [
        ("title", "saved", "Order 17"),
        ("probability", "saved", "12"),
    ]
    assert portal.stats["saves"] == saves + 1
    assert "nothing to save" in home.run("item", "set", "deal:3", "probability=12").out
    home.run("undo", str(saved["run"]))
    (again,) = home.run("item", "show", "deal:3", "--json").records
    assert again["title"] == form["title"]

    daemon = home.start("run")
    until(lambda: home.run("status", "--json").records[0]["writer"] is not None)
    new = ("name=Anna", "phone+/MOBILE=8 916 555-44-33")
    (added,) = home.run("item", "add", "contact", *new, "--yes", "--json").records
    assert (added["outcome"], added["duplicates"]) == ("added", [])
    second = home.run("item", "add", "contact", *new, "--yes")
    assert f"the same phone: Anna ({added['item']})" in second.out
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
