"""Hostile values in the portal: kept or mended as any other, and harmless in whatever shows them."""

from __future__ import annotations

import csv
import io
import json
from itertools import product
from typing import TYPE_CHECKING

import pytest
import typer
from tests.attack.attacked import attacked, held
from tests.attack.mutations import Mutated
from tests.simulated_time import simulated

from b24syncd.cli.backfill import exit_code, print_walk
from b24syncd.cli.failures import say_failure
from b24syncd.cli.main import main
from b24syncd.errors import B24SyncError
from b24syncd.reports.csv_form import CsvForm
from b24syncd.reports.wording import ITEMS
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, LEAD
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.world import World
    from tests.simulated_time import SimulatedTime

    from b24syncd.simulator.tables.values import Value

MESSY, CLEAN = "8 (495) 123-45-67", "+74951234567"
HOSTILE = (
    "$result[c0][items][0][id]",
    "$result[c0]",
    "$error[c1][error]",
    "$total[c0] $next[c0] $time[c0]",
    "8 (495) 765-43-21 $result[c0]",
    "1" * 100_000,
    "+7" + "\u0660" * 100_000,
    "x@" + "a." * 50_000 + "ru",
    "\x00\x01\x02\x7f\x9b31m",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202e89-54-321 594 7+\u202c",
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "+cmd|'/c calc'!A1",
    "x;=cmd|'/c calc'!A1",
    "x\r=cmd|'/c calc'!A1",
    "\u200b=1+1",
    "line\nbreak\r\ntab\t",
    "'; DROP TABLE journal; --",
    "\"quoted\" 'and' `so`",
    "\U0001f600\U0001f468\u200d\U0001f469",
    "%00%0d%0aSet-Cookie:",
    'O:8:"stdClass":1:{s:1:"a";i:1;}',
    'a:1:{i:0;s:4:"null";}',
    "[/bold][link=file:///etc/passwd]x[/link]",
    "{0} %s %(secret)s ${jndi:ldap://x}",
    "../../etc/passwd",
    "&fields[fm][1][value]=0",
    "#;:+&?=",
    " ",
    "\ufeff",
)
UNSEEN = "\x00\x07\x1b\x7f\x9b\u202e\u202c\u200b\r"


def fill(world: World) -> set[tuple[int, int]]:
    """Add to every kind of item each hostile value as a phone, an e-mail and a name, beside a phone to mend."""
    added = set()
    for value in HOSTILE:
        for type_id in (CONTACT, COMPANY, LEAD):
            points = [PointChange(None, "PHONE", "WORK", MESSY), PointChange(None, "PHONE", "HOME", value)]
            points += [PointChange(None, "EMAIL", "WORK", value)]
            values: dict[str, Value] = {"title": value} if type_id != CONTACT else {"name": value, "lastName": value}
            item = world.portal.create(type_id, values, points, "generator", int(world.portal.clock()) - 86400)
            added.add((type_id, item.id))
    return added


def expected(added: set[tuple[int, int]], before: object, after: object) -> None:
    """Hold that phones were mended and that every value that cannot be read stayed."""
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    for ref in added:
        here = {value for _, value in after[ref]}
        assert CLEAN in here
        assert [value for _, value in before[ref] if value not in here and value != MESSY] == []


@pytest.mark.parametrize("kind", ["points", "classic points"])
def test_hostile_values_are_kept_and_shown_without_harm(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def campaign(time: SimulatedTime) -> World:
        async with attacked(kind, 3, tmp_path / "world", time) as (world, _):
            added = fill(world)
            before = held(world)["points"]
            await world.backfill(seconds=4000.0)
            expected(added, before, held(world)["points"])
            saves, end = world.portal.history.saves, held(world)
            await world.backfill(seconds=4000.0)
            assert (world.portal.history.saves, held(world)) == (saves, end)
            return world

    world = simulated(campaign)
    capsys.readouterr()
    monkeypatch.setenv("B24SYNCD_STATE__PATH", str(world.state))
    monkeypatch.setenv("B24SYNCD_PORTAL__WEBHOOK", world.server.webhook_url)
    monkeypatch.setenv("B24SYNCD_PORTAL__REGION", "RU")
    file = tmp_path / "reviews.csv"
    commands = (["journal"], ["review", "list"], ["review", "export"], ["review", "export", "--csv", str(file)])
    for command in commands:
        assert main(command) == 0
        told = capsys.readouterr()
        assert_harmless(told.out + told.err)
    assert main(["review", "list", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line)["value"] for line in lines} >= {"=cmd|'/c calc'!A1", "<script>alert(1)</script>"}
    assert_no_formula(file.read_text("utf-8-sig"))
    assert_no_secret(world)


def assert_no_secret(world: World) -> None:
    secret = world.portal.options.secret.encode()
    assert not [file for file in world.state.parent.iterdir() if file.is_file() and secret in file.read_bytes()]


def assert_harmless(text: str) -> None:
    assert not [character for character in UNSEEN if character in text]
    assert "simulated1secret" not in text


def assert_no_formula(text: str) -> None:
    assert_harmless(text)
    for delimiter in ",;\t|":
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            for cell in row:
                begins = cell.strip(" \u00a0\u3000")[:1]
                assert begins not in {"=", "+", "-", "@"}, cell[:60]


@pytest.mark.every(5)
@pytest.mark.parametrize("delimiter", [",", ";", "tab", "|"])
@pytest.mark.parametrize("before", ["", "x,", "\t", "\r\n", "\u3000", "\u200b", "x;", "x; \u00a0", "\x00"])
def test_no_cell_begins_a_formula(before: str, delimiter: str) -> None:
    for start, value in product("=+-@", HOSTILE):
        out = io.StringIO()
        CsvForm.parse(delimiter, raw=False).writer(out)([before + start + value, "x"])
        assert_no_formula(out.getvalue())


WORDS = "\x1b[2J\x1b]0;owned\x07 [/nothing][bold] \u202e simulated1secret \ud800"


@pytest.mark.parametrize("in_batch", [False, True])
def test_words_of_a_portal_do_no_harm(in_batch: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: FBT001
    """Errors whose code and description are escape sequences, markup and the secret, as items fail by them."""
    error = {"error": WORDS, "error_description": WORDS}

    def twist(method: str, body: bytes) -> Mutated | None:
        answer = json.loads(body)
        if not in_batch:
            return None if method == "batch" else Mutated("words", json.dumps(error).encode(), status=400)
        if method != "batch":
            return None
        names = list(answer["result"]["result_time"] or [])
        answer["result"] |= {"result": [], "result_error": dict.fromkeys(names, error)}
        return Mutated("words", json.dumps(answer).encode())

    async def campaign(time: SimulatedTime) -> None:
        async with attacked("points", 3, tmp_path / "world", time) as (world, liar):
            liar.twist = twist
            try:
                summary = await world.backfill(seconds=4000.0)
            except B24SyncError as failure:
                say_failure(failure)
            else:
                with pytest.raises(typer.Exit):
                    print_walk(summary, None, ITEMS, as_json=False, code=exit_code(summary))
            assert_no_secret(world)

    simulated(campaign)
    out = capsys.readouterr()
    assert_harmless(out.err)
    assert "simulated1secret" not in out.out
