"""Settings from a file: what is read, what is left out, and every problem at once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pydantic
import pytest

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import EmailRules, PhoneRules
from b24syncd.errors import ExitCode, Problem, SettingsInvalid
from b24syncd.settings import Settings, load_connection, load_settings

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3tw0rd00"
ADDRESS = f"https://acme.bitrix24.ru/rest/1/{SECRET}/"
ENVIRON = {"B24SYNCD_PORTAL__WEBHOOK": ADDRESS}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "b24syncd.toml"


def loaded(file: Path, text: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load_settings(file, ENVIRON)


def problems(file: Path, text: str) -> dict[str, Problem]:
    with pytest.raises(SettingsInvalid) as caught:
        loaded(file, text)
    assert SECRET not in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE
    found = {problem.key: problem for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    return found


def test_the_least_configuration_has_all_defaults(file: Path) -> None:
    settings = loaded(file, '[portal]\nregion = "RU"')
    assert settings.source == file
    assert settings.portal.name == "acme.bitrix24.ru"
    assert settings.portal.webhook.base_url == ADDRESS
    assert str(settings.state.path) == "/var/lib/b24syncd/acme.bitrix24.ru.db"
    assert settings.jobs == {"phones": PhoneRules(region="RU"), "emails": EmailRules()}
    assert settings.safety.exclude == frozenset()
    assert (settings.limits.burst, settings.limits.per_second, settings.limits.share) == (50, 2.0, 0.9)
    assert (settings.limits.operating_seconds, settings.limits.operating_window_seconds) == (480, 600)
    assert (settings.limits.request_timeout_seconds, settings.limits.request_cut_seconds) == (70, 60)
    assert (settings.changes.interval_seconds, settings.changes.overlap_seconds) == (30, 120)
    assert (settings.log.format, settings.log.level) == ("auto", "info")


def test_everything_can_be_set(file: Path) -> None:
    settings = loaded(
        file,
        """
        [portal]
        name = "acme"
        region = "ru"
        [state]
        path = "memory/acme.db"
        [limits]
        burst = 250
        per_second = 5
        [safety]
        exclude = ["contact:17", "lead:3", "contact:17"]
        [jobs.phones]
        region = "DE"
        other_regions = ["at", "CH", "AT"]
        split = false
        entities = ["contact", "contact"]
        [jobs.emails]
        enabled = false
        """,
    )
    assert settings.portal.region == "RU"
    assert settings.state.path == file.parent / "memory" / "acme.db"
    assert (settings.limits.burst, settings.limits.per_second) == (250, 5.0)
    assert settings.safety.exclude == {EntityRef(EntityType.CONTACT, 17), EntityRef(EntityType.LEAD, 3)}
    assert settings.jobs == {
        "phones": PhoneRules(region="DE", other_regions=("AT", "CH"), split=False, entities=(EntityType.CONTACT,))
    }


def test_a_job_with_its_own_region_needs_none_of_the_portal(file: Path) -> None:
    assert loaded(file, '[jobs.phones]\nregion = "KZ"').portal.region is None


def test_without_phones_no_region_is_needed(file: Path) -> None:
    assert list(loaded(file, "[jobs.phones]\nenabled = false").jobs) == ["emails"]


def test_the_region_is_never_guessed(file: Path) -> None:
    assert 'region = "RU"' in problems(file, "")["portal.region"].cure


def test_settings_are_frozen(file: Path) -> None:
    settings = loaded(file, '[portal]\nregion = "RU"')
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.portal = settings.portal  # type: ignore[misc]
    with pytest.raises(pydantic.ValidationError):
        settings.limits.burst = 1


def test_all_problems_are_told_at_once(file: Path) -> None:
    found = problems(
        file,
        """
        [portal]
        region = "XX"
        [limits]
        brst = 10
        share = 1.5
        in_flight = "4"
        [log]
        level = "loud"
        [jobs.phones]
        entities = ["contact", "deal"]
        """,
    )
    assert found.keys() == {
        "portal.region",
        "limits.brst",
        "limits.share",
        "limits.in_flight",
        "log.level",
        "jobs.phones.entities",
    }
    assert all(problem.cure for problem in found.values())


@pytest.mark.parametrize(
    ("text", "key", "cure"),
    [
        ("[limits]\nbrst = 10", "limits.brst", "limits.burst"),
        ("[limit]\nburst = 10", "limit", "limits"),
        ("burst = 10", "burst", "limits.burst"),
        ("[portal]\nin_flight = 4", "portal.in_flight", "limits.in_flight"),
        ("[jobs.phone]\nsplit = true", "jobs.phone", "jobs.phones"),
        ("[jobs.emails]\nlower_case_local_part = true", "jobs.emails.lower_case_local_part", "lowercase_local_part"),
        ("[smtp]\nlisten = 1", "smtp", "known here: portal, state, limits"),
        ("[changes]\nzzz = 1", "changes.zzz", "known here: source, interval_seconds"),
    ],
)
def test_an_unknown_key_is_a_problem_that_names_the_nearest(file: Path, text: str, key: str, cure: str) -> None:
    problem = problems(file, text)[key]
    assert problem.message == "unknown key"
    assert cure in problem.cure


@pytest.mark.parametrize(
    ("text", "key", "cure"),
    [
        ("limits.burst = 0", "limits.burst", "at least 1"),
        ("limits.burst = 2.5", "limits.burst", "a number such as 4"),
        ("limits.burst = true", "limits.burst", "a number such as 4"),
        ("limits.per_second = 0", "limits.per_second", "greater than 0"),
        ("limits.per_second = nan", "limits.per_second", "number"),
        ("limits.per_second = inf", "limits.per_second", "number"),
        ("limits.operating_seconds = -1", "limits.operating_seconds", "greater than 0"),
        ("limits.operating_window_seconds = 0", "limits.operating_window_seconds", "greater than 0"),
        ("limits.share = 0", "limits.share", "greater than 0"),
        ("limits.share = 1.01", "limits.share", "at most 1"),
        ("limits.in_flight = 0", "limits.in_flight", "at least 1"),
        ("limits.request_timeout_seconds = 0", "limits.request_timeout_seconds", "greater than 0"),
        ("limits.request_cut_seconds = 0", "limits.request_cut_seconds", "greater than 0"),
        ("limits = {burst = 1, share = 0.9}", "limits", "at least 1"),
        ("limits = 5", "limits", "[limits]"),
        ("changes.interval_seconds = 0", "changes.interval_seconds", "greater than 0"),
        ("changes.overlap_seconds = -1", "changes.overlap_seconds", "at least 0"),
        ("changes.overlap_seconds = 2026-01-01", "changes.overlap_seconds", "number"),
        ("safety.exclude = 'contact:17'", "safety.exclude", "["),
        ("safety.exclude = ['contact:17', 'person:1']", "safety.exclude[1]", "contact:17"),
        ("safety.exclude = [17]", "safety.exclude[0]", "contact:17"),
        ("log.level = 'INFO'", "log.level", "'info'"),
        ("log.format = 1", "log.format", "'json'"),
        ("portal.name = 'a/b'", "portal.name", "letters"),
        ("portal.name = ''", "portal.name", "letters"),
        ("state.path = ''", "state.path", "leave the key out"),
        ("state.path = 3", "state.path", "quotes"),
        ("jobs.phones.split = 'yes'", "jobs.phones.split", "true or false"),
        ("jobs.phones.entities = []", "jobs.phones.entities", "enabled = false"),
        ("jobs.phones.entities = ['person']", "jobs.phones.entities[0]", "'contact'"),
        ("jobs.phones.other_regions = ['KZ', 'UK']", "jobs.phones.other_regions[1]", "GB"),
    ],
)
def test_a_wrong_value_is_a_problem_with_its_cure(file: Path, text: str, key: str, cure: str) -> None:
    found = problems(file, f"{text}\nportal.region = 'RU'")
    assert cure in found[key].cure
    assert found.keys() == {key}


def test_the_value_is_shown_short(file: Path) -> None:
    shown = problems(file, f"portal.region = 'RU'\nlog.level = '{'x' * 500}'")["log.level"].value
    assert shown is not None
    assert len(shown) == 80


def test_a_state_that_is_a_directory_is_told_before_it_is_opened(file: Path) -> None:
    (file.parent / "memory").mkdir()
    found = problems(file, "portal.region = 'RU'\nstate.path = 'memory'")
    assert str(found["state.path"]) == f"state.path: {file.parent / 'memory'} is a directory; name a file"


def test_a_secret_at_the_wrong_place_is_not_shown(file: Path) -> None:
    found = problems(
        file,
        f"""
        webhook = "{ADDRESS}"
        [portal]
        webhok = "{ADDRESS}"
        name = "{ADDRESS}"
        [state]
        path = ["{ADDRESS}"]
        """,
    )
    assert found.keys() == {"webhook", "portal.webhok", "portal.name", "state.path"}
    assert found["webhook"].cure == "did you mean portal.webhook?"


def test_a_syntax_error_is_told_with_its_line(file: Path) -> None:
    problem = problems(file, f'[portal]\nregion = "RU"\nwebhook = {ADDRESS}')[str(file)]
    assert "line 3" in problem.message


def test_a_file_that_is_no_text_is_told(file: Path) -> None:
    file.write_bytes(b'[portal]\nname = "\xff"')
    with pytest.raises(SettingsInvalid, match="UTF-8"):
        load_settings(file, ENVIRON)


def test_a_mark_before_the_text_does_no_harm(file: Path) -> None:
    assert loaded(file, '\ufeff[portal]\nregion = "RU"').portal.region == "RU"


def test_a_missing_file_is_told_with_the_problems_of_the_environment(file: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(file, ENVIRON | {"B24SYNCD_NOTHING": "1"})
    assert [problem.key for problem in caught.value.problems] == ["--config", "B24SYNCD_NOTHING"]
    assert "there is no configuration at" in caught.value.problems[0].message


def test_a_directory_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="Is a directory"):
        load_settings(tmp_path, ENVIRON)


def test_the_environment_names_the_file(file: Path) -> None:
    file.write_text('[portal]\nregion = "BY"', encoding="utf-8")
    assert load_settings(None, ENVIRON | {"B24SYNCD_CONFIG": str(file)}).portal.region == "BY"


def test_the_effective_settings_hold_no_secret(file: Path) -> None:
    settings = loaded(file, '[portal]\nregion = "RU"\n[safety]\nexclude = ["lead:2", "lead:1"]')
    assert SECRET not in str(settings.effective)
    assert SECRET not in repr(settings)
    assert settings.effective["safety"]["exclude"] == ["lead:1", "lead:2"]
    assert settings.effective["portal"]["webhook"] == "https://acme.bitrix24.ru/rest/1/***/"


def test_the_way_to_the_portal_is_told_though_rules_are_wrong(file: Path) -> None:
    text = '[portal]\nname = "acme"\nregin = "RU"\n[limits]\nburst = 7\n[jobs.phones]\nsplit = "perhaps"\n'
    file.write_text(text.replace("regin", "region"), encoding="utf-8")
    environ = ENVIRON | {"B24SYNCD_JOBS__EMAILS__SPLIT": "never", "B24SYNCD_LIMITS__SHARE": "0.5"}
    found = load_connection(file, environ)
    assert found is not None
    assert (found.portal.name, found.limits.burst, found.limits.share, found.enabled) == ("acme", 7, 0.5, ())
    assert load_connection(None, ENVIRON) is not None
    file.write_text(text, encoding="utf-8")
    assert load_connection(file, environ) is None
    assert load_connection(file.with_name("missing.toml"), environ) is None
