"""Worlds in which somebody is told: a user of the portal, and a command that writes down what it gets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.world import World

SCOPES = ("crm", "user_brief", "im")


def heard_in(world: World) -> Path:
    return world.folder / "heard"


def tell(world: World, *, user: int = 1, command: str | None = None, **settings: object) -> None:
    """Let a user be told, and a command (a line of the shell) that by default keeps what it gets; 0, "": nobody."""
    line = f"cat >> {heard_in(world)}" if command is None else command
    world.configure(
        portal__name="acme", notify__user=user, notify__command=json.dumps(["/bin/sh", "-c", line]) if line else "[]"
    )
    world.configure(notify__time_zone="UTC", **{f"notify__{key}": value for key, value in settings.items()})


def heard(world: World) -> list[dict[str, Any]]:
    """Return what the command was told."""
    path = heard_in(world)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def events(world: World) -> list[tuple[str, str, str]]:
    """Return what the command was told, in short."""
    return [(one["event"], one["kind"], one["about"]) for one in heard(world)]


def shown(world: World) -> list[str]:
    """Return the first lines of what the user was told in the portal."""
    return [one.message.splitlines()[0] for one in world.portal.notifications]


def attempts(world: World) -> dict[tuple[str, str], tuple[int, bool, str | None]]:
    """Return what is on record: how often each notice was tried through each channel, whether it arrived, the error."""
    with open_for_reading(world.state) as db:
        rows = list(db.table("notices").rows)
    return {
        (row["channel"], row["subject"]): (row["attempts"], row["sent_at"] is not None, row["error"]) for row in rows
    }
