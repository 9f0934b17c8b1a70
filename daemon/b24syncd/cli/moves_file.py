"""Reading a list of moves, `from,to[,activity]`, as a person or a spreadsheet wrote it; all faults are told at once."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityType
from b24syncd.domain.moves import SOURCES, Move
from b24syncd.errors import UsageInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_COLUMNS = ("from", "to", "activity")
_REQUIRED = {"from", "to"}
_DELIMITERS = ";\t,"
_MOST_FAULTS = 20
_LONGEST_CELL = 60
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_Fault = tuple[int, str]
"""A line and what is wrong with it."""


def read_moves(path: Path) -> tuple[Move, ...]:
    """Return the moves in a file, repeated rows once; raise `UsageInvalid` with all faults by their lines."""
    moves: list[Move] = []
    faults: list[_Fault] = []
    for found in _rows(path, _text(path)):
        if isinstance(found, Move):
            moves.append(found)
        else:
            faults.append(found)
    faults += _conflicts(moves)
    if faults:
        raise UsageInvalid(_faults_text(path, faults))
    if not moves:
        message = f"{path}: there are no rows below the header"
        raise UsageInvalid(message)
    once: dict[tuple[Binding, int | None], Move] = {}
    for move in moves:
        once.setdefault((move.source, move.activity_id), move)
    return tuple(once.values())


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        message = f"{path} is no text in UTF-8; save it as “CSV UTF-8”"
    raise UsageInvalid(message)


def _rows(path: Path, text: str) -> Iterator[Move | _Fault]:
    """Yield the moves and the faults of single rows; blank rows are skipped."""
    lines = list(io.StringIO(text, newline=""))
    header = next((line for line in lines if line.strip()), "")
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            row, line = (line, cells), reader.line_num + 1
            stripped = [cell.strip() for cell in row[1]]
            if not any(stripped):
                continue
            if columns is None:
                columns = _columns(path, stripped)
            else:
                yield _move(row[0], stripped, columns)
    except csv.Error as error:
        yield line, f"the rest cannot be read as CSV ({error}); mend the quotes in this line"
    if columns is None:
        message = f"{path} is empty; its first line has to be {','.join(_COLUMNS)}"
        raise UsageInvalid(message)


def _columns(path: Path, cells: Sequence[str]) -> list[str]:
    columns = [cell.lower() for cell in cells]
    while not columns[-1]:
        columns.pop()
    if len(set(columns)) < len(columns) or not _REQUIRED <= set(columns) <= set(_COLUMNS):
        message = f"{path}: the first line has to be from,to or from,to,activity, not {_short(','.join(cells))}"
        raise UsageInvalid(message)
    return columns


def _move(line: int, cells: Sequence[str], columns: Sequence[str]) -> Move | _Fault:
    if any(cells[len(columns) :]):
        return line, f"there are more cells than columns: {_short(cells[len(columns)])}"
    row = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
    if missing := [column for column in ("from", "to") if column not in row]:
        return line, f"there is no {' and no '.join(missing)}"
    try:
        source, target = (_binding(row[column]) for column in ("from", "to"))
    except ValueError as error:
        return line, str(error)
    fault = _fault(source, target, row)
    activity = row.get("activity")
    return Move(line, source, target, int(activity) if activity else None) if fault is None else (line, fault)


def _binding(cell: str) -> Binding:
    if len(cell) > _LONGEST_CELL:
        message = f"{_short(cell)} is not an item"
        raise ValueError(message)
    return Binding.parse(cell)


def _fault(source: Binding, target: Binding, row: Mapping[str, str]) -> str | None:
    if source.type_id not in SOURCES:
        known = ", ".join(entity_type.value for entity_type in SOURCES.values())
        return f"activities cannot leave {source}; from has to be one of {known}"
    if target.type_id == EntityType.ACTIVITY.type_id:
        return f"{row['to']} is an activity itself; name an item"
    if source == target:
        return f"{source} is to go to itself"
    if "activity" in row and _NUMBER.fullmatch(row["activity"]) is None:
        return f"{_short(row['activity'])} is no number of an activity"
    return None


def _conflicts(moves: Sequence[Move]) -> Iterator[_Fault]:
    """Yield rows that contradict each other, or whose outcome would depend on their order."""
    first: dict[tuple[Binding, int | None], Move] = {}
    for move in moves:
        earlier = first.setdefault((move.source, move.activity_id), move)
        if earlier.target != move.target:
            what = f"{move.source}" if move.activity_id is None else f"activity {move.activity_id} of {move.source}"
            yield move.line, f"{what} is to go to {move.target}, and to {earlier.target} by line {earlier.line}"
    for move in moves:
        left = first.get((move.target, None)) or (
            first.get((move.target, move.activity_id)) if move.activity_id is not None else None
        )
        if left is not None:
            yield move.line, f"{move.target} is itself left by line {left.line}; write where its activities end up"


def _faults_text(path: Path, faults: Iterable[_Fault]) -> str:
    lines = [f"{path} line {line}: {fault}" for line, fault in sorted(faults)]
    if len(lines) > _MOST_FAULTS:
        lines[_MOST_FAULTS:] = [f"{path}: and {len(lines) - _MOST_FAULTS} more"]
    return "\n".join(lines)


def _short(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…")
