"""The kinds of snapshots that planners take, and of the states in them that corrections change."""

from __future__ import annotations

from .activities import ActivitySnapshot, Bound
from .payments import FieldValue, PaidSnapshot
from .snapshots import ContactPoint, Snapshot

AnySnapshot = Snapshot | ActivitySnapshot | PaidSnapshot
State = tuple[ContactPoint, ...] | Bound | FieldValue
