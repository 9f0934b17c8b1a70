"""Failures of commands that answer in JSON: one object on stdout, the same words on stderr."""

from __future__ import annotations

import json
from contextlib import redirect_stderr
from typing import TYPE_CHECKING

import pytest
import typer
from tests.unit.terminals import Stderr

from b24syncd.cli.failures import folded_message, say_failure, say_interrupted, told_as_json
from b24syncd.errors import CredentialsRefused, ExitCode, HandedOverFailed, SafetyStop, StateUnusable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]


def failing(error: BaseException) -> Callable[..., None]:
    @told_as_json
    def command(*, as_json: bool) -> None:  # noqa: ARG001 # the decorator looks at it
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "told", "code"),
    [
        (CredentialsRefused("the webhook was revoked"), "the webhook was revoked", 3),
        (HandedOverFailed("one\ntwo", ExitCode.UNAVAILABLE), "one\ntwo", 4),
        (ExceptionGroup("", [CredentialsRefused("refused"), SafetyStop("stopped")]), "refused\nstopped", 3),
        (KeyboardInterrupt(), "interrupted", 130),
    ],
)
def test_a_failure_is_one_object(
    error: BaseException, told: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(type(error)):
        failing(error)(as_json=True)
    assert json.loads(capsys.readouterr().out) == {"error": told, "exit_code": code}


def test_the_text_of_an_unexpected_failure_is_nobodys_data(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError):
        failing(RuntimeError("Anna, +74951234567"))(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 1
    assert "Anna" not in told["error"]


def test_on_a_terminal_no_word_of_a_failure_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stderr = Stderr(is_terminal=True)
    text = "nothing has run yet: /var/lib/b24syncd/acme.db does not exist or is empty; start with `b24syncd backfill`"
    with redirect_stderr(stderr):
        say_failure(StateUnusable(text))
        say_interrupted()
    *lines, interrupted, _ = stderr.getvalue().split("\n")
    assert len(lines) == 2
    assert max(map(len, lines)) <= 80
    assert f"{lines[0]} {lines[1].removeprefix('  ')}" == f"b24syncd: {text}"
    assert interrupted == "\rb24syncd: interrupted"


def test_on_a_terminal_no_word_of_a_wrong_option_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text = "'tomorow' is no time; write yesterday, 1h, 30m, 2d, 2026-11-20, 2026-11-20T09:00, or run:7"
    wrong = typer.BadParameter(text, param_hint="'--since'")
    told = {}
    for is_terminal in (True, False):
        with redirect_stderr(Stderr(is_terminal=is_terminal)):
            told[is_terminal] = folded_message(wrong)
    assert told[False] == text
    assert told[True].split() == text.split()
    assert max(map(len, f"Error: Invalid value for '--since': {told[True]}".splitlines())) <= 60


@pytest.mark.parametrize("as_json", [False, True])
def test_the_end_of_a_command_is_no_failure(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: FBT001
    with pytest.raises(typer.Exit):
        failing(typer.Exit(6))(as_json=as_json)
    assert capsys.readouterr().out == ""


def test_without_json_nothing_is_told_here(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CredentialsRefused):
        failing(CredentialsRefused("no"))(as_json=False)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", [["backfill"], ["rebind", "--map", "moves.csv"], ["undo", "1"]])
def test_every_command_with_a_result_tells_its_failure(program: Run, tmp_path: Path, command: list[str]) -> None:
    done = program("--config", str(tmp_path / "missing.toml"), *command, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"]) == (2, 2)
    assert f"b24syncd: {told['error']}\n" == done.stderr
