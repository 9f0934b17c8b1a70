"""Overrides from the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.domain.entities import EntityType
from b24syncd.domain.rules import PhoneRules
from b24syncd.errors import SettingsInvalid
from b24syncd.settings import load_settings
from b24syncd.settings.environment import CONFIG_VARIABLE, variable_of
from b24syncd.settings.schema import known_keys

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {
    "B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/",
    "B24SYNCD_PORTAL__REGION": "RU",
}


def test_the_environment_alone_is_enough() -> None:
    settings = load_settings(None, ENVIRON)
    assert settings.source is None
    assert settings.portal.region == "RU"


def test_a_missing_configuration_is_named_with_who_named_it(tmp_path: Path) -> None:
    missing, below_a_file = tmp_path / "missing.toml", tmp_path / "file" / "x.toml"
    below_a_file.parent.write_text("", encoding="utf-8")
    for found, start in (
        (
            problem_of(None, {"PATH": "/bin"}),
            "there is no configuration at /etc/b24syncd/b24syncd.toml; let `b24syncd setup` make one, or ",
        ),
        # the webhook alone is not meant to be all
        (
            problem_of(None, {"B24SYNCD_PORTAL__WEBHOOK": ENVIRON["B24SYNCD_PORTAL__WEBHOOK"]}),
            "there is no configuration at /etc/b24syncd/b24syncd.toml; let `b24syncd setup` make one, or ",
        ),
        (
            problem_of(missing, {}),
            f"--config: there is no configuration at {missing}; let `b24syncd setup` make one, or ",
        ),
        (
            problem_of(None, {CONFIG_VARIABLE: str(missing)}),
            f"{CONFIG_VARIABLE}: there is no configuration at {missing}; ",
        ),
        (problem_of(below_a_file, {}), f"--config: there is no configuration at {below_a_file}; "),
    ):
        assert found.startswith(start)
        assert "name another file" in found or "name one by" in found


def test_a_configuration_that_cannot_be_read_is_named_too(tmp_path: Path) -> None:
    told = (
        f"the configuration {tmp_path} cannot be read: Is a directory; name a file that this user may read, or run as "
    )
    assert problem_of(tmp_path, {}).startswith(f"--config: {told}")
    assert problem_of(None, {CONFIG_VARIABLE: str(tmp_path)}).startswith(f"{CONFIG_VARIABLE}: {told}")


def problem_of(path: Path | None, environ: dict[str, str]) -> str:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(path, environ)
    return str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('[portal]\nregion = "DE"\n[limits]\nshare = 0.5\nburst = 20', encoding="utf-8")
    settings = load_settings(file, ENVIRON | {"B24SYNCD_LIMITS__SHARE": "0.25"})
    assert (settings.portal.region, settings.limits.share, settings.limits.burst) == ("RU", 0.25, 20)


@pytest.mark.parametrize(
    ("value", "regions"),
    [("KZ, BY", ("KZ", "BY")), ('["KZ", "BY"]', ("KZ", "BY")), ("KZ", ("KZ",)), ("", ()), ("[]", ())],
)
def test_lists_are_written_with_commas_or_as_json(value: str, regions: tuple[str, ...]) -> None:
    settings = load_settings(None, ENVIRON | {"B24SYNCD_JOBS__PHONES__OTHER_REGIONS": value})
    assert settings.jobs["phones"] == PhoneRules(region="RU", other_regions=regions)


def test_entities_and_items_are_lists_too() -> None:
    settings = load_settings(
        None,
        ENVIRON | {"B24SYNCD_JOBS__PHONES__ENTITIES": "lead,company", "B24SYNCD_SAFETY__EXCLUDE": "lead:1,lead:2"},
    )
    assert settings.jobs["phones"].entities == (EntityType.LEAD, EntityType.COMPANY)
    assert len(settings.safety.exclude) == 2


@pytest.mark.parametrize(("value", "split"), [("true", True), ("Yes", True), ("0", False), ("off", False)])
def test_booleans_are_words(value: str, *, split: bool) -> None:
    settings = load_settings(None, ENVIRON | {"B24SYNCD_JOBS__PHONES__SPLIT": value})
    assert settings.jobs["phones"] == PhoneRules(region="RU", split=split)


@pytest.mark.parametrize(("value", "seconds"), [("5", 5.0), ("0.5", 0.5), ("1e1", 10.0)])
def test_numbers_are_numbers(value: str, seconds: float) -> None:
    assert (
        load_settings(None, ENVIRON | {"B24SYNCD_CHANGES__INTERVAL_SECONDS": value}).changes.interval_seconds == seconds
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("B24SYNCD_LIMITS__BURST", "many"),
        ("B24SYNCD_LIMITS__BURST", "2.5"),
        ("B24SYNCD_LIMITS__SHARE", ""),
        ("B24SYNCD_LIMITS__SHARE", "nan"),
        ("B24SYNCD_JOBS__PHONES__SPLIT", "maybe"),
        ("B24SYNCD_JOBS__PHONES__OTHER_REGIONS", "[KZ"),
        ("B24SYNCD_JOBS__PHONES__OTHER_REGIONS", "KZ,XX"),
        ("B24SYNCD_PORTAL__NAME", ""),
    ],
)
def test_a_problem_is_called_by_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(None, ENVIRON | {variable: value})
    assert [problem.key for problem in caught.value.problems] == [variable]


@pytest.mark.parametrize(
    ("variable", "cure"),
    [
        ("B24SYNCD_PORTAL_WEBHOOK", "did you mean B24SYNCD_PORTAL__WEBHOOK?"),
        ("B24SYNCD_CONFIGURATION", "did you mean B24SYNCD_CONFIG?"),
        ("B24SYNCD_ZZZ", "unset it"),
    ],
)
def test_an_unknown_variable_with_our_prefix_is_a_problem(variable: str, cure: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(None, ENVIRON | {variable: "s3cr3tw0rd00"})
    (problem,) = caught.value.problems
    assert problem.key == variable
    assert cure in problem.cure
    assert problem.value is None


def test_a_section_that_is_no_table_is_still_told(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("limits = 3\njobs = 4", encoding="utf-8")
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(file, ENVIRON | {"B24SYNCD_LIMITS__SHARE": "0.5", "B24SYNCD_JOBS__PHONES__SPLIT": "true"})
    assert [problem.key for problem in caught.value.problems] == ["limits", "jobs"]


def test_every_key_has_a_variable_of_its_own() -> None:
    variables = {variable_of(key) for key in known_keys()}
    assert len(variables) == len(known_keys())
    assert "B24SYNCD_JOBS__EMAILS__LOWERCASE_LOCAL_PART" in variables
