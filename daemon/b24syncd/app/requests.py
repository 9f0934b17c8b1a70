"""What a command is asked with: here, or by the daemon that holds the state."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from b24syncd.domain.people import Role
from b24syncd.reports.summary import Summary

from .json_edits import JsonAddition, JsonEdit
from .json_types import JsonDecision, JsonFilter, JsonMove, JsonRef, JsonReviewFilter
from .results import Added, Changed, Decided, Edited, Imported, Invited, Previewed, Revoked, Undone

Result = TypeVar("Result")


class Message(BaseModel):
    """What goes through the socket: nothing in it is unknown, and nothing of it changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(Message, Generic[Result]):
    """What is asked for; `command` names it, and `Result` is what it comes to.

    It is asked `by` a person of the console; by nobody where the shell does.
    """

    command: Any
    by: str = ""


class BackfillRequest(Request[Summary]):
    """`b24syncd backfill`."""

    command: Literal["backfill"] = "backfill"
    jobs: tuple[str, ...] = ()
    only: tuple[JsonRef, ...] = ()
    limit: int | None = None
    goes_on: bool = False


class PreviewRequest(Request[Previewed]):
    """A preview that the daemon makes, and keeps."""

    command: Literal["preview"] = "preview"
    jobs: tuple[str, ...] = ()
    only: tuple[JsonRef, ...] = ()
    limit: int | None = None


class RebindRequest(Request[Summary]):
    """`b24syncd rebind`: a list of moves that is called `name`."""

    command: Literal["rebind"] = "rebind"
    name: str
    moves: tuple[JsonMove, ...]
    goes_on: bool = False


class UndoRequest(Request[Undone]):
    """`b24syncd undo`."""

    command: Literal["undo"] = "undo"
    which: JsonFilter


class DecideRequest(Request[Decided]):
    """`b24syncd review accept` and `review edit`."""

    command: Literal["decide"] = "decide"
    decisions: tuple[JsonDecision, ...]


class AcceptRequest(Request[Decided]):
    """All open reviews of a filter that suggest something; none where they are not as many as a person has seen."""

    command: Literal["accept"] = "accept"
    which: JsonReviewFilter
    expected: int | None = None


class DismissRequest(Request[Changed]):
    """`b24syncd review dismiss`: by numbers, or all open ones of a filter, if they are as many as a person has seen."""

    command: Literal["dismiss"] = "dismiss"
    ids: tuple[int, ...] = ()
    which: JsonReviewFilter | None = None
    expected: int | None = None


class ReopenRequest(Request[Changed]):
    """`b24syncd review reopen`: by numbers, or all dismissed ones of a filter, if they are as many as were seen."""

    command: Literal["reopen"] = "reopen"
    ids: tuple[int, ...] = ()
    which: JsonReviewFilter | None = None
    expected: int | None = None


class ImportRequest(Request[Imported]):
    """`b24syncd review import`: what a list says, which was checked."""

    command: Literal["import"] = "import"
    decisions: tuple[JsonDecision, ...] = ()
    dismissed: tuple[int, ...] = ()
    reopened: tuple[int, ...] = ()
    excluded: tuple[JsonRef, ...] = ()


class ReleaseRequest(Request[Changed]):
    """`b24syncd review release`: what these reviews tell of, or what a run holds."""

    command: Literal["release"] = "release"
    ids: tuple[int, ...] = ()
    run: int | None = None


class InviteRequest(Request[Invited]):
    """`b24syncd console invite`."""

    command: Literal["invite"] = "invite"
    name: str
    role: Role


class RevokeRequest(Request[Revoked]):
    """`b24syncd console revoke`."""

    command: Literal["revoke"] = "revoke"
    name: str


class EditRequest(Request[Edited]):
    """`b24syncd item set`, and a form that is saved."""

    command: Literal["edit"] = "edit"
    edit: JsonEdit


class AddRequest(Request[Added]):
    """`b24syncd item add`, and a form of a new item that is sent."""

    command: Literal["add"] = "add"
    addition: JsonAddition


class ExcludeRequest(Request[Changed]):
    """`b24syncd exclude add`; or the items of all open reviews of a filter, if these are as many as were seen."""

    command: Literal["exclude"] = "exclude"
    refs: tuple[JsonRef, ...] = ()
    which: JsonReviewFilter | None = None
    expected: int | None = None


class IncludeRequest(Request[Changed]):
    """`b24syncd exclude remove`."""

    command: Literal["include"] = "include"
    refs: tuple[JsonRef, ...]


class PauseRequest(Request[Changed]):
    """`b24syncd job pause`."""

    command: Literal["pause"] = "pause"
    job: str


class ResumeRequest(Request[Changed]):
    """`b24syncd job resume`."""

    command: Literal["resume"] = "resume"
    job: str


class LoginRequest(Request[Changed]):
    """`b24syncd auth login`: the tokens that it got, sealed."""

    command: Literal["login"] = "login"
    sealed: str = Field(repr=False)


AnyRequest = Annotated[
    BackfillRequest
    | LoginRequest
    | RebindRequest
    | UndoRequest
    | DecideRequest
    | AcceptRequest
    | DismissRequest
    | ReopenRequest
    | ReleaseRequest
    | InviteRequest
    | RevokeRequest
    | EditRequest
    | AddRequest
    | ExcludeRequest
    | IncludeRequest
    | PauseRequest
    | PreviewRequest
    | ResumeRequest
    | ImportRequest,
    Field(discriminator="command"),
]
