"""All commands by name. What a command consists of is imported when it is called.

A program that only reads the state starts in a third of the time that the imports of all commands take.
"""

from __future__ import annotations

from collections import UserDict
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import typer
from typer.core import TyperGroup
from typer.main import get_group

from .bad_values import in_our_words
from .failures import folded_message, say_interrupted
from .options import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer._click import Command, Context, HelpFormatter
    from typer._click.shell_completion import CompletionItem

PLACES: Final = {
    "setup": "setup.setup",
    "run": "run.run",
    "backfill": "backfill.backfill",
    "rebind": "rebind.rebind",
    "undo": "undo.undo",
    "status": "status.status",
    "doctor": "doctor.doctor",
    "journal": "journal.journal",
    "demo": "demo.demo",
    "completion": "completion.completion",
    "review": "review.app",
    "console": "console.app",
    "item": "item.app",
    "exclude": "exclude.app",
    "job": "job.app",
    "auth": "auth.app",
    "state": "state.app",
    "config": "config.app",
    "portal": "portal.app",
}
"""The function that is a command, or the `Typer` that is a group of commands; in the order of the help."""

SUMMARIES: Final = {
    "setup": "Set up a portal.",
    "run": "Follow the portal's changes.",
    "backfill": "Walk the whole portal once.",
    "rebind": "Rebind activities by a list.",
    "undo": "Take corrections back where the portal still shows them.",
    "status": "Tell whether it is well, and what to do if not.",
    "doctor": "Look whether all that the work needs is there.",
    "journal": "List what was changed from what to what.",
    "demo": "Show all on a simulated portal.",
    "completion": "Print a script by which a shell completes.",
    "review": "See what a person has to decide, and put decisions on record.",
    "console": "The console: work in a browser, and who may come in.",
    "item": "Show, change or add one item of the CRM.",
    "exclude": "Leave items alone, as safety.exclude does.",
    "job": "Pause a job, or let it go on.",
    "auth": "Let an application of the portal in, and see whether it is.",
    "state": "Copy or check the state, or give it to a renamed portal.",
    "config": "Check the configuration, or show what it amounts to.",
    "portal": "A simulated portal, to try everything without a real one.",
}
"""The first sentence of each command's help: to import them all for a list of them would take seconds."""


_EPILOG: Final = """
\b
Exit codes:
  0    done
  1    unexpected failure, or a verdict that is bad
  2    bad usage or configuration
  3    credentials or permissions refused
  4    try later: no portal, another writer, a full disk
  5    stopped by a safety limit
  6    finished, but some items failed
  130  interrupted; the same command goes on

The environment overrides every key of the configuration: B24SYNCD_LIMITS__SHARE=0.5 sets limits.share.
"""


def program() -> TyperGroup:
    """Return the program with all its commands, none of which is imported yet."""
    frame = typer.Typer(
        cls=_Program,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        help="Keep the CRM data of a Bitrix24 portal right.",
        epilog=_EPILOG,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    frame.callback()(options)
    group = get_group(frame)  # called as it is: `Typer` would have tracebacks of its own
    group.commands = _Commands()
    return group


class _Program(TyperGroup):
    """The program, which tells in our words what is wrong with the values that its commands were given."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002  # typer calls it so
        """Write the list of the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def shell_complete(self, ctx: Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin like this."""
        found = [_Summary(name, text) for name, text in SUMMARIES.items() if name.startswith(incomplete)]
        return [*cast("list[CompletionItem]", found), *super(TyperGroup, self).shell_complete(ctx, incomplete)]

    def invoke(self, context: Context) -> object:
        """Call the command that is named."""
        try:
            return super().invoke(context)
        except typer.BadParameter as error:
            error.message = in_our_words(error)
            error.message = folded_message(error)
            raise
        except KeyboardInterrupt:  # typer makes an exit code of it, and says nothing
            say_interrupted()
            raise


class _Summary(NamedTuple):
    """A command as a shell completes it: what a completion has that formats it."""

    value: str
    help: str
    type: str = "plain"


class _Commands(UserDict[str, "Command"]):
    """The commands of the program: their names are known, each command is made when it is looked up first."""

    def __getitem__(self, name: str) -> Command:
        """Import and make the command; raise `KeyError` for a name that none has."""
        if name not in self.data:
            self.data[name] = _made(name, *PLACES[name].split("."))
        return self.data[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether there is such a command."""
        return name in PLACES

    def __iter__(self) -> Iterator[str]:
        """Yield the names in the order of the help."""
        return iter(PLACES)

    def __len__(self) -> int:
        """Count them."""
        return len(PLACES)


def _made(name: str, module: str, attribute: str) -> Command:
    found = getattr(import_module(f".{module}", __package__), attribute)
    alone = typer.Typer(rich_markup_mode=None)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    command = get_group(alone).commands[name]
    _hide_types(command)
    return command


def _hide_types(command: Command) -> None:
    """Let the help name arguments as they are named: beside that, `<list[int]>` tells a person nothing."""
    for inner in getattr(command, "commands", {}).values():
        _hide_types(inner)
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            vars(parameter)["display_type_rich"] = _nothing


def _nothing(ctx: Context) -> None:  # typer names it so
    """Take the place of a method of typer's arguments that tells the type."""
