"""The kinds of snapshots that planners take, and of the states in them that corrections change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .activities import ActivitySnapshot, Bound
from .payments import FieldValue, PaidSnapshot
from .snapshots import ContactPoint, Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .values import Value


@dataclass(frozen=True, slots=True)
class ItemState:
    """What corrections of an item change: contact points, None where they were not read, and the fields that were."""

    points: tuple[ContactPoint, ...] | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)


AnySnapshot = Snapshot | ActivitySnapshot | PaidSnapshot
State = tuple[ContactPoint, ...] | Bound | FieldValue
