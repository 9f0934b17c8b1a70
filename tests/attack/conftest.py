"""Figures of the attacks, told at the end of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_FOLDER = Path(__file__).parent
_LONGEST = ("test_soak.py", "test_state_machine.py")
"""They begin first, so that they are not what everything waits for in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest."""
    places = [place for place, item in enumerate(items) if item.path.is_relative_to(_FOLDER)]
    attacks = sorted((items[place] for place in places), key=lambda item: item.path.name not in _LONGEST)
    for place, item in zip(places, attacks, strict=True):
        items[place] = item


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up what the tests recorded, also in other processes."""
    total: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", ()):
        for name, figures in getattr(report, "user_properties", ()):
            if name == "figures" and report.when == "call":
                total.update(figures)
    if total:
        terminalreporter.section("attacks")
    for name, number in total.most_common():
        terminalreporter.write_line(f"{number:8,}  {name}")
