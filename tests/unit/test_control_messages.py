"""Requests and results come across as they were; nothing of another release or other settings is carried out."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.app.command_table import COMMANDS, PortalCommand, StateCommand, command_for
from b24syncd.app.control_messages import TOLD, Failed, Finished, Progressed, opened, sealed
from b24syncd.app.requests import (
    AcceptRequest,
    AddRequest,
    BackfillRequest,
    DecideRequest,
    DismissRequest,
    EditRequest,
    ExcludeRequest,
    ImportRequest,
    IncludeRequest,
    InviteRequest,
    LoginRequest,
    PauseRequest,
    PreviewRequest,
    RebindRequest,
    ReleaseRequest,
    ReopenRequest,
    Request,
    ResumeRequest,
    RevokeRequest,
    UndoRequest,
)
from b24syncd.app.results import Added, Changed, Decided, Edited, Imported, Invited, Previewed, Revoked, Undone
from b24syncd.domain.additions import AddEnding, AddFate, Addition
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, AddItem, ChangePoint, DeletePoint, MoveBinding, SetField
from b24syncd.domain.decisions import Decision, Kept, LeftOpen
from b24syncd.domain.edits import Edit, Ending, Fate, FieldEdit, PointEdit
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.moves import SOURCES, Move
from b24syncd.domain.people import Role
from b24syncd.domain.snapshots import PointKind
from b24syncd.domain.undoing import NotUndone, Why
from b24syncd.domain.values import Choice
from b24syncd.engine.how_far import HowFar
from b24syncd.errors import UsageInvalid
from b24syncd.reports.summary import Failed as FailedItem
from b24syncd.reports.summary import Summary
from b24syncd.settings import load_settings
from b24syncd.store.history import Filter
from b24syncd.store.review_search import ReviewFilter
from b24syncd.store.stored_reviews import ReviewState

if TYPE_CHECKING:
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
    job=st.none() | TEXT,
    by=TEXT,
    ids=st.lists(IDS, max_size=2).map(tuple),
)
DECISIONS = st.builds(Decision, IDS, REFS, TEXT, st.integers(0, 2**31), TEXT, TEXT, st.booleans(), st.booleans())
SINGLES = (
    TEXT.filter(bool)
    | st.booleans()
    | st.decimals(-(10**9), 10**9, places=2)
    | st.dates()
    | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    | st.builds(Choice, TEXT)
)
VALUES = st.none() | SINGLES | st.lists(SINGLES, min_size=1, max_size=3).map(tuple)
POINT_EDITS = st.builds(PointEdit, st.sampled_from(PointKind), st.none() | IDS, TEXT, TEXT, TEXT)
FIELD_EDITS = st.builds(FieldEdit, TEXT, VALUES, VALUES)
EDITS = st.builds(
    Edit, REFS, st.lists(FIELD_EDITS, max_size=3).map(tuple), st.lists(POINT_EDITS, max_size=3).map(tuple)
)
ADDITIONS = st.builds(
    Addition,
    st.sampled_from([EntityType.DEAL, EntityType("type128")]),
    TEXT,
    st.lists(st.tuples(TEXT, VALUES), max_size=3).map(tuple),
    st.lists(POINT_EDITS, max_size=2).map(tuple),
)
REVIEW_FILTERS = st.builds(
    ReviewFilter,
    states=st.frozensets(st.sampled_from(ReviewState), min_size=1),
    job=st.none() | TEXT,
    reasons=st.frozensets(TEXT, max_size=2),
    types=st.frozensets(st.sampled_from([*EntityType]), max_size=2),
    regions=st.frozensets(TEXT, max_size=2),
    item=st.none() | REFS,
    text=TEXT,
    exact=st.booleans(),
    since=st.none() | st.datetimes(timezones=st.just(UTC)),
)
REQUESTS: st.SearchStrategy[Request[Any]] = (
    st.builds(
        BackfillRequest,
        jobs=st.lists(TEXT).map(tuple),
        only=st.lists(REFS, max_size=3).map(tuple),
        limit=st.none() | IDS,
        goes_on=st.booleans(),
    )
    | st.builds(RebindRequest, name=TEXT, moves=MOVES, goes_on=st.booleans())
    | st.builds(UndoRequest, which=FILTERS)
    | st.builds(DismissRequest, ids=st.lists(IDS).map(tuple), which=st.none() | REVIEW_FILTERS)
    | st.builds(ReopenRequest, ids=st.lists(IDS).map(tuple))
    | st.builds(DecideRequest, decisions=st.lists(DECISIONS, max_size=5).map(tuple))
    | st.builds(InviteRequest, name=TEXT, role=st.sampled_from(Role))
    | st.builds(RevokeRequest, name=TEXT)
    | st.builds(LoginRequest, sealed=TEXT)
    | st.builds(EditRequest, edit=EDITS)
    | st.builds(AddRequest, addition=ADDITIONS)
    | st.builds(ReleaseRequest, ids=st.lists(IDS).map(tuple), run=st.none() | IDS)
    | st.builds(ExcludeRequest, refs=st.lists(REFS, max_size=3).map(tuple))
    | st.builds(IncludeRequest, refs=st.lists(REFS, max_size=3).map(tuple))
    | st.builds(PauseRequest, job=TEXT)
    | st.builds(PreviewRequest, jobs=st.lists(TEXT).map(tuple), only=st.lists(REFS, max_size=3).map(tuple))
    | st.builds(ResumeRequest, job=TEXT)
    | st.builds(AcceptRequest, which=REVIEW_FILTERS, expected=st.none() | IDS)
    | st.builds(
        ImportRequest,
        decisions=st.lists(DECISIONS, max_size=3).map(tuple),
        dismissed=st.lists(IDS).map(tuple),
        reopened=st.lists(IDS).map(tuple),
        excluded=st.lists(REFS, max_size=3).map(tuple),
    )
)
COUNTS = st.dictionaries(st.sampled_from(["read", "corrected", "failed"]), st.integers(0, 9**9))
SUMMARIES = st.builds(
    Summary,
    run_id=st.none() | IDS,
    interrupted=st.booleans(),
    counts=COUNTS,
    requests=IDS,
    refused_types=st.dictionaries(st.sampled_from([*EntityType, EntityType("type128")]), TEXT, max_size=2),
    missing=st.lists(REFS, max_size=3).map(tuple),
    refused_feeds=st.dictionaries(TEXT, TEXT, max_size=2),
    failed=st.lists(st.builds(FailedItem, REFS, st.none() | TEXT), max_size=3).map(tuple),
    open_reviews=st.none() | IDS,
    stopped=st.none() | TEXT,
    of_no_job=st.lists(REFS, max_size=3).map(tuple),
    resting=st.dictionaries(TEXT, TEXT, max_size=2),
    types_off=st.dictionaries(st.sampled_from([*EntityType]), TEXT, max_size=2),
)
CORRECTIONS = (
    st.builds(ChangePoint, REFS, TEXT, st.sampled_from(PointKind), IDS, TEXT, TEXT, TEXT)
    | st.builds(DeletePoint, REFS, TEXT, st.sampled_from(PointKind), IDS, TEXT, TEXT)
    | st.builds(MoveBinding, REFS, TEXT, BINDINGS, BINDINGS)
    | st.builds(AddBinding, REFS, TEXT, BINDINGS)
    | st.builds(
        AddItem, REFS, TEXT, TEXT, st.dictionaries(TEXT, VALUES, max_size=3).map(lambda one: tuple(one.items()))
    )
    | st.builds(SetField, REFS, TEXT, TEXT, st.none() | st.dates(), st.none() | TEXT.filter(bool))
)


def settings(**overrides: object) -> Settings:
    environ = {
        "B24SYNCD_PORTAL__WEBHOOK": f"https://acme.bitrix24.ru/rest/1/{SECRET}/",
        "B24SYNCD_PORTAL__REGION": "RU",
    }
    return load_settings(None, environ | {f"B24SYNCD_{key.upper()}": str(value) for key, value in overrides.items()})


OWN = settings()


DECIDED = st.builds(
    Decided,
    summary=SUMMARIES,
    accepted=st.lists(IDS, max_size=3).map(tuple),
    left=st.lists(st.builds(LeftOpen, DECISIONS, st.sampled_from(Kept)), max_size=4).map(tuple),
)
RESULTS: dict[type[Request[Any]], st.SearchStrategy[Any]] = {
    BackfillRequest: SUMMARIES,
    RebindRequest: SUMMARIES,
    UndoRequest: st.builds(
        Undone,
        summary=SUMMARIES,
        left=st.lists(st.builds(NotUndone, CORRECTIONS, st.sampled_from(Why)), max_size=4).map(tuple),
        holders=st.lists(IDS, max_size=3).map(tuple),
        titles=st.dictionaries(st.text(), st.dictionaries(st.text(), st.text(), max_size=2), max_size=2),
    ),
    DecideRequest: DECIDED,
    EditRequest: st.builds(
        Edited,
        ref=REFS,
        run_id=st.none() | IDS,
        endings=st.lists(
            st.builds(Ending, FIELD_EDITS | POINT_EDITS, st.sampled_from(Fate), VALUES, TEXT), max_size=3
        ).map(tuple),
        interrupted=st.booleans(),
    ),
    AddRequest: st.builds(
        Added,
        run_id=st.none() | IDS,
        ending=st.builds(
            AddEnding,
            st.sampled_from(AddFate),
            st.none() | REFS,
            TEXT,
            st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
        ),
    ),
    DismissRequest: st.builds(Changed, IDS),
    ReopenRequest: st.builds(Changed, IDS),
    ReleaseRequest: st.builds(Changed, IDS),
    InviteRequest: st.builds(
        Invited, TEXT, st.sampled_from(Role), st.datetimes(timezones=st.just(UTC)), st.text(min_size=1)
    ),
    RevokeRequest: st.builds(Revoked, TEXT),
    LoginRequest: st.builds(Changed, IDS),
    ExcludeRequest: st.builds(Changed, IDS),
    IncludeRequest: st.builds(Changed, IDS),
    PauseRequest: st.builds(Changed, IDS),
    PreviewRequest: st.builds(Previewed, IDS, st.booleans()),
    ResumeRequest: st.builds(Changed, IDS),
    AcceptRequest: DECIDED,
    ImportRequest: st.builds(Imported, decided=st.none() | DECIDED, changed=IDS),
}


@given(REQUESTS)
def test_a_request_comes_across(request: Request[Any]) -> None:
    sent = sealed(OWN, request)
    assert SECRET.encode() not in sent
    assert opened(sent, OWN) == request


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.request.__name__)
@given(st.data())
def test_a_result_comes_across(command: PortalCommand[Any, Any] | StateCommand[Any, Any], data: st.DataObject) -> None:
    result = data.draw(RESULTS[command.request])
    line = Finished(result=command.result.dump_python(result, mode="json")).model_dump_json()
    assert "\n" not in line
    told = TOLD.validate_json(line)
    assert isinstance(told, Finished)
    assert command.result.validate_python(told.result) == result


def test_all_of_a_summary_is_sent_but_what_only_previews_tell() -> None:
    summary = Summary(1, interrupted=False, counts={}, requests=0)
    sent = command_for(BackfillRequest()).result.dump_python(summary, mode="json")
    assert {field.name for field in fields(Summary)} - sent.keys() == {"other_region", "effort"}


@given(REQUESTS)
def test_every_request_has_its_command(request: Request[Any]) -> None:
    assert command_for(request).request is type(request)


def test_no_command_is_in_the_table_twice() -> None:
    assert len({command.request for command in COMMANDS}) == len(COMMANDS)


HOW_FAR = st.builds(
    HowFar,
    phase=TEXT,
    share=st.floats(0, 1),
    eta_seconds=st.none() | st.floats(0, 1e9),
    waiting_for=st.none() | TEXT,
    waiting_until=st.none() | st.datetimes(timezones=st.just(UTC)),
    counts=COUNTS,
)


@given(
    st.builds(Progressed, how_far=HOW_FAR)
    | st.builds(Finished, result=st.dictionaries(TEXT, TEXT))
    | st.builds(Failed, exit_code=st.integers(0, 200), lines=st.lists(TEXT).map(tuple))
)
def test_what_is_told_comes_across(told: Progressed | Finished | Failed) -> None:
    assert TOLD.validate_json(told.model_dump_json()) == told


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
        opened(sealed(settings(**overrides), BackfillRequest()), OWN)
    assert "reload it" in str(refused.value)
    if "jobs.emails" not in named:
        assert f"({named})" in str(refused.value)


def test_where_a_command_logs_and_finds_the_state_is_its_own_affair() -> None:
    other = settings(log__level="error", state__path="/elsewhere/acme.db", state__keep_journal_days=3)
    assert opened(sealed(other, BackfillRequest()), OWN) == BackfillRequest()


@pytest.mark.parametrize(
    "change", [{"release": "0.0.1"}, {"extra": 1}, {"request": {"command": "format"}}, {"request": 7}]
)
def test_what_another_release_sends_is_refused(change: dict[str, object]) -> None:
    sent = json.loads(sealed(OWN, BackfillRequest())) | change
    with pytest.raises(UsageInvalid, match="restart"):
        opened(json.dumps(sent).encode(), OWN)


@given(st.binary())
def test_garbage_is_refused(received: bytes) -> None:
    with pytest.raises(UsageInvalid):
        opened(received, OWN)
