"""What lies beside a state that is about to be created, such as that of the same portal, by a former name."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from b24syncd.errors import RetryLater, StateUnusable

from .meta import bound_portal
from .reading import has_state, open_for_reading

if TYPE_CHECKING:
    from pathlib import Path


def require_none_beside(path: Path, host: str) -> None:
    """Raise `StateUnusable` where no state is at this path, but one of the same portal in the same folder."""
    if has_state(path):
        return
    for other in sorted(path.parent.glob("*.db")):
        if _portal_of(other) == host.lower():
            message = (
                f"the state of {host.lower()} is {other}, and {path} would begin without its journal; set "
                f'portal.name = "{other.stem}" or state.path = "{other}", or move the former state away'
            )
            raise StateUnusable(message)


def _portal_of(path: Path) -> str | None:
    """Return whose state this is, None where nobody can tell."""
    with suppress(StateUnusable, RetryLater), open_for_reading(path, may_be_older=True) as db:
        return bound_portal(db)
    return None
