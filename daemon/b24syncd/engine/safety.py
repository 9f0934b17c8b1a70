"""Safety limits: a run that changes more than a person expects, or meets what should not be, stops before more harm.

A stop is gentle: nothing more is sent, what is under way is settled, and the run can go on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from b24syncd.domain.changed_share import is_too_large
from b24syncd.errors import SafetyStop
from b24syncd.observe.logs import get_logger
from b24syncd.portal.wire.faults import is_denied

from .tally import Count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.domain.entities import EntityRef
    from b24syncd.errors import Rejected
    from b24syncd.store.approvals import Stop

    from .tally import Tally
    from .updates import Update

_MOST_DENIED = 20
"""So many items in a row, none of them corrected, are a right that was lost, not items that are special."""

STOPPED = "stopped_by_safety_limit"
"""The event of a stop, which a command that works on a terminal tells in other words when it ends."""

log = get_logger()


class Limit(StrEnum):
    """What stops a run, and what a person approves one by one: having seen one says nothing of the others."""

    CANARY = "canary"
    SHARE = "share"
    EMPTY = "empty"
    DENIED = "denied"
    FIELD = "field"
    REGION = "region"


@dataclass(slots=True)
class Allowance:
    """What runs with the same rules share, or all runs of a state: how many corrections they sent.

    `approved` are the limits that a person lets them pass.
    """

    sent: int = 0
    approved: set[Limit] = field(default_factory=set)
    is_used_up: bool = False
    """Whether a run stopped at its canary."""


@dataclass(slots=True)
class Safety:
    """The safety limits of one run, shared by its lanes; `reason` tells why it stopped, None while it may go on.

    `canary` is after how many corrections it stops (0: never), `most_changed` the greatest share of the items that it
    looks at which it may change, `known_items` how many there are in all where it does not look at all of them.
    `flips` is how often the same correction is made again. The `allowance` is that of all runs with the same rules;
    `firsts` is for the first corrections of the state, where the canary is for those. A run that `pauses` goes on
    living when the canary has had enough, and sends again once a person approves it. `go_on` tells who was stopped what
    to type. Phones are read as those of a `region`, where any are.
    """

    tally: Tally
    canary: int = 0
    most_changed: float = 1.0
    flips: int = 0
    allowance: Allowance = field(default_factory=Allowance)
    firsts: Allowance | None = None
    go_on: str = "go on with --continue"
    pauses: bool = False
    region: str = ""
    known_items: int = 0
    reason: str | None = None
    limit: Limit | None = None
    _looked_at: int = field(init=False)
    _to_change: int = field(init=False)
    _denied: set[EntityRef] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Go on with the counts of a run that is resumed."""
        self._looked_at = self.tally[Count.READ]
        self._to_change = self.tally[Count.CORRECTED]

    @property
    def counted(self) -> Allowance:
        """The allowance that the canary counts."""
        return self.allowance if self.firsts is None else self.firsts

    def passes(self, limit: Limit) -> bool:
        """Tell whether a person lets runs with these rules pass a limit."""
        return limit in (self.counted if limit is Limit.CANARY else self.allowance).approved

    @property
    def is_paused(self) -> bool:
        """Whether it stopped only until a person lets it go on."""
        return self.pauses and self.limit is Limit.CANARY

    def resume(self) -> bool:
        """Go on after a pause if a person lets it; return whether nothing is in the way now."""
        if self.is_paused and self.passes(Limit.CANARY):
            self.reason = self.limit = None
            log.info("resumed", hint="a person let it go on")
        return self.reason is None

    def stop(self, limit: Limit, reason: str) -> None:
        """Let nothing more be sent."""
        if self.reason is None:
            self.reason, self.limit = reason, limit
            self.counted.is_used_up |= limit is Limit.CANARY
            if self.is_paused:
                log.warning("paused_by_safety_limit", reason=reason)
            else:
                log.error(STOPPED, reason=reason)

    def raise_if_stopped(self) -> None:
        """Raise `SafetyStop` where the run stopped, and does not only pause."""
        if self.reason is not None and not self.is_paused:
            raise SafetyStop(self.reason)

    def admit(self, update: Update) -> bool:
        """Count what is about to be sent; return False, and stop, where the canary has had enough.

        What is owed to a person is always sent.
        """
        if update.repair_batch is not None or not self.canary or self.passes(Limit.CANARY):
            return True
        number = len(update.corrections)
        if self.counted.sent and self.counted.sent + number > self.canary:
            first = "first corrections" if self.firsts is None else "first corrections of this state"
            told = f"safety.canary = {self.canary}: the {first} were made"
            self.stop(Limit.CANARY, f"{told}; look at `b24syncd journal`, {self._when_all_is_well}")
            return False
        self.counted.sent += number
        return True

    def give_back(self, updates: Iterable[Update]) -> None:
        """Take note that these were not sent after all."""
        self.counted.sent -= sum(len(update.corrections) for update in updates if update.repair_batch is None)

    def check_share(self, number: int, to_change: int) -> bool:
        """Count items of which some are to be changed; return False, and stop, where these are too large a share."""
        self._looked_at += number
        self._to_change += to_change
        seen = max(self._looked_at, self.known_items)
        if self.passes(Limit.SHARE) or not to_change or not is_too_large(self._to_change, seen, self.most_changed):
            return True
        told = f"{self._to_change} of {seen} items would be changed by this run; look at `b24syncd backfill --dry-run`"
        setting = f"safety.max_changed_share = {self.most_changed:g}"
        self.stop(Limit.SHARE, f"{setting}: {told}, {self._when_all_is_well}")
        return False

    def stand_by(self, earlier: Stop) -> None:
        """Stop for what stopped this very run before, if it was its share, which no repetition makes smaller.

        The pages of a repetition may be larger, so that the same items would be a smaller share of them.
        """
        if not self.passes(Limit.SHARE) and earlier.most_changed == self.most_changed:
            self.stop(Limit.SHARE, earlier.reason)

    @property
    def _when_all_is_well(self) -> str:
        return f"and {self.go_on} if all is as it should be"

    def note_refused(self, ref: EntityRef, rejected: Rejected) -> None:
        """Count an item that the portal does not let us read or change; stop at too many in a row."""
        if self.passes(Limit.DENIED) or not is_denied(rejected.code, rejected.description):
            return
        self._denied.add(ref)
        if len(self._denied) >= _MOST_DENIED:
            told = f"the portal denied access to {len(self._denied)} items in a row ({rejected})"
            cure = "look at the rights of the user that b24syncd works as, or go on with --continue"
            self.stop(Limit.DENIED, f"{told}; {cure}")

    def note_success(self) -> None:
        """Take note that something was written: access is not denied as a whole."""
        self._denied.clear()
