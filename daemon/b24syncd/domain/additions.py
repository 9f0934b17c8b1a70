"""Additions: an item that a person wants, and by what it is told again once it is there. All pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from .corrections import AddItem
from .entities import EntityRef
from .job_names import EDITS

if TYPE_CHECKING:
    from .edits import PointEdit
    from .entities import EntityType
    from .values import Value

ORIGINATOR = "b24syncd"
"""What all items carry that this program added."""


class Mark(StrEnum):
    """By which fields an item is told again; both are strings that the portal filters by exactly."""

    ORIGIN = "originId"
    XML_ID = "xmlId"


@dataclass(frozen=True, slots=True)
class Addition:
    """A new item: what stands in its fields, its phones and e-mails, and the `token` of the form that wants it.

    A form has one token, however often it is sent: one item comes of it at most.
    """

    type: EntityType
    token: str
    fields: tuple[tuple[str, Value], ...] = ()
    points: tuple[PointEdit, ...] = ()

    @property
    def correction(self) -> AddItem:
        """What the journal keeps of it."""
        points = tuple((one.kind.value.lower(), one.wanted) for one in self.points if one.wanted)
        named: dict[str, tuple[str, ...]] = {}
        for name, value in points:
            named[name] = (*named.get(name, ()), value)
        return AddItem(EntityRef(self.type, 0), EDITS, self.token, (*self.fields, *named.items()))


class AddFate(StrEnum):
    """What became of an addition; part of the outside."""

    ADDED = "added"
    UNVERIFIED = "unverified"
    """The answer was lost; reading shows that it was added."""
    REFUSED = "refused"
    """The portal refused it, or this program, which checks what the portal does not."""
    NOT_ADDED = "not_added"
    """It certainly was not added; asking again does no harm."""
    UNKNOWN = "unknown"
    """The answer was lost, and reading cannot tell yet, or never: it is not tried again."""


@dataclass(frozen=True, slots=True)
class AddEnding:
    """What became of an addition: the item where there is one, and what there is to say; `faults` by field."""

    fate: AddFate
    ref: EntityRef | None = None
    detail: str = ""
    faults: tuple[tuple[str, str], ...] = ()


def with_id(item: AddItem, item_id: int) -> AddItem:
    """Return an addition whose item is known."""
    return replace(item, ref=EntityRef(item.ref.type, item_id))
