"""What a dry run shows, on 80 columns and in files."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.cli.groups import group_lines, shortened, width
from b24syncd.cli.preview import PlanReport, print_found
from b24syncd.domain.corrections import ChangePoint, SetField, SetTaskLinks
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.snapshots import PointKind
from b24syncd.engine.tally import Tally
from b24syncd.errors import UsageInvalid
from b24syncd.reports.csv_form import CsvForm
from b24syncd.reports.findings import findings_of
from b24syncd.reports.groups import Groups
from b24syncd.reports.summary import Summary

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = Summary(None, interrupted=False, counts=Tally().as_counts(), requests=1)
JOB, FIELD = "payment_dates", "ufCrmPaid"
ONE, TWO, THREE, FOUR = (EntityRef(EntityType.DEAL, number) for number in (1, 2, 3, 4))
PLANS = [
    Plan((SetField(ONE, JOB, FIELD, None, "2026-03-10"),), title="=Delivery"),
    Plan((SetField(TWO, JOB, FIELD, "2026-01-10", "2026-03-10"),)),
    Plan((SetField(THREE, JOB, FIELD, "2026-01-10", None),)),
    Plan(reviews=(Review(FOUR, JOB, 0, "", Reason.ENTERED_BY_HAND, "2026-03-10"),)),
]


def test_what_would_be_written_into_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.csv"
    with PlanReport(path, host="acme.bitrix24.ru") as report:
        report.learn({"deal": {FIELD: "Payment date"}})
        for plan in PLANS:
            report.add(plan)
    print_found(report.findings.report(SUMMARY), path)
    assert capsys.readouterr().out.splitlines() == [
        "what would be done",
        "  3  payment_dates set field Payment date  deal:1  empty → 2026-03-10",
        "what a person would be asked",
        "  1  payment_dates entered_by_hand  deal:4  '' → '2026-03-10'",
        "all of it",
        "  deal:1           Payment date: empty → 2026-03-10",
        "  deal:2           Payment date: 2026-01-10 → 2026-03-10",
        "  deal:3           Payment date: 2026-01-10 → empty",
        "  deal:4           review '': entered_by_hand, perhaps '2026-03-10'",
    ]
    card = "https://acme.bitrix24.ru/crm/deal/details"
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["item", "title", "job", "kind", "point", "before", "after", "reason", "suggestion", "url"],
            ["deal:1", "'=Delivery", JOB, "set field", "Payment date", "", "2026-03-10", "", "", f"{card}/1/"],
            ["deal:2", "", JOB, "set field", "Payment date", "2026-01-10", "2026-03-10", "", "", f"{card}/2/"],
            ["deal:3", "", JOB, "set field", "Payment date", "2026-01-10", "", "", "", f"{card}/3/"],
            ["deal:4", "", JOB, "review", "0", "", "", "entered_by_hand", "2026-03-10", f"{card}/4/"],
        ]


def test_values_are_shortened_and_identifiers_never() -> None:
    number = ChangePoint(
        EntityRef(EntityType.SMART_INVOICE, 123456789), "phones", PointKind.PHONE, 1, "WORK", "8" * 99, "+7"
    )
    links = SetTaskLinks(
        EntityRef(EntityType.ACTIVITY, 12345678), "bindings", 7, ("L_123456789",) * 3, ("CO_987654321",) * 3
    )
    asked = [Review(ONE, "phones", 1, "ж" * 200, reason, "+74951234567") for reason in Reason]
    groups = Groups()
    for finding in findings_of(Plan((number, links), tuple(asked))):
        groups.add(finding)
    lines = [*group_lines("done", groups.changes()), *group_lines("asked", groups.reasons())]
    assert max(map(width, lines)) <= 80
    told = "\n".join(lines)
    assert all(reason in told for reason in Reason)
    assert "smart_invoice:123456789" in told
    assert "activity:12345678" in told
    identifiers = set(re.findall(r"[a-z_]+:[0-9]+", told)) - {"deal:1"}
    assert identifiers == {"smart_invoice:123456789", "activity:12345678", "lead:123456789", "company:987654321"}


def test_an_example_is_not_cut_where_a_line_of_its_own_has_room_for_it() -> None:
    groups = Groups()
    asked = Review(ONE, "emails", 1, "ivan.petrov@gmial.com", Reason.MIXED_SCRIPT_DOMAIN, "ivan.petrov@gmail.com")
    for finding in findings_of(Plan(reviews=(asked,))):
        groups.add(finding)
    assert list(group_lines("asked", groups.reasons())) == [
        "asked",
        "  1  emails mixed_script_domain",
        "     deal:1  'ivan.petrov@gmial.com' → 'ivan.petrov@gmail.com'",
    ]


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_what_is_shortened_fits(text: str, room: int) -> None:
    assert width(shortened(text, room)) <= room or shortened(text, room) == "…"


@pytest.mark.parametrize(
    ("delimiter", "raw", "line"),
    [
        (",", False, "'+7;'=1,a"),
        (";", False, "\"'+7;'=1\";a"),
        ("tab", False, "'+7;'=1\ta"),
        (r"\t", True, "+7;=1\ta"),
        ("|", True, "+7;=1|a"),
    ],
)
def test_columns_are_parted_as_asked(delimiter: str, raw: bool, line: str) -> None:  # noqa: FBT001
    out = io.StringIO()
    CsvForm.parse(delimiter, raw=raw).writer(out)(["+7;=1", "a"])
    assert out.getvalue() == f"{line}\n"


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n", "\x1b"])
def test_what_cannot_part_columns_is_told(delimiter: str) -> None:
    with pytest.raises(UsageInvalid, match="is one character"):
        CsvForm.parse(delimiter, raw=False)
