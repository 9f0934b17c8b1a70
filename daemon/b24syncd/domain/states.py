"""The kinds of snapshots that planners take, and of the states in them that corrections change."""

from __future__ import annotations

from .activities import ActivitySnapshot, Bound
from .snapshots import ContactPoint, Snapshot

AnySnapshot = Snapshot | ActivitySnapshot
State = tuple[ContactPoint, ...] | Bound
