"""`b24syncd rebind`: what is wrong with the list or the options is told before the portal is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

ENVIRON = {
    "B24SYNCD_PORTAL__WEBHOOK": "http://127.0.0.1:9/rest/1/s3cr3tw0rd00/",
    "B24SYNCD_PORTAL__REGION": "RU",
}


@pytest.fixture
def moves(tmp_path: Path) -> Path:
    path = tmp_path / "moves.csv"
    path.write_text("from,to\nlead:1,company:1\nlead:2,lead:2\nlead:1,company:3\n", encoding="utf-8")
    return path


def test_every_fault_of_the_list_is_told_by_its_line(program: Run, moves: Path, tmp_path: Path) -> None:
    done = program("rebind", "--map", str(moves), **ENVIRON, B24SYNCD_STATE__PATH=str(tmp_path / "a.db"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"b24syncd: {moves} line 3: lead:2 is to go to itself",
        f"b24syncd: {moves} line 4: lead:1 is to go to company:3, and to company:1 by line 2",
    ]
    assert not (tmp_path / "a.db").exists()


def test_a_csv_file_goes_with_a_dry_run(program: Run, moves: Path) -> None:
    done = program("rebind", "--map", str(moves), "--csv", "a.csv", **ENVIRON)
    assert done.returncode == 2
    assert "--csv goes with --dry-run" in done.stderr


def test_a_list_is_needed(program: Run) -> None:
    assert program("rebind", **ENVIRON).returncode == 2
