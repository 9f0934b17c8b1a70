"""`b24syncd console`: who may come in, from the shell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def console(program: Run, tmp_path: Path) -> Run:
    def run(*arguments: str, **environ: str) -> CompletedProcess[str]:
        usual = {
            "B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3t0000/",
            "B24SYNCD_PORTAL__REGION": "RU",
            "B24SYNCD_STATE__PATH": str(tmp_path / "portal.db"),
            "B24SYNCD_HTTP__LISTEN": "127.0.0.1:8324",
        }
        return program("console", *arguments, **(usual | environ))

    return run


def test_an_invitation_is_a_link_that_is_printed_once_and_kept_nowhere(console: Run, tmp_path: Path) -> None:
    hosts = {"B24SYNCD_HTTP__ALLOWED_HOSTS": "console.acme.example"}
    invited = console("invite", "Anna  Kim", "--role", "decide", **hosts)
    assert invited.returncode == 0
    told, link = invited.stdout.splitlines()
    assert told.startswith("Anna Kim may decide with this link, once, until ")
    address, _, key = link.partition("#")
    assert (address, len(key)) == ("http://console.acme.example:8324/join", 43)
    assert key.encode() not in (tmp_path / "portal.db").read_bytes()
    assert invited.stderr == "http.console is not set, so that `run` serves no console; `b24syncd console serve` does\n"
    as_json = json.loads(console("invite", "Anna Kim", "--role", "view", "--json").stdout)
    assert (as_json["name"], as_json["role"]) == ("Anna Kim", "view")
    assert as_json["link"].startswith("http://127.0.0.1:8324/join#")
    [listed] = map(json.loads, console("list", "--json").stdout.splitlines())
    assert (listed["name"], listed["role"], listed["seen_at"], listed["revoked_at"]) == ("Anna Kim", "view", None, None)


def test_who_is_revoked_is_listed_as_that(console: Run) -> None:
    console("invite", "Anna", "--role", "view")
    assert console("revoke", "Anna").stdout == "Anna may not come in any more\n"
    [listed] = map(json.loads, console("list", "--json").stdout.splitlines())
    assert listed["revoked_at"] is not None
    again = console("revoke", "Anna")
    assert (again.returncode, again.stderr) == (
        2,
        "b24syncd: nobody who may come in is called 'Anna'; `b24syncd console list` names all\n",
    )


@pytest.mark.parametrize("arguments", [["", "--role", "view"], ["A", "--role", "x"], ["A"]])
def test_what_is_no_invitation_is_refused(console: Run, arguments: list[str]) -> None:
    assert console("invite", *arguments).returncode == 2


def test_a_role_that_is_missing_is_asked_for_once(console: Run) -> None:
    told = console("invite", "A").stderr.partition("Error: ")[2].splitlines()
    assert (told[0], told[-1].strip()) == ("Missing option '--role'. Choose from:", "operate")


@pytest.mark.parametrize("arguments", [["invite", "Anna", "--role", "view"], ["serve"]])
def test_a_console_that_is_nowhere_is_told_with_a_cure(console: Run, arguments: list[str]) -> None:
    refused = console(*arguments, B24SYNCD_HTTP__LISTEN="")
    assert refused.returncode == 2
    assert "http.listen" in refused.stderr.lower() or "HTTP__LISTEN" in refused.stderr
