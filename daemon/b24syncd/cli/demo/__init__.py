"""`b24syncd demo`: everything at work on a simulated portal, in about a minute, and a verdict at the end."""

from typing import Annotated

import typer


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Stay up afterwards to play with it, until Ctrl-C.")] = False,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed makes the same items.")] = 1,
    items: Annotated[int, typer.Option(metavar="N", min=200, max=20000, help="So many items.")] = 1500,
) -> None:
    """Show all on a simulated portal. It takes about a minute; nothing to configure, nothing left behind."""
    from .show import show  # noqa: PLC0415  # takes long: the portal, and everything that works with it

    raise typer.Exit(show(keep=keep, seed=seed, items=items))
