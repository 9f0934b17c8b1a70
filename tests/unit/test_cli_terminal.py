"""Lists on a terminal of 80 columns: what is ours is drawn for people, what is the portal's as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.cli.terminal import draw_table

if TYPE_CHECKING:
    import pytest

INSTANT = "2026-03-01T12:00:00.125+00:00"


def test_times_fold_between_date_and_time(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    columns = ("run", "at", "job", "item", "point", "before", "after", "outcome")
    draw_table(
        columns, [("2", INSTANT, "phones", "contact:47", "3022", "8 (812) 971-83-52 " * 3, "x" * 40, "done")], None
    )
    words = capsys.readouterr().out.split()
    assert {"2026-03-01", "12:00:00"} <= set(words)


def test_what_looks_like_a_time_in_a_value_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    draw_table(("at", "before"), [(INSTANT, INSTANT)], None)
    assert capsys.readouterr().out.count(INSTANT) == 1
