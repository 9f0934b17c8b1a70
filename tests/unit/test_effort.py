"""How long writing would take at the portal's limits, and which of them binds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.app.effort import WritingAhead
from b24syncd.domain.corrections import SetField
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.portal.pace.limits import LimitsState, VolatileMemory
from b24syncd.reports.effort import Effort, Pace, effort_of
from b24syncd.settings import load_settings

GET, UPDATE = "crm.item.get", "crm.item.update"
CLOUD = Pace(operating_seconds=388.8, window_seconds=600, burst=45, per_second=1.8, in_flight=3)


def test_the_operating_time_binds_a_large_portal() -> None:
    found = effort_of({GET: 11_000, UPDATE: 11_000}, 880, {GET: 0.02, UPDATE: 0.2}, CLOUD)
    assert found is not None
    assert found.bound_by == "the operating time of crm.item.update"
    assert round(found.seconds / 3600, 2) == 0.78
    assert list(found.lines()) == [
        "writing would take about 47 min at the portal's limits",
        "  what binds is the operating time of crm.item.update",
        "  learnt: crm.item.get 0.02 s, crm.item.update 0.2 s",
    ]


def test_requests_bind_where_operating_time_costs_nothing() -> None:
    found = effort_of({UPDATE: 100_000}, 8_000, {UPDATE: 0.0}, CLOUD)
    assert found is not None
    assert (found.bound_by, round(found.seconds)) == ("the number of requests", 4419)


def test_what_fits_into_one_window_takes_as_long_as_the_portal_takes() -> None:
    found = effort_of({GET: 100, UPDATE: 100}, 8, {}, CLOUD)
    assert found is not None
    assert list(found.lines()) == [
        "writing would take less than a minute at the portal's limits",
        "  what binds is the portal's own speed",
        "  assumed, for nothing is learnt yet: 0.2 s for each command",
    ]


def test_what_is_assumed_is_told_of_the_methods_that_nothing_is_learnt_of() -> None:
    found = effort_of({GET: 10**6, UPDATE: 10**6}, 8, {GET: 0.1}, CLOUD)
    assert found is not None
    assert list(found.lines())[0::2] == [
        "writing would take about 3.6 days at the portal's limits",
        "  learnt: crm.item.get 0.1 s",
    ]
    assert list(found.lines())[3] == "  assumed, for nothing is learnt yet: 0.2 s for each other command"


def test_of_several_alike_the_write_is_named() -> None:
    found = effort_of({GET: 10**6, UPDATE: 10**6}, 8, {}, CLOUD)
    assert found is not None
    assert found.bound_by == "the operating time of crm.item.update"


def test_nothing_to_write_takes_no_effort() -> None:
    assert effort_of({}, 0, {}, CLOUD) is None


async def effort_for(contacts: int, learnt: LimitsState) -> Effort:
    environ = {
        "PORTAL__WEBHOOK": "http://127.0.0.1:1/rest/1/secret/",
        "PORTAL__REGION": "RU",
        "STATE__PATH": "state.db",
    }
    settings = load_settings(None, {f"B24SYNCD_{key}": value for key, value in environ.items()})
    ahead, memory = WritingAhead(settings), VolatileMemory()
    await memory.save(learnt)
    for number in range(1, contacts + 1):
        ahead.add([SetField(EntityRef(EntityType.CONTACT, number), "fields", "name", "a", "A")])
    found = await ahead.effort(memory)
    assert found is not None
    return found


@pytest.mark.parametrize("is_list_known", [True, False])
async def test_cheap_updates_go_in_groups_behind_one_list(*, is_list_known: bool) -> None:
    known = {GET: 0.003, UPDATE: 0.002} | ({"crm.item.list": 0.02} if is_list_known else {})
    found = await effort_for(4900, LimitsState(costs=known))
    batches = 100 if is_list_known else 196
    assert (GET in found.costs) == (not is_list_known)
    assert found.bound_by == "the number of requests"
    assert batches - 40.5 <= found.seconds * 1.8 <= 1.15 * batches - 40.5


async def test_a_portal_that_allows_less_than_is_configured_takes_longer() -> None:
    costs = {GET: 0.01, UPDATE: 0.2}
    usual, less = [
        await effort_for(10_000, LimitsState(costs=costs, operating_limits=limits))
        for limits in ({}, {UPDATE: (240.0, 0.0)})
    ]
    assert usual.bound_by == less.bound_by == "the operating time of crm.item.update"
    assert less.seconds == pytest.approx(2 * usual.seconds + 600)


@given(
    st.dictionaries(st.sampled_from([GET, UPDATE]), st.integers(0, 10**7), min_size=1),
    st.integers(0, 10**6),
    st.dictionaries(st.sampled_from([GET, UPDATE]), st.floats(0, 60)),
)
def test_more_to_write_never_takes_less_time(amounts: dict[str, int], requests: int, costs: dict[str, float]) -> None:
    less = effort_of(amounts, requests, costs, CLOUD)
    more = effort_of({method: 2 * number for method, number in amounts.items()}, 2 * requests, costs, CLOUD)
    if less is not None:
        assert more is not None
        assert 0 <= less.seconds <= more.seconds


async def _hours(api: str, state: LimitsState, *kinds: EntityType) -> float:
    """Return the hours that an update of 3,000 items in all would take, so many of each type."""
    webhook = "https://acme.bitrix24.com/rest/1/abcdefghij123456/"
    environ = {"B24SYNCD_PORTAL__WEBHOOK": webhook, "B24SYNCD_PORTAL__REGION": "RU", "B24SYNCD_PORTAL__API": api}
    memory, ahead = VolatileMemory(), WritingAhead(load_settings(None, environ))
    await memory.save(state)
    for number in range(3000):
        ref = EntityRef(kinds[number % len(kinds)], number + 1)
        ahead.add([SetField(ref, "fields", "post", "", "Manager")])
    found = await ahead.effort(memory)
    assert found is not None
    return found.seconds / 3600


async def test_both_families_halve_what_one_type_takes_and_quarter_what_three_do() -> None:
    contact, deal, lead, company = EntityType.CONTACT, EntityType.DEAL, EntityType.LEAD, EntityType.COMPANY
    names = ("item", "contact", "lead", "company")
    reads, updates = (
        {f"crm.{name}.{what}": seconds for name in names} for what, seconds in (("get", 0.02), ("update", 4.0))
    )
    known = LimitsState(costs=reads | updates)
    resting = replace(known, reached=1.0, second_family=(2.0, "overload"))
    alone = await _hours("universal", known, contact)
    assert await _hours("both", known, deal) == alone
    assert await _hours("both", resting, contact) == alone
    assert await _hours("both", known, contact) / alone == pytest.approx(0.5, abs=0.1)
    assert await _hours("both", known, lead, contact, company) / alone == pytest.approx(0.25, abs=0.1)
