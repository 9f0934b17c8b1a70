"""`b24syncd doctor`, run as a person does: before the first run, with a portal that is not there, with bad modes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from b24syncd.app.doctor.examining import LOOKS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

SECRET = "s3cr3tw0rd00"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of a portal on this machine that is not there."""
    path, webhook = tmp_path / "b24syncd.toml", tmp_path / "hook"
    webhook.write_text(f"http://127.0.0.1:9/rest/1/{SECRET}/", encoding="utf-8")
    webhook.chmod(0o600)
    text = f'[portal]\nregion = "RU"\nwebhook_file = "{webhook}"\n[state]\npath = "{tmp_path}/state/acme.db"\n'
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    return path


def examined(done: CompletedProcess[str]) -> dict[str, list[dict[str, object]]]:
    """Return the findings of each check, of which the output is one object in JSON and nothing else."""
    answer = json.loads(done.stdout)
    assert answer.keys() == {"checks", "verdict", "exit_code"}
    assert answer["exit_code"] == done.returncode
    found: dict[str, list[dict[str, object]]] = {}
    for check in answer["checks"]:
        assert check.keys() == {"name", "level", "detail", "cure", "exit_code"}
        found.setdefault(check.pop("name"), []).append(check)
    assert list(found) == [look.name for look in LOOKS]
    assert SECRET not in done.stdout + done.stderr
    return found


def test_a_portal_that_is_not_there(program: Run, config: Path) -> None:
    done = program("--config", str(config), "doctor")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (4, "")
    assert [line.split()[0] for line in lines[:-1]] == [
        *("ok", "ok", "ok", "ok", "failure"),
        *("cure:", "skipped", "skipped", "skipped", "skipped"),
        *("ok", "ok"),
    ]
    assert lines[4] == "failure  tls: http://127.0.0.1:9 cannot be reached: Connection refused"
    assert "open the portal's address in a browser" in lines[5]
    assert lines[6].startswith(
        "skipped  authentication, rights, rules, plan, clock, dates, events, region, notices: not looked "
    )
    assert lines[-1] == "1 failure, 12 not looked at"
    assert sorted(path.name for path in config.parent.iterdir()) == ["b24syncd.toml", "hook"]


def test_in_json_it_is_one_object(program: Run, config: Path) -> None:
    done = program("--config", str(config), "doctor", "--json")
    found = examined(done)
    assert done.returncode == 4
    assert found["secrets"] == [
        {"level": "ok", "detail": f"{config.parent / 'hook'} is its owner's alone", "cure": None, "exit_code": 0}
    ]
    assert "is made by the first run" in str(found["database"])


def test_a_secret_that_others_may_read_is_told_with_the_cure(program: Run, config: Path) -> None:
    webhook = config.parent / "hook"
    webhook.chmod(0o644)
    done = program("--config", str(config), "doctor", "--json")
    found = examined(done)
    (secret,) = found["secrets"]
    assert "Connection refused" in str(found["tls"])
    assert done.returncode == 2
    assert secret["level"] == "failure"
    assert secret["cure"] == f"chmod 600 {webhook}"


def test_what_others_may_change_is_a_warning(program: Run, config: Path) -> None:
    config.chmod(0o666)
    (warned,) = examined(program("--config", str(config), "doctor", "--json"))["secrets"]
    assert (warned["level"], warned["cure"]) == ("warning", f"chmod go-w {config}")


def test_every_problem_of_the_configuration_is_told_and_the_rest_is_looked_at(program: Run, config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + "[changes]\nsweep_hours = -1\n[safety]\nflips = -1\n")
    done = program("--config", str(config), "doctor", "--json")
    found = examined(done)
    assert done.returncode == 2
    assert [re.match(r"[a-z_.]+", str(one["detail"]))[0] for one in found["configuration"]] == [  # type: ignore[index]
        "changes.sweep_hours",
        "safety.flips",
    ]
    assert "Connection refused" in str(found["tls"])
    assert found["rules"][0]["detail"] == "not looked at: the configuration has problems"


def test_without_a_configuration_nothing_else_can_be_told(program: Run, tmp_path: Path) -> None:
    done = program("doctor", "--json", B24SYNCD_CONFIG=str(tmp_path / "missing.toml"))
    found = examined(done)
    assert done.returncode == 2
    assert found["configuration"][0]["level"] == "failure"
    assert "missing.toml" in str(found["configuration"])
    assert found["disk"][0]["level"] == "skipped"


def test_what_is_skipped_for_one_reason_is_said_once(program: Run, tmp_path: Path) -> None:
    done = program("doctor", B24SYNCD_CONFIG=str(tmp_path / "missing.toml"))
    skipped = [line for line in done.stdout.splitlines() if line.startswith("skipped")]
    assert len(skipped) == 1
    assert skipped[0].endswith("database, disk, service: not looked at: the settings cannot be used as they are")


def test_no_job_is_enabled(program: Run, config: Path) -> None:
    off = {f"B24SYNCD_JOBS__{name}__ENABLED": "no" for name in ("PHONES", "EMAILS")}
    done = program("--config", str(config), "doctor", "--json", **off)
    (told,) = examined(done)["configuration"]
    assert (done.returncode, told["level"]) == (2, "failure")
    assert str(told["detail"]).startswith("no job is enabled (")
