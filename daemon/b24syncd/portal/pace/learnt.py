"""What outlives a restart of the operating time of all methods: their meters, written down and taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .limits import LearntOperating

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .limits import LimitsState
    from .meter import Meter


def learnt_of(meters: Mapping[str, Meter], now: float) -> LearntOperating:
    """Return what is to be remembered of these methods, at an instant of the portal's clock."""
    known = {method: meter.costs.operating for method, meter in meters.items()}
    operating = {method: meter.remembered(now) for method, meter in meters.items()}
    ledgers = {method: meter.ledger(now) for method, meter in meters.items()}
    limits = {method: meter.learnt_limit.remembered for method, meter in meters.items()}
    return LearntOperating(
        {method: cost for method, cost in known.items() if cost is not None},
        {method: spent for method, spent in operating.items() if spent is not None},
        {method: parts for method, parts in ledgers.items() if parts},
        {method: limit for method, limit in limits.items() if limit is not None},
    )


def restore(state: LimitsState, meter_of: Callable[[str], Meter]) -> None:
    """Let the meters of all methods take over what was learnt in an earlier life."""
    for method in {*state.costs, *state.operating, *state.operating_limits}:
        meter = meter_of(method)
        meter.learnt_limit.restore(state.operating_limits.get(method))
        meter.restore(
            cost=state.costs.get(method),
            operating=state.operating.get(method),
            ledger=state.ledgers.get(method, ()),
        )
