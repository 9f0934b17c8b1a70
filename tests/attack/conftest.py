"""Figures of the attacks, told at the end of a run; coverage is measured without them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the attacks not be measured, which makes them half as fast: what they execute, other tests have to hold."""
    for item in items:
        if item.path.is_relative_to(_FOLDER):
            item.add_marker("no_cover")


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
