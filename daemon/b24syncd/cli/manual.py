"""The manual pages, made from the help of the commands and the keys of the configuration, in the language of man.

One for the program, one for each command with all that is below it, and one for the configuration (man 7 man).
`python -m b24syncd.cli.manual FOLDER` writes them there, each into the folder of its section, man1 or man5.
"""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from b24syncd import __version__
from b24syncd.settings.described import tables

from .commands import PLACES, SUMMARIES, program
from .papers import INTRODUCTION, plain, toml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typer._click import Command, Context

_CONFIGURATION = "b24syncd.toml"
_UNWRAPPED = "\b\n"
"""Begins a paragraph that the help shows as it is written."""


def pages(day: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each page, such as `b24syncd-backfill.1`, with its text; `day` is when it was made."""
    whole = program()
    context = whole.make_context("b24syncd", [], resilient_parsing=True)
    names = tuple(f"b24syncd-{name}" for name in PLACES)
    yield "b24syncd.1", _page("b24syncd", day, _of_program(context), see=(*names, _CONFIGURATION))
    for name in PLACES:
        command = whole.commands[name]
        lines = _of_command(_below(context, name, command), SUMMARIES[name])
        yield f"b24syncd-{name}.1", _page(f"b24syncd-{name}", day, lines, see=("b24syncd", _CONFIGURATION))
    yield f"{_CONFIGURATION}.5", _page(_CONFIGURATION, day, _of_configuration(), see=("b24syncd", "b24syncd-config"))


def _page(name: str, day: str, lines: Iterator[str], *, see: tuple[str, ...]) -> str:
    section, title = (5, "File Formats") if name == _CONFIGURATION else (1, "User Commands")
    head = f'.TH {_typed(name.upper())} {section} {day} "b24syncd {__version__}" "{title}"'
    others = " ,\n".join(f".BR {_typed(other)} ({5 if other == _CONFIGURATION else 1})" for other in see)
    return "\n".join((head, ".nh", ".ad l", *lines, ".SH SEE ALSO", others, ""))


def _of_program(context: Context) -> Iterator[str]:
    yield from _name("b24syncd", context.command.help or "")
    yield from _synopsis(context)
    yield ".SH COMMANDS"
    for name, summary in SUMMARIES.items():
        yield from (".TP", f".BR {_typed(f'b24syncd-{name}')} (1)", _text(summary))
    yield from _parameters(context, ".SH")
    exit_codes, *others = (context.command.epilog or "").strip("\n").split("\n\n")
    title, _, table = exit_codes.removeprefix(_UNWRAPPED).partition("\n")
    yield f".SH {_typed(title.rstrip(':').upper())}"
    for line in table.splitlines():
        code, _, meaning = line.strip().partition(" ")
        yield from (".TP", f".B {code}", _text(meaning.strip()))
    yield ".SH ENVIRONMENT"
    yield from _paragraphs("\n\n".join(others))


def _of_command(context: Context, summary: str) -> Iterator[str]:
    yield from _name(f"b24syncd-{context.info_name}", summary)
    yield from _synopsis(context)
    yield ".SH DESCRIPTION"
    yield from _paragraphs(context.command.help or "")
    yield from _parameters(context, ".SH")
    inner = _inner(context.command)
    if inner:
        yield ".SH COMMANDS"
    for name, command in inner.items():
        below = _below(context, name, command)
        yield f".SS {_quoted(_usage(below))}"
        yield from _paragraphs(command.help or "")
        yield from _parameters(below, "")


def _of_configuration() -> Iterator[str]:
    yield from _name(_CONFIGURATION, "the configuration of b24syncd")
    yield ".SH DESCRIPTION"
    yield from _paragraphs(plain(INTRODUCTION))
    for table in tables():
        yield f".SH {_quoted(f'[[{table.name}]]' if table.is_nested else f'[{table.name}]')}"
        yield from _paragraphs(plain(table.about))
        for key in table.keys:
            values = re.sub("[`]", "", key.values)
            told = (
                "required" if key.required else "no default" if key.default is None else f"default {toml(key.default)}"
            )
            yield from (".TP", f".B {_typed(key.name)}", _text(f"{plain(key.meaning)} ({values}; {told})"))
            yield from (line for text in key.more for line in (".IP", _text(plain(text))))
            if key.example:
                yield from (".IP", ".nf", *map(_line, key.example.splitlines()), ".fi")


def _name(name: str, summary: str) -> Iterator[str]:
    yield from (".SH NAME", f"{_typed(name)} \\- {_text(summary[:1].lower() + summary[1:].rstrip('.'))}")


def _synopsis(context: Context) -> Iterator[str]:
    yield from (".SH SYNOPSIS", f".B {_typed(_usage(context))}")


def _parameters(context: Context, level: str) -> Iterator[str]:
    """Yield arguments, then options, each with its help; under headings of this level, or without any."""
    parameters = context.command.get_params(context)
    for kind in ("argument", "option"):
        records = [p.get_help_record(context) for p in parameters if p.param_type_name == kind]
        told = [record for record in records if record is not None]
        if told and level:
            yield f"{level} {kind.upper()}S"
        for names, about in told:
            yield from (".TP", f".B {_typed(names)}", _text(about) or "\\&")


def _inner(command: Command) -> Mapping[str, Command]:
    found: Mapping[str, Command] = getattr(command, "commands", {})
    return found


def _below(context: Context, name: str, command: Command) -> Context:
    return type(context)(command, info_name=name, parent=context)


def _usage(context: Context) -> str:
    pieces = context.command.collect_usage_pieces(context)
    return " ".join((context.command_path, *pieces))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.strip().split("\n\n"):
        yield ".PP"
        if paragraph.startswith(_UNWRAPPED):
            yield from (".nf", *map(_line, paragraph.removeprefix(_UNWRAPPED).splitlines()), ".fi")
        else:
            yield _text(paragraph)


def _text(text: str) -> str:
    """Return words as running text: hyphens of options are such that they can be copied."""
    return _line(" ".join(text.split()))


def _line(text: str) -> str:
    escaped = _typed(text)
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _typed(text: str) -> str:
    """Return what a person types or reads to the letter."""
    return re.sub(r"[-~^`']", lambda found: _LETTERS[found[0]], text.replace("\\", "\\e"))


_LETTERS = {"-": "\\-", "~": "\\(ti", "^": "\\(ha", "`": "\\(ga", "'": "\\(aq"}
"""What man would make other characters of (man 7 groff_char)."""


def _quoted(text: str) -> str:
    return '"' + _typed(text).replace('"', "\\(dq") + '"'


def main() -> int:
    """Write all pages into the folder that is named; their day is that of `SOURCE_DATE_EPOCH`, where it is set."""
    folder = Path(sys.argv[1])
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    day = datetime.fromtimestamp(float(epoch), UTC) if epoch else datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(day.strftime("%Y-%m-%d")):
        section = folder / f"man{name.rpartition('.')[2]}"
        section.mkdir(exist_ok=True)
        (section / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
