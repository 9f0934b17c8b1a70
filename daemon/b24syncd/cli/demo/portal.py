"""The demonstration's portal: the simulated one in a process of its own, and how to script and ask it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from b24syncd.domain.bindings import Binding
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.simulator.portal import Options

from .programs import DemoBrokenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from b24syncd.simulator.people.person import PersonEdit, Trigger

    from .programs import Programs

FASTER = 20
"""So many times as fast as in the cloud everything passes here: limits, costs, intervals."""

CLOUD = Options()
CLOUD_UPDATE_SECONDS = 0.2
"""What an update may cost in the cloud; nothing is published."""

CLOUD_OPERATING_SECONDS = 480.0

CONVERTED_LEADS, DUPLICATED_LEADS, ACTIVITIES = 60, 30, 4
"""Leads with a past, and how many activities each of them has, about."""

PAID_DEALS = 100
MESSY_DEALS = 60

_SCOPES = ("crm", "user_brief", "task", "sale")
_KINDS = {"VOXIMPLANT_CALL": "call", "CRM_EMAIL": "mail", "CRM_TODO": "to-do"}
_TIMEOUT_SECONDS = 30.0


def configuration(folder: Path) -> str:
    """Return the settings that fit the portal of `serve`: the defaults, with every time scaled like the portal's."""
    return f"""\
# The settings of the demonstration. The simulated portal is {FASTER} times as fast as one in the cloud.
[portal]
name = "demo"
webhook_file = "webhook"
region = "RU"

[state]
path = {json.dumps(str(folder / "demo.db"))}

[limits]
burst = {CLOUD.burst}
per_second = {CLOUD.per_second * FASTER}
operating_seconds = {CLOUD_OPERATING_SECONDS / FASTER}
operating_window_seconds = {CLOUD.operating_window_seconds / FASTER}

[changes]
interval_seconds = {30 / FASTER}
overlap_seconds = {120 / FASTER}
"""


def console_at(port: int) -> str:
    """Return the settings that add the console, for this machine alone."""
    return f"""
[http]
listen = "127.0.0.1:{port}"
console = true
"""


@dataclass(frozen=True, slots=True)
class DemoActivity:
    """An activity as the portal has it; `kind` is what people call it, a task has its number."""

    id: int
    kind: str
    bindings: frozenset[str]
    task_id: int

    def __str__(self) -> str:
        """Return what it is told by."""
        return f"activity:{self.id} (a {self.kind})"

    @property
    def told(self) -> str:
        """What it hangs on."""
        return " and ".join(sorted(self.bindings))

    def is_at(self, type_name: str) -> bool:
        """Tell whether it hangs on one item alone, of this type."""
        return len(self.bindings) == 1 and all(item.startswith(f"{type_name}:") for item in self.bindings)


@dataclass(frozen=True, slots=True)
class DemoPayment:
    """A payment as the portal has it; one that is cancelled keeps its day."""

    sum: float
    currency: str
    is_paid: bool
    day: str | None

    def __str__(self) -> str:
        """Return what it is told by."""
        when = "not paid" if self.day is None else self.day if self.is_paid else f"{self.day}, cancelled"
        return f"{self.sum:.2f} {self.currency}, {when}"


@dataclass(frozen=True, slots=True)
class DemoPortal:
    """A portal that is being served; entries and edits are asked for past all limits."""

    webhook: str

    @classmethod
    def serve(cls, programs: Programs, *, seed: int, items: int) -> DemoPortal:
        """Start it with so many items: contacts, leads and companies like 5 to 2 to 1."""
        companies, leads = items // 8, items // 4
        process = programs.start(
            *("portal", "serve", "--seed", str(seed), "--scale", str(1 / FASTER)),
            *("--update-cost", str(CLOUD_UPDATE_SECONDS / FASTER)),
            *("--companies", str(companies), "--leads", str(leads), "--contacts", str(items - companies - leads)),
            *("--converted-leads", str(CONVERTED_LEADS), "--duplicated-leads", str(DUPLICATED_LEADS)),
            *("--paid-deals", str(PAID_DEALS), "--no-payment-field", "--messy-deals", str(MESSY_DEALS)),
            *("--activities", str(ACTIVITIES), *(word for scope in _SCOPES for word in ("--scope", scope))),
        )
        assert process.stdout is not None  # noqa: S101 # it was started with a pipe
        webhook = process.stdout.readline().strip()
        if not webhook:
            message = f"the simulated portal did not start: {programs.log_of('portal').read_text().strip()}"
            raise DemoBrokenError(message)
        portal = cls(webhook)
        portal._let_deals_be_changed()
        return portal

    @property
    def url(self) -> str:
        """The root of the portal, without a secret."""
        return self.webhook.partition("/rest/")[0]

    def edit(self, edit: PersonEdit) -> None:
        """Let the person edit now."""
        self._ask("POST", "person", {"edits": [asdict(edit)]})

    def edit_at(self, moments: Sequence[tuple[Trigger, PersonEdit]]) -> None:
        """Let the person edit at these moments."""
        self._ask("POST", "person", [{"trigger": asdict(at), "edits": [asdict(edit)]} for at, edit in moments])

    def stats(self) -> dict[str, Any]:
        """Return everything that the portal counted."""
        return self._ask("GET", "stats")

    def truth(self) -> dict[str, Any]:
        """Return what differs from the truth, what a person wrote and is lost, and the truth of every entry."""
        return self._ask("GET", "truth?entries=1&types=PHONE,EMAIL")

    def values(self, ref: EntityRef, type_id: str) -> Counter[str]:
        """Return the values of an item's entries of one type (`PHONE`, `EMAIL`)."""
        item = self._ask("GET", f"state?entityTypeId={ref.type.type_id}&id={ref.id}")["item"] or {}
        return Counter(point["value"] for point in item.get("fm", ()) if point["typeId"] == type_id)

    def activities(self) -> dict[int, DemoActivity]:
        """Return all activities by their ids."""
        rows = self._ask("GET", "activities")["activities"]
        return {
            row["id"]: DemoActivity(
                row["id"],
                "task" if row["task"] else _KINDS[row["provider"]],
                frozenset(str(Binding.from_short_code(code)) for code in row["bindings"].split(",")),
                row["task"],
            )
            for row in rows
        }

    def misplaced(self, story: str, target: str) -> list[int]:
        """Return the activities of leads with this past that do not hang where they belong, unless a person did it."""
        return [
            row["activity"] for row in self._ask("GET", f"misplaced?story={story}&target={target}&tasks=1")["misplaced"]
        ]

    def paid_deals(self) -> dict[EntityRef, list[DemoPayment]]:
        """Return the payments of all deals that have any."""
        deals: dict[EntityRef, list[DemoPayment]] = {}
        for row in self._ask("GET", "payments")["payments"]:
            ref = EntityRef(EntityType.from_type_id(row["owner"][0]), row["owner"][1])
            day = None if row["date"] is None else row["date"].partition("T")[0]
            deals.setdefault(ref, []).append(DemoPayment(row["sum"], row["currency"], row["paid"], day))
        return deals

    def wrong_dates(self, field: str, pick: str) -> int:
        """Return how many deals show another date than their payments tell, unless a person typed it."""
        return len(self._ask("GET", f"payment_mistakes?field={field}&pick={pick}")["mistakes"])

    def messy_deals(self) -> tuple[EntityRef, ...]:
        """Return the deals of which the portal knows what is meant by their messy fields."""
        rows = self._ask("GET", "field_truth")["items"]
        return tuple(EntityRef(EntityType.from_type_id(row["entityTypeId"]), row["id"]) for row in rows)

    def wrong_fields(self) -> int:
        """Return how many fields do not hold what is meant, unless a person wrote them."""
        return len(self._ask("GET", "field_mistakes")["mistakes"])

    def field(self, ref: EntityRef, name: str) -> str | None:
        """Return what stands in a field of an item."""
        value = self._ask("GET", f"state?entityTypeId={ref.type.type_id}&id={ref.id}")["item"][name]
        return str(value) if value else None

    def now(self) -> float:
        """Return the portal's time, in unix seconds."""
        return float(self._ask("GET", "state")["now"])

    def last_rebinding(self, activity_id: int, who: str) -> float:
        """Return when an activity was rebound last, as `last_edit` does."""
        return self._last(EntityType.ACTIVITY.type_id, activity_id, who)

    def last_edit(self, ref: EntityRef, who: str) -> float:
        """Return when an item was edited last by `person` or `api`, in unix seconds of the portal."""
        return self._last(ref.type.type_id, ref.id, who)

    def _let_deals_be_changed(self) -> None:
        """Leave out the deals that refuse writes: a backfill tells of them by its exit code, which ends a chapter."""
        refused = [ref for ref in self._ask("GET", "state")["frozen"] if ref[0] != EntityType.DEAL.type_id]
        self._ask("POST", "rights", {"refused": refused})

    def _last(self, type_id: int, item_id: int, who: str) -> float:
        edits = self._ask("GET", f"edits?entityTypeId={type_id}&id={item_id}&who={who}")["edits"]
        return max((float(edit["at"]) for edit in edits), default=0.0)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | Sequence[Any] | None = None) -> dict[str, Any]:
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, f"/simulator/{path}", None if body is None else json.dumps(body))
            with connection.getresponse() as response:
                answer: dict[str, Any] = json.load(response)
        except OSError as error:
            message = f"the simulated portal does not answer: {error.strerror or error}"
            raise DemoBrokenError(message) from None
        finally:
            connection.close()
        return answer
