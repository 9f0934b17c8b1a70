"""What the portal allows, and what was learnt of it: the values that outlive a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from b24syncd.portal.dates.marks import DateMark  # noqa: TC001 # of a field of a dataclass

from .backoff import Backoff
from .ways import Prices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .learnt_limit import Remembered


@dataclass(frozen=True, slots=True)
class ScheduledShare:
    """The share from one minute of the week until another, counted from Monday's first on the portal's wall."""

    begins: int
    ends: int
    share: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The portal's limits (docs: limits.md), the share of them that is ours, and the patience with passing faults.

    Within a span of the `schedule` its share holds instead. `witness_seconds` may lie between a list and the end of the
    last update that it witnesses; 0 is for pairs alone.
    """

    burst: int = 50
    per_second: float = 2.0
    operating_seconds: float = 480.0
    operating_window_seconds: float = 600.0
    share: float = 0.9
    schedule: tuple[ScheduledShare, ...] = ()
    in_flight: int = 4
    request_timeout_seconds: float = 70.0
    request_cut_seconds: float = 60.0
    witness_seconds: float = 0.25
    backoff: Backoff = field(default_factory=Backoff)

    @property
    def prices(self) -> Prices:
        """What requests and operating time cost, whatever our share of them is."""
        return Prices(1 / self.per_second, self.operating_window_seconds / self.operating_seconds)


@dataclass(frozen=True, slots=True)
class LimitsState:
    """What was learnt, as JSON-able numbers; all times are unix seconds of the portal's clock.

    `send_times` are those of the last requests, of which the last `undated` are only a guess; `costs` the operating
    seconds of one command per method, `operating` each method's operating time summed so far and when the oldest part
    of it leaves; `ledgers` tell when each part of it leaves that was ours, and its size. `reached` is how far the
    portal's clock had come, `utc_offset` how far the one on its wall was ahead of UTC in seconds, `set_back_at` when
    that was last seen to be set back; None where it never told. `dates` are the date filters of lists, `answered` is
    when the portal answered last, `group_sizes` are those that proved to last too long, by the kind of their items,
    `second_family` until when the classic methods rest beside the universal ones, and why.
    `operating_limits` are those of methods of which less is allowed than is configured, and when that was learnt.
    """

    send_times: tuple[float, ...] = ()
    costs: Mapping[str, float] = field(default_factory=dict)
    operating: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    reached: float | None = None
    utc_offset: float | None = None
    set_back_at: float | None = None
    dates: Mapping[str, DateMark] = field(default_factory=dict)
    answered: float | None = None
    ledgers: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    group_sizes: Mapping[str, int] = field(default_factory=dict)
    undated: int = 0
    operating_limits: Mapping[str, Remembered] = field(default_factory=dict)
    second_family: tuple[float, str] | None = None


@dataclass(frozen=True, slots=True)
class LearntOperating:
    """What was learnt of operating time, by method, as `LimitsState` keeps it."""

    costs: Mapping[str, float]
    operating: Mapping[str, tuple[float, float]]
    ledgers: Mapping[str, Sequence[tuple[float, float]]]
    limits: Mapping[str, Remembered]


class LimitsMemory(Protocol):
    """Keeps what was learnt over restarts."""

    async def load(self) -> LimitsState:
        """Return what was saved last, or an empty state."""
        ...

    async def save(self, state: LimitsState) -> None:
        """Replace what was saved; durable when this returns."""
        ...


class VolatileMemory:
    """Remembers as long as the process lives; for dry runs and single questions."""

    def __init__(self) -> None:
        self._state = LimitsState()

    async def load(self) -> LimitsState:
        """Return what was saved last."""
        return self._state

    async def save(self, state: LimitsState) -> None:
        """Keep `state`."""
        self._state = state
