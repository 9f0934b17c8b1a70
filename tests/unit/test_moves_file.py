"""A list of moves: what spreadsheets write is read, and every fault is told by its line before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24syncd.cli.moves_file import read_moves
from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityType
from b24syncd.domain.moves import Move, rules_of
from b24syncd.domain.rules import BindingRule, ListedItem
from b24syncd.errors import ExitCode, UsageInvalid

if TYPE_CHECKING:
    from pathlib import Path

LEAD = Binding.parse("lead:1000977")
COMPANY = Binding.parse("company:173")
DEAL = Binding.parse("deal:55")


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "moves.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(folder: Path, text: str | bytes) -> list[str]:
    """Return the lines that are told, without the name of the file."""
    path = written(folder, text)
    with pytest.raises(UsageInvalid) as caught:
        read_moves(path)
    assert caught.value.exit_code is ExitCode.USAGE
    lines = str(caught.value).splitlines()
    assert all(line.startswith(str(path)) for line in lines)
    return [line.removeprefix(str(path)).strip(" :") for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        "from,to\nlead:1000977,company:173\n",
        "from,to\r\nlead:1000977,company:173",
        "\ufefffrom;to\r\nlead:1000977;company:173\r\n",
        "from\tto\nlead:1000977\tcompany:173\n",
        "\n\nTo , FROM\n Company:173 , LEAD:1000977 \n",
        '"from";"to";"activity"\n"lead:1000977";"company:173";""\n;;\n',
        "from,to,,\nlead:1000977,company:173,,\n,,,\n\n",
        "from,to,activity\nlead:1000977,company:173\n",
    ],
)
def test_a_list_is_read_as_spreadsheets_write_it(tmp_path: Path, text: str) -> None:
    [move] = read_moves(written(tmp_path, text))
    assert (move.source, move.target, move.activity_id) == (LEAD, COMPANY, None)


def test_rows_have_their_lines_and_activities(tmp_path: Path) -> None:
    text = 'from,to,activity\n\nlead:1000977,company:173,\n"lead:1000977","deal:55",90211\ncontact:1,type128:6,7\n'
    assert read_moves(written(tmp_path, text)) == (
        Move(3, LEAD, COMPANY),
        Move(4, LEAD, DEAL, 90211),
        Move(5, Binding(3, 1), Binding(128, 6), 7),
    )


def test_a_repeated_row_counts_once(tmp_path: Path) -> None:
    text = "from,to\nlead:1000977,company:173\nlead:1,company:173\nLEAD:1000977,company:173\n"
    assert [move.line for move in read_moves(written(tmp_path, text))] == [2, 3]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("person:5,company:1", "'person:5' is not an item; write TYPE:ID"),
        ("lead:5,company", "'company' is not an item; write TYPE:ID"),
        ("lead:5,company:0", "'company:0' is not an item"),
        (f"lead:5,company:5{' ' * 60}x", "'company:5   "),
        ("lead:5", "there is no to"),
        (",company:1", "there is no from"),
        (",,7", "there is no from and no to"),
        ("lead:5,lead:5", "lead:5 is to go to itself"),
        ("quote:5,company:1", "activities cannot leave quote:5; from has to be one of lead, deal, contact, company"),
        ("type128:5,company:1", "activities cannot leave type128:5"),
        ("lead:5,type6:1", "type6:1 is an activity itself"),
        ("lead:5,company:1,seven", "'seven' is no number of an activity"),
        ("lead:5,company:1,0", "'0' is no number of an activity"),
        ("lead:5,company:1,7.0", "'7.0' is no number of an activity"),
        ("lead:5,company:1,7,8", "there are more cells than columns: '8'"),
        ('"lead:5"x,company:1', "the rest cannot be read as CSV"),
        ('"lead:5,company:1\nlead:6,company:1', "the rest cannot be read as CSV"),
    ],
)
def test_a_fault_is_told_by_its_line(tmp_path: Path, row: str, fault: str) -> None:
    [told] = faults(tmp_path, f"from,to,activity\nlead:1,company:1,\n{row}\n")
    assert told.startswith(f"line 3: {fault}")


def test_contradictions_are_told_with_both_lines(tmp_path: Path) -> None:
    text = "from,to,activity\nlead:1,company:1,\nlead:1,company:2,\nlead:2,company:1,7\nlead:2,company:3,7\n"
    assert faults(tmp_path, text) == [
        "line 3: lead:1 is to go to company:2, and to company:1 by line 2",
        "line 5: activity 7 of lead:2 is to go to company:3, and to company:1 by line 4",
    ]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("lead:1,lead:2,\nlead:2,company:1,", 2),
        ("lead:2,company:1,\nlead:1,lead:2,", 3),
        ("lead:1,lead:2,7\nlead:2,company:1,", 2),
        ("lead:1,lead:2,7\nlead:2,company:1,7", 2),
    ],
)
def test_a_target_that_is_left_itself_is_told(tmp_path: Path, rows: str, line: int) -> None:
    [told] = faults(tmp_path, f"from,to,activity\n{rows}\n")
    assert told.startswith(f"line {line}: lead:2 is itself left by line {5 - line}")


def test_circles_are_told_on_both_of_their_lines(tmp_path: Path) -> None:
    found = faults(tmp_path, "from,to\nlead:1,lead:2\nlead:2,lead:1\n")
    assert [told.partition(":")[0] for told in found] == ["line 2", "line 3"]


def test_other_activities_of_a_target_may_leave_it(tmp_path: Path) -> None:
    assert len(read_moves(written(tmp_path, "from,to,activity\nlead:1,lead:2,7\nlead:2,company:1,8\n"))) == 2


def test_all_faults_are_told_in_order_but_no_more_than_can_be_read(tmp_path: Path) -> None:
    bad = "".join(f"lead:{number},lead:{number}\n" for number in range(1, 31))
    found = faults(tmp_path, "from,to\n" + bad)
    assert len(found) == 21
    assert found[0].startswith("line 2: lead:1 is")
    assert found[19].startswith("line 21: lead:20 is")
    assert found[20] == "and 10 more"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty"),
        ("\ufeff\n;;\n", "is empty"),
        ("from,to\n\n,\n", "there are no rows"),
        ("lead:1,company:2\n", "the first line has to be from,to or from,to,activity, not 'lead:1,company:2'"),
        ("from,activity\nlead:1,7\n", "the first line has to be"),
        ("from,to,from\nlead:1,company:7,lead:1\n", "the first line has to be"),
        ("from|to\nlead:1|company:7\n", "the first line has to be"),
        ("from,to\nlead:1,company:1".encode("utf-16"), "is no text in UTF-8"),
    ],
)
def test_a_file_that_is_no_list_is_told(tmp_path: Path, text: str | bytes, fault: str) -> None:
    [told] = faults(tmp_path, text)
    assert told.startswith(fault)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageInvalid, match=r"none\.csv cannot be read: No such file"):
        read_moves(tmp_path / "none.csv")


def test_rules_are_by_source_and_the_one_activity_comes_first() -> None:
    moves = (Move(2, LEAD, COMPANY), Move(3, Binding(2, 9), COMPANY), Move(4, LEAD, DEAL, 90211))
    assert rules_of(moves, "moves.csv") == {
        LEAD: (
            BindingRule(name="moves.csv line 4", source=EntityType.LEAD, to=ListedItem(DEAL, 90211)),
            BindingRule(name="moves.csv line 2", source=EntityType.LEAD, to=ListedItem(COMPANY)),
        ),
        Binding(2, 9): (BindingRule(name="moves.csv line 3", source=EntityType.DEAL, to=ListedItem(COMPANY)),),
    }
