"""Commands by which a person keeps the program off: they need no portal, and refuse what makes no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.test_cli_reading import config, empty, lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

__all__ = ["config", "empty"]


def test_items_are_excluded_and_reviews_of_them_close(program: Run, config: Path) -> None:
    options = ("--config", str(config))
    assert program(*options, "exclude", "add", "lead:7", "contact:9").stdout == "2 items excluded\n"
    assert [line["item"] for line in lines(program(*options, "exclude", "list", "--json"))] == ["contact:9", "lead:7"]
    assert program(*options, "review", "list", "--json").stdout == ""
    refused = program(*options, "exclude", "remove", "lead:7", "lead:8")
    assert (refused.returncode, "does not exclude lead:8" in refused.stderr) == (2, True)
    assert lines(program(*options, "exclude", "remove", "lead:7", "--json")) == [{"no_longer_excluded": 1}]


def test_jobs_are_paused_and_status_tells_it(program: Run, config: Path) -> None:
    options = ("--config", str(config))
    assert "emails is paused" in program(*options, "job", "pause", "emails").stdout
    assert "emails was paused by the shell" in program(*options, "status").stdout
    again = program(*options, "job", "pause", "emails")
    assert (again.returncode, "paused already" in again.stderr) == (2, True)
    assert program(*options, "job", "resume", "emails").stdout == "emails goes on\n"
    assert program(*options, "job", "resume", "mails").returncode == 2


def test_lists_are_narrowed_and_a_wrong_list_does_nothing(program: Run, config: Path, tmp_path: Path) -> None:
    options = ("--config", str(config))
    found = lines(program(*options, "review", "list", "--type", "lead", "--begins", "+8 (4", "--json"))
    assert [line["id"] for line in found] == [2]
    assert program(*options, "review", "list", "--value", "a", "--begins", "b").returncode == 2
    assert [line["item"] for line in lines(program(*options, "journal", "--begins", "A@B", "--json"))] == ["contact:42"]
    assert program(*options, "journal", "--by", "Olga", "--json").stdout == ""
    file = tmp_path / "decided.csv"
    file.write_text("id;decision\n2;dismiss\n3;accept\n", encoding="utf-8")
    refused = program(*options, "review", "import", str(file), "--yes")
    assert (refused.returncode, "line 3: review 3 is dismissed" in refused.stderr) == (2, True)
    assert "nothing was done" in refused.stderr
    file.write_text("id;decision\n2;dismiss\n", encoding="utf-8")
    assert program(*options, "review", "import", str(file), "--dry-run").stdout == "dismiss 1\n"
