"""Reports never replace what the program works with: a slip on the command line must not destroy a state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from b24syncd.errors import UsageInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    import typer

    from b24syncd.settings import Settings

_WRITTEN: Final = frozenset({"--csv", "target"})
_READ: Final = frozenset({"--map"})
"""The options, and the argument of `state backup`, that name files to be written or read."""


def refuse_own_files(context: typer.Context, settings: Settings) -> None:
    """Raise `UsageInvalid` where a file that is to be written is one of the configuration's or the command's own."""
    used = [*_of_the_configuration(settings), *((path, "the list to work through") for path in _named(context, _READ))]
    for written in _named(context, _WRITTEN):
        for path, what in used:
            if _is_same(written, path):
                message = f"{written} is {what}, and is not overwritten; name another file"
                raise UsageInvalid(message)


def _of_the_configuration(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Yield the files of the configuration, and what each of them is."""
    yield from ((path, "the state or a file beside it") for path in settings.state.files)
    if settings.source is not None:
        yield settings.source, "the configuration"
    yield from settings.portal.credentials.files
    if settings.http is not None and settings.http.token_file is not None:
        yield settings.http.token_file, "the file with the token"
    if settings.portal.ca_file is not None:
        yield settings.portal.ca_file, "the file with the authority's certificate"


def _named(context: typer.Context, options: frozenset[str]) -> Iterator[Path]:
    """Yield the files that the command line names by these options."""
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if isinstance(value, Path) and not options.isdisjoint(parameter.opts):
            yield value


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file, or would if it were there, by whatever links and spellings."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)
