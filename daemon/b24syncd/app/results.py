"""What commands come to: the same values here and from the daemon that carried a command out."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from dataclasses import field
from datetime import datetime

from pydantic.dataclasses import dataclass

from b24syncd.domain.people import Role

from .json_edits import JsonAddEnding, JsonEnding
from .json_types import JsonLeft, JsonLeftOpen, JsonRef, JsonSummary


@dataclass(frozen=True, slots=True)
class Undone:
    """How an undo ended, what stays as it is, and the undos that hold what was to be taken back.

    `titles` are those of the fields that it worked with, by name, of each type; `people` are those of the console who
    had asked for what was to be taken back, with how many corrections each.
    """

    summary: JsonSummary
    left: tuple[JsonLeft, ...]
    holders: tuple[int, ...]
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """How the writing of decisions ended: the numbers of the reviews that it closed, and what is left, with why."""

    summary: JsonSummary
    accepted: tuple[int, ...]
    left: tuple[JsonLeftOpen, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """How many reviews, or corrections that were held, were put on record otherwise."""

    number: int


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was invited, and the key that lets them in, once and until then; it is kept nowhere."""

    name: str
    role: Role
    expires_at: datetime
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revoked:
    """Who is not let in any more."""

    name: str


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of each change of an edit; `run_id` is what it is taken back by, None where nothing was begun."""

    ref: JsonRef
    run_id: int | None
    endings: tuple[JsonEnding, ...]
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an addition; `run_id` is the run that it is of, None where nothing was begun."""

    run_id: int | None
    ending: JsonAddEnding


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list of decisions came to: what was written, if anything was to be, and how much else changed."""

    decided: Decided | None
    changed: int


@dataclass(frozen=True, slots=True)
class Previewed:
    """The number by which a preview is kept, and whether it was interrupted."""

    number: int
    interrupted: bool
