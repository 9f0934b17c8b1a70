"""Setting up a portal: whether what is to let the program in does so, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.memory import BeginningMemory, BorrowedMemory
from b24syncd.portal.wire.commands import Answered, Command, Priority
from b24syncd.session import connected
from b24syncd.tokens import HeldPairs

if TYPE_CHECKING:
    from b24syncd.clock import Clock
    from b24syncd.portal.wire.tokens import TokenPair
    from b24syncd.settings import Settings


@dataclass(frozen=True, slots=True)
class Admission:
    """As whom the portal lets the program in, and what it permits; an administrator is None where that is not told."""

    host: str
    user: str
    is_administrator: bool | None
    scopes: tuple[str, ...]


async def admission(settings: Settings, clock: Clock = SYSTEM_CLOCK, *, pair: TokenPair | None = None) -> Admission:
    """Ask the portal for our permissions and user; raise what a command would fail with.

    The tokens of an application are those of the state, unless this `pair` is in no state yet.
    """
    path = settings.state.path
    memory = BorrowedMemory(path) if pair is None else BeginningMemory(path, HeldPairs(pair))
    async with connected(settings, memory, clock) as client:
        commands = [Command("scope", {}), Command("profile", {})]
        scope, profile = await client.read(commands, priority=Priority.LIVE)
    scopes = scope.result if isinstance(scope, Answered) and isinstance(scope.result, list) else ()
    whose = profile.result if isinstance(profile, Answered) and isinstance(profile.result, dict) else {}
    told, user = whose.get("ADMIN"), str(whose.get("ID", "unknown"))
    return Admission(settings.portal.host, user, told if isinstance(told, bool) else None, tuple(map(str, scopes)))
