"""How the values that a command is asked with, and answers with, are written in JSON."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, GetPydanticSchema, TypeAdapter
from pydantic_core import core_schema

from b24syncd.domain.bindings import Binding
from b24syncd.domain.decisions import Decision, Kept, LeftOpen
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.moves import Move
from b24syncd.domain.undoing import NotUndone, Why
from b24syncd.reports.summary import Failed, Summary
from b24syncd.store.history import Filter
from b24syncd.store.journal_rows import CorrectionRow, from_row, to_row
from b24syncd.store.review_search import ReviewFilter
from b24syncd.store.stored_reviews import ReviewState

_Value = TypeVar("_Value")
_Written = TypeVar("_Written")


def written_as(
    form: Any,  # noqa: ANN401 # a type
    value: type[_Value],
    write: Callable[[_Value], _Written],
    read: Callable[[_Written], _Value],
) -> GetPydanticSchema:
    """Return how a value is written: in JSON in this `form`, whose types are checked before it is read."""
    adapter: TypeAdapter[_Written] = TypeAdapter(form)

    def validate(found: object) -> _Value:
        return found if isinstance(found, value) else read(adapter.validate_python(found))

    def serialize(found: _Value) -> object:
        return adapter.dump_python(write(found), mode="json")

    schema = core_schema.no_info_plain_validator_function(
        validate, serialization=core_schema.plain_serializer_function_ser_schema(serialize)
    )
    return GetPydanticSchema(lambda _source, _handler: schema)


_MoveRow = tuple[int, str, str, int | None]
_FilterRow = tuple[int | None, datetime | None, str | None, str | None, str, tuple[int, ...]]
_ReviewFilterRow = tuple[
    list[str],
    list[str],
    list[str],
    list[str],
    str | None,
    str | None,
    str,
    bool,
    datetime | None,
    datetime | None,
]
_DecisionRow = tuple[int, str, str, int, str, str, bool, bool]
_LeftRow = tuple[CorrectionRow, str]
_LeftOpenRow = tuple[_DecisionRow, str]


def _move_row(one: Move) -> _MoveRow:
    return (one.line, str(one.source), str(one.target), one.activity_id)


def _move(row: _MoveRow) -> Move:
    line, source, target, activity_id = row
    return Move(line, Binding.parse(source), Binding.parse(target), activity_id)


def _filter_row(which: Filter) -> _FilterRow:
    item = None if which.item is None else str(which.item)
    return (which.run_id, which.since, item, which.job, which.by, which.ids)


def _filter(row: _FilterRow) -> Filter:
    run_id, since, item, job, by, ids = row
    ref = None if item is None else EntityRef.parse(item)
    return Filter(run_id=run_id, since=since, item=ref, job=job, by=by, ids=ids)


def _review_filter_row(which: ReviewFilter) -> _ReviewFilterRow:
    item = None if which.item is None else str(which.item)
    types = sorted(entity_type.value for entity_type in which.types)
    sets = (sorted(state.value for state in which.states), sorted(which.reasons), types, sorted(which.regions))
    return (*sets, which.job, item, which.text, which.exact, which.since, which.seen_at)


def _review_filter(row: _ReviewFilterRow) -> ReviewFilter:
    states, reasons, types, regions, job, item, text, exact, since, seen_at = row
    return ReviewFilter(
        states=frozenset(map(ReviewState, states)),
        job=job,
        reasons=frozenset(reasons),
        types=frozenset(map(EntityType, types)),
        regions=frozenset(regions),
        item=None if item is None else EntityRef.parse(item),
        text=text,
        exact=exact,
        since=since,
        seen_at=seen_at,
    )


def _decision_row(one: Decision) -> _DecisionRow:
    ref = str(one.ref)
    return (one.review_id, ref, one.job, one.point_id, one.value, one.becomes, one.is_suggestion, one.to_the_letter)


def _decision(row: _DecisionRow) -> Decision:
    review_id, ref, job, point_id, value, becomes, is_suggestion, to_the_letter = row
    return Decision(review_id, EntityRef.parse(ref), job, point_id, value, becomes, is_suggestion, to_the_letter)


def _left_row(one: NotUndone) -> _LeftRow:
    return (to_row(one.correction), one.why.value)


def _left(row: _LeftRow) -> NotUndone:
    correction, why = row
    return NotUndone(from_row(correction), Why(why))


def _left_open_row(one: LeftOpen) -> _LeftOpenRow:
    return (_decision_row(one.decision), one.why.value)


def _left_open(row: _LeftOpenRow) -> LeftOpen:
    decision, why = row
    return LeftOpen(_decision(decision), Kept(why))


def _type_name(entity_type: EntityType) -> str:
    return entity_type.value


JsonType = Annotated[EntityType, written_as(str, EntityType, _type_name, EntityType)]
JsonRef = Annotated[EntityRef, written_as(str, EntityRef, str, EntityRef.parse)]
JsonMove = Annotated[Move, written_as(_MoveRow, Move, _move_row, _move)]
JsonFilter = Annotated[Filter, written_as(_FilterRow, Filter, _filter_row, _filter)]
JsonReviewFilter = Annotated[
    ReviewFilter, written_as(_ReviewFilterRow, ReviewFilter, _review_filter_row, _review_filter)
]
JsonDecision = Annotated[Decision, written_as(_DecisionRow, Decision, _decision_row, _decision)]
JsonLeft = Annotated[NotUndone, written_as(_LeftRow, NotUndone, _left_row, _left)]
JsonLeftOpen = Annotated[LeftOpen, written_as(_LeftOpenRow, LeftOpen, _left_open_row, _left_open)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class _FailedForm(_Form):
    ref: JsonRef
    detail: str | None


class _SummaryForm(_Form):
    """Everything of a `Summary` but what only previews tell."""

    run_id: int | None
    interrupted: bool
    counts: dict[str, int]
    requests: int
    refused_types: dict[JsonType, str]
    missing: tuple[JsonRef, ...]
    refused_feeds: dict[str, str]
    failed: tuple[_FailedForm, ...]
    open_reviews: int | None
    stopped: str | None
    of_no_job: tuple[JsonRef, ...]
    resting: dict[str, str]
    types_off: dict[JsonType, str] = {}
    paused: dict[str, str] = {}


def _summary(form: _SummaryForm) -> Summary:
    failed = tuple(Failed(one.ref, one.detail) for one in form.failed)
    return Summary(**{**dict(form), "failed": failed})


JsonSummary = Annotated[Summary, written_as(_SummaryForm, Summary, _SummaryForm.model_validate, _summary)]
