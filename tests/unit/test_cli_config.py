"""`b24syncd config check` and `show`, run as a person does."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

from b24syncd.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]

SECRET = "s3cr3tw0rd00"
ADDRESS = f"https://acme.bitrix24.ru/rest/1/{SECRET}/"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "b24syncd.toml"
    path.write_text(f'[portal]\nregion = "RU"\nwebhook = "{ADDRESS}"\n[jobs.emails]\nenabled = false', encoding="utf-8")
    path.chmod(0o600)
    return path


def test_check_says_that_all_is_well(program: Run, config: Path) -> None:
    done = program("--config", str(config), "config", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert str(config) in done.stdout
    assert "https://acme.bitrix24.ru/rest/1/***/" in done.stdout
    assert "jobs phones" in done.stdout


def test_check_tells_every_problem_on_a_line_of_its_own(program: Run, config: Path) -> None:
    config.write_text(f'[portal]\nwebhook_file = "{ADDRESS}"\n[limits]\nburst = 0\nshar = 1', encoding="utf-8")
    done = program("--config", str(config), "config", "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 3
    assert SECRET not in done.stderr
    assert "limits.shar: unknown key; did you mean limits.share?" in done.stderr


def test_check_looks_whether_the_command_of_notices_can_be_run(program: Run, config: Path) -> None:
    done = program("--config", str(config), "config", "check", B24SYNCD_NOTIFY__COMMAND="/no/such/program")
    assert (done.returncode, done.stdout) == (2, "")
    assert "notify.command: /no/such/program is no file that this user may execute; " in done.stderr
    done = program("--config", str(config), "config", "check", B24SYNCD_NOTIFY__COMMAND="/bin/sh,-c,cat")
    assert (done.returncode, done.stderr) == (0, "")


def test_check_tells_all_in_one_pass(program: Run, config: Path) -> None:
    wrong = '[limits]\nburst = 0\n[http]\nlisten = "0.0.0.0:8324"\n[notify]\ncommand = ["/no/such/program"]\n'
    config.write_text(wrong, encoding="utf-8")
    done = program(
        "--config", str(config), "config", "check", "--json", B24SYNCD_PORTAL__WEBHOOK="http://x.ru/rest/1/a/"
    )
    found = {problem["key"].partition(":")[0] for problem in json.loads(done.stdout)["problems"]}
    assert done.returncode == 2
    assert found == {"limits.burst", "http.listen", "notify.command", "B24SYNCD_PORTAL__WEBHOOK"}


def test_check_answers_in_json(program: Run, config: Path) -> None:
    done = program("--config", str(config), "config", "check", "--json")
    assert json.loads(done.stdout) == {"valid": True, "problems": []}
    config.write_text("[limits]\nburst = 0", encoding="utf-8")
    done = program("--config", str(config), "config", "check", "--json", B24SYNCD_PORTAL__WEBHOOK=ADDRESS)
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr, answer["valid"]) == (2, "", False)
    assert answer["problems"][0] == {
        "key": "limits.burst",
        "message": "this is too small",
        "cure": "write a number of at least 1",
        "value": "0",
    }


def test_the_environment_is_enough_to_check(program: Run) -> None:
    done = program("config", "check", B24SYNCD_PORTAL__WEBHOOK=ADDRESS, B24SYNCD_PORTAL__REGION="RU")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("the environment: ")


def test_show_prints_toml_that_is_the_settings_again(program: Run, config: Path, tmp_path: Path) -> None:
    done = program("config", "show", "--config", str(config))
    assert (done.returncode, done.stderr) == (0, "")
    assert SECRET not in done.stdout
    again = tmp_path / "again.toml"
    again.write_text(done.stdout, encoding="utf-8")
    environ = {"B24SYNCD_PORTAL__WEBHOOK": ADDRESS}
    again.chmod(0o600)
    assert load_settings(again, environ).effective == load_settings(config, {}).effective
    assert load_settings(again, environ).safety == load_settings(config, {}).safety
    assert tomllib.loads(done.stdout)["jobs"]["emails"]["enabled"] is False


def test_show_prints_every_key_that_has_a_value(program: Run, config: Path) -> None:
    def keys(table: dict[str, object], parent: str = "") -> set[str]:
        found = {f"{parent}{key}" for key, value in table.items() if value is not None}
        return found.union(*(keys(v, f"{parent}{key}.") for key, v in table.items() if isinstance(v, dict)))

    printed = tomllib.loads(program("config", "show", "--config", str(config)).stdout)
    told = json.loads(program("config", "show", "--json", "--config", str(config)).stdout)
    assert keys(printed) == keys(told)
    assert printed["jobs"]["payment_dates"]["fields"] == {}


def test_show_tells_the_canary_of_a_new_state_as_one_that_nobody_set(program: Run, config: Path) -> None:
    printed = program("config", "show", "--config", str(config)).stdout
    assert "[safety]\n# canary is 100 by default, for the first corrections of a new state;\n" in printed
    assert "canary" not in tomllib.loads(printed)["safety"]
    printed = program("config", "show", "--config", str(config), B24SYNCD_SAFETY__CANARY="100").stdout
    assert "#" not in printed
    assert tomllib.loads(printed)["safety"]["canary"] == 100


def test_show_answers_in_json(program: Run, config: Path) -> None:
    done = program("config", "show", "--json", "--config", str(config))
    assert json.loads(done.stdout) == load_settings(config, {}).effective
    assert SECRET not in done.stdout


def test_show_quotes_odd_characters_as_toml_does(program: Run, config: Path) -> None:
    path = '/var/"quoted"\\\x7f/тест.db'
    done = program("config", "show", "--config", str(config), B24SYNCD_STATE__PATH=path)
    assert tomllib.loads(done.stdout)["state"]["path"] == path
