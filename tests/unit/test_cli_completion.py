"""Completion by real shells, of those that are installed: commands, jobs, and runs of the state."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from b24syncd.cli import main as frame
from b24syncd.store import runs
from b24syncd.store.database import open_for_writing
from b24syncd.store.runs import RunKind

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHELLS = {
    "bash": """
source /dev/stdin <<< "$(b24syncd completion bash)"
asked() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _b24syncd_completion b24syncd; echo "${COMPREPLY[*]}"; }
""",
    "zsh": """
compdef() { }; _arguments() { print -r -- $@ }; _files() { print }
eval "$(b24syncd completion zsh)"
asked() { words=("$@"); CURRENT=$#; _b24syncd_completion | tr '\\n' ' '; print }
""",
    "fish": """
b24syncd completion fish | source
function asked; echo (complete -C "$argv"); end
""",
}
ASKED = {
    "b24syncd jour": ["journal"],
    "b24syncd completion z": ["zsh"],
    "b24syncd backfill ph": ["phones"],
    "b24syncd review list --reason plus_before_t": ["plus_before_trunk_prefix"],
    "b24syncd undo 1": ["1", "10"],
    "b24syncd review accept nonsense": [],
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    program = tmp_path / "bin" / "b24syncd"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m b24syncd.cli.main "$@"\n', encoding="utf-8")
    program.chmod(0o755)

    async def begin() -> None:
        async with open_for_writing(tmp_path / "state.db") as database:
            for _ in range(10):
                await database.write(
                    lambda db: runs.start_run(
                        db, runs.NewRun(kind=RunKind.BACKFILL, jobs=["phones"], fingerprint="f", now=NOW)
                    )
                )

    asyncio.run(begin())
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "B24SYNCD_PORTAL__WEBHOOK": "http://127.0.0.1:9/rest/1/s3cr3tw0rd00/",
        "B24SYNCD_PORTAL__REGION": "RU",
        "B24SYNCD_STATE__PATH": str(tmp_path / "state.db"),
    }


@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])
def test_a_shell_completes_commands_jobs_and_runs(environ: dict[str, str], tmp_path: Path, shell: str) -> None:
    script = tmp_path / "script"
    lines = [f"asked {line}" if shell != "fish" else f"asked '{line}'" for line in ASKED]
    script.write_text("\n".join((SHELLS[shell], *lines)), encoding="utf-8")
    done = subprocess.run(
        [shell, str(script)], env=environ, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stderr == ""
    for told, (line, expected) in zip(done.stdout.splitlines(), ASKED.items(), strict=True):
        words = told.replace('"', " ").replace("\t", " ").split()
        assert [line, [word for word in expected if word not in words]] == [line, []]
        assert expected or not words


@pytest.mark.parametrize(
    "wrong",
    [
        {"B24SYNCD_STATE__PATH": "/nowhere/state.db"},
        {"B24SYNCD_PORTAL__WEBHOOK": "nonsense"},
        {"B24SYNCD_CONFIG": "/nowhere/b24syncd.toml"},
        {"_B24SYNCD_COMPLETE": "nonsense"},
        {"_B24SYNCD_COMPLETE": "complete_nonsense"},
        {"COMP_CWORD": "none"},
    ],
)
def test_where_anything_is_wrong_nothing_is_completed_and_nothing_said(
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    wrong: dict[str, str],
) -> None:
    asked = {"_B24SYNCD_COMPLETE": "complete_bash", "COMP_WORDS": "b24syncd undo ", "COMP_CWORD": "2"}
    for name, value in (environ | asked | wrong).items():
        monkeypatch.setenv(name, value)
    frame.main([])
    told = capfd.readouterr()
    assert (told.out.strip(), told.err) == ("", "")


def test_the_script_is_printed_and_nothing_installed(capsys: pytest.CaptureFixture[str]) -> None:
    for shell, word in {
        "bash": "complete -o default",
        "zsh": "#compdef b24syncd",
        "fish": "complete --command",
    }.items():
        assert frame.main(["completion", shell]) == 0
        assert word in capsys.readouterr().out
    assert frame.main(["completion", "csh"]) == 2
