"""What other parts of the program say is told in the visitor's language; whatever is listed for that is said there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import b24syncd
from b24syncd.web.console.language import LANGUAGE
from b24syncd.web.console.sentences import of_forms, of_work
from b24syncd.web.console.sentences.telling import told

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(b24syncd.__file__).parent
COMPOSED = (
    "write a number from",
    "write a number to",
    (
        "the portal reckons it from the products of the item: what is typed stays only with a manual amount"
        " (isManualOpportunity"
    ),
    "go on with `b24syncd backfill --continue`, or end this and begin again with `b24syncd run --continue`",
)
"""What the program puts together of parts."""

PLACE = re.compile(r"\{\w*\}")


@cache
def said() -> str:
    """Return all texts of the program but those of pages, a line each, with `{}` for what is put into them."""
    found = []
    for path in PROGRAM.rglob("*.py"):
        if path.relative_to(PROGRAM).parts[0] not in {"web", "simulator"}:
            found += [_text(node) for node in ast.walk(ast.parse(path.read_text()))]
    return "\n".join(text for text in found if " " in text)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return PLACE.sub("{}", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


@pytest.mark.parametrize("which", [of_forms, of_work])
def test_whatever_is_translated_is_said_by_the_program(which: object) -> None:
    listed = [*which.SENTENCES, *which.PATTERNS]  # type: ignore[attr-defined] # a module of these
    parts = {part.strip(" ;:,()") for one in listed for whole in one.split("{}") for part in whole.split("; ")}
    assert {part for part in parts if part not in said()} == {one for one in COMPOSED if one in parts}


@pytest.fixture(autouse=True)
def _russian() -> Iterator[None]:
    before = LANGUAGE.set("ru")
    yield
    LANGUAGE.reset(before)


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("the portal did not answer within 70 s", "Портал не ответил за 70 с"),
        (
            (
                "acme.bitrix24.ru cannot be reached: the name is unknown; check how the host is written, and this"
                " machine's DNS"
            ),
            "acme.bitrix24.ru недоступен: имя неизвестно; проверьте, как написано имя, и DNS этой машины",
        ),
        (
            (
                "safety.canary = 5: the first corrections of this state were made; look at `b24syncd journal`, and go"
                " on with --continue if all is as it should be"
            ),
            (
                "safety.canary = 5: сделаны первые исправления этого состояния; посмотрите `b24syncd journal` и"
                " продолжите с --continue, если всё в порядке"
            ),
        ),
        (
            "there are 4 by now, not 3: look again; nothing was done",
            "Теперь их 4, а не 3: посмотрите ещё раз; ничего не сделано",
        ),
        (
            (
                "the authorisation server https://oauth.bx refuses the application (invalid_grant): what it was given"
                " does not count any more; call `b24syncd auth login`"
            ),
            (
                "Сервер авторизации https://oauth.bx отвергает приложение (invalid_grant): то, что ему дали, больше"
                " не действует; вызовите `b24syncd auth login`"
            ),
        ),
        ("the application has no permission 'sale'", "Приложение не имеет права 'sale'"),
        ("limits.share: write a number from 0.1", "limits.share: write a number from 0.1"),
        ("INVALID_ARG_VALUE: Phone <b> {0}", "INVALID_ARG_VALUE: Phone <b> {0}"),
        (None, ""),
    ],
)
def test_sentences_are_told_in_the_visitors_language(english: str | None, russian: str) -> None:
    assert told(english) == russian


@given(st.text() | st.sampled_from([one.replace("{}", "{x}; %s") for one in of_work.PATTERNS]))
def test_whatever_is_said_is_told(text: str) -> None:
    assert told(text) or not text


def test_hostile_texts_take_no_time() -> None:
    assert told("cannot be reached: " * 10_000).startswith("Cannot be reached: ")
    assert told(("safety.max_changed_share = : of items " * 60)[:2000])
