"""Offline events: what an application has bound, and the queue that each of its connectors has.

Sources: php modules/rest/lib/eventoffline.php (`callEvent`: the same event of the same element is one record for as
long as nobody has reserved it; `clearEvents`, `markError`), modules/rest/lib/event/provideroffline.php `finalize` (what
a request causes, whoever of its handlers does it, is no event for the connector that it came by),
modules/rest/lib/event/callback.php (only applications that are installed are told).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .history import Who

OFFLINE = "rest_offline_extended"
CONNECTOR = "rest_auth_connector"
FEATURES = (OFFLINE, CONNECTOR)
"""What a plan may lack: reserving events, and `auth_connector`."""

_KEPT_SECONDS = 2952000
"""Php: eventoffline.php `cleanProcessAgent`, whether they were reserved or not."""

calling: ContextVar[tuple[str | None, str] | None] = ContextVar("calling", default=None)
"""Application and connector of the request that is being answered."""


@dataclass(slots=True)
class Record:
    """One record of a queue."""

    id: int
    at: float
    message_id: str
    application: str
    event: str
    data: dict[str, Any]
    connector: str
    process_id: str = ""
    error: int = 0


Wanted = Callable[[Record], bool]


class OfflineEvents:
    """All offline events of one portal. `without` are features that its plan lacks."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin where nobody has bound anything."""
        self._clock = clock
        self._last_id = 0
        self._last_process = 0
        self.bound: list[tuple[str, str, str]] = []
        """Application, event and connector."""
        self.records: list[Record] = []
        self.without: set[str] = set()
        self.unfinished: set[str] = set()
        """Applications whose installation is not finished: they may bind, and are told nothing."""
        self.told = True
        """Whether the portal tells of what happens; a request that dies may change something and tell nothing."""

    def happened(self, event: str, fields: dict[str, Any], who: Who) -> None:
        """Put an event into the queues of those who have bound it, but not into that of the one who caused it."""
        cause = calling.get() if who == "api" else None
        name = event.upper()
        for application, bound, connector in self.bound if self.told else ():
            if bound == name and cause != (application, connector) and application not in self.unfinished:
                self._put(application, name, {"FIELDS": fields}, connector)

    def _put(self, application: str, event: str, data: dict[str, Any], connector: str) -> None:
        message = hashlib.md5(f"{event}|{json.dumps(data, separators=(',', ':'))}".encode(), usedforsecurity=False)
        key = (message.hexdigest(), application, connector, "")
        for record in self.records:
            if (record.message_id, record.application, record.connector, record.process_id) == key:
                record.at = self._clock()
                return
        self._last_id += 1
        self.records.append(Record(self._last_id, self._clock(), key[0], application, event, data, connector))

    def of(self, application: str, connector: str) -> list[Record]:
        """Return the queue of a connector, after what is too old has left it."""
        oldest = self._clock() - _KEPT_SECONDS
        self.records = [record for record in self.records if record.at >= oldest]
        return [one for one in self.records if (one.application, one.connector) == (application, connector)]

    def reserve(self, records: Iterable[Record]) -> str:
        """Reserve records; return the id of the process that has them."""
        self._last_process += 1
        process_id = hashlib.md5(str(self._last_process).encode(), usedforsecurity=False).hexdigest()
        for record in records:
            record.process_id = process_id
        return process_id

    def remove(self, records: Iterable[Record]) -> None:
        """Take records out of their queues."""
        gone = {record.id for record in records}
        self.records = [record for record in self.records if record.id not in gone]

    def mark(self, process_id: str, records: list[Record], messages: Iterable[str]) -> None:
        """Mark records of a process as failed; what was not reserved by it of these messages goes."""
        named = set(messages)
        wanted = [record for record in records if record.message_id in named and not record.error]
        self.remove(record for record in wanted if record.process_id != process_id)
        for record in wanted:
            record.error, record.process_id = 1, ""
