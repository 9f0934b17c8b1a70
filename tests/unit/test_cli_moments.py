"""Times as people write and read them, on machines of several zones."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.cli.moments import Moment, told, told_alike

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 29, 0, 30, tzinfo=UTC)
BEGAN = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    monkeypatch.setenv("TZ", getattr(request, "param", "Europe/Berlin"))
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def meant(text: str, *, utc: bool = False) -> datetime:
    return Moment.parse(text).at(now=NOW, utc=utc, began=lambda number: BEGAN + timedelta(number))


@pytest.mark.parametrize(
    ("text", "local", "in_utc"),
    [
        ("yesterday", "2026-11-27T23:00", "2026-11-28T00:00"),
        ("today", "2026-11-28T23:00", "2026-11-29T00:00"),
        ("1h", "2026-11-28T23:30", "2026-11-28T23:30"),
        ("30 m", "2026-11-29T00:00", "2026-11-29T00:00"),
        (" 2D ", "2026-11-27T00:30", "2026-11-27T00:30"),
        ("1w", "2026-11-22T00:30", "2026-11-22T00:30"),
        ("2026-11-01", "2026-10-31T23:00", "2026-11-01T00:00"),
        ("2026-07-01", "2026-06-30T22:00", "2026-07-01T00:00"),
        ("2026-11-01T10:00", "2026-11-01T09:00", "2026-11-01T10:00"),
        ("2026-11-01 10:00:30", "2026-11-01T09:00:30", "2026-11-01T10:00:30"),
        ("2026-11-01T10:00+03:00", "2026-11-01T07:00", "2026-11-01T07:00"),
        ("2026-11-01T10:00z", "2026-11-01T10:00", "2026-11-01T10:00"),
        ("run:7", "2026-10-08", "2026-10-08"),
    ],
)
def test_a_time_is_of_this_machines_zone_unless_it_says_otherwise(text: str, local: str, in_utc: str) -> None:
    assert meant(text) == datetime.fromisoformat(local).replace(tzinfo=UTC)
    assert meant(text, utc=True) == datetime.fromisoformat(in_utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "2026", "7", "run", "run:x", "1y", "-1h", "1h30m", "tomorrow", "999999999w", "0001-01-01T00:00+05:00"]
)
def test_what_is_no_time_is_told_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time; write yesterday, 1h, .* or run:7"):
        Moment.parse(text)


@given(st.text(max_size=30))
def test_no_text_is_another_failure(text: str) -> None:
    with suppress(ValueError):
        assert meant(text, utc=True).tzinfo is not None


def test_the_zone_is_told_once_where_all_times_have_the_same() -> None:
    assert told_alike([NOW, BEGAN.replace(month=12)], utc=False) == (
        ["2026-11-29 01:30:00", "2026-12-01 01:00:00"],
        "CET",
    )
    assert told_alike([NOW, BEGAN], utc=False) == (["2026-11-29 01:30:00 CET", "2026-10-01 02:00:00 CEST"], "")
    assert told_alike([NOW, BEGAN], utc=True) == (["2026-11-29 00:30:00", "2026-10-01 00:00:00"], "UTC")
    assert told_alike([], utc=False) == ([], "")


@pytest.mark.parametrize("zone", ["Asia/Tashkent"], indirect=True)
def test_a_zone_without_a_name_is_told_by_its_offset() -> None:
    assert told(NOW, utc=False) == "2026-11-29 05:30:00 UTC+05"
