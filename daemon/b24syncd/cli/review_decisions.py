"""`b24syncd review accept` and `review edit`: what a person decides is written, many at once if they like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.decisions import Deciding
from b24syncd.errors import ExitCode
from b24syncd.reports.manual_changes import DecisionReport
from b24syncd.reports.wording import counted

from .backfill import exit_code
from .findings import ManualOutput, print_manual
from .progress import shown
from .stopping import run_stoppable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from b24syncd.app import Decided
    from b24syncd.domain.decisions import Decision
    from b24syncd.reports.summary import Summary
    from b24syncd.settings import Settings

_SHOWN = 5
"""Findings that are told: what is shown before them, and what they came to, is to stay on the terminal."""


def carry_out(
    settings: Settings, decisions: Sequence[Decision], *, dry_run: bool, csv_file: Path | None, as_json: bool
) -> ExitCode:
    """Write what was decided, or tell what would be written; return how it ended."""
    from b24syncd import app  # noqa: PLC0415  # takes long, and is for deciding only

    report = DecisionReport(_SHOWN, settings.portal.host)
    accepted: tuple[int, ...] = ()
    if dry_run:
        summary = run_stoppable(app.preview_decisions(settings, decisions, shown, report.add, knows=report.learn))
    else:
        decided = run_stoppable(app.decide(settings, decisions, shown))
        summary, accepted = decided.summary, decided.accepted
        report.add(Deciding(left=decided.left))
    return _told(report, summary, accepted, ManualOutput(csv_file, shown=_SHOWN, as_json=as_json))


def _told(report: DecisionReport, summary: Summary, accepted: tuple[int, ...], output: ManualOutput) -> ExitCode:
    code = exit_code(summary)
    code = ExitCode.SOME_FAILED if code is ExitCode.DONE and report.left else code
    print_manual(report, report.result(summary, accepted, code), report.ending(summary, accepted), output)
    return code


def tell(settings: Settings, decided: Decided, *, as_json: bool) -> ExitCode:
    """Tell what the decisions of a list came to; return how it ended."""
    report = DecisionReport(_SHOWN, settings.portal.host)
    report.add(Deciding(left=decided.left))
    return _told(report, decided.summary, decided.accepted, ManualOutput(None, shown=_SHOWN, as_json=as_json))


def question(decisions: Sequence[Decision]) -> str:
    """Return what a person is asked before it is done."""
    return f"Write {counted(len(decisions), 'correction')}"
