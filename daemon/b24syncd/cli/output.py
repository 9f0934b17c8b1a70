"""How lists are written: JSON lines, a table on a terminal, tab-separated lines elsewhere.

Values come from a portal, so anybody who can fill in its forms chose them: whatever does not print (escape sequences,
marks that turn the direction of text, invisible spaces) is shown as an escape, on terminals as in pipes.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .streams import while_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from b24syncd.reports.report import Report

MOST_ROWS = (1 << 31) - 1
"""More than any list has; SQLite counts no further than 63 bits."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, one object per line.")]
ResultAsJson = Annotated[
    bool, typer.Option("--json", help="Answer with one JSON object, also of a failure; the progress is on stderr.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done; write nothing.")]
GoesOn = Annotated[
    bool, typer.Option("--continue", help="Go on after a safety limit: a person looked, and all is as it should be.")
]


def print_json(value: Mapping[str, object]) -> None:
    """Write one JSON object on a line of its own."""
    typer.echo(json_line(value))


def json_line(value: Mapping[str, object]) -> str:
    """Return JSON that is readable in every script, with escapes for what does not print."""
    text = json.dumps(value, ensure_ascii=not _is_unicode())
    # Outside of its strings JSON is printable ASCII, so each of these characters is inside one.
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def visible(value: object) -> str:
    """Return a value as text on one line, with escapes for what does not print; nothing is empty text."""
    text = "" if value is None else str(value)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if _is_unicode() else text.encode("ascii", "backslashreplace").decode()


def print_reports(columns: Sequence[str], reports: Iterable[Report], *, as_json: bool) -> None:
    """Write reports with these columns as they come, one a line."""
    rows = (report.to_json() for report in reports)
    if as_json:
        for row in while_read(rows):
            print_json(row)
    else:
        print_table(columns, (tuple(row.values()) for row in rows))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Write rows as they come; values are never cut off."""
    if sys.stdout.isatty():
        from .terminal import draw_table  # noqa: PLC0415  # rich takes long, and is for terminals only

        draw_table(columns, ([visible(value) for value in row] for row in rows), title)
        return
    if title is not None:
        typer.echo(title)
    typer.echo("\t".join(columns))
    for row in while_read(rows):
        typer.echo("\t".join(map(visible, row)))


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
