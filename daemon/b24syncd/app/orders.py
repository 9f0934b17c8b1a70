"""Orders: what a command asks of the daemon that holds the state, and what it is told meanwhile, as lines of JSON.

Both ends are the same program: another release, or other settings, are refused instead of guessed at.
"""

# No `from __future__ import annotations`: pydantic reads the annotations.
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from b24syncd import __version__
from b24syncd.domain.bindings import Binding
from b24syncd.domain.decisions import Decision
from b24syncd.domain.entities import EntityRef
from b24syncd.domain.moves import Move
from b24syncd.errors import UsageInvalid
from b24syncd.settings import Settings
from b24syncd.store.history import Filter

_OWN_SECTIONS = frozenset({"log", "state"})
"""What a command may have otherwise than the daemon: where it says what, and where it finds the state."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


HANDED_OVER = "handed over"
QUEUED = "waiting for another command"
"""The phases of a command that was handed over and has not begun."""


class BackfillOrder(_Model):
    """`b24syncd backfill`."""

    command: Literal["backfill"] = "backfill"
    jobs: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    limit: int | None = None
    goes_on: bool = False


class RebindOrder(_Model):
    """`b24syncd rebind`: the file's name, and each row as its line, source, target and activity."""

    command: Literal["rebind"] = "rebind"
    name: str
    rows: tuple[tuple[int, str, str, int | None], ...]
    goes_on: bool = False

    @classmethod
    def of(cls, moves: tuple[Move, ...], name: str, *, goes_on: bool) -> "RebindOrder":
        """Return the order for a list of moves."""
        rows = tuple((move.line, str(move.source), str(move.target), move.activity_id) for move in moves)
        return cls(name=name, rows=rows, goes_on=goes_on)

    @property
    def moves(self) -> tuple[Move, ...]:
        """The list."""
        return tuple(
            Move(line, Binding.parse(source), Binding.parse(target), activity)
            for line, source, target, activity in self.rows
        )


class UndoOrder(_Model):
    """`b24syncd undo`."""

    command: Literal["undo"] = "undo"
    run: int | None = None
    since: datetime | None = None
    item: str | None = None

    @classmethod
    def of(cls, which: Filter) -> "UndoOrder":
        """Return the order for what is to be taken back."""
        return cls(run=which.run_id, since=which.since, item=None if which.item is None else str(which.item))

    @property
    def which(self) -> Filter:
        """What is to be taken back."""
        item = None if self.item is None else EntityRef.parse(self.item)
        return Filter(run_id=self.run, since=self.since, item=item)


class DismissOrder(_Model):
    """`b24syncd review dismiss`."""

    command: Literal["dismiss"] = "dismiss"
    ids: tuple[int, ...]


class ReleaseOrder(_Model):
    """`b24syncd review release`."""

    command: Literal["release"] = "release"
    ids: tuple[int, ...] = ()
    run: int | None = None


class ReopenOrder(_Model):
    """`b24syncd review reopen`."""

    command: Literal["reopen"] = "reopen"
    ids: tuple[int, ...]


DecisionRow = tuple[int, str, str, int, str, str, bool, bool]


class DecideOrder(_Model):
    """`b24syncd review accept` and `review edit`: each decision as the fields of `Decision`."""

    command: Literal["decide"] = "decide"
    rows: tuple[DecisionRow, ...]

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> "DecideOrder":
        """Return the order for what was decided."""
        return cls(rows=tuple(map(decision_to_row, decisions)))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was decided."""
        return tuple(map(decision_from_row, self.rows))


def decision_to_row(one: Decision) -> DecisionRow:
    """Return a decision as it is sent."""
    ref = str(one.ref)
    return (one.review_id, ref, one.job, one.point_id, one.value, one.becomes, one.is_suggestion, one.to_the_letter)


def decision_from_row(row: DecisionRow) -> Decision:
    """Return the decision that was sent."""
    review_id, ref, job, point_id, value, becomes, is_suggestion, to_the_letter = row
    return Decision(review_id, EntityRef.parse(ref), job, point_id, value, becomes, is_suggestion, to_the_letter)


Order = BackfillOrder | RebindOrder | UndoOrder | DismissOrder | ReleaseOrder | ReopenOrder | DecideOrder


class Letter(_Model):
    """An order with what it was written for: the release, and the settings in effect, without secrets."""

    release: str
    settings: dict[str, Any]
    order: Annotated[Order, Field(discriminator="command")]


class Progressed(_Model):
    """How far the daemon has come with an order."""

    kind: Literal["progress"] = "progress"
    phase: str
    counts: dict[str, int] = {}
    read_ahead: int = 0
    highest_ids: dict[str, int] = {}
    reached_ids: dict[str, int] = {}
    waiting: str | None = None
    requests: int = 0


class Finished(_Model):
    """What an order came to."""

    kind: Literal["finished"] = "finished"
    result: dict[str, Any]


class Ended(_Model):
    """An order that could not be carried out to its end: what is to be said, and the exit code."""

    kind: Literal["failed"] = "failed"
    exit_code: int
    lines: tuple[str, ...]


Message = Annotated[Progressed | Finished | Ended, Field(discriminator="kind")]
MESSAGES: TypeAdapter[Progressed | Finished | Ended] = TypeAdapter(Message)


def letter(settings: Settings, order: Order) -> bytes:
    """Return an order as it is sent."""
    written = Letter(release=__version__, settings=_common(settings), order=order)
    return written.model_dump_json().encode() + b"\n"


def order_in(received: bytes, settings: Settings) -> Order:
    """Return the order that was received; raise `UsageInvalid` where it was not written for these settings."""
    try:
        found = Letter.model_validate_json(received)
    except ValueError:
        message = "the service is another release of b24syncd than this command; restart it"
        raise UsageInvalid(message) from None
    if found.release != __version__:
        message = f"the service is b24syncd {__version__}, this command {found.release}; restart the service"
        raise UsageInvalid(message)
    own = Letter(release=__version__, settings=_common(settings), order=found.order)
    differing = _differing(Letter.model_validate_json(own.model_dump_json()).settings, found.settings)
    if differing:
        keys = ", ".join(differing)
        message = f"the service works with other settings than this command ({keys}); restart it, or use its file"
        raise UsageInvalid(message)
    return found.order


def _common(settings: Settings) -> dict[str, Any]:
    return {name: dict(keys) for name, keys in settings.effective.items() if name not in _OWN_SECTIONS}


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return the keys by their full names whose values are not the same."""
    found: list[str] = []
    for key in sorted({*ours, *theirs}):
        one, other = ours.get(key), theirs.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            found += _differing(one, other, f"{prefix}{key}.")
        elif one != other:
            found.append(f"{prefix}{key}")
    return found
