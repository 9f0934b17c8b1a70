"""Batches in which one list is the witness of many updates: how they are put together, and what their answers mean."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from tests.attack.liar import lying
from tests.attack.mutations import Mutated

from b24syncd.clock import SystemClock
from b24syncd.domain.corrections import ChangePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import PointKind, Snapshot
from b24syncd.errors import OutcomeUnknown
from b24syncd.portal.client import PortalClient
from b24syncd.portal.item_rows import POINTS_ONLY
from b24syncd.portal.items import Items
from b24syncd.portal.pace.backoff import Backoff
from b24syncd.portal.pace.limits import Limits, LimitsState, VolatileMemory
from b24syncd.portal.wire.commands import Deferred, Priority, Refused, Unknown
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.portal.writes import Write, Written
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.faults import Fault, Kind
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.people.person import Action, PersonEdit, Trigger
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import COMPANY, CONTACT
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tests.attack.liar import Twist

    from b24syncd.portal.writes import WriteOutcome
    from b24syncd.simulator.errors import RestError
    from b24syncd.simulator.methods.calls import Call

CLOCK = SystemClock()
LIVE = Priority.LIVE
NOW = 1_700_000_000
LIST, GET, UPDATE = "crm.item.list", "crm.item.get", "crm.item.update"
PAIR = (GET, UPDATE)
MESSY, OTHER = "8 916 123-45-67", "+74957654321"


def group(size: int) -> tuple[str, ...]:
    return LIST, *(UPDATE for _ in range(size))


@dataclass
class Batches:
    """Notes the methods of each batch."""

    seen: list[list[str]] = field(default_factory=list)
    listed: set[int] = field(default_factory=set)
    """The items of all lists of the last batch."""

    def before(self, call: Call) -> RestError | None:
        if not call.position:
            self.seen.append([])
            self.listed.clear()
        self.seen[-1].append(call.method)
        if call.method == LIST:
            self.listed.update(int(one) for one in call.parameters["filter"]["@id"].values())
        return None

    def after(self, _: Call) -> RestError | None:
        return None

    @property
    def last(self) -> tuple[str, ...]:
        return tuple(self.seen[-1])


@dataclass
class Cards:
    """A portal with cards, its client, and what is written of them."""

    portal: Portal
    client: PortalClient
    items: Items
    batches: Batches

    async def read(self, refs: Sequence[EntityRef]) -> list[Snapshot]:
        found = (await self.items.read(refs, priority=LIVE)).found
        return [one for ref in refs if isinstance(one := found[ref], Snapshot)]

    async def write(
        self, snapshots: Sequence[Snapshot], after: str = "+79161234567", told: str | None = None
    ) -> tuple[WriteOutcome, ...]:
        """Write a phone into each; `told` is another text for the third."""

        async def nothing() -> None:
            pass

        texts = [after if told is None or number != 2 else told for number in range(len(snapshots))]
        writes = [
            Write(one, (ChangePoint(one.ref, "phones", PointKind.PHONE, point.id, "WORK", point.value, text),))
            for one, text in zip(snapshots, texts, strict=True)
            for point in one.entries[:1]
        ]
        return await self.items.write(writes, priority=LIVE, before_send=nothing)

    async def some(self, number: int) -> list[Snapshot]:
        return await self.read([contact(one) for one in range(1, number + 1)])

    def phone(self, item_id: int) -> str:
        return next(iter(self.portal.table(CONTACT).items[item_id].points.values())).value


def contact(number: int) -> EntityRef:
    return EntityRef(EntityType.CONTACT, number)


@asynccontextmanager
async def cards(
    costs: dict[str, float] | None = None,
    *,
    api: Api = Api.UNIVERSAL,
    witness_seconds: float = 0.25,
    in_flight: int = 4,
    twist: Twist | None = None,
) -> AsyncIterator[Cards]:
    """Connect to a portal of contacts in which time stands still and commands cost what is said, as is known already.

    Without costs they take no time at all.
    """
    costs = {LIST: 0.0, GET: 0.0, UPDATE: 0.0} | (costs or {})
    memory = VolatileMemory()
    await memory.save(LimitsState(costs=costs))
    # an answer is here sooner than it says that it took, so it has to tell itself when it began: in no whole second
    options = Options(burst=10_000, per_second=2000.0, costs=costs, cuts_starts=False)
    portal = Portal(options, clock=lambda: NOW + 0.5)
    for _ in range(60):
        portal.create(CONTACT, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "generator", NOW - 60)
    portal.watchers.append(batches := Batches())
    limits = Limits(
        burst=10_000,
        per_second=2000.0,
        in_flight=in_flight,
        backoff=Backoff(0.01, 0.05, 0.3, 0.2),
        witness_seconds=witness_seconds,
    )
    async with serve(portal) as server, AsyncExitStack() as stack:
        url = server.webhook_url
        if twist is not None:
            liar = await stack.enter_async_context(lying(f"{server.url}/"))
            liar.twist, url = twist, url.replace(f"{server.url}/", liar.url)
        webhook = parse_webhook(url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, limits, clock=CLOCK, random=random, memory=memory) as client:
            items = Items(client, CLOCK, dict.fromkeys(EntityType, POINTS_ONLY), Vocabulary(api))
            yield Cards(portal, client, items, batches)


@pytest.mark.parametrize(
    ("costs", "groups"),
    [
        ({}, group(49)),
        ({LIST: 0.02, GET: 0.01, UPDATE: 0.003}, group(49)),
        ({LIST: 0.02, GET: 0.01, UPDATE: 0.01}, group(18) * 2 + group(11)),
        ({LIST: 0.1, GET: 0.1, UPDATE: 0.1}, PAIR * 25),
        ({LIST: 0.02, GET: 0.01, UPDATE: 0.3}, PAIR * 25),
    ],
    ids=["at once", "3 ms", "10 ms", "100 ms", "300 ms"],
)
async def test_a_batch_holds_as_many_updates_as_soon_follow_their_list(
    costs: dict[str, float], groups: tuple[str, ...]
) -> None:
    async with cards(costs) as there:
        snapshots = await there.some(60)
        assert await there.items.room([Write(one, ()) for one in snapshots], priority=LIVE) == groups.count(UPDATE)
        outcomes = await there.write(snapshots)
        assert there.batches.last == groups
        done = groups.count(UPDATE)
        assert [type(outcome) for outcome in outcomes] == [Written] * done + [Deferred] * (60 - done)
        for snapshot, outcome in zip(snapshots, outcomes[:done], strict=False):
            assert isinstance(outcome, Written)
            assert outcome.witness == snapshot
            assert isinstance(outcome.after, Snapshot)
            assert [point.value for point in outcome.after.entries] == ["+79161234567"]


@pytest.mark.parametrize(("api", "witness_seconds"), [(Api.CLASSIC, 0.25), (Api.UNIVERSAL, 0.0)])
async def test_each_has_a_reading_of_its_own_where_that_is_wanted(api: Api, witness_seconds: float) -> None:
    async with cards(api=api, witness_seconds=witness_seconds) as there:
        snapshots = await there.some(60)
        await there.write(snapshots)
        assert not {LIST, "crm.contact.list"}.intersection(there.batches.last)


async def test_a_portal_that_becomes_slow_is_asked_for_less_at_once() -> None:
    async with cards({LIST: 0.01, GET: 0.01, UPDATE: 0.003}) as there:
        snapshots = await there.some(60)
        await there.write(snapshots)
        assert there.batches.last == group(49)
        there.portal.costs[UPDATE] = 0.02
        snapshots = await there.read([one.ref for one in snapshots])
        await there.write(snapshots, OTHER)
        assert there.client.group_sizes.learnt() == {"contact": 12}  # 49 took 0.99 seconds
        await there.write(await there.read([one.ref for one in snapshots]))
        assert max(map(len, "".join("L" if one == LIST else "u" for one in there.batches.last).split("L"))) <= 13


async def test_a_batch_that_waits_for_its_turn_leaves_by_what_is_known_then() -> None:
    async with cards({LIST: 0.01, GET: 0.01, UPDATE: 0.003}, in_flight=1) as there:
        snapshots = await there.some(48)
        there.portal.costs[UPDATE] = 0.02
        outcomes = await asyncio.gather(there.write(snapshots[:24]), there.write(snapshots[24:]))
        assert all(isinstance(outcome, Written) for some in outcomes for outcome in some)
        first, second = there.batches.seen[-2:]
        assert (tuple(first), tuple(second)) == (group(24), group(12) * 2)


async def test_a_portal_that_tells_no_times_gets_pairs() -> None:
    def timeless(_method: str, body: bytes) -> Mutated:
        result = json.loads(body)["result"]
        result.pop("result_time", None)
        return Mutated("timeless", json.dumps({"result": result}).encode())

    async with cards(twist=timeless) as there:
        snapshots = await there.some(60)
        assert all(isinstance(outcome, Written) for outcome in (await there.write(snapshots))[:48])
        assert there.client.group_sizes.learnt() == {"contact": 1}
        await there.write(snapshots[48:])
        assert there.batches.last == PAIR * 12


def of_another(row: dict[str, Any]) -> None:
    row["id"] += 1000


def without_points(row: dict[str, Any]) -> None:
    for name in ("fm", "hasPhone", "hasEmail"):
        del row[name]


def in_two_versions(row: dict[str, Any]) -> None:
    row["fm"] *= 2


@pytest.mark.parametrize("mislead", [of_another, without_points, in_two_versions])
async def test_a_row_that_tells_nothing_of_its_item_leaves_its_update_in_doubt(
    mislead: Callable[[dict[str, Any]], None],
) -> None:
    def twist(_method: str, body: bytes) -> Mutated | None:
        answer = json.loads(body)
        if "result" not in answer["result"]:
            return None
        mislead(answer["result"]["result"]["c0"]["items"][3])
        return Mutated("misleading", json.dumps(answer).encode())

    async with cards(twist=twist) as there:
        snapshots = await there.some(8)
        outcomes = await there.write(snapshots)
        expected = [Unknown if number == 3 else Written for number in range(8)]
        assert [type(outcome) for outcome in outcomes] == expected


async def lists_less(there: Cards, missing: Sequence[int], snapshots: Sequence[Snapshot]) -> tuple[WriteOutcome, ...]:
    """Write while the next list leaves out some items, which the user may update all the same."""
    hidden = [(CONTACT, one) for one in missing]

    class Hiding:
        def before(self, call: Call) -> RestError | None:
            (there.portal.hidden.update if call.method == LIST else there.portal.hidden.difference_update)(hidden)
            return None

        def after(self, _: Call) -> RestError | None:
            return None

    there.portal.watchers.append(hiding := Hiding())
    try:
        return await there.write(snapshots)
    finally:
        there.portal.watchers.remove(hiding)


@pytest.mark.parametrize("missing", [[1], [7], [49], [3, 4, 20], list(range(1, 50))])
async def test_nothing_is_written_behind_a_list_that_is_not_whole(missing: list[int]) -> None:
    async with cards() as there:
        snapshots = await there.some(49)
        saves = there.portal.history.saves
        outcomes = await lists_less(there, missing, snapshots)
        assert outcomes == (Deferred(0.0),) * 49
        assert there.portal.history.saves == saves
        outcomes = await there.write(snapshots)
        assert there.batches.listed.isdisjoint(missing)  # each of them has a reading of its own
        assert sum(isinstance(outcome, Written) for outcome in outcomes) >= 25


async def test_what_is_gone_is_told_by_a_reading_of_its_own() -> None:
    async with cards() as there:
        snapshots = await there.some(30)
        there.portal.delete(there.portal.table(CONTACT).items[20], "person")
        assert await there.write(snapshots) == (Deferred(0.0),) * 30
        outcomes = await there.write(snapshots)
        assert [isinstance(outcome, Written) for outcome in outcomes[:19]] == [True] * 19
        assert isinstance(gone := outcomes[19], Refused)
        assert gone.code == "NOT_FOUND"
        assert outcomes[20:] == (Deferred(0.0),) * 10
        assert all(isinstance(outcome, Written) for outcome in await there.write(snapshots[20:]))
        assert there.batches.last == group(10)


async def test_a_refused_update_ends_its_batch() -> None:
    async with cards() as there:
        snapshots = await there.some(30)
        there.portal.frozen.add((CONTACT, 11))
        outcomes = await there.write(snapshots)
        assert [isinstance(outcome, Written) for outcome in outcomes[:10]] == [True] * 10
        assert isinstance(refused := outcomes[10], Refused)
        assert refused.code == "ACCESS_DENIED"
        assert outcomes[11:] == (Deferred(0.0),) * 19
        assert there.batches.last == group(11)  # the others were not reached


@pytest.mark.parametrize("method", [LIST, UPDATE])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_error_leaves_nothing_in_doubt_but_what_it_is_told_of(method: str, when: str) -> None:
    async with cards() as there:
        snapshots = await there.some(30)
        saves = there.portal.history.saves
        there.portal.faults.add(Fault(kind=Kind.COMMAND_ERROR, match=method, when=when))
        first, *others = await there.write(snapshots)
        assert isinstance(first, Unknown if method == UPDATE else Deferred)
        assert others == [Deferred(0.0)] * 29
        assert there.portal.history.saves == saves + (method == UPDATE and when == "after")
        again = await there.write(snapshots[1:])
        assert all(isinstance(outcome, Written) for outcome in again[:20])
        if method == LIST:
            assert LIST not in there.batches.last


async def test_a_lost_answer_halves_the_groups() -> None:
    async with cards() as there:
        snapshots = await there.some(48)
        there.portal.faults.add(Fault(kind=Kind.CUT, match="batch", commands=9))
        with pytest.raises(OutcomeUnknown):
            await there.write(snapshots)
        assert there.client.group_sizes.learnt() == {"contact": 24}


async def test_a_text_that_no_batch_can_say_has_a_reading_of_its_own_and_so_has_what_follows() -> None:
    async with cards() as there:
        snapshots = await there.some(10)
        outcomes = await there.write(snapshots, told="$result[c0][items]")
        assert all(isinstance(outcome, Written) for outcome in outcomes)
        assert [there.phone(3), there.phone(4)] == ["$result[c0][items]", "+79161234567"]
        assert [tuple(batch) for batch in there.batches.seen[-3:]] == [(*group(2), GET), (UPDATE,), PAIR * 7]


async def test_types_have_groups_of_their_own() -> None:
    async with cards() as there:
        for _ in range(5):
            there.portal.create(COMPANY, {}, [PointChange(None, "PHONE", "WORK", MESSY)], "generator", NOW - 60)
        snapshots = await there.some(60)
        companies = await there.read([EntityRef(EntityType.COMPANY, number) for number in range(1, 6)])
        mixed = [*snapshots[:6], *companies, *snapshots[6:8]]
        assert all(isinstance(outcome, Written) for outcome in await there.write(mixed))
        assert there.batches.last == group(6) + group(5) + group(2)


@pytest.mark.parametrize("position", [0, 1, 4, 5])
async def test_the_witness_shows_what_was_there_when_it_was_read(position: int) -> None:
    """Somebody changes an entry, deletes one and adds one, before each command of a group of five."""
    async with cards() as there:
        snapshots = await there.some(5)
        edits = [
            PersonEdit(action=Action.CHANGE, entity_type_id=CONTACT, item_id=1, value=OTHER + "1"),
            PersonEdit(action=Action.DELETE, entity_type_id=CONTACT, item_id=2),
            PersonEdit(action=Action.ADD, entity_type_id=CONTACT, item_id=4, value=OTHER + "4"),
        ]
        there.portal.person.plan(Trigger(position=position), *edits)
        outcomes = await there.write(snapshots)
        assert all(isinstance(outcome, Written) for outcome in outcomes)
        met = [outcome.witness for outcome in outcomes if isinstance(outcome, Written)]
        left = [outcome.after for outcome in outcomes if isinstance(outcome, Written)]
        seen = [[point.value for point in one.entries] for one in met if isinstance(one, Snapshot)]
        after = [[point.value for point in one.entries] for one in left if isinstance(one, Snapshot)]
        if position == 0:
            assert (seen[0], seen[1], seen[3]) == ([OTHER + "1"], [], [MESSY, OTHER + "4"])
        else:
            assert [one == snapshot for one, snapshot in zip(met, snapshots, strict=True)] == [True] * 5
        # what was added is never lost, and shows as soon as the update has saved
        assert after[3] == ["+79161234567", OTHER + "4"] if position <= 4 else after[3] == ["+79161234567"]
        assert [point.value for point in there.portal.table(CONTACT).items[4].points.values()][1:] == [OTHER + "4"]
