"""Rules of rebinding: their types, fields and filters are proved; nothing is looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.portal.activities.rule_check import check_rules
from b24syncd.portal.wire.commands import Priority

from .protocol import Passed

if TYPE_CHECKING:
    from b24syncd.domain.rules import BindingRules
    from b24syncd.engine.checks import NotFitting

    from .protocol import Asking


async def bindings(_: str, written: BindingRules, asking: Asking) -> Passed | NotFitting:
    """See `Preflight`."""
    return await check_rules(asking.client, written, priority=Priority.LIVE) or Passed(written)
