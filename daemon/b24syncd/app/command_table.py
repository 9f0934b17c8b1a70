"""The table of commands: what each is asked with, the function that executes it, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from pydantic import TypeAdapter

from . import exclusions, invitations, pausing, review_states
from .backfill import walk
from .decisions import accept_all, write_decisions
from .edits import add_item, save_edit
from .json_types import JsonSummary
from .keeping_login import keep_login
from .kept_preview import preview_and_keep
from .rebind import work_through
from .requests import (
    AcceptRequest,
    AddRequest,
    BackfillRequest,
    DecideRequest,
    DismissRequest,
    EditRequest,
    ExcludeRequest,
    ImportRequest,
    IncludeRequest,
    InviteRequest,
    LoginRequest,
    PauseRequest,
    PreviewRequest,
    RebindRequest,
    ReleaseRequest,
    ReopenRequest,
    Request,
    ResumeRequest,
    RevokeRequest,
    UndoRequest,
)
from .results import Added, Changed, Decided, Edited, Imported, Invited, Previewed, Revoked, Undone
from .review_import import carry_out_list
from .undo import take_back

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from b24syncd.reports.summary import Summary
    from b24syncd.session import Session
    from b24syncd.store.database import Database

    from .runs import Execution

Asked = TypeVar("Asked", bound=Request[Any])
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PortalCommand(Generic[Asked, Result]):
    """A command that works with the portal: one at a time does, but one that `is_live` is executed at once.

    Beside whatever goes on then, so it may write only what it has claimed (`run_to_end`). A daemon follows beside all
    of them; between the pages of one that `is_alone`.
    """

    request: type[Asked]
    execute: Callable[[Session, Asked, Execution], Awaitable[Result]]
    result: TypeAdapter[Result]
    is_live: bool = False
    is_alone: bool = False


@dataclass(frozen=True, slots=True)
class StateCommand(Generic[Asked, Result]):
    """A command that changes the state alone, in one transaction: there is nothing to wait for."""

    request: type[Asked]
    execute: Callable[[Database, Asked, datetime], Awaitable[Result]]
    result: TypeAdapter[Result]


_SUMMARY: Final[TypeAdapter[Summary]] = TypeAdapter(JsonSummary)

COMMANDS: Final[tuple[PortalCommand[Any, Any] | StateCommand[Any, Any], ...]] = (
    PortalCommand(BackfillRequest, walk, _SUMMARY),
    PortalCommand(RebindRequest, work_through, _SUMMARY),
    PortalCommand(UndoRequest, take_back, TypeAdapter(Undone), is_alone=True),
    PortalCommand(DecideRequest, write_decisions, TypeAdapter(Decided), is_live=True),
    PortalCommand(EditRequest, save_edit, TypeAdapter(Edited), is_live=True),
    PortalCommand(AddRequest, add_item, TypeAdapter(Added), is_live=True),
    PortalCommand(PreviewRequest, preview_and_keep, TypeAdapter(Previewed), is_live=True),
    PortalCommand(AcceptRequest, accept_all, TypeAdapter(Decided), is_live=True),
    PortalCommand(ImportRequest, carry_out_list, TypeAdapter(Imported), is_live=True),
    StateCommand(DismissRequest, review_states.dismiss, TypeAdapter(Changed)),
    StateCommand(ReopenRequest, review_states.reopen, TypeAdapter(Changed)),
    StateCommand(ReleaseRequest, review_states.release, TypeAdapter(Changed)),
    StateCommand(InviteRequest, invitations.invite, TypeAdapter(Invited)),
    StateCommand(RevokeRequest, invitations.revoke, TypeAdapter(Revoked)),
    StateCommand(ExcludeRequest, exclusions.exclude, TypeAdapter(Changed)),
    StateCommand(IncludeRequest, exclusions.include, TypeAdapter(Changed)),
    StateCommand(PauseRequest, pausing.pause, TypeAdapter(Changed)),
    StateCommand(ResumeRequest, pausing.resume, TypeAdapter(Changed)),
    StateCommand(LoginRequest, keep_login, TypeAdapter(Changed)),
)

_BY_REQUEST: Final[Mapping[type[Request[Any]], PortalCommand[Any, Any] | StateCommand[Any, Any]]] = {
    command.request: command for command in COMMANDS
}


def command_for(request: Request[Any]) -> PortalCommand[Any, Any] | StateCommand[Any, Any]:
    """Return the row of the table for what is asked."""
    return _BY_REQUEST[type(request)]
