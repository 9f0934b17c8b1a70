"""`b24syncd undo` and `review release`: what is wrong with the options is told before the portal is asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from b24syncd.store import runs
from b24syncd.store.database import open_for_writing
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "state.db"

    async def begin() -> None:
        async with open_for_writing(path) as database:
            await database.write(
                lambda db: runs.start_run(
                    db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["phones"], fingerprint="f", now=NOW)
                )
            )

    asyncio.run(begin())
    return {
        "B24SYNCD_PORTAL__WEBHOOK": "http://127.0.0.1:9/rest/1/s3cr3tw0rd00/",
        "B24SYNCD_PORTAL__REGION": "RU",
        "B24SYNCD_STATE__PATH": str(path),
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["undo"], "name what to undo: a run (`b24syncd status` lists them), --since TIME or --item TYPE:ID"),
        (["undo", "7"], "there is no run 7; `b24syncd status --runs N` lists the latest"),
        (["undo", "7", "--dry-run"], "there is no run 7"),
        (["undo", "--item", "person:1"], "'person:1' is not an item"),
        (["undo", "--since", "tomorrow"], "Invalid value for '--since': 'tomorrow' is no time; write yesterday, 1h, "),
        (["undo", "--since", "run:7"], "there is no run 7"),
        (["undo", "--since", "2026"], "Invalid value for '--since': '2026' is no time; write yesterday, "),
        (["undo", "first"], "Invalid value for 'RUN': 'first' is no whole number"),
        (["review", "release"], "name the numbers of reviews, or --run N"),
        (["review", "release", "1", "--run", "1"], "name the numbers of reviews, or --run N"),
        (["review", "release", "1"], "nothing that is held has the number 1; nothing was released"),
        (["review", "release", "--run", "1"], "run 1 holds nothing"),
    ],
)
def test_bad_input_is_one_sentence(program: Run, environ: dict[str, str], arguments: list[str], told: str) -> None:
    done = program(*arguments, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_state_there_is_nothing_to_undo(program: Run, environ: dict[str, str], tmp_path: Path) -> None:
    done = program("undo", "1", **environ | {"B24SYNCD_STATE__PATH": str(tmp_path / "none.db")})
    assert done.returncode == 2
    assert "nothing has run yet" in done.stderr
    assert not (tmp_path / "none.db").exists()
