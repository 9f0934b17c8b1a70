"""The portal's offline events: what is bound, and packets of what happened, which stay reserved until they are cleared.

An event tells the id of an element and nothing of it; the same event of the same element is one record for as long as
nobody has reserved it, and what happens later is another one. Only an application may ask, in the name of an
administrator. `auth_connector` names a queue of our own, and is part of who calls: beside the commands of a batch, not
in them; what a request with it changes is no event of this queue (php: modules/rest/lib/api/event.php, eventoffline.php
`callEvent`, event/provideroffline.php `finalize`, oauth/auth.php; docs: api-reference/events/offline-events.md).

`event.offline.error` is never called: what happens later to an element whose record is marked goes into that record,
and packets leave it out (php: eventoffline.php `callEvent`, which does not take the mark away).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from b24syncd.errors import OutcomeUnknown, RetryLater

from .pace.governor import MOST_COMMANDS
from .wire.commands import Answered, Command, Deferred, Priority, Refused
from .wire.replies import UnexpectedReply, id_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from .client import PortalClient
    from .wire.commands import Outcome

PACKET: Final = 200
"""So many records are reserved at a time; the portal sets no limit (php: `eventOfflineGet`)."""

_FEATURES: Final = {
    "rest_offline_extended": "offline events that are confirmed",
    "rest_auth_connector": "auth_connector, a queue of one's own",
}
"""What the plan must have (docs: api-reference/common/system/feature-get.md)."""

_TRIES: Final = 3
_NO_EVENT: Final = "ERROR_EVENT_NOT_FOUND"
_BOUND_ALREADY: Final = "already binded"
_REASONS: Final = {
    "WRONG_AUTH_TYPE": "the portal tells events to applications only, and a webhook is none; see [portal.oauth]",
    "ACCESS_DENIED": "the portal tells events to administrators only",
    "WRONG_LICENSE": "the portal's plan does not include it",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the queue: what happened, and the id of the element; None where that cannot be read."""

    id: int
    event: str
    element: int | None
    process_id: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """Records that are reserved; there may be more where it `is_full`."""

    process_id: str
    records: tuple[Record, ...]
    is_full: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How events stand: why they cannot be used, or None, and which are bound, by their connectors.

    What is bound `is_told` to whoever may use events, whatever else is missing.
    """

    lack: str | None
    bound: frozenset[tuple[str, str]] = frozenset()
    is_told: bool = True

    def of(self, connector: str) -> frozenset[str]:
        """Return the events that are bound with this connector."""
        return frozenset(event for event, own in self.bound if own == connector)


def refusal(refused: Refused) -> str:
    """Return why the portal refuses events, in words."""
    return _REASONS.get(refused.code.upper()) or f"{refused.code}: {refused.description}".rstrip(": ")


async def standing(client: PortalClient, *, priority: Priority) -> Standing:
    """Ask for the plan's features, the application and what is bound; one request."""
    asked = [Command("feature.get", {"CODE": code}) for code in _FEATURES]
    asked += [Command("app.info", {}), Command("event.get", {})]
    *features, application, bound = await client.read(asked, priority=priority)
    if isinstance(bound, Refused):
        return Standing(refusal(bound), is_told=False)
    rows = bound.result if isinstance(bound, Answered) and isinstance(bound.result, list) else []
    events = frozenset(_binding(row) for row in rows if isinstance(row, dict) and row.get("offline"))
    for outcome, told in zip(features, _FEATURES.values(), strict=True):
        if _result(outcome).get("value") == "N":  # without one, older portals, and those of one's own, have it
            return Standing(f"the portal's plan does not include {told}", events)
    if _result(application).get("INSTALLED") is False:
        told = "the application's installation is not finished, and the portal tells it nothing before"
        return Standing(told, events)
    return Standing(None, events)


def _result(outcome: Outcome) -> dict[str, Any]:
    return outcome.result if isinstance(outcome, Answered) and isinstance(outcome.result, dict) else {}


def _binding(row: dict[str, Any]) -> tuple[str, str]:
    return str(row.get("event", "")).upper(), str(row.get("connector_id") or "")


class OfflineEvents:
    """The queue of one connector."""

    def __init__(self, client: PortalClient, connector: str) -> None:
        """Ask through `client`."""
        self._client = client
        self.connector = connector

    async def bind(self, events: Iterable[str]) -> tuple[frozenset[str], str | None]:
        """Bind events; return those that are bound, and why others are not though the portal knows them."""
        named, bound, lack = sorted(events), set(), None
        for event, outcome in zip(named, await self._each("event.bind", named), strict=True):
            if isinstance(outcome, Answered) or (
                isinstance(outcome, Refused) and _BOUND_ALREADY in outcome.description.lower()
            ):
                bound.add(event)
            elif not isinstance(outcome, Refused):
                message = "the portal did not tell whether an event is bound"
                raise OutcomeUnknown(message)
            elif outcome.code.upper() != _NO_EVENT:
                lack = refusal(outcome)
        return frozenset(bound), lack

    async def unbind(self, events: Collection[str]) -> None:
        """Bind events no more; raise `Rejected` where the portal refuses, and where not all of it was done."""
        for outcome in await self._each("event.unbind", sorted(events)):
            _require(outcome, "whether an event is bound no more")

    async def _each(self, method: str, events: Sequence[str]) -> list[Outcome]:
        """Call a method for each event; what was done already does no harm."""
        outcomes: list[Outcome] = []
        for first in range(0, len(events), MOST_COMMANDS):
            part = events[first : first + MOST_COMMANDS]
            commands = [Command(method, {"event": event, "event_type": "offline"}) for event in part]
            self._client.caller.connector = self.connector  # which a batch has for all of its commands
            outcomes += await self._client.write(commands, priority=Priority.LIVE, halt=False)
        return outcomes

    async def reserve(self) -> Packet:
        """Reserve what happened; raise `Rejected`, or what `PortalClient.write` does.

        It is asked again only where nothing was done for certain: each time other records are reserved.
        """
        command = Command("event.offline.get", {"clear": 0, "limit": PACKET, **self._own})
        for _ in range(_TRIES):
            (outcome,) = await self._client.write([command], priority=Priority.LIVE)
            if not isinstance(outcome, Deferred):
                break
        result = _result_of(outcome)
        rows, process_id = _rows(result.get("events")), result.get("process_id")
        if not isinstance(process_id, str) or (rows and not process_id):
            message = "a packet of events came without its process_id"
            raise UnexpectedReply(message)
        return Packet(process_id, tuple(map(_record, rows)), len(rows) >= PACKET)

    async def reserved(self) -> tuple[Record, ...]:
        """Return the first records that are reserved: nobody works on them any more, where nobody else asks."""
        filtered = {"filter": {">PROCESS_ID": ""}, "order": {"ID": "ASC"}, **self._own}
        (outcome,) = await self._client.read([Command("event.offline.list", filtered)], priority=Priority.LIVE)
        if isinstance(outcome, Refused):
            raise outcome.rejected
        return tuple(map(_record, _rows(outcome.result if isinstance(outcome, Answered) else None)))

    async def clear(self, process_id: str, records: Iterable[Record]) -> None:
        """Take records off the queue; they may be gone."""
        ids = [record.id for record in records]
        command = Command("event.offline.clear", {"process_id": process_id, "id": ids, **self._own})
        (outcome,) = await self._client.read([command], priority=Priority.LIVE)
        if isinstance(outcome, Refused):
            raise outcome.rejected

    @property
    def _own(self) -> dict[str, str]:
        """Who calls, for a request that is one command: its parameters are those of the request."""
        return {"auth_connector": self.connector}


def _result_of(outcome: Outcome) -> dict[str, Any]:
    result = _require(outcome, "which events it reserved").result
    if not isinstance(result, dict):
        message = "a packet of events has not the documented form"
        raise UnexpectedReply(message)
    return result


def _require(outcome: Outcome, what: str) -> Answered:
    """Return an answer; raise for everything else, after which nobody knows `what` the portal would have told."""
    if isinstance(outcome, Refused):
        raise outcome.rejected
    if isinstance(outcome, Deferred):
        message = "the portal takes no request for events at this moment"
        raise RetryLater(message, outcome.delay)
    if not isinstance(outcome, Answered):
        message = f"the portal did not tell {what}"
        raise OutcomeUnknown(message)
    return outcome


def _rows(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        message = "events came in another form than documented"
        raise UnexpectedReply(message)
    return value


def _record(row: dict[str, Any]) -> Record:
    try:
        number, process_id = id_from(row.get("ID")), row.get("PROCESS_ID") or ""
    except ValueError:
        message = "an event came without an id"
        raise UnexpectedReply(message) from None
    data = row.get("EVENT_DATA")
    fields = data.get("FIELDS") if isinstance(data, dict) else None
    try:
        element = id_from(fields.get("ID") if isinstance(fields, dict) else None)
    except ValueError:
        element = None
    return Record(number, str(row.get("EVENT_NAME", "")).upper(), element, str(process_id))
