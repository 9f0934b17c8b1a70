"""A call of one method and its answer, between the dispatcher and the methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from b24syncd.simulator.errors import NO_CODE, RestError

if TYPE_CHECKING:
    from b24syncd.simulator import php
    from b24syncd.simulator.tables.model import Point
    from b24syncd.simulator.tables.state import PortalState

    from .callers import Caller

PointsRead = dict[tuple[int, int], "tuple[Point, ...]"]

GLOBAL = "_global"
"""The scope that every webhook has (php: rest_util.php `GLOBAL_SCOPE`)."""


@dataclass(frozen=True, slots=True)
class Process:
    """What the commands of one request share, which PHP keeps in memory until it is answered; see `Call`."""

    caller: Caller
    activity_errors: list[str] = field(default_factory=list)
    points_read: PointsRead = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the portal, who calls, the method in lower case, its parameters without `start`, its place in a batch.

    `activity_errors` are what updates of activities left in this request, which a batch shares: the errors of PHP's
    `CCrmActivity` are static. `points_read` are the contact points of items as this request has read them.
    """

    portal: PortalState
    caller: Caller
    method: str
    parameters: php.Array
    start: int = 0
    position: int | None = None
    activity_errors: list[str] = field(default_factory=list)
    points_read: PointsRead = field(default_factory=dict)

    def parameter(self, name: str) -> Any:  # noqa: ANN401 - whatever was sent
        """Return a parameter by its name without regard to case, as the classic methods take them; `None` if absent."""
        for sent, value in self.parameters.items():
            if str(sent).lower() == name:
                return value
        return None

    def array(self, name: str) -> php.Array:
        """Return an array as the classic methods take it, an empty one where it is absent; raise for anything else.

        php: modules/crm/classes/general/restservice.php `processMethodRequest`, `resolveArrayParam`.
        """
        value = self.parameter(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise RestError(NO_CODE, f"Parameter '{name}' must be array.")
        return value


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method answers; `total` and `next` appear beside `result` when they are there."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A write that has read but not yet written, so that other requests may come between.

    `wait` is held up where a test wants two requests to meet; `finish` writes; `close` is called in any case.
    """

    wait: Callable[[], Awaitable[None]]
    finish: Callable[[], Answer]
    close: Callable[[], None]


Handler = Callable[[Call], Answer | Unfinished]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the portal: the scopes that open it, any one of them, and what it does."""

    scopes: tuple[str, ...]
    handler: Handler


class Watcher(Protocol):
    """Sees every command pass: the scripted person and the scripted faults. An error returned is answered."""

    def before(self, call: Call) -> RestError | None:
        """Act before the command takes effect; an error keeps it from taking effect."""

    def after(self, call: Call) -> RestError | None:
        """Act after the command took effect; an error takes the place of its answer."""
