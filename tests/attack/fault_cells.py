"""The cells of the fault matrix: what can go wrong, at which command, before or after its effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from b24syncd.simulator.faults import Fault, Kind, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from b24syncd.simulator.methods.calls import Call


TIMEOUT_SECONDS = 40.0
LATE_SECONDS = 50.0
CUT_SECONDS = 60.0
"""An answer may come when nobody waits for it any more, and before the portal must have cut the request."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of fault, in the words of the table; `code` is what a failing command is answered with."""

    name: str
    kind: Kind
    moments: tuple[str, ...] = ("before", "after")
    code: str = ""
    seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One kind of command, and the world in which it is sent; a reading has no effect that something could precede."""

    method: str
    world: str
    writes: bool = False

    @property
    def follows(self) -> bool:
        """Whether the daemon sends it, not a backfill."""
        return self.world.startswith("following")

    @property
    def strikes(self) -> str | Callable[[Request], bool] | Callable[[Call], bool]:
        """What a fault has to match: the method, or in groups of updates that of a batch which holds one."""
        if self.world != "points in groups":
            return self.method

        def is_of_group(subject: Request | Call) -> bool:
            if isinstance(subject, Request):
                return {"crm.item.list", "crm.item.update"} <= set(subject.methods)
            listed = subject.parameters.get("filter")
            is_witness = subject.method != "crm.item.list" or (isinstance(listed, dict) and "@id" in listed)
            return subject.method == self.method and is_witness and subject.position is not None

        return is_of_group

    @property
    def name(self) -> str:
        """What the table calls it: some methods serve several jobs."""
        return f"{self.method} ({self.world})"


TROUBLES = (
    Trouble("connection reset", Kind.RESET),
    Trouble("answer truncated", Kind.TRUNCATED),
    Trouble("a page in HTML", Kind.HTML),
    Trouble("no answer", Kind.HANG),
    Trouble("answer too late", Kind.LATE, ("after",), seconds=LATE_SECONDS),
    Trouble("batch cut off", Kind.CUT),
    Trouble("HTTP 500", Kind.ERROR_500),
    Trouble("503 QUERY_LIMIT_EXCEEDED", Kind.ERROR_503, ("before",)),
    Trouble("503 OVERLOAD_LIMIT", Kind.OVERLOAD, ("before",)),
    Trouble("429 OPERATION_TIME_LIMIT", Kind.ERROR_429, ("before",)),
    Trouble("INTERNAL_SERVER_ERROR", Kind.COMMAND_ERROR, code="INTERNAL_SERVER_ERROR"),
    Trouble("ERROR_CORE", Kind.COMMAND_ERROR, code="ERROR_CORE"),
    Trouble("an unknown code", Kind.COMMAND_ERROR, code="NEVER_HEARD_OF"),
    Trouble("ACCESS_DENIED", Kind.COMMAND_ERROR, ("before",), code="ACCESS_DENIED"),
    Trouble("expired_token", Kind.COMMAND_ERROR, ("before",), code="expired_token"),
    Trouble("insufficient_scope", Kind.COMMAND_ERROR, ("before",), code="insufficient_scope"),
)

WRITES = ("update", "add", "delete", "move")
SENT = tuple(
    Sent(method, world, method.rpartition(".")[2] in WRITES)
    for world, methods in {
        "start": ("scope", "server.time"),
        "points": ("crm.item.list", "crm.item.get", "crm.item.update"),
        "points in groups": ("crm.item.list", "crm.item.update"),
        "points of both": ("crm.contact.get", "crm.contact.update"),
        "classic points": ("crm.contact.list", "crm.contact.get", "crm.contact.update"),
        "bindings": (
            "crm.item.fields",
            "crm.item.list",
            "crm.activity.list",
            "tasks.task.list",
            "batch",
            "crm.activity.binding.list",
            "crm.activity.binding.add",
            "crm.activity.binding.delete",
            "crm.activity.binding.move",
            "tasks.task.get",
            "tasks.task.update",
        ),
        "shared points": ("crm.duplicate.findbycomm",),
        "payments": (
            "profile",
            "crm.item.fields",
            "crm.deal.userfield.add",
            "crm.item.payment.list",
            "batch",
            "crm.item.update",
        ),
        "classic payments": ("crm.deal.list", "crm.deal.update"),
        "smart payments": ("crm.type.list",),
        "following payments": (
            "crm.item.fields",
            "crm.item.list",
            "sale.payment.list",
            "sale.order.list",
            "crm.orderentity.list",
            "crm.item.payment.list",
            "crm.item.update",
        ),
    }.items()
    for method in methods
)

WORLDS = tuple(dict.fromkeys(sent.world for sent in SENT))
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `when` says on which side of the effect, and nothing of a reading."""

    trouble: Trouble
    sent: Sent
    when: str

    @property
    def key(self) -> Key:
        """What the table knows it by."""
        return self.trouble.name, self.when if self.sent.writes else "", self.sent.name

    def fault(self, nth: int = 1) -> Fault:
        """Return the fault to script."""
        return Fault(
            kind=self.trouble.kind,
            match=self.sent.strikes,
            when=self.when,
            nth=nth,
            seconds=self.trouble.seconds,
            commands=3 if self.when == "after" else 1,
            code=self.trouble.code,
            description="It is said so.",
        )


def cells(world: str) -> Iterator[Cell]:
    """Yield the cells of one world; a reading is disturbed on one side only."""
    for sent in SENT:
        if sent.world != world:
            continue
        for trouble in TROUBLES:
            if sent.method == "batch" and trouble.kind in (Kind.ERROR_429, Kind.COMMAND_ERROR):
                continue  # of single commands
            for when in trouble.moments if sent.writes else trouble.moments[:1]:
                yield Cell(trouble, sent, when)
