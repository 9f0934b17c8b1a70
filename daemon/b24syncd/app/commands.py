"""The commands that change something: the daemon that holds the state executes them, or else this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from b24syncd.clock import SYSTEM_CLOCK
from b24syncd.session import holding, require_own_state
from b24syncd.store import meta
from b24syncd.store.database import open_for_writing

from .backfill import Narrowed, chosen_for
from .command_table import StateCommand, command_for
from .control_client import hand_over
from .requests import (
    AcceptRequest,
    AddRequest,
    BackfillRequest,
    DecideRequest,
    DismissRequest,
    EditRequest,
    ExcludeRequest,
    IncludeRequest,
    InviteRequest,
    LoginRequest,
    PauseRequest,
    RebindRequest,
    ReleaseRequest,
    ReopenRequest,
    ResumeRequest,
    RevokeRequest,
    UndoRequest,
)
from .runs import Execution, unshown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import TypeAdapter

    from b24syncd.clock import Clock
    from b24syncd.domain.additions import Addition
    from b24syncd.domain.decisions import Decision
    from b24syncd.domain.edits import Edit
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.moves import Move
    from b24syncd.domain.people import Role
    from b24syncd.reports.summary import Summary
    from b24syncd.settings import Settings
    from b24syncd.store.history import Filter
    from b24syncd.store.review_search import ReviewFilter

    from .requests import Request
    from .results import Added, Decided, Edited, Imported, Invited, Revoked, Undone
    from .review_import import DecisionList
    from .runs import Show

Result = TypeVar("Result")


async def _execute(settings: Settings, request: Request[Result], show: Show, clock: Clock) -> Result:
    """Have a command executed by the daemon that holds the state, or do so here where there is none.

    Raises `StateUnusable` where the state is of another portal than the one that is configured.
    """
    command = command_for(request)
    adapter: TypeAdapter[Result] = command.result
    handed = await hand_over(settings, request, adapter, show)
    if handed is not None:
        return handed
    result: Result
    if isinstance(command, StateCommand):
        require_own_state(settings)
        async with open_for_writing(settings.state.path) as database:
            await database.read(lambda db: meta.require_portal(db, settings.portal.host))
            result = await command.execute(database, request, clock.now())
    else:
        async with holding(settings, clock) as session:
            result = await command.execute(session, request, Execution(show))
    return result


async def backfill(
    settings: Settings, narrowed: Narrowed, show: Show, *, goes_on: bool = False, clock: Clock = SYSTEM_CLOCK
) -> Summary:
    """Walk the portal, or what it is narrowed to; go on where an unfinished walk with the same rules stopped.

    With `goes_on`, a person looked at what a safety limit stopped, and lets it go on.
    """
    chosen_for(settings, narrowed)
    request = BackfillRequest(jobs=narrowed.jobs, only=narrowed.only, limit=narrowed.limit, goes_on=goes_on)
    return await _execute(settings, request, show, clock)


async def rebind(  # noqa: PLR0913 # a list has a name
    settings: Settings,
    moves: tuple[Move, ...],
    name: str,
    show: Show,
    *,
    goes_on: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> Summary:
    """Work through a list of moves that is called `name`; what is done already is left as it is."""
    return await _execute(settings, RebindRequest(name=name, moves=moves, goes_on=goes_on), show, clock)


async def undo(settings: Settings, which: Filter, show: Show, *, clock: Clock = SYSTEM_CLOCK) -> Undone:
    """Take back what the journal tells of it, and hold what was taken back."""
    return await _execute(settings, UndoRequest(which=which), show, clock)


async def decide(
    settings: Settings, decisions: Sequence[Decision], show: Show, *, clock: Clock = SYSTEM_CLOCK
) -> Decided:
    """Write what was decided, wherever the value that it was decided about still stands."""
    return await _execute(settings, DecideRequest(decisions=tuple(decisions)), show, clock)


async def save(settings: Settings, edit: Edit, show: Show, *, by: str = "", clock: Clock = SYSTEM_CLOCK) -> Edited:
    """Save what a person changed in a form."""
    return await _execute(settings, EditRequest(edit=edit, by=by), show, clock)


async def add(
    settings: Settings, addition: Addition, show: Show, *, by: str = "", clock: Clock = SYSTEM_CLOCK
) -> Added:
    """Add an item, once, however often its form is sent."""
    return await _execute(settings, AddRequest(addition=addition, by=by), show, clock)


async def dismiss(settings: Settings, ids: Sequence[int], *, clock: Clock = SYSTEM_CLOCK) -> int:
    """Dismiss all these reviews, or none and raise `UsageInvalid`; return how many."""
    return (await _execute(settings, DismissRequest(ids=tuple(ids)), unshown, clock)).number


async def reopen(settings: Settings, ids: Sequence[int], *, clock: Clock = SYSTEM_CLOCK) -> int:
    """Ask again for all these dismissed reviews, or for none and raise `UsageInvalid`; return how many."""
    return (await _execute(settings, ReopenRequest(ids=tuple(ids)), unshown, clock)).number


async def release(settings: Settings, ids: Sequence[int], run: int | None, *, clock: Clock = SYSTEM_CLOCK) -> int:
    """Release what these reviews tell of, or what a run holds; all of it, or none and raise `UsageInvalid`."""
    return (await _execute(settings, ReleaseRequest(ids=tuple(ids), run=run), unshown, clock)).number


async def invite(settings: Settings, name: str, role: Role, *, clock: Clock = SYSTEM_CLOCK) -> Invited:
    """Invite a person to the console, or the same person again; raise `UsageInvalid` for a name that is none."""
    return await _execute(settings, InviteRequest(name=name, role=role), unshown, clock)


async def revoke(settings: Settings, name: str, *, clock: Clock = SYSTEM_CLOCK) -> Revoked:
    """Let a person in no more; raise `UsageInvalid` where nobody is called that."""
    return await _execute(settings, RevokeRequest(name=name), unshown, clock)


async def exclude(settings: Settings, refs: Sequence[EntityRef], *, clock: Clock = SYSTEM_CLOCK) -> int:
    """Exclude items from now on; return how many were not excluded before."""
    return (await _execute(settings, ExcludeRequest(refs=tuple(refs)), unshown, clock)).number


async def include(settings: Settings, refs: Sequence[EntityRef], *, clock: Clock = SYSTEM_CLOCK) -> int:
    """Exclude these items no longer, or raise `UsageInvalid` where one of them was not excluded; return how many."""
    return (await _execute(settings, IncludeRequest(refs=tuple(refs)), unshown, clock)).number


async def carry_out_list(
    settings: Settings, decisions: DecisionList, show: Show, *, clock: Clock = SYSTEM_CLOCK
) -> Imported:
    """Do what a list of decisions says, all of whose lines were checked."""
    return await _execute(settings, decisions.request(), show, clock)


async def accept_all(
    settings: Settings, which: ReviewFilter, show: Show, *, expected: int | None = None, clock: Clock = SYSTEM_CLOCK
) -> Decided:
    """Write what all open reviews of a filter suggest, if they are as many as `expected`."""
    return await _execute(settings, AcceptRequest(which=which, expected=expected), show, clock)


async def pause(settings: Settings, job: str, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Let a job rest from now on; raise `UsageInvalid` where it does already."""
    await _execute(settings, PauseRequest(job=job), unshown, clock)


async def resume(settings: Settings, job: str, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Let a paused job go on; raise `UsageInvalid` for another one."""
    await _execute(settings, ResumeRequest(job=job), unshown, clock)


async def let_in(settings: Settings, sealed: str, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Keep the sealed tokens of an application instead of those before."""
    await _execute(settings, LoginRequest(sealed=sealed), unshown, clock)
