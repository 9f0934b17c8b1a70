"""`b24syncd status`, `journal` and `review`, run as a person does."""

from __future__ import annotations

import asyncio
import csv
import fcntl
import json
import os
import pty
import re
import stat
import struct
import subprocess
import sys
import termios
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from tests.forked import Forked

from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint, SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.field_reviews import told_field
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import PhoneRules
from b24syncd.domain.snapshots import ItemState, PointKind
from b24syncd.jobs.phones.countries import countries_of
from b24syncd.jobs.phones.numbers import regions_that_would_read
from b24syncd.jobs.phones.other_regions import best_of
from b24syncd.reports.regions import RegionsReport
from b24syncd.store import (
    approvals,
    conditions,
    cursors,
    journal,
    limits,
    meta,
    portal_facts,
    queue,
    region_hints,
    reviews,
    runs,
)
from b24syncd.store.database import open_for_writing
from b24syncd.store.journal import Intent, Outcome
from b24syncd.store.region_hints import RegionHints
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    import sqlite_utils

    Run = Callable[..., CompletedProcess[str]]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTACT = EntityRef(EntityType.CONTACT, 42)
LEAD = EntityRef(EntityType.LEAD, 7)
TRICKY = "=HYPERLINK(1)\x1b[2J\u202e\t\n😀"


def fill(db: sqlite_utils.Database) -> None:
    meta.bind_portal(db, "acme.bitrix24.ru")
    run_id = runs.start_run(db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["phones"], fingerprint="f", now=NOW))
    meant = (
        ChangePoint(CONTACT, "phones", PointKind.PHONE, 5, "WORK", "8 (916) 234-56-78", "+79162345678"),
        AddPoint(CONTACT, "emails", PointKind.EMAIL, "WORK", "a@b.ru"),
    )
    deleted = DeletePoint(LEAD, "phones", PointKind.PHONE, 9, "WORK", TRICKY)
    intents = [Intent(CONTACT, ItemState(()), meant), Intent(LEAD, ItemState(()), (deleted,))]
    journal.insert_intents(db, journal.Batch(run_id, "b1", sent_at=1.0), intents, now=NOW)
    journal.settle(db, "b1", CONTACT, Outcome.DONE, now=NOW)
    runs.add_counts(db, run_id, {"read": 100})
    approvals.note_end(db, "f", run_id, approvals.Stop(run_id, "safety.canary = 2: the first corrections were made"))
    cursors.put(db, "backfill/contact", {"id": 42}, now=NOW)
    cursors.put(db, "poll/contact", {"since": 1_700_000_000.5}, now=NOW)
    sweep: dict[str, object] = {"after_id": 7, "finished": True, "began": 1_700_000_000.25, "highest_id": 9}
    cursors.put(db, "sweep/deal", sweep, now=NOW)
    queue.add(db, [LEAD], "unknown outcome", due_at=NOW + timedelta(minutes=1))
    queue.give_up(db, CONTACT, "refused", "ACCESS_DENIED: no", now=NOW)
    wanted = [
        Review(LEAD, "phones", 9, TRICKY, Reason.NOT_A_PHONE),
        Review(LEAD, "phones", 10, "+8 (495) 123-45-67", Reason.NOT_A_PHONE, "+74951234567"),
        Review(LEAD, "phones", 11, "call Ivan", Reason.NOT_A_PHONE),
    ]
    reviews.replace_for_page(db, [(LEAD, ["phones"], wanted)], now=NOW, countries_of=countries_of)
    reviews.dismiss(db, 3, now=NOW)
    limits.save_limits(
        db,
        {"send_times": [1.5], "costs": {"crm.item.list": 0.25}, "operating": {"crm.item.update": [2.5, 1700000000]}},
    )


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """The configuration of a portal on which nothing has run."""
    path = tmp_path / "b24syncd.toml"
    text = '[portal]\nregion = "RU"\nwebhook = "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/"\n'
    path.write_text(f'{text}[state]\npath = "{tmp_path}/state/acme.db"\n', encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture
def config(empty: Path) -> Path:
    write(empty, fill)
    return empty


def write(config: Path, function: Callable[[sqlite_utils.Database], object]) -> None:
    async def open_and_write() -> None:
        async with open_for_writing(config.parent / "state" / "acme.db") as database:
            await database.write(function)

    asyncio.run(open_and_write())


def lines(done: CompletedProcess[str]) -> list[dict[str, object]]:
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("command", [["journal"], ["review", "list"]])
def test_before_anything_ran_lists_are_empty_and_no_file_is_made(program: Run, empty: Path, command: list[str]) -> None:
    done = program("--config", str(empty), *command)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)  # the names of the columns
    assert done.stderr.startswith("nothing has run yet; ")
    done = program("--config", str(empty), *command, "--json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(empty.parent.iterdir()) == [empty]


@pytest.mark.parametrize("command", [["review", "export"], ["review", "dismiss", "1"]])
def test_before_anything_ran_there_is_one_sentence_and_no_file(program: Run, empty: Path, command: list[str]) -> None:
    done = program("--config", str(empty), *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"b24syncd: nothing has run yet: .*acme\.db .*\n", done.stderr)
    assert list(empty.parent.iterdir()) == [empty]


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_before_anything_ran_the_status_says_so_and_makes_no_file(
    program: Run, empty: Path, options: list[str]
) -> None:
    done = program("--config", str(empty), "status", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("well     nothing has run yet; ")
    (status,) = lines(program("--config", str(empty), "status", "--json"))
    assert (status["portal"], status["runs"]) == (None, [])
    assert list(empty.parent.iterdir()) == [empty]


def test_the_check_for_cron_tells_why_and_by_its_code(program: Run, config: Path) -> None:
    done = program("--config", str(config), "status", "--check")
    verdict, cure = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert "stopped by error: run 1 ended without a word" in verdict
    assert cure.startswith("cure     start b24syncd again")
    write(config, lambda db: runs.interrupt_crashed(db, now=NOW))
    done = program("--config", str(config), "status", "--check")
    assert (done.returncode, done.stdout) == (0, "well     nothing is wrong, and nothing is running\n")
    away = Condition(ConditionKind.PORTAL_AWAY, "", NOW, "timeout")
    write(config, lambda db: conditions.note(db, [away], judged=lambda _: True, now=NOW))
    done = program("--config", str(config), "status", "--check", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["conditions"][0]["kind"] == "portal_away"


def test_the_journal_in_json(program: Run, config: Path) -> None:
    first, second, third = lines(program("--config", str(config), "journal", "--json"))
    assert first == {
        "run": 1,
        "at": "2026-03-01T12:00:00.000+00:00",
        "job": "phones",
        "item": "contact:42",
        "point": 5,
        "before": "8 (916) 234-56-78",
        "after": "+79162345678",
        "outcome": "done",
        "field": None,
        "field_title": None,
        "url": "https://acme.bitrix24.ru/crm/contact/details/42/",
        "by": "",
        "id": 1,
    }
    assert (second["point"], second["before"], second["after"]) == (None, None, "a@b.ru")
    assert (third["point"], third["before"], third["after"], third["outcome"]) == (9, TRICKY, None, "intent")


@pytest.mark.parametrize(
    ("options", "items"),
    [
        (["--item", "contact:42"], ["contact:42", "contact:42"]),
        (["--item", "deal:42"], []),
        (["--job", "emails"], ["contact:42"]),
        (["--run", "1"], ["contact:42", "contact:42", "lead:7"]),
        (["--outcome", "intent"], ["lead:7"]),
        (["--limit", "2"], ["contact:42", "lead:7"]),
        (["--since", "2026-03-01T15:00:01+03:00"], []),
        (["--since", "2026-03-01T15:00:00+03:00"], ["contact:42", "contact:42", "lead:7"]),
        (["--since", "2026-03-01"], ["contact:42", "contact:42", "lead:7"]),
        (["--since", "2026-03-01T15:00:01"], []),
        (["--since", "2026-03-01T15:00:00"], ["contact:42", "contact:42", "lead:7"]),
        (["--since", "2026-03-01T12:00:01", "--utc"], []),
        (["--since", "run:1"], ["contact:42", "contact:42", "lead:7"]),
        (["--since", "yesterday"], []),
    ],
)
def test_the_journal_is_narrowed(program: Run, config: Path, options: list[str], items: list[str]) -> None:
    done = program("--config", str(config), "journal", "--json", *options, TZ="Europe/Moscow")
    assert [line["item"] for line in lines(done)] == items


@pytest.mark.parametrize(
    "options", [["--item", "order:1"], ["--item", "42"], ["--outcome", "perhaps"], ["--limit", "0"], ["--since", "x"]]
)
def test_the_journal_refuses_what_it_cannot_mean(program: Run, config: Path, options: list[str]) -> None:
    done = program("--config", str(config), "journal", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert options[0] in done.stderr or options[1] in done.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--job", "foo"], "'foo' is not a job; jobs are: phones, emails, bindings, payment_dates, fields, edits"),
        (["--since", "run:999"], "there is no run 999; `b24syncd status --runs N` lists the latest"),
        (["--run", "999"], "there is no run 999; `b24syncd status --runs N` lists the latest"),
        (["--run", str(10**19)], f"there is no run {10**19}; `b24syncd status --runs N` lists the latest"),
    ],
)
def test_the_journal_of_what_does_not_exist_is_not_an_empty_one(
    program: Run, config: Path, options: list[str], told: str
) -> None:
    done = program("--config", str(config), "journal", *options)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"b24syncd: {told}\n")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--run", "abc"], "'abc' is no whole number"),
        (["--run", "9" * 5000], "is too large"),
        (["--limit", "0"], "0 is too small; write at least 1"),
        (["--outcome", "foo"], "'foo' is not one of 'intent', 'done'"),
        (
            ["--since", "tomorrow"],
            "'tomorrow' is no time; write yesterday, 1h, 30m, 2d, 2026-11-20, 2026-11-20T09:00, ",
        ),
        (["--since", "2026"], "'2026' is no time"),
        (["--since", "0001-01-01T00:00+05:00"], "is no time"),
    ],
)
def test_a_bad_value_is_told_with_the_value(program: Run, config: Path, options: list[str], told: str) -> None:
    done = program("--config", str(config), "journal", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(f"Error: Invalid value for '{options[0]}': ")
    assert told in done.stderr
    assert "Value error" not in done.stderr


def test_lists_in_a_pipe_are_separated_by_tabs_and_complete(program: Run, config: Path) -> None:
    done = program("--config", str(config), "journal")
    header, first, _, third = done.stdout.splitlines()
    assert header.split("\t") == ["run", "at", "job", "item", "point", "before", "after", "outcome"]
    assert first.split("\t")[5:] == ["8 (916) 234-56-78", "+79162345678", "done"]
    assert third.split("\t")[5] == r"=HYPERLINK(1)\x1b[2J\u202e\t\n😀"


def test_no_output_holds_what_a_terminal_would_obey(program: Run, config: Path) -> None:
    for command in (["journal"], ["journal", "--json"], ["review", "list"], ["review", "list", "--json"]):
        printed = program("--config", str(config), *command).stdout
        assert not {"\x1b", "\u202e"} & set(printed)


def test_an_output_without_unicode_still_says_everything(program: Run, config: Path) -> None:
    done = program("--config", str(config), "journal", PYTHONIOENCODING="ascii")
    assert r"\U0001f600" in done.stdout
    answers = program("--config", str(config), "journal", "--json", PYTHONIOENCODING="ascii")
    assert lines(answers)[2]["before"] == TRICKY


def test_reviews_in_json(program: Run, config: Path) -> None:
    first, second = lines(program("--config", str(config), "review", "list", "--json"))
    assert first["value"] == TRICKY
    assert second == {
        "id": 2,
        "job": "phones",
        "item": "lead:7",
        "point": 10,
        "value": "+8 (495) 123-45-67",
        "reason": "not_a_phone",
        "suggestion": "+74951234567",
        "state": "open",
        "opened_at": "2026-03-01T12:00:00+00:00",
        "field": None,
        "field_title": None,
        "url": "https://acme.bitrix24.ru/crm/lead/details/7/",
        "by": "",
    }
    everything = lines(program("--config", str(config), "review", "list", "--all", "--json"))
    assert [line["state"] for line in everything] == ["open", "open", "dismissed"]


def test_reviews_as_csv_are_guarded(program: Run, config: Path, tmp_path: Path) -> None:
    printed = program("--config", str(config), "review", "export").stdout
    file = tmp_path / "reviews.csv"
    done = program("--config", str(config), "review", "export", "--csv", str(file), "--all")
    assert done.stdout == f"3 reviews written to {file}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"\xef\xbb\xbfid,job,")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        header, first, second, third = csv.reader(opened)
    assert header[:8] == ["id", "job", "item", "point", "value", "reason", "suggestion", "state"]
    assert header[8:] == ["opened_at", "field", "field_title", "url", "by"]
    assert first[4] == r"'=HYPERLINK(1)\x1b[2J\u202e\t\n" + "😀"
    assert second[4] == "'+8 (495) 123-45-67"
    assert second[6] == "'+74951234567"
    assert third[:8] == ["3", "phones", "lead:7", "11", "call Ivan", "not_a_phone", "", "dismissed"]
    assert third[11] == "https://acme.bitrix24.ru/crm/lead/details/7/"
    assert printed.startswith("id,job,item,")
    ascii_only = program("--config", str(config), "review", "export", PYTHONIOENCODING="ascii").stdout
    assert ascii_only == printed
    assert "😀" in printed
    raw = program("--config", str(config), "review", "export", "--raw", "--delimiter", ";").stdout
    assert "\n2;phones;lead:7;10;+8 (495) 123-45-67;" in raw


def test_an_earlier_report_is_overwritten(program: Run, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text("an earlier report\n" * 100, encoding="utf-8")
    assert program("--config", str(config), "review", "export", "--csv", str(file)).returncode == 0
    assert "earlier" not in file.read_text(encoding="utf-8-sig")


def test_reviews_as_csv_with_an_answer_in_json(program: Run, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    (answer,) = lines(program("--config", str(config), "review", "export", "--csv", str(file), "--json"))
    assert answer == {"file": str(file), "reviews": 2}
    assert len(lines(program("--config", str(config), "review", "export", "--json"))) == 2


def test_a_csv_file_that_cannot_be_written(program: Run, config: Path, tmp_path: Path) -> None:
    done = program("--config", str(config), "review", "export", "--csv", str(tmp_path / "no" / "x.csv"))
    assert done.returncode == 2
    assert "cannot be written: No such file or directory" in done.stderr


def test_a_csv_file_on_a_full_disk(program: Run, config: Path) -> None:
    done = program("--config", str(config), "review", "export", "--csv", "/dev/full")
    assert (done.returncode, done.stdout) == (4, "")
    full = "/dev/full cannot be written: No space left on device; make room, or name another file"
    assert done.stderr == f"b24syncd: {full}\n"


def test_dismissing(program: Run, config: Path) -> None:
    done = program("--config", str(config), "review", "dismiss", "2", "1", "2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 dismissed\n", "")
    assert lines(program("--config", str(config), "review", "list", "--json")) == []


def test_dismissing_answers_in_json(program: Run, config: Path) -> None:
    (line,) = lines(program("--config", str(config), "review", "dismiss", "2", "--json"))
    assert (line["id"], line["state"]) == (2, "dismissed")


def test_dismissing_is_all_or_nothing(program: Run, config: Path) -> None:
    done = program("--config", str(config), "review", "dismiss", "1", "3", "99")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no open review has the number 3, 99; nothing was dismissed" in done.stderr
    assert len(lines(program("--config", str(config), "review", "list", "--json"))) == 2


def test_while_a_daemon_holds_the_state_one_can_read_but_not_dismiss(program: Run, config: Path) -> None:
    state = config.parent / "state" / "acme.db"

    async def hold() -> None:
        async with open_for_writing(state) as database:
            await database.write(lambda db: cursors.put(db, "poll/lead", {"id": 1}, now=NOW))
            done = await asyncio.to_thread(program, "--config", str(config), "review", "dismiss", "1")
            assert done.returncode == 4
            assert f"process {os.getpid()}) holds" in done.stderr
            (status,) = lines(await asyncio.to_thread(program, "--config", str(config), "status", "--json"))
            assert status["writer"] == os.getpid()
            assert "poll/lead" in str(status["cursors"])
            assert "'state': 'running'" in str(status["runs"])

    asyncio.run(hold())


def test_the_status_tells_which_jobs_rest_while_a_daemon_lives(program: Run, config: Path) -> None:
    state = config.parent / "state" / "acme.db"
    rest = Condition(ConditionKind.RIGHT_MISSING, "payment_dates", NOW, "no right\x1b[2J")

    async def hold() -> None:
        async with open_for_writing(state) as database:
            await database.write(lambda db: conditions.note(db, [rest], judged=lambda _: False, now=NOW))
            told = await asyncio.to_thread(program, "--config", str(config), "status")
            expected = "trouble  since 2026-03-01T12:00:00+00:00: right missing (payment_dates): no right\\x1b[2J\n"
            assert told.stdout.startswith(
                f"{expected}cure     give the webhook, or the application, or its user what is missing "
            )
            assert "\npaused   payment_dates\n" in told.stdout
            (status,) = lines(await asyncio.to_thread(program, "--config", str(config), "status", "--json"))
            assert status["resting"] == [
                {"jobs": "payment_dates", "where": "right_missing", "detail": "no right\x1b[2J"}
            ]

    asyncio.run(hold())
    (status,) = lines(program("--config", str(config), "status", "--json"))
    assert status["resting"] == []


def test_the_status_in_json(program: Run, config: Path) -> None:
    (status,) = lines(program("--config", str(config), "status", "--json"))
    health = cast("dict[str, object]", status.pop("health"))
    assert (health["verdict"], health["is_running"], health["open_reviews"]) == ("trouble", False, {"not_a_phone": 2})
    assert status == {
        "portal": "acme.bitrix24.ru",
        "configured": "acme.bitrix24.ru",
        "state": str(config.parent / "state" / "acme.db"),
        "writer": None,
        "waiting": None,
        "runs": [
            {
                "id": 1,
                "kind": "backfill",
                "jobs": ["phones"],
                "state": "interrupted",
                "started_at": "2026-03-01T12:00:00+00:00",
                "finished_at": None,
                "counts": {"read": 100},
                "stopped": "safety.canary = 2: the first corrections were made",
                "by": "",
            }
        ],
        "cursors": [
            {"name": "backfill/contact", "position": {"id": 42}, "changed_at": "2026-03-01T12:00:00+00:00"},
            {"name": "poll/contact", "position": {"since": 1_700_000_000.5}, "changed_at": "2026-03-01T12:00:00+00:00"},
            {
                "name": "sweep/deal",
                "position": {"after_id": 7, "finished": True, "began": 1_700_000_000.25, "highest_id": 9},
                "changed_at": "2026-03-01T12:00:00+00:00",
            },
        ],
        "resting": [],
        "open_intents": 1,
        "queue": {"waiting": 1, "gave_up": 1},
        "given_up": [
            {
                "item": "contact:42",
                "reason": "refused",
                "detail": "ACCESS_DENIED: no",
                "attempts": 1,
                "at": "2026-03-01T12:00:00+00:00",
            }
        ],
        "reviews": {"open": 2, "dismissed": 1, "closed": 0, "accepted": 0},
        "other_regions": {"would_read": {}, "exact": True},
        "limits": {
            "send_times": [1.5],
            "costs": {"crm.item.list": 0.25},
            "operating": {"crm.item.update": [2.5, 1700000000]},
        },
    }


def test_the_status_for_people(program: Run, config: Path) -> None:
    done = program("--config", str(config), "status", "--limits")
    assert (done.returncode, done.stderr) == (0, "")
    assert "limits (seconds)" not in program("--config", str(config), "status").stdout
    for text in (
        "acme.bitrix24.ru",
        "1 item to look at again, 1 refused for good",
        "open 2, dismissed 1, closed 0",
        "1\tbackfill\tphones\tinterrupted\t2026-03-01T12:00:00+00:00\t\tread 100",
        "run 1 was stopped by a safety limit: safety.canary = 2: the first corrections were made\n",
        "backfill/contact\tid 42",
        "poll/contact\tsince 2023-11-14T22:13:20+00:00",
        "sweep/deal\tafter_id 7, finished yes, began 2023-11-14T22:13:20+00:00, highest_id 9\t",
        "contact:42\trefused\tACCESS_DENIED: no\t1",
        "crm.item.list\t0.25\t\t\n",
        "crm.item.update\t\t2.5\t2023-11-14T22:13:20+00:00",
    ):
        assert text in done.stdout


def test_the_status_tells_a_stop_once_while_it_stands(program: Run, config: Path) -> None:
    reason = "safety.canary = 2: the first corrections were made"
    stop = Condition(ConditionKind.SAFETY_STOP, "backfill/canary", NOW, reason)
    write(config, lambda db: conditions.note(db, [stop], judged=lambda _: False, now=NOW))
    assert program("--config", str(config), "status").stdout.count(reason) == 1


def test_the_status_tells_which_other_regions_would_read_more(program: Run, config: Path) -> None:
    values = ["97122345678", "97122345679", "37163123456", "842101234567", "call me"]
    asked = [Review(CONTACT, "phones", number, value, Reason.NOT_A_PHONE) for number, value in enumerate(values, 1)]
    write(config, lambda db: reviews.replace_for_item(db, CONTACT, ["phones"], asked, now=NOW))
    rules = PhoneRules(region="RU")
    found = Counter(frozenset(regions_that_would_read(value, rules)) for value in values)
    del found[frozenset()]
    expected = best_of(found)
    (status,) = lines(program("--config", str(config), "status", "--json"))
    assert status["other_regions"] == {"would_read": expected, "exact": True}
    printed = program("--config", str(config), "status").stdout
    assert [line for line in printed.splitlines() if line.startswith("phones   ")] == [
        f"phones   {line}" for line in RegionsReport(expected).lines()
    ]


def test_the_status_of_a_state_imports_nothing_that_takes_long(config: Path) -> None:
    def work_out(db: sqlite_utils.Database) -> None:
        mark = region_hints.mark_of(db, "phones", PhoneRules(region="RU"))
        region_hints.remember(db, mark, RegionHints({"DE": 3}))

    write(config, work_out)
    program = "import sys; from b24syncd.cli.main import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", program, "--config", str(config), "status"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert 'phones   3 more numbers would be read with other_regions = ["DE"]' in done.stdout
    imported = set(done.stderr.splitlines()[-1].split())
    heavy = {"asyncio", "aiohttp", "http.client", "phonenumbers", "rich", "sqlite_utils", "ssl", "structlog"}
    own = {"engine", "jobs", "portal", "store.history", "store.journal", "domain.corrections"}
    assert imported & (heavy | {f"b24syncd.{name}" for name in own}) == set()


def test_as_many_runs_are_listed_as_are_asked_for(program: Run, config: Path) -> None:
    def start_some(db: sqlite_utils.Database) -> None:
        for _ in range(8):
            runs.start_run(db, runs.NewRun(kind=RunKind.PARTIAL, jobs=["phones"], fingerprint="f", now=NOW))

    write(config, start_some)
    for options, last in (([], 5), (["--runs", "1"], 9), (["--runs", "20"], 1)):
        (status,) = lines(program("--config", str(config), "status", "--json", *options))
        listed = [run["id"] for run in cast("list[dict[str, object]]", status["runs"])]
        assert listed == list(range(9, last - 1, -1))
    assert "\n1\tbackfill\t" in program("--config", str(config), "status", "--runs", "20").stdout


def on_terminal(config: Path, *command: str, columns: int = 80) -> str:
    """Return what the program writes on a plain terminal in Moscow."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    arguments = ("--config", str(config), *command)
    environ = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    started = Forked(arguments, environ | {"TERM": "dumb", "TZ": "Europe/Moscow"}, config.parent, theirs, theirs)
    os.close(theirs)
    written = b""
    while chunk := _read(ours):
        written += chunk
    os.close(ours)
    assert started.wait() == 0
    return written.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # so ends a terminal on Linux
        return b""


def test_on_a_terminal_nothing_is_cut_off(config: Path) -> None:
    long = Review(CONTACT, "phones", 1, "z" * 300, Reason.NOT_A_PHONE)
    write(config, lambda db: reviews.replace_for_item(db, CONTACT, ["phones"], [long], now=NOW))
    written = on_terminal(config, "review", "list")
    assert written.count("z") == 300
    assert "…" not in written
    assert "\x1b" not in written
    assert all(len(line) <= 80 for line in written.splitlines())


def test_on_a_terminal_an_empty_list_says_so(config: Path) -> None:
    assert on_terminal(config, "journal", "--item", "deal:5").strip() == "none"
    assert "given up" not in on_terminal(config, "status")


def test_a_long_list_on_a_terminal_comes_in_several_tables(config: Path) -> None:
    items = [EntityRef(EntityType.DEAL, number) for number in range(1, 451)]
    page = [(ref, ["phones"], [Review(ref, "phones", 1, "x", Reason.NOT_A_PHONE)]) for ref in items]
    write(config, lambda db: reviews.replace_for_page(db, page, now=NOW))
    written = on_terminal(config, "review", "list")
    assert all(str(ref.id) in written for ref in items)
    assert written.count("reason") == 3


def test_on_a_terminal_times_are_local_and_values_are_told_below_their_rows(config: Path) -> None:
    narrow = on_terminal(config, "journal", "--limit", "2").splitlines()
    assert narrow[0].split() == ["run", "at", "(MSK)", "job", "item", "point", "outcome"]
    assert narrow[2].split() == ["1", "2026-03-01", "15:00:00", "emails", "contact:42", "done"]
    assert narrow[3] == "    → a@b.ru"
    wide = on_terminal(config, "journal", "--limit", "2", "--utc", columns=200).splitlines()
    assert wide[0].split() == ["run", "at", "(UTC)", "job", "item", "point", "before", "after", "outcome"]
    assert wide[2].split() == ["1", "2026-03-01", "12:00:00", "emails", "contact:42", "a@b.ru", "done"]


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("command", [["status"], ["journal"], ["review", "list", "--all"]])
def test_on_a_terminal_every_identifier_is_whole(config: Path, command: list[str], columns: int) -> None:
    told = on_terminal(config, *command, columns=columns)
    assert all(len(line.rstrip()) <= columns for line in told.splitlines())
    assert "2026-03-01 15:00:00" in told or command[0] == "review"


def test_a_field_is_told_by_its_title_and_programs_get_its_name_too(program: Run, config: Path) -> None:
    name, deal = "ufCrm_1721244707107", EntityRef(EntityType.DEAL, 5)

    def set_a_date(db: sqlite_utils.Database) -> None:
        dated = SetField(deal, "payment_dates", name, None, date(2026, 2, 3))
        journal.insert_intents(
            db, journal.Batch(1, "b2", sent_at=1.0), [Intent(deal, ItemState(()), (dated,))], now=NOW
        )
        asked = Review(deal, "fields", 3, told_field(name, "3 февраля"), Reason.RESTORED_BY_HAND, "2026-02-03")
        reviews.replace_for_item(db, deal, ["fields"], [asked], now=NOW)

    write(config, set_a_date)
    for title in (None, "Payment date"):
        (line,) = lines(program("--config", str(config), "journal", "--item", "deal:5", "--json"))
        assert (line["field"], line["field_title"], line["after"]) == (name, title, "2026-02-03")
        (review,) = lines(program("--config", str(config), "review", "list", "--item", "deal:5", "--json"))
        assert (review["field"], review["field_title"], review["value"]) == (name, title, f"{name}: 3 февраля")
        told = [on_terminal(config, *command, "--item", "deal:5") for command in (["journal"], ["review", "list"])]
        assert [f"    {title or name}: → 2026-02-03" in told[0], f"{title or name}: 3 февраля" in told[1]] == [
            True,
            True,
        ]
        write(config, lambda db: portal_facts.remember_titles(db, {"deal": {name: "Payment date"}}))


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--job", "phones"], [1, 2]),
        (["--job", "emails"], []),
        (["--reason", "not_a_phone", "--limit", "1"], [1]),
        (["--reason", "too_long"], []),
        (["--item", "lead:7"], [1, 2]),
        (["--item", "lead:8"], []),
        (["--country", "RU", "--limit", "1"], [2]),
        (["--since", "2026-03-01T12:00", "--utc", "--all"], [1, 2, 3]),
        (["--since", "2026-03-01T12:00:01", "--utc", "--all"], []),
        (["--since", "run:1", "--limit", "1"], [1]),
    ],
)
def test_reviews_are_narrowed(program: Run, config: Path, options: list[str], ids: list[int]) -> None:
    found = lines(program("--config", str(config), "review", "list", "--json", *options))
    assert [review["id"] for review in found] == ids
    exported = program("--config", str(config), "review", "export", *options).stdout.splitlines()[1:]
    assert [int(row.partition(",")[0]) for row in exported] == ids
