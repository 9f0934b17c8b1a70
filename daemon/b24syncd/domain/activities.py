"""What was read of an activity at one moment: what it is, what it hangs on, and where rules may send it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .past import NO_PAST

if TYPE_CHECKING:
    from datetime import datetime

    from .bindings import Binding
    from .entities import EntityRef
    from .past import Past
    from .rules import BindingRule
    from .snapshots import ContactPoint


@dataclass(frozen=True, slots=True)
class Activity:
    """What rules choose activities by; the codes are Bitrix24's (docs: crm/data-types.md, "activity")."""

    provider: str
    type_id: int
    direction: int
    completed: bool
    created_at: datetime
    task_id: int | None = None
    """The task of the task module that this activity mirrors."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What an activity hangs on: its bindings in ascending order, and the list `UF_CRM_TASK` of the task it mirrors.

    `task_links` is None where there is no task, or none that this webhook may read.
    """

    bindings: tuple[Binding, ...]
    task_links: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An existing item that a rule may send activities to; `points` prove a shared contact point."""

    binding: Binding
    points: tuple[ContactPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """Where one rule may send the activities of one item, whose filter it meets.

    `missing` are linked items that the portal does not show: deleted, or not to be read. `is_full` tells that the
    portal answered as many candidates as it ever does, so that there may be more.
    """

    rule: BindingRule
    found: tuple[Candidate, ...] = ()
    missing: tuple[Binding, ...] = ()
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """An item that an activity is bound to, with the offers of all rules that it meets, in the rules' order."""

    binding: Binding
    offers: tuple[Offer, ...]
    points: tuple[ContactPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class ActivitySnapshot:
    """What was read of an activity; `sources` are those of its bindings that any rule is for.

    `past` tells what corrections did with it before, as far as rules are to respect that a person took it back.
    `read_at` is the reader's monotonic clock in seconds, taken *before* the request for the bindings left.
    """

    ref: EntityRef
    updated_at: datetime
    activity: Activity
    state: Bound
    sources: tuple[Source, ...] = ()
    past: Past = NO_PAST
    read_at: float = field(default=0.0, compare=False)
