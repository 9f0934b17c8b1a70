"""Orders and their answers come across as they were; nothing of another release or other settings is carried out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.app.orders import (
    MESSAGES,
    BackfillOrder,
    DecideOrder,
    DismissOrder,
    Ended,
    Finished,
    Progressed,
    RebindOrder,
    ReleaseOrder,
    ReopenOrder,
    UndoOrder,
    letter,
    order_in,
)
from b24syncd.app.results import (
    left_from_json,
    left_open_from_json,
    left_open_to_json,
    left_to_json,
    summary_from_json,
    summary_to_json,
)
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, ChangePoint, DeletePoint, MoveBinding, SetField
from b24syncd.domain.decisions import Decision, Kept
from b24syncd.domain.decisions import Left as LeftOpen
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.moves import SOURCES, Move
from b24syncd.domain.snapshots import PointKind
from b24syncd.domain.undoing import Left, Why
from b24syncd.errors import UsageInvalid
from b24syncd.reports.summary import Failed, Summary
from b24syncd.settings import load_settings
from b24syncd.store.history import Filter

if TYPE_CHECKING:
    from b24syncd.app.orders import Order
    from b24syncd.settings import Settings

SECRET = "a1b2c3d4e5f6g7h8"
TEXT = st.text(max_size=30)
IDS = st.integers(1, 2**31)
REFS = st.builds(EntityRef, st.sampled_from([EntityType.CONTACT, EntityType.LEAD, EntityType.ACTIVITY]), IDS)
BINDINGS = st.builds(Binding, st.sampled_from(list(SOURCES)), IDS)
MOVES = st.lists(st.builds(Move, IDS, BINDINGS, BINDINGS, st.none() | IDS), max_size=5).map(tuple)
FILTERS = st.builds(
    Filter,
    run_id=st.none() | IDS,
    item=st.none() | REFS,
    since=st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
DECISIONS = st.builds(Decision, IDS, REFS, TEXT, st.integers(0, 2**31), TEXT, TEXT, st.booleans(), st.booleans())
ORDERS = (
    st.builds(BackfillOrder, jobs=st.lists(TEXT).map(tuple), limit=st.none() | IDS, goes_on=st.booleans())
    | st.builds(lambda moves, name: RebindOrder.of(moves, name, goes_on=False), MOVES, TEXT)
    | st.builds(UndoOrder.of, FILTERS)
    | st.builds(DismissOrder, ids=st.lists(IDS).map(tuple))
    | st.builds(ReopenOrder, ids=st.lists(IDS).map(tuple))
    | st.builds(DecideOrder.of, st.lists(DECISIONS, max_size=5))
    | st.builds(ReleaseOrder, ids=st.lists(IDS).map(tuple), run=st.none() | IDS)
)
COUNTS = st.dictionaries(st.sampled_from(["read", "corrected", "failed"]), st.integers(0, 9**9))
SUMMARIES = st.builds(
    Summary,
    run_id=st.none() | IDS,
    interrupted=st.booleans(),
    counts=COUNTS,
    requests=IDS,
    refused_types=st.dictionaries(st.sampled_from(list(EntityType)), TEXT, max_size=2),
    missing=st.lists(REFS, max_size=3).map(tuple),
    refused_feeds=st.dictionaries(TEXT, TEXT, max_size=2),
    failed=st.lists(st.builds(Failed, REFS, st.none() | TEXT), max_size=3).map(tuple),
    open_reviews=st.none() | IDS,
    stopped=st.none() | TEXT,
)
CORRECTIONS = (
    st.builds(ChangePoint, REFS, TEXT, st.sampled_from(PointKind), IDS, TEXT, TEXT, TEXT)
    | st.builds(DeletePoint, REFS, TEXT, st.sampled_from(PointKind), IDS, TEXT, TEXT)
    | st.builds(MoveBinding, REFS, TEXT, BINDINGS, BINDINGS)
    | st.builds(AddBinding, REFS, TEXT, BINDINGS)
    | st.builds(SetField, REFS, TEXT, TEXT, st.none() | st.dates(), st.none() | TEXT.filter(bool))
)


def settings(**overrides: object) -> Settings:
    environ = {
        "B24SYNCD_PORTAL__WEBHOOK": f"https://acme.bitrix24.ru/rest/1/{SECRET}/",
        "B24SYNCD_PORTAL__REGION": "RU",
    }
    return load_settings(None, environ | {f"B24SYNCD_{key.upper()}": str(value) for key, value in overrides.items()})


OWN = settings()


@given(ORDERS)
def test_an_order_comes_across(order: Order) -> None:
    sent = letter(OWN, order)
    assert sent.endswith(b"\n")
    assert sent.count(b"\n") == 1
    assert SECRET.encode() not in sent
    assert order_in(sent, OWN) == order


@given(MOVES, TEXT)
def test_a_list_of_moves_comes_across(moves: tuple[Move, ...], name: str) -> None:
    assert RebindOrder.of(moves, name, goes_on=True).moves == moves


@given(FILTERS)
def test_what_is_to_be_undone_comes_across(which: Filter) -> None:
    assert UndoOrder.of(which).which == which


@given(SUMMARIES)
def test_a_summary_comes_across(summary: Summary) -> None:
    assert summary_from_json(json.loads(json.dumps(summary_to_json(summary)))) == summary


@given(st.lists(st.builds(Left, CORRECTIONS, st.sampled_from(Why)), max_size=4).map(tuple))
def test_what_an_undo_leaves_comes_across(left: tuple[Left, ...]) -> None:
    assert left_from_json(json.loads(json.dumps(left_to_json(left)))) == left


@given(st.lists(st.builds(LeftOpen, DECISIONS, st.sampled_from(Kept)), max_size=4).map(tuple))
def test_what_is_left_of_decisions_comes_across(left: tuple[LeftOpen, ...]) -> None:
    assert left_open_from_json(json.loads(json.dumps(left_open_to_json(left)))) == left


@given(st.lists(DECISIONS, max_size=4))
def test_decisions_come_across(decided: list[Decision]) -> None:
    assert DecideOrder.of(decided).decisions == tuple(decided)


@given(
    st.builds(Progressed, phase=TEXT, counts=COUNTS, waiting=st.none() | TEXT)
    | st.builds(Finished, result=st.dictionaries(TEXT, TEXT))
    | st.builds(Ended, exit_code=st.integers(0, 200), lines=st.lists(TEXT).map(tuple))
)
def test_a_message_comes_across(message: Progressed | Finished | Ended) -> None:
    assert MESSAGES.validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"jobs__phones__split": "false"}, "jobs.phones.split"),
        ({"safety__exclude": "contact:1", "limits__burst": 10}, "limits.burst, safety.exclude"),
        ({"portal__region": "DE"}, "jobs.emails"),
    ],
)
def test_other_settings_are_refused_by_name(overrides: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageInvalid) as refused:
        order_in(letter(settings(**overrides), BackfillOrder()), OWN)
    assert "restart it" in str(refused.value)
    if "jobs.emails" not in named:
        assert f"({named})" in str(refused.value)


def test_where_a_command_logs_and_finds_the_state_is_its_own_affair() -> None:
    other = settings(log__level="error", state__path="/elsewhere/acme.db", state__keep_journal_days=3)
    assert order_in(letter(other, BackfillOrder()), OWN) == BackfillOrder()


@pytest.mark.parametrize("change", [{"release": "0.0.1"}, {"extra": 1}, {"order": {"command": "format"}}, {"order": 7}])
def test_what_another_release_sends_is_refused(change: dict[str, object]) -> None:
    sent = json.loads(letter(OWN, BackfillOrder())) | change
    with pytest.raises(UsageInvalid, match="restart"):
        order_in(json.dumps(sent).encode(), OWN)


@given(st.binary())
def test_garbage_is_refused(received: bytes) -> None:
    with pytest.raises(UsageInvalid):
        order_in(received, OWN)
