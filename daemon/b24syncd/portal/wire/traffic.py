"""What went over the wire: every request and command that left, counted by how it ended."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from b24syncd.errors import CredentialsRefused, OutcomeUnknown, PortalBlocked

from .commands import Answered, Deferred, Refused, Unknown
from .transport_faults import Blocked, NotAPortal, NotOurs, NotSent, TokenExpired, TooFast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .commands import Outcome


class RequestOutcome(StrEnum):
    """How a request ended; part of the outside, as metrics tell it."""

    ANSWERED = "answered"
    """By the REST API; what became of each command is another matter."""
    REQUEST_LIMIT = "request_limit"
    """Refused, because the portal's bucket was full: somebody else on this address draws from it."""
    OPERATING_LIMIT = "operating_limit"
    """Refused for the operating time of its method."""
    TOKEN_EXPIRED = "token_expired"  # noqa: S105
    """Refused for the age of the application's token, which is renewed."""
    NOT_SENT = "not_sent"
    """No connection, or a batch that was refused as a whole, before any of its commands."""
    NO_PORTAL = "no_portal"
    """Something else than a portal answered."""
    CREDENTIALS_REFUSED = "credentials_refused"
    PORTAL_BLOCKED = "portal_blocked"
    """The portal is blocked, unpaid or deleted."""
    UNKNOWN = "unknown"
    """No answer, or one that does not tell whether anything was done."""
    CUT_OFF = "cut_off"
    """By our own end."""


class CommandOutcome(StrEnum):
    """What became of a command that left; part of the outside, as metrics tell it."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """For good."""
    DEFERRED = "deferred"
    """Certainly not executed; it is sent again."""
    UNKNOWN = "unknown"
    """It may have been executed."""


_BY_OUTCOME: Final[dict[type[Outcome], CommandOutcome]] = {
    Answered: CommandOutcome.ANSWERED,
    Refused: CommandOutcome.REFUSED,
    Deferred: CommandOutcome.DEFERRED,
    Unknown: CommandOutcome.UNKNOWN,
}
# The first that fits.
_BY_ERROR: Final[tuple[tuple[type[BaseException], RequestOutcome, CommandOutcome], ...]] = (
    (TooFast, RequestOutcome.REQUEST_LIMIT, CommandOutcome.DEFERRED),
    (TokenExpired, RequestOutcome.TOKEN_EXPIRED, CommandOutcome.DEFERRED),
    (Blocked, RequestOutcome.OPERATING_LIMIT, CommandOutcome.DEFERRED),
    (NotSent, RequestOutcome.NOT_SENT, CommandOutcome.DEFERRED),
    (NotAPortal, RequestOutcome.NO_PORTAL, CommandOutcome.DEFERRED),
    (NotOurs, RequestOutcome.NO_PORTAL, CommandOutcome.UNKNOWN),
    (CredentialsRefused, RequestOutcome.CREDENTIALS_REFUSED, CommandOutcome.DEFERRED),
    (PortalBlocked, RequestOutcome.PORTAL_BLOCKED, CommandOutcome.DEFERRED),
    (OutcomeUnknown, RequestOutcome.UNKNOWN, CommandOutcome.UNKNOWN),
    (BaseException, RequestOutcome.CUT_OFF, CommandOutcome.UNKNOWN),
)


class Traffic:
    """The numbers since the client was opened; `fill` tells how many requests had so many commands."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.requests: Counter[RequestOutcome] = Counter()
        self.commands: Counter[tuple[str, CommandOutcome]] = Counter()
        self.fill: Counter[int] = Counter()

    @contextmanager
    def request(self, methods: Sequence[str]) -> Iterator[list[Outcome]]:
        """Count a request that leaves with commands of these methods; the outcomes of its answer go into the list."""
        self.fill[len(methods)] += 1
        outcomes: list[Outcome] = []
        try:
            yield outcomes
        except BaseException as error:
            ended, became = next((ended, became) for kind, ended, became in _BY_ERROR if isinstance(error, kind))
            self.requests[ended] += 1
            self.commands.update((method, became) for method in methods)
            raise
        self.requests[RequestOutcome.ANSWERED] += 1
        told = zip(methods, outcomes, strict=True)
        self.commands.update((method, _BY_OUTCOME[type(outcome)]) for method, outcome in told)
