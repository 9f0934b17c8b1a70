"""The kinds of snapshots that planners take, and of the states in them that corrections change."""

from __future__ import annotations

from .activities import ActivitySnapshot, Bound
from .snapshots import ItemState, Snapshot

__all__ = ["AnySnapshot", "ItemState", "State"]

AnySnapshot = Snapshot | ActivitySnapshot
State = ItemState | Bound
