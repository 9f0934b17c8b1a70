"""Figures of the attacks, told at the end of a run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


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
