"""Lists on terminals of any width: whatever their rows, nothing is cut off and no identifier is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.cli.cells import width_of
from b24syncd.cli.layout import Column, lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

JOURNAL = (
    Column("run", whole=True, is_number=True),
    Column("at (CET)", whole=True),
    Column("job", whole=True),
    Column("item", whole=True),
    Column("field", long=True, optional=True, below="{}:"),
    Column("before", long=True, below="{}"),
    Column("after", long=True, below="→ {}", nothing="→ nothing"),
    Column("outcome", whole=True),
)
PHONE = ("2", "2026-11-29 01:49:07", "phones", "contact:47123", "", "8 (812) 971-83-52", "+78129718352", "refused")
DATE = ("2", "2026-11-29 01:49:07", "payment_dates", "deal:7", "Payment date", "", "2026-11-01", "done")

CHARACTERS = "ab7:_@.-()+ жé中😀"
columns = st.builds(
    Column,
    st.sampled_from(("item", "reason", "at (CET)")),
    whole=st.booleans(),
    long=st.booleans(),
    is_number=st.booleans(),
    optional=st.booleans(),
    below=st.sampled_from(("", "{}", "→ {}", "{}:")),
    nothing=st.sampled_from(("", "→ nothing")),
)
cells = st.text(CHARACTERS, max_size=12) | st.text(CHARACTERS, max_size=230)


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[Column], list[list[str]]]:
    shape = draw(st.lists(columns, min_size=1, max_size=8))
    rows = draw(st.lists(st.lists(cells, min_size=len(shape), max_size=len(shape)), min_size=1, max_size=4))
    return shape, rows


def told(width: int, *rows: Sequence[str]) -> list[str]:
    return list(lay_out(JOURNAL, rows, width))[2:]


@given(lists(), st.integers(80, 220))
def test_each_identifier_is_whole_on_one_line_and_no_line_is_too_long(
    shown: tuple[list[Column], list[list[str]]], width: int
) -> None:
    shape, rows = shown
    drawn = list(lay_out(shape, rows, width))
    assert [line for line in drawn if width_of(line) > width] == []
    for row in rows:
        for column, cell in zip(shape, row, strict=True):
            parts = cell.split(" ") if column.is_words else [cell]
            broken = [one for one in parts if width_of(one) < width and not any(one.rstrip() in line for line in drawn)]
            assert broken == []


@given(lists(), st.integers(1, 220))
def test_nothing_is_cut_off_however_narrow_the_terminal_is(
    shown: tuple[list[Column], list[list[str]]], width: int
) -> None:
    shape, rows = shown
    drawn = "".join(lay_out(shape, rows, width))
    for character in CHARACTERS.strip().replace(" ", ""):
        there = sum(cell.count(character) for row in rows for cell in row)
        assert drawn.count(character) >= there


def test_where_everything_fits_a_list_is_a_table() -> None:
    assert list(lay_out(JOURNAL[2:], (PHONE[2:], DATE[2:]), 120)) == [
        "job            item           field         before             after         outcome",
        "─" * 84,
        "phones         contact:47123                8 (812) 971-83-52  +78129718352  refused",
        "payment_dates  deal:7         Payment date                     2026-11-01    done",
    ]


def test_where_it_does_not_values_are_told_below_their_row() -> None:
    assert told(80, PHONE, DATE) == [
        "  2  2026-11-29 01:49:07  phones         contact:47123  refused",
        "    8 (812) 971-83-52 → +78129718352",
        "  2  2026-11-29 01:49:07  payment_dates  deal:7         done",
        "    Payment date: → 2026-11-01",
    ]
    assert told(80, (*PHONE[:6], "", "done"))[1] == "    8 (812) 971-83-52 → nothing"


def test_one_long_value_moves_no_others() -> None:
    long = "call Ivan " * 12
    one = (*PHONE[:5], long, *PHONE[6:])
    drawn = told(120, PHONE, PHONE, PHONE, one)
    assert drawn[0].endswith("8 (812) 971-83-52  +78129718352  refused")
    assert "  ↓  " in drawn[3]
    assert " ".join(line.strip() for line in drawn[4:]) == f"before {long}".strip()


def test_many_long_values_are_all_told_below() -> None:
    long = "call Ivan " * 12
    drawn = told(120, PHONE, *[(*PHONE[:5], long, *PHONE[6:])] * 3)
    assert not any("↓" in line for line in drawn)
    assert drawn[1] == "    8 (812) 971-83-52 → +78129718352"


@pytest.mark.parametrize(("width", "lines"), [(80, 2), (60, 3)])
def test_words_wrap_in_their_column(width: int, lines: int) -> None:
    shape = (Column("method", whole=True), Column("what"))
    drawn = list(lay_out(shape, [("crm.item.update", "the portal refuses it " * 4 + "again")], width))[2:]
    assert len(drawn) == lines
    assert {line[:17] for line in drawn[1:]} == {" " * 17}


def test_what_is_left_out_is_empty_everywhere() -> None:
    assert "field" not in next(lay_out(JOURNAL, [PHONE], 200))
    assert "field" in next(lay_out(JOURNAL, [PHONE, DATE], 200))
