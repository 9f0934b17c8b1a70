"""Whatever pages say is said in every language."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.console import catalogues

from b24syncd.web.console.language import LANGUAGES, SOURCE, preferred

PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}|`[^`]+`")
"""What a translation has to keep."""


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {SOURCE}))
def test_everything_is_translated(language: str) -> None:
    said = {message.id for message in catalogues.template() if message.id}
    found = {message.id: message for message in catalogues.read(language) if message.id}
    assert found.keys() == said, "make catalogues, then translate what is new"
    for known, message in found.items():
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        assert forms, known
        assert all(forms), known
        assert not message.fuzzy, known
        wanted = set(PLACES.findall(known if isinstance(known, str) else known[1]))
        assert all(set(PLACES.findall(form)) == wanted for form in forms), known
        assert all(form.count("{}") == (known if isinstance(known, str) else known[1]).count("{}") for form in forms)


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        (None, "de, ru;q=0.2, en;q=0.9", "en"),
        ("ru", "en", "ru"),
        ("xx", "ru", "ru"),
        (None, "fr-CH, fr;q=0.9, *;q=0.5", "en"),
        (None, "ru;q=oh, en", "en"),
    ],
)
def test_the_language_is_the_one_that_was_chosen_or_that_the_browser_likes_best(
    chosen: str | None, accepted: str, language: str
) -> None:
    assert preferred(chosen, accepted) == language


@given(st.text(), st.text())
def test_whatever_a_browser_says_there_is_a_language(chosen: str, accepted: str) -> None:
    assert preferred(chosen, accepted) in LANGUAGES
