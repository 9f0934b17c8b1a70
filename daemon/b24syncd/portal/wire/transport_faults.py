"""What a request can meet instead of an answer of the REST API, by what follows from it."""

from __future__ import annotations

from b24syncd.errors import OutcomeUnknown, RetryLater


class NotSent(RetryLater):
    """The request certainly did not reach the REST API."""


class TooFast(NotSent):
    """The portal refused the request because there are too many from this address."""


class Blocked(NotSent):
    """The portal refused the request for the operating time of its method; the governor knows how long."""


class ConnectorRefused(NotSent):
    """The portal's plan knows no `auth_connector` any more; without one it takes the same request."""


class TokenExpired(Blocked):
    """The portal refused the request for the age of its token, before any command of it; the next has another one."""


class NotAPortal(RetryLater):
    """What answers at this address does not look like a Bitrix24 webhook; nothing was done.

    `is_refusal` where somebody on the way wants other credentials or refuses ours, `has_moved` where the portal is
    called otherwise now.
    """

    def __init__(self, message: str, *, is_refusal: bool = False, has_moved: bool = False) -> None:
        """Keep what kind it is."""
        super().__init__(message)
        self.is_refusal = is_refusal
        self.has_moved = has_moved


class NotOurs(OutcomeUnknown):
    """An answer that is none of the REST API's: from no portal, or from something between it and us."""


class FaultTold(OutcomeUnknown):
    """The portal itself answered that something went wrong in it, and not whether anything was done."""
