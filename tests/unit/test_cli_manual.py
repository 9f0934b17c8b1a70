"""The manual pages tell what the help tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from b24syncd.cli import main as frame
from b24syncd.cli.commands import PLACES
from b24syncd.cli.manual import pages
from b24syncd.errors import ExitCode
from b24syncd.settings.schema import known_keys

if TYPE_CHECKING:
    import pytest

DAY = "2026-11-29"


def plain(page: str) -> str:
    """Return a page as man shows it, without its layout."""
    text = re.sub(r"^\.(TH|SH|SS|PP|TP|IP|B|BR|nf|fi|nh|ad)\b ?", "", page, flags=re.MULTILINE)
    for escaped, letter in (("\\-", "-"), ("\\(ga", "`"), ("\\(aq", "'"), ("\\(ti", "~"), ("\\(ha", "^"), ("\\&", "")):
        text = text.replace(escaped, letter)
    return text.replace("\\e", "\\")


def test_there_is_a_page_for_each_command() -> None:
    commands = (f"b24syncd-{name}.1" for name in PLACES)
    assert [name for name, _ in pages(DAY)] == ["b24syncd.1", *commands, "b24syncd.toml.5"]


def test_no_line_of_text_is_taken_for_a_request_of_another_kind() -> None:
    known = {"TH", "SH", "SS", "PP", "TP", "IP", "B", "BR", "nf", "fi", "nh", "ad"}
    for name, page in pages(DAY):
        found = {line[1:].split(" ")[0] for line in page.splitlines() if line.startswith((".", "'"))}
        assert found <= known, name


def test_every_option_of_the_help_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    told = {name: plain(page) for name, page in pages(DAY)}
    for name in ("backfill", "review", "item", "portal"):
        assert frame.main([name, "--help"]) == 0
        options = re.findall(r"--[a-z][a-z-]+|(?<=^  )[a-z]+(?=  )", capsys.readouterr().out, re.MULTILINE)
        assert [option for option in options if option not in told[f"b24syncd-{name}.1"]] == []
    assert "--dry-run" in told["b24syncd-backfill.1"]
    assert "--reason" in told["b24syncd-review.1"]  # of commands below


def test_the_page_of_the_program_tells_the_exit_codes() -> None:
    (_, first), *_ = pages(DAY)
    assert [code for code in ExitCode if f"\n.B {code.value}\n" not in first] == []


def test_the_page_of_the_configuration_tells_every_key() -> None:
    page = plain(dict(pages(DAY))["b24syncd.toml.5"])
    assert [key for key in known_keys() if f"\n{key.rpartition('.')[2]}\n" not in page] == []
