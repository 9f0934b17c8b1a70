"""Deciding reviews as a person does: many at once, with and without a daemon, and stopped in the middle."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

from tests.acceptance.processes import until

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation

SIZE = ("--contacts", "400", "--companies", "50", "--leads", "50")
AT_ONCE = ("--update-cost", "0", "--real-time")
SLOWLY, QUICKLY = {"crm.item.update": 0.04}, {"crm.item.update": 0.0}


def reviews(home: Installation, *options: str) -> list[dict[str, object]]:
    return home.run("review", "list", "--json", *options).records


def suggesting(home: Installation, *options: str) -> list[dict[str, object]]:
    return [review for review in reviews(home, *options) if review["suggestion"] is not None]


def test_what_is_accepted_is_written_journalled_and_taken_back(home: Installation) -> None:
    portal = home.serve(*SIZE)
    home.run("backfill")
    portal.assert_right()
    wanted = suggesting(home, "--job", "phones", "--country", "RU")
    assert len(wanted) > 10
    told = home.run("review", "accept", "--job", "phones", "--country", "RU", "--dry-run")
    assert f"{len(wanted)} corrections to make in " in told.out
    assert "nothing was written" in told.out
    saves = portal.stats["saves"]

    ended = home.run("review", "accept", "--job", "phones", "--country", "RU", "--yes")
    assert f"{len(wanted)} reviews accepted" in ended.out
    assert "`b24syncd undo 2` takes it back" in ended.out
    assert portal.stats["saves"] > saves
    assert suggesting(home, "--job", "phones", "--country", "RU") == []
    made = {(line["before"], line["after"]) for line in home.run("journal", "--run", "2", "--json").records}
    assert {(review["value"], review["suggestion"]) for review in wanted} <= made | {
        (before, review["suggestion"]) for review in wanted for before, after in made if after is None
    }
    (status,) = home.run("status", "--json").records
    assert (status["runs"][0]["kind"], status["reviews"]["accepted"]) == ("review", len(wanted))
    saves = portal.stats["saves"]
    home.run("backfill")
    assert portal.stats["saves"] == saves

    home.run("undo", "2")
    home.run("backfill")
    assert len(suggesting(home, "--job", "phones", "--country", "RU")) == len(wanted)


def test_one_by_one(home: Installation) -> None:
    portal = home.serve(*SIZE)
    home.run("backfill")
    (one, other, *_) = [review for review in reviews(home, "--job", "phones") if review["suggestion"] is None]
    (answer,) = home.run("review", "edit", str(one["id"]), "8 (495) 111-22-33", "--json").records
    assert (answer["accepted"], answer["corrections"], answer["left"]) == (1, 1, 0)
    (last,) = home.run("journal", "--limit", "1", "--json").records
    assert (last["item"], last["before"], last["after"]) == (one["item"], one["value"], "+74951112233")
    refused = home.run("review", "edit", str(other["id"]), "by letter only", code=2)
    assert "is not certain either: " in refused.err
    home.run("review", "edit", str(other["id"]), "by letter only", "--as-is")
    states = {review["id"]: review["state"] for review in reviews(home, "--all")}
    assert (states[one["id"]], states[other["id"]]) == ("accepted", "dismissed")
    assert home.run("review", "reopen", str(other["id"])).out == "1 reopened\n"
    assert portal.stats["limit_errors"] == {}


def test_a_service_writes_what_is_decided(home: Installation) -> None:
    portal = home.serve(*SIZE)
    daemon = home.follow()
    home.run("backfill")
    wanted = suggesting(home)
    ended = home.run("review", "accept", "--job", "emails", "--yes")
    assert "reviews accepted" in ended.out
    (*_, answer) = home.run("review", "accept", "--job", "phones", "--yes", "--json").records
    until(lambda: suggesting(home) == [])
    states = {review["id"]: review["state"] for review in reviews(home, "--all")}
    assert {states[review["id"]] for review in wanted} == {"accepted"}
    assert answer["accepted"] == len([review for review in wanted if review["job"] == "phones"])
    daemon.send(signal.SIGTERM)
    assert daemon.end().code == 0
    assert portal.stats["limit_errors"] == {}


def test_an_interrupted_one_goes_on_by_the_same_command(home: Installation) -> None:
    portal = home.serve(*SIZE, *AT_ONCE)
    home.run("backfill")
    portal.tell("costs", SLOWLY)
    wanted = suggesting(home)
    saves = portal.stats["saves"]
    command = home.start("review", "accept", "--job", "phones", "--yes")
    until(lambda: portal.stats["saves"] > saves + 3, every=0.005)
    command.send(signal.SIGINT)
    ended = command.end()
    assert ended.code == 130
    assert "interrupted; the same command goes on from here" in ended.out
    killed = home.start("review", "accept", "--job", "emails", "--yes")
    saves = portal.stats["saves"]
    until(lambda: portal.stats["saves"] > saves + 3)
    killed.kill()
    portal.tell("costs", QUICKLY)
    left = {review["id"] for review in reviews(home)}
    for job in {str(review["job"]) for review in wanted if review["id"] in left}:
        home.run("review", "accept", "--job", job, "--yes")
    states = {review["id"]: review["state"] for review in reviews(home, "--all")}
    assert {states[review["id"]] for review in wanted} == {"accepted"}
    assert not home.run("journal", "--outcome", "intent", "--json").records
    assert json.loads(home.run("state", "check", "--json").out)
