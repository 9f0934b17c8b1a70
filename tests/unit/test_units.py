"""The systemd units: right to systemd, hardened, and true to the exit codes."""

from __future__ import annotations

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from b24syncd.errors import ExitCode

FOLDER = Path(__file__).parents[2] / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
TIMER = FOLDER / "b24syncd-backfill@.timer"
MOST_EXPOSED = "14"
"""Of 100, as systemd-analyze has it: 1.4 of 10."""

PROGRAM = "/opt/b24syncd/bin/b24syncd"
HARDENED = {
    "DynamicUser": "yes",
    "LimitCORE": "0",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "StateDirectory": "b24syncd",
    "StateDirectoryMode": "0700",
    "UMask": "0077",
}


def entries(unit: Path) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def complaints(unit: Path, folder: Path) -> str:
    """Return what systemd says about an instance of the unit, with a program that exists on this machine."""
    for each in (*UNITS, TIMER):
        text = each.read_text(encoding="utf-8")
        instance = folder / each.name.replace("@.", "@acme.")
        instance.write_text(text.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    return analyzed("verify", str(folder / unit.name.replace("@.", "@acme.")))


def analyzed(*arguments: str) -> str:
    """Return what systemd-analyze complains about; nothing where there is none, but other tests hold everywhere."""
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        return ""
    answer = subprocess.run([systemd, *arguments], capture_output=True, text=True, check=False, timeout=300)
    return "" if arguments[0] == "security" and answer.returncode == 0 else answer.stdout + answer.stderr


@pytest.mark.parametrize("unit", [*UNITS, TIMER], ids=lambda path: path.name)
def test_systemd_has_nothing_to_say(unit: Path, tmp_path: Path) -> None:
    assert complaints(unit, tmp_path) == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_little_of_the_machine_is_exposed(unit: Path, tmp_path: Path) -> None:
    instance = tmp_path / unit.name.replace("@.", "@acme.")
    instance.write_text(unit.read_text(encoding="utf-8"), encoding="utf-8")
    assert analyzed("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(instance)) == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_are_hardened(unit: Path) -> None:
    found = entries(unit)
    assert {key: found[key] for key in HARDENED} == {key: [value] for key, value in HARDENED.items()}


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_share_one_user_and_get_the_webhook_as_a_credential(unit: Path) -> None:
    found = entries(unit)
    assert found["User"] == ["b24syncd"]
    names = ("webhook", "client_secret", "token_key")
    assert found["LoadCredential"] == [f"{name}:/etc/b24syncd/%i.{name}" for name in names]
    assert found["SetCredential"] == [f"{name}:-" for name in names]  # else a file that is not there fails the unit


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_no_unit_starts_again_what_a_person_has_to_mend(unit: Path) -> None:
    prevented = {int(code) for code in entries(unit)["RestartPreventExitStatus"][0].split()}
    assert {ExitCode.USAGE, ExitCode.REFUSED, ExitCode.SAFETY_STOP} <= prevented


def test_the_daemon_starts_again_when_the_portal_was_unreachable() -> None:
    daemon = next(unit for unit in UNITS if unit.name == "b24syncd@.service")
    assert str(int(ExitCode.UNAVAILABLE)) not in entries(daemon)["RestartPreventExitStatus"][0].split()


def test_a_walk_tries_again_where_a_service_that_begins_cannot_be_asked_yet() -> None:
    walk = next(unit for unit in UNITS if unit.name == "b24syncd-backfill@.service")
    assert str(int(ExitCode.UNAVAILABLE)) not in entries(walk)["RestartPreventExitStatus"][0].split()


def test_the_units_run_what_their_names_say() -> None:
    commands = {unit.name: entries(unit)["ExecStart"][0].split()[-1] for unit in UNITS}
    assert commands == {"b24syncd@.service": "run", "b24syncd-backfill@.service": "backfill"}


def test_the_daemon_is_watched_and_may_tell_that_it_lives() -> None:
    daemon = entries(next(unit for unit in UNITS if unit.name == "b24syncd@.service"))
    assert (daemon["WatchdogSec"], daemon["NotifyAccess"]) == (["5min"], ["main"])
    assert daemon["Restart"] == ["on-failure"]  # a watchdog that bit is a failure
    assert (daemon["Type"], daemon["ExecReload"]) == (["notify"], ['/bin/sh -c "kill -HUP ${MAINPID}"'])


def test_the_daemon_may_listen_on_a_port() -> None:
    daemon = entries(next(unit for unit in UNITS if unit.name == "b24syncd@.service"))
    assert {"AF_INET", "AF_INET6"} <= set(daemon["RestrictAddressFamilies"][0].split())
    assert {"IPAddressDeny", "PrivateNetwork", "SocketBindDeny"}.isdisjoint(daemon)
    assert daemon["SystemCallFilter"][0] == "@system-service"  # with bind and listen (systemd-analyze syscall-filter)
