"""The table of the fault matrix: written into the docs from what the cells do, and read from there again.

`python -m tests.attack.fault_table` tries all cells and writes docs/fault-matrix.md.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from tests.attack.fault_cells import SENT, WORLDS
from tests.attack.fault_world import Found, every_cell

from b24syncd.observe.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.attack.fault_cells import Key

PATH = Path(__file__).parents[2] / "docs" / "fault-matrix.md"
_ALL = {
    "every write": frozenset(sent.name for sent in SENT if sent.writes),
    "every reading": frozenset(sent.name for sent in SENT if not sent.writes),
    "every write of a backfill": frozenset(sent.name for sent in SENT if sent.writes and not sent.follows),
    "every reading of a backfill": frozenset(sent.name for sent in SENT if not sent.writes and not sent.follows),
    "every reading of the daemon": frozenset(sent.name for sent in SENT if not sent.writes and sent.follows),
}
_MOST_EXCEPTIONS = 5
_HEAD = """\
# What one fault does to a run

Made by `python -m tests.attack.fault_table`; `tests/attack/test_fault_matrix.py` fails when a row is no longer true.

One fault strikes one command of a backfill, or of the daemon where the command is told as `following`, and the portal
is well again afterwards. The command is named with the jobs for which it is sent: `points` are phones and e-mails,
`start` is the check of the webhook at the beginning.
*Before* and *after* say on which side of its effect a write is struck; a reading has none. `unverified` corrections
were made, but only reading showed it.

In each case nothing is lost, nothing is written twice, and no intent stays open. The last column says when the portal
and the journal show what an undisturbed run leaves: at once, after one more run, or, where the portal refused for want
of rights, when that is asked again a day later.

| fault | command | when | the run ends | right |
|---|---|---|---|---|
"""


def rendered(found: Mapping[Key, Found]) -> str:
    """Return the page, with equal cells in one row."""
    commands: defaultdict[tuple[str, str, Found], set[str]] = defaultdict(set)
    for (trouble, when, command), one in found.items():
        commands[trouble, when, one].add(command)
    troubles: defaultdict[tuple[str, Found, str], list[str]] = defaultdict(list)
    for (trouble, when, one), names in commands.items():
        troubles[when, one, _named(names)].append(trouble)
    rows = [
        f"| {', '.join(sorted(names))} | {command} | {when} | {one.ended} | {one.right} |"
        for (when, one, command), names in troubles.items()
    ]
    return _HEAD + "\n".join(sorted(rows, key=_order)) + "\n"


def told(page: str) -> dict[Key, Found]:
    """Return the cells of a page."""
    found: dict[Key, Found] = {}
    for line in page.removeprefix(_HEAD).splitlines():
        troubles, commands, when, ended, right = (part.strip() for part in line.strip("|").split("|"))
        for trouble in troubles.split(", "):
            for command in _meant(commands):
                assert (trouble, when, command) not in found
                found[trouble, when, command] = Found(ended, right)
    return found


def _order(row: str) -> tuple[str, ...]:
    _, trouble, command, when, ended, right, _ = row.split("|")
    return right, ended, when, command, trouble


def _named(names: Collection[str]) -> str:
    """Return commands in few words."""
    for name, every in _ALL.items():
        exceptions = every - set(names)
        if set(names) <= every and len(exceptions) <= min(_MOST_EXCEPTIONS, len(every) // 2):
            return f"{name} but {', '.join(map(_marked, sorted(exceptions)))}" if exceptions else name
    return ", ".join(map(_marked, sorted(names)))


def _marked(name: str) -> str:
    method, _, world = name.partition(" ")
    return f"`{method}` {world}"


def _meant(text: str) -> frozenset[str]:
    """Return the commands that `_named` gave this text."""
    every, _, exceptions = text.partition(" but ")
    listed = frozenset(re.sub("`", "", exceptions or text).split(", "))
    if every not in _ALL:
        return listed
    return _ALL[every] - listed if exceptions else _ALL[every]


def write() -> None:
    """Try everything, and write down what came of it."""
    configure_logs(level="error")
    found: dict[Key, Found] = {}
    with tempfile.TemporaryDirectory() as folder:
        for world in WORLDS:
            found.update(every_cell(world, Path(folder) / world))
    PATH.write_text(rendered(found), encoding="utf-8")


if __name__ == "__main__":
    write()
