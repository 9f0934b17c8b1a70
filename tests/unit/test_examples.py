"""The example configurations are right, complete, and tell the true defaults."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from b24syncd.errors import SettingsInvalid
from b24syncd.settings import Settings, load_settings

EXAMPLES = sorted((Path(__file__).parents[2] / "config").glob("*.toml"))
ANNOTATED = Path(__file__).parents[2] / "config" / "b24syncd.example.toml"
WEBHOOK = {"B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3t0000/"}
REGION = {"B24SYNCD_PORTAL__REGION": "RU"}


def test_there_are_examples() -> None:
    assert ANNOTATED in EXAMPLES
    assert len(EXAMPLES) >= 2


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_can_be_loaded(example: Path) -> None:
    assert isinstance(load_settings(example, WEBHOOK | REGION), Settings)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_lacks_nothing_but_the_webhook_and_the_region(example: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(example, REGION)
    assert [problem.key.removesuffix("_file") for problem in caught.value.problems] == ["portal.webhook"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_leaves_it_to_the_reader_in_which_region_people_write(example: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_settings(example, WEBHOOK)
    assert [problem.key for problem in caught.value.problems] == ["portal.region"]


def test_the_annotated_example_sets_no_canary_by_hand() -> None:
    assert not load_settings(ANNOTATED, WEBHOOK | REGION).safety.canary_is_set


def test_the_annotated_example_tells_the_defaults() -> None:
    environ = WEBHOOK | REGION
    assert load_settings(ANNOTATED, environ).effective == load_settings(None, environ).effective


def test_the_annotated_example_has_its_values_in_the_order_of_the_sections() -> None:
    document = tomllib.loads(ANNOTATED.read_text(encoding="utf-8"))
    assert list(document) == list(load_settings(ANNOTATED, WEBHOOK | REGION).effective)
