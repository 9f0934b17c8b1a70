"""The documents about the configuration are what is made from its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from b24syncd.cli.papers import papers
from b24syncd.domain.rules import PhoneRules
from b24syncd.settings.described import Undescribed, described, tables
from b24syncd.settings.schema import known_keys
from b24syncd.settings.sections import Section

ROOT = Path(__file__).parents[2]


def test_the_documents_are_what_is_made_of_the_keys() -> None:
    made = dict(papers(ROOT))
    assert len(made) > 3
    different = [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert different == [], "run `make papers`, and commit what it writes"


def test_every_key_that_is_known_is_told() -> None:
    told = {f"{table.name}.{key.name}" for table in tables() if not table.is_nested for key in table.keys}
    assert told == known_keys().keys()


class Described(Section):
    """A table of which one key has no text."""

    known: str | None = None
    """What it is for.

    And more of that.

    Example:
    known = "so"
    """
    bare: int = 1


class Whole(Section):
    """A table all of whose keys are described."""

    share: float = 0.5
    """A part,
    of something.
    """


def test_a_key_without_text_is_refused_in_words_that_say_what_to_write_where() -> None:
    with pytest.raises(Undescribed, match=r"portal\.bare has no description.*below the key.*Described.*make papers"):
        described("portal", Described)


def test_what_stands_below_a_key_is_its_description() -> None:
    [key] = described("limits", Whole).keys
    assert (key.name, key.values, key.default, key.meaning) == ("share", "number", 0.5, "A part, of something.")


def test_a_key_that_comes_from_the_rules_of_a_job_is_described_there() -> None:
    [phones] = [table for table in tables() if table.name == "jobs.phones"]
    assert {"enabled", *PhoneRules.__dataclass_fields__} == {key.name for key in phones.keys}
