"""No report overwrites what the program works with, however its name is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

COMMANDS = {
    "backfill": ["backfill", "--dry-run", "--csv"],
    "rebind": ["rebind", "--map", "moves.csv", "--dry-run", "--csv"],
    "undo": ["undo", "1", "--csv"],
    "review": ["review", "export", "--csv"],
    "backup": ["state", "backup"],
}
FILES = {
    "acme.toml": "the configuration",
    "acme.webhook": "the file with the webhook",
    "acme.db": "the state or a file beside it",
    "acme.db-wal": "the state or a file beside it",
    "acme.db-shm": "the state or a file beside it",
    "acme.db.lock": "the state or a file beside it",
    "acme.db.sock": "the state or a file beside it",
    "moves.csv": "the list to work through",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose files all hold their own names; nobody listens at the portal's address."""
    for name in FILES:
        (tmp_path / name).write_text(name, encoding="utf-8")
    webhook = tmp_path / "acme.webhook"
    webhook.write_text("http://127.0.0.1:9/rest/1/s3cr3tw0rd00/", encoding="utf-8")
    webhook.chmod(0o600)
    path = tmp_path / "acme.toml"
    path.write_text(
        '[portal]\nregion = "RU"\nwebhook_file = "acme.webhook"\n[state]\npath = "acme.db"\n', encoding="utf-8"
    )
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def assert_refused(program: Run, config: Path, command: list[str], file: str, what: str) -> None:
    before = contents(config.parent)
    done = program("--config", str(config), *command, file)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"b24syncd: {file} is {what}, and is not overwritten; name another file\n"
    assert contents(config.parent) == before


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_use_is_not_overwritten(program: Run, config: Path, name: str) -> None:
    assert_refused(program, config, COMMANDS["rebind"], name, FILES[name])


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_command_overwrites_the_state(program: Run, config: Path, command: list[str]) -> None:
    assert_refused(program, config, command, "acme.db", FILES["acme.db"])


def test_another_spelling_and_a_link_lead_to_the_same_file(program: Run, config: Path) -> None:
    folder = config.parent
    (folder / "link.csv").symlink_to("acme.toml")
    (folder / "hard.csv").hardlink_to(folder / "acme.webhook")
    (folder / "elsewhere").symlink_to(folder)
    for spelling in ("link.csv", f"../{folder.name}/acme.toml", "elsewhere/acme.toml", str(config)):
        assert_refused(program, config, COMMANDS["backfill"], spelling, "the configuration")
    assert_refused(program, config, COMMANDS["backfill"], "hard.csv", "the file with the webhook")


def test_a_name_of_the_state_is_kept_free_before_there_is_one(program: Run, config: Path) -> None:
    real = config.parent / "disk"
    real.mkdir()
    for path in config.parent.glob("acme.db*"):
        path.unlink()
    (config.parent / "acme.db").symlink_to("disk/acme.db")
    for name in ("acme.db", "disk/acme.db", "disk/acme.db-wal"):
        assert_refused(program, config, COMMANDS["backfill"], name, FILES["acme.db"])
    assert list(real.iterdir()) == []
