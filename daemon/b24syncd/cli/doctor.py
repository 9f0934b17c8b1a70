"""`b24syncd doctor`: whether everything is there that the work needs, and what to do where it is not."""

import asyncio
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import typer

from b24syncd.errors import Problem, SettingsInvalid
from b24syncd.observe.logs import without_events
from b24syncd.reports.doctor import Check, Level, Verdict

from .invocation import settings_of, usable_of
from .output import OVER_ECHO, AsOneJson, print_json, visible
from .work import app

if TYPE_CHECKING:
    from b24syncd.reports.doctor import Examination
    from b24syncd.settings import Settings

_TOLD_HERE = ("portal_fault", "entity_type_refused", "field_would_be_created", "date_filter_shifted", "stopping")
"""What is logged on the way and is one of the findings as well."""

_INDENT = " " * (max(map(len, Level)) + 2)


def doctor(context: typer.Context, *, as_json: AsOneJson = False) -> None:
    """Look whether all that the work needs is there. Only reads; works beside a service and before the first run."""
    settings, problems = _settings(context)
    if as_json:
        found = _examined(settings, problems, os.environ, _unsaid)
        print_json(found.to_json())
    else:
        found = examined(settings, problems, os.environ)
    raise typer.Exit(found.exit_code)


def examined(settings: "Settings | None", problems: tuple[Problem, ...], environ: Mapping[str, str]) -> "Examination":
    """Look at everything, and say what is found as it comes, and the verdict."""
    said = Said()
    found = _examined(settings, problems, environ, said.say)
    was_interrupted = found.verdict is Verdict.INTERRUPTED and sys.stdout.isatty()
    said.end()
    typer.echo(f"{OVER_ECHO if was_interrupted else ''}{found.sentence()}")
    return found


def _examined(
    settings: "Settings | None",
    problems: tuple[Problem, ...],
    environ: Mapping[str, str],
    tell: Callable[[Check], None],
) -> "Examination":
    with without_events(*_TOLD_HERE):
        return asyncio.run(app.examine(settings, problems, environ, tell))


def _settings(context: typer.Context) -> tuple["Settings | None", tuple[Problem, ...]]:
    """Return the settings and no problem, or the problems and what can be used in spite of them."""
    try:
        return settings_of(context), ()
    except SettingsInvalid as error:
        return usable_of(context), error.problems


def _unsaid(_check: Check) -> None:
    """Wait for the end: it is one object."""


class Said:
    """Says checks as they come; those in a row that are skipped for one reason are one finding of several names."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._held: list[Check] = []

    def say(self, check: Check) -> None:
        """Say it now, or along with what is skipped for the same reason."""
        if self._held and check.finding != self._held[0].finding:
            self.end()
        if check.finding.level is Level.SKIPPED:
            self._held.append(check)
        else:
            _print(check)

    def end(self) -> None:
        """Say what was held back."""
        if self._held:
            _print(Check(", ".join(check.name for check in self._held), self._held[0].finding))
        self._held = []


def _print(check: Check) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in lines_of(check, width):
        typer.echo(line)


def lines_of(check: Check, width: int | None) -> Iterator[str]:
    """Yield a finding and its cure, wrapped at spaces where there is a width."""
    finding = check.finding
    yield from _wrapped(f"{finding.level:<{len(_INDENT)}}", f"{check.name}: {finding.detail}", width)
    if finding.cure is not None:
        yield from _wrapped(_INDENT, f"cure: {finding.cure}", width, further=len("cure: "))


def _wrapped(first: str, text: str, width: int | None, *, further: int = 0) -> list[str]:
    text = visible(text)
    if width is None:
        return [first + text]
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=_INDENT + further * " ",
        break_long_words=False,
        break_on_hyphens=False,
    )
