"""Values that customers wrote stay text, and what does not print is made visible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from b24syncd.web.console.formats import differing, visible

TEXTS = st.text() | st.text(alphabet="<>&\"'\u202e\u2066\x00\x1b\u200b\n абв12")


@given(TEXTS)
def test_nothing_of_a_value_is_markup_and_nothing_is_lost(text: str) -> None:
    shown = visible(text, most=10**6)
    assert isinstance(shown, Markup)
    assert all(character.isprintable() or character == "\n" for character in shown)
    if text.isprintable():
        assert shown == Markup.escape(text)


def test_what_turns_the_direction_of_text_is_shown_by_its_code() -> None:
    assert visible("a\u202eb<i>") == 'a<span class="control">U+202E</span>b&lt;i&gt;'


def test_a_long_value_is_cut_and_says_so() -> None:
    shown = visible("x" * 100_000)
    assert len(shown) < 2200
    assert "and 98,000 more characters" in shown


@given(TEXTS, TEXTS)
def test_what_differs_and_what_is_alike_make_both_values(before: str, after: str) -> None:
    start, old, new, end = differing(before, after)
    assert (start + old + end, start + new + end) == (before, after)
    assert not (old and new) or (old[0] != new[0] and old[-1] != new[-1])
