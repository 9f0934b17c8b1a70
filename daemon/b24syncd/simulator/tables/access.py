"""What the webhook opens at present, and what its user may do with whole types.

Sources: docs local-integrations/local-webhooks.md; php modules/rest/lib/apauth/auth.php (who has deleted a webhook is
answered as if there had never been one).
"""

from __future__ import annotations

from typing import Literal, get_args

Operation = Literal["read", "add", "update", "delete"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
Away = Literal["502", "page"]
"""Who answers instead of the portal: a proxy that does not reach it, or another server with a page of its own."""


class Access:
    """What may be taken away and given back while the portal runs."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        """Begin with a webhook that opens these scopes to a user who may do everything."""
        self.scopes = scopes
        self.revoked = False
        self.away: Away | None = None
        self.withdrawn: set[tuple[int, Operation]] = set()
        """The rights on whole types that the user does not have."""
        self.reads_products = True
        """Whether the user may see products, and with them currencies."""

    def withdraw(self, type_id: int, *operations: Operation) -> None:
        """Take rights on a type from the user; without any named, all of them."""
        self.withdrawn.update((type_id, operation) for operation in operations or OPERATIONS)

    def give_back(self, type_id: int, *operations: Operation) -> None:
        """Give rights on a type back to the user; without any named, all of them."""
        self.withdrawn.difference_update([(type_id, operation) for operation in operations or OPERATIONS])
