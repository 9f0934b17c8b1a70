"""docs/status.md lists every condition and every verdict, and no others."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from b24syncd.domain.conditions import PATIENCE, Condition, ConditionKind, Severity
from b24syncd.reports.health import Verdict

DOCUMENT = (Path(__file__).parents[2] / "docs" / "status.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", DOCUMENT, re.MULTILINE))
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
SHOWN = {Severity.NOTED: "`well`", Severity.WAITING: "`waiting`", Severity.TROUBLE: "`trouble`"}


def test_the_tables_list_conditions_and_verdicts() -> None:
    assert ROWS.keys() == {each.value for each in (*ConditionKind, *Verdict)}


@pytest.mark.parametrize("kind", ConditionKind)
def test_the_table_tells_how_grave_each_is(kind: ConditionKind) -> None:
    verdict = ROWS[kind.value].split(" | ")[1]
    condition = Condition(kind, "", BEGAN, "x")
    steps = dict.fromkeys(SHOWN[condition.severity(BEGAN + after)] for after in (timedelta(), PATIENCE))
    assert re.findall(r"`\w+`", verdict) == list(steps)
