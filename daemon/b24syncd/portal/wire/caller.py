"""Who writes, as the portal's events see it: what a connector's requests change is no event of its own queue.

`auth_connector` is part of who calls, and stands beside the commands of a batch; within one it would be a parameter of
its method (docs: api-reference/events/offline-events.md; php: modules/rest/lib/oauth/auth.php, rest_provider.php
`methodsBatch`, event/provideroffline.php `finalize`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .transport_faults import ConnectorRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETER: Final = "auth_connector"
_OF_THE_PLAN: Final = "WRONG_LICENSE"


@dataclass(slots=True)
class Caller:
    """By which connector all writes are made, where events are used."""

    connector: str | None = None

    def signed(self, params: Mapping[str, object]) -> Mapping[str, object]:
        """Return the parameters of a request that writes, with the connector."""
        return params if self.connector is None else {**params, PARAMETER: self.connector}

    def judge(self, code: str, signed: Mapping[str, object], unsigned: Mapping[str, object]) -> None:
        """Raise `ConnectorRefused` where a request was refused for what it was signed with, and sign none from now on.

        So is every one of several that were under way. One that names a connector by itself is of no use without it.
        Php: modules/rest/classes/general/rest.php `checkAuth`: the plan may know none any more.
        """
        if code.upper() == _OF_THE_PLAN and PARAMETER in signed and PARAMETER not in unsigned:
            if signed[PARAMETER] == self.connector:
                self.connector = None
            message = "the portal's plan knows no auth_connector any more"
            raise ConnectorRefused(message)
