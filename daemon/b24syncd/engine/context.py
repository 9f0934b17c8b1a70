"""What every part of the engine works with during one run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.clock import Clock
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.words.vocabulary import Vocabulary
    from b24syncd.store.database import Database

    from .safety import Safety
    from .subjects import Kind
    from .tally import Tally
    from .writing.in_flight import Claim, InFlight


@dataclass(frozen=True, slots=True)
class WholeRun:
    """One run: its id in the journal, the portal and the words for it, the state, and how far it has come.

    `request_cut_seconds` is how long an unanswered request may go on running on the server; `batch_ids` makes ids
    that no batch ever had. `in_flight` is shared by all runs of a session; one that passes the others has a `claim`.
    """

    run_id: int
    client: PortalClient
    vocabulary: Vocabulary
    database: Database
    tally: Tally
    safety: Safety
    clock: Clock
    batch_ids: Callable[[], str]
    request_cut_seconds: float
    workers: int
    longest_turn_seconds: float
    in_flight: InFlight
    claim: Claim | None = None

    def seconds_until_cut(self, sent_at: float | None) -> float:
        """Return for how many seconds the server may still be working on what left at `sent_at`, by its clock."""
        if sent_at is None:
            return 0.0
        cut = self.request_cut_seconds
        return min(cut, max(0.0, sent_at + cut - self.client.server_now()))


@dataclass(frozen=True, slots=True)
class RunContext(WholeRun):
    """One run, for one kind of subjects."""

    kind: Kind = field(kw_only=True)
