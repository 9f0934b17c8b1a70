"""`b24syncd review accept`, `edit`, `reopen` and the filters: what is meant is told before the portal is asked."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from tests.forked import PROGRAM

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Review
from b24syncd.domain.reasons import Reason
from b24syncd.jobs.phones.countries import countries_of
from b24syncd.store import reviews
from b24syncd.store.database import open_for_writing
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    import sqlite_utils

    Run = Callable[..., CompletedProcess[str]]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD, CONTACT, DEAL = (
    EntityRef(EntityType.LEAD, 7),
    EntityRef(EntityType.CONTACT, 42),
    EntityRef(EntityType.DEAL, 3),
)
TRUNK = Reason.PLUS_BEFORE_TRUNK_PREFIX
ASKED = (
    Review(LEAD, "phones", 1, "+8 (495) 123-45-67", TRUNK, "+74951234567"),
    Review(LEAD, "phones", 2, "call Ivan", Reason.CONTAINS_TEXT),
    Review(CONTACT, "phones", 3, "+8 (812) 300-40-50", TRUNK, "+78123004050"),
    Review(CONTACT, "emails", 4, "ivan@gmial.com", Reason.DOMAIN_TYPO, "ivan@gmail.com"),
    Review(CONTACT, "phones", 5, "+7 701 123-45-67 (Anna)", Reason.CONTAINS_TEXT, "+77011234567"),
    Review(LEAD, "bindings", 99, "rule “x”: company", Reason.SEVERAL_TARGETS, "company:1, company:2"),
    Review(DEAL, "payment_dates", 0, "2026-03-01", Reason.ENTERED_BY_HAND, "2026-02-01"),
    Review(CONTACT, "phones", 8, "12345", Reason.TOO_SHORT),
)
DISMISSED = 8


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "state.db"

    def fill(db: sqlite_utils.Database) -> None:
        for review in ASKED:
            reviews.replace_for_page(db, [(review.ref, (), (review,))], now=NOW, countries_of=countries_of)
        reviews.dismiss(db, DISMISSED, now=NOW)

    async def begin() -> None:
        async with open_for_writing(path) as database:
            await database.write(fill)

    asyncio.run(begin())
    return {
        "B24SYNCD_PORTAL__WEBHOOK": "http://127.0.0.1:9/rest/1/s3cr3tw0rd00/",
        "B24SYNCD_PORTAL__REGION": "RU",
        "B24SYNCD_STATE__PATH": str(path),
    }


def states(environ: dict[str, str]) -> list[str]:
    with open_for_reading(path_of(environ)) as db:
        return [review.state.value for review in reviews.each_review(db, all_states=True)]


def path_of(environ: dict[str, str]) -> Path:
    from pathlib import Path  # noqa: PLC0415 # only its type is needed above

    return Path(environ["B24SYNCD_STATE__PATH"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["accept"], "name reviews by their numbers, or by --job, --reason, --country, --type, --item, --val"),
        (["accept", "1", "--job", "phones"], "name reviews by their numbers, or by --job"),
        (["accept", "77"], "no review has the number 77"),
        (["accept", "8"], "review 8 is dismissed; `b24syncd review reopen 8` asks again"),
        (["accept", "2"], "review 2 suggests nothing: `b24syncd review edit 2 VALUE` writes a value"),
        (["accept", "6"], "review 6 names activities: `b24syncd review edit 6 TYPE:ID` moves those of its item"),
        (["accept", "7"], "review 7 is of a job that is off"),
        (["accept", "--job", "foo"], "'foo' is not a job; jobs are: phones, emails, bindings, payment_dates, fields"),
        (["accept", "--reason", "foo"], "no open review has the reason foo; there are: contains_text, domain_typo, e"),
        (["accept", "--reason", "too_long"], "no open review is like that; `b24syncd review list` shows all"),
        (["accept", "--country", "Germany"], "'Germany' is no country; write two letters as DE, or a country code as"),
        (["accept", "--country", "XX"], "'XX' is no country"),
        (["accept", "--country", "+999"], "'+999' is no country"),
        (["accept", "--item", "42"], "'42' is not an item"),
        (
            ["accept", "--job", "bindings"],
            "b24syncd: 1 names activities: `b24syncd review edit ID TYPE:ID` moves",
        ),
        (["edit", "2", "by letter"], "'by letter' is not certain either: contains_text; --as-is writes it to the let"),
        (["edit", "2", "12345"], "'12345' is not certain either: too_short"),
        (["edit", "2", " "], "a value has 1 to 250 characters; what is to go is deleted in the portal"),
        (["edit", "2", "x" * 251, "--as-is"], "a value has 1 to 250 characters"),
        (["edit", "2", "call Ivan", "--as-is"], "it stands there already; `b24syncd review dismiss 2` puts on record"),
        (["edit", "4", "nobody"], "'nobody' is not certain either: not_an_email"),
        (["edit", "77", "x"], "no review has the number 77"),
        (["edit", "6", "nobody"], "nobody"),
        (["edit", "7", "2026-02-01"], "review 7 is of a date: enter it in the portal, or accept what is suggested"),
        (["accept", str(10**19)], f"no review has the number {10**19}"),
        (["reopen", str(10**19)], f"no dismissed review has the number {10**19}"),
        (["dismiss", str(10**19)], f"no open review has the number {10**19}"),
        (["reopen", "1"], "no dismissed review has the number 1; nothing was reopened"),
        (["dismiss", "1", "--job", "phones"], "name reviews by their numbers, or by --job"),
        (["dismiss"], "name reviews by their numbers, or by --job"),
    ],
)
def test_bad_input_is_told(program: Run, environ: dict[str, str], arguments: list[str], told: str) -> None:
    before = states(environ)
    done = program("review", *arguments, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert states(environ) == before


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--job", "phones"], [1, 2, 3, 5]),
        (["--job", "phones", "--all"], [1, 2, 3, 5, 8]),
        (["--reason", "contains_text"], [2, 5]),
        (["--reason", "contains_text", "--reason", "domain_typo"], [2, 4, 5]),
        (["--country", "ru"], [1, 3]),
        (["--country", "+7"], [1, 3, 5]),
        (["--country", "KZ", "--country", "DE"], [5]),
        (["--item", "contact:42", "--job", "phones"], [3, 5]),
        (["--item", "contact:43"], []),
    ],
)
def test_reviews_are_narrowed(program: Run, environ: dict[str, str], options: list[str], ids: list[int]) -> None:
    done = program("review", "list", "--json", *options, **environ)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ids
    exported = program("review", "export", *options, **environ)
    assert [line.split(",")[0] for line in exported.stdout.splitlines()[1:]] == [str(each) for each in ids]


def test_without_a_terminal_it_is_shown_and_not_done(program: Run, environ: dict[str, str]) -> None:
    done = program("review", "accept", "--job", "phones", **environ)
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        "phones plus_before_trunk_prefix, RU: 2",
        "  lead:7          '+8 (495) 123-45-67' → '+74951234567'",
        "  contact:42      '+8 (812) 300-40-50' → '+78123004050'",
        "phones contains_text, KZ: 1",
        "  contact:42      '+7 701 123-45-67 (Anna)' → '+77011234567'",
        "1 more suggests nothing: `b24syncd review edit ID VALUE` writes a value",
    ]
    assert done.stderr == ("b24syncd: Write 3 corrections? There is no terminal to ask on: look at it, and add --yes\n")
    silent = program("review", "accept", "--job", "phones", "--json", **environ)
    told = "Write 3 corrections? There is no terminal to ask on: look at it, and add --yes"
    assert (silent.returncode, json.loads(silent.stdout)) == (2, {"error": told, "exit_code": 2})


def test_what_the_rules_of_today_contradict_is_not_offered(program: Run, environ: dict[str, str]) -> None:
    done = program("review", "accept", "--job", "phones", **environ | {"B24SYNCD_PORTAL__REGION": "DE"})
    assert "more are read otherwise by today's rules: the next backfill looks at them anew" in done.stdout + done.stderr
    assert done.returncode == 2


def on_a_terminal(environ: dict[str, str], answer: bytes, *arguments: str) -> tuple[int, str]:
    """Answer the question of a command on a terminal of its own; return its exit code and what was drawn."""
    process, terminal = pty.fork()
    if not process:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # which is ignored in what a shell runs in the background
        os.execve(PROGRAM[0], [*PROGRAM, *arguments], os.environ | environ)  # noqa: S606
    drawn = b""
    with suppress(OSError):  # a terminal whose last user has gone
        while received := os.read(terminal, 65536):
            drawn += received
            if drawn.endswith(b"[y/N] "):
                os.write(terminal, answer)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), drawn.decode()


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (b"n\n", 0, "nothing was done"),
        (b"\n", 0, "nothing was done"),
        (b"\x04", 0, "nothing was done"),
        (b"\x03", 130, ""),
        (b"y\n", 0, "2 dismissed"),
        (b"Yes\n", 0, "2 dismissed"),
    ],
)
def test_a_person_is_asked(environ: dict[str, str], answer: bytes, code: int, told: str) -> None:
    ended, drawn = on_a_terminal(environ, answer, "review", "dismiss", "--reason", TRUNK.value)
    assert ended == code
    assert "Dismiss 2 reviews? [y/N]" in drawn
    assert told in drawn
    assert states(environ).count("dismissed") == (3 if told == "2 dismissed" else 1)


def test_a_dismissal_is_taken_back(program: Run, environ: dict[str, str]) -> None:
    assert program("review", "dismiss", "--job", "emails", "--yes", **environ).stdout.splitlines()[-1] == "1 dismissed"
    assert states(environ)[3] == "dismissed"
    assert program("review", "reopen", "4", "8", **environ).stdout == "2 reopened\n"
    assert set(states(environ)) == {"open"}


def test_many_kinds_leave_room_for_the_question(program: Run, environ: dict[str, str]) -> None:
    def fill(db: sqlite_utils.Database) -> None:
        for number, reason in enumerate(Reason):
            ref = EntityRef(EntityType.COMPANY, 1_000_000 + number)
            value = f"+8 (495) 123-45-67 {'x' * 200}"
            review = Review(ref, "phones", number + 1, value, reason, "+74951234567, " * 5)
            reviews.replace_for_page(db, [(ref, (), (review,))], now=NOW, countries_of=countries_of)

    async def write() -> None:
        async with open_for_writing(path_of(environ)) as database:
            await database.write(fill)

    asyncio.run(write())
    done = program("review", "dismiss", "--job", "phones", **environ)
    lines = done.stdout.splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith("… and ")
