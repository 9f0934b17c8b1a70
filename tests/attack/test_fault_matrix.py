"""The fault matrix: every fault at every command, before and after its effect, ends as the table in the docs says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.attack.fault_cells import WORLDS, cells
from tests.attack.fault_table import PATH, rendered, told
from tests.attack.fault_world import every_cell
from tests.variants import IS_LONG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Record = Callable[[str, object], None]

PARTS = {
    world: {"start": 1, "shared points": 1, "smart payments": 1, "bindings": 4, "following payments": 4}.get(world, 2)
    for world in WORLDS
}
NTHS = (1, 2, 3) if IS_LONG else (1,)
EACH = 1 if IS_LONG else 11
"""Of so many cells one is tried: each method meets some of the faults, and each fault some of the methods."""


@pytest.mark.parametrize("nth", NTHS)
@pytest.mark.parametrize(("world", "part"), [(world, part) for world in WORLDS for part in range(PARTS[world])])
def test_one_fault_harms_nothing_and_ends_as_the_table_says(
    world: str, part: int, nth: int, tmp_path: Path, record_property: Record
) -> None:
    """Where the fault strikes a later command of its kind, other endings are as good, if all comes right again."""

    found = every_cell(world, tmp_path, part=part * EACH, parts=PARTS[world] * EACH, nth=nth)
    record_property("figures", {"faults in the matrix": len(found)})
    if nth == 1:
        table = told(PATH.read_text(encoding="utf-8"))
        assert found == {key: table.get(key) for key in found}


def test_the_table_holds_each_cell_once_and_can_be_written_again() -> None:
    page = PATH.read_text(encoding="utf-8")
    table = told(page)
    assert table.keys() == {cell.key for world in WORLDS for cell in cells(world)}
    assert rendered(table) == page
