"""What a dry run shows of fields."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from b24syncd.cli.preview import PlanReport
from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

JOB, FIELD = "payment_dates", "ufCrmPaid"
ONE, TWO, THREE, FOUR = (EntityRef(EntityType.DEAL, number) for number in (1, 2, 3, 4))
PLANS = [
    Plan((SetField(ONE, JOB, FIELD, None, "2026-03-10"),)),
    Plan((SetField(TWO, JOB, FIELD, "2026-01-10", "2026-03-10"),)),
    Plan((SetField(THREE, JOB, FIELD, "2026-01-10", None),)),
    Plan(reviews=(Review(FOUR, JOB, 0, "", Reason.ENTERED_BY_HAND, "2026-03-10"),)),
]


def test_what_would_be_written_into_fields(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with PlanReport(path) as report:
        for plan in PLANS:
            report.add(plan)
    assert report.told().splitlines() == [
        "deal:1           ufCrmPaid: empty → 2026-03-10",
        "deal:2           ufCrmPaid: 2026-01-10 → 2026-03-10",
        "deal:3           ufCrmPaid: 2026-01-10 → empty",
        "deal:4           review '': entered_by_hand, perhaps '2026-03-10'",
    ]
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1:] == [
            ["deal:1", JOB, "set field", FIELD, "", "2026-03-10", "", ""],
            ["deal:2", JOB, "set field", FIELD, "2026-01-10", "2026-03-10", "", ""],
            ["deal:3", JOB, "set field", FIELD, "2026-01-10", "", "", ""],
            ["deal:4", JOB, "review", "0", "", "", "entered_by_hand", "2026-03-10"],
        ]
