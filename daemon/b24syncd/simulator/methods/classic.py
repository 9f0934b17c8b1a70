"""The classic methods `crm.{lead,deal,contact,company}.{list,get,add,update,delete,fields}`.

Sources: docs api-reference/crm/{leads,deals,contacts,companies}/crm-*.md (bodies of answers and errors), docs
settings/performance/huge-data.md
(`start=-1` answers `total: 0`). Unknown names in filter, order, select and fields are passed over; those of filters,
fields and contact points count only in capitals (php: modules/crm/classes/general/restservice.php `internalizeFields`,
`findSelectedFmTypeIds`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import CORE, NO_CODE, RestError
from b24syncd.simulator.tables.fields import DEAL, ENTITY_NAMES, LEAD, Field, FieldType
from b24syncd.simulator.tables.values import Value, received, shown_classic

from . import item_defaults
from .calls import Answer, Call, Method
from .classic_lists import filter_of, sorting_of
from .classic_points import POINT_TYPES, PointFilter, points_of, shown_points
from .comments import normalized
from .field_info import described_classic
from .item_amounts import recalculate
from .items import look_before_saving, points_known, saved_points
from .listing import page
from .point_collection import saved
from .rights import allowed, may
from .text_checks import refuse_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from b24syncd.simulator.tables.access import Operation
    from b24syncd.simulator.tables.model import Item, Point, PointChange, Table

_NOT_FOUND_ON_UPDATE = {
    "lead": "Lead is not found",  # php: restservice.php `innerUpdate`; the docs leave out the first words
    "contact": "Contact is not found",
    "company": "Company is not found",
}
_NOT_FOUND_ON_DELETE = {
    "contact": RestError(CORE, "Element not found"),
    "company": RestError(NO_CODE, "Company is not found"),
}


_DENIED = RestError(NO_CODE, "Access denied.")


@dataclass(frozen=True, slots=True)
class _Target:
    """The table a classic method works on."""

    entity_type_id: int

    @property
    def name(self) -> str:
        return ENTITY_NAMES[self.entity_type_id]


def _table(target: _Target, call: Call, operation: Operation | None = None) -> Table:
    """Return the table, if there are such items and the user may do this with them; to describe them takes no right."""
    if target.entity_type_id == LEAD and call.portal.options.leads == "off":
        raise _DENIED
    if operation is not None and not may(call.portal, target.entity_type_id, operation):
        raise _DENIED
    return call.portal.table(target.entity_type_id)


def _item(target: _Target, call: Call, missing: RestError, operation: Operation) -> Item:
    table = _table(target, call)
    item_id = php.integer(call.parameter("id"))
    if item_id <= 0:
        raise RestError(NO_CODE, "ID is not defined or invalid.")
    item = table.items.get(item_id)
    if item is None and not call.portal.options.administrator and target.entity_type_id != DEAL:
        # php: the rights are looked at first, and there are none to what is gone; deals are asked for their pipeline
        raise _DENIED
    if item is None and not may(call.portal, target.entity_type_id, operation):
        # php: restservice.php `CCrmDealRestProxy`, where the words for a deal that is gone have no full stop
        raise RestError(NO_CODE, "Access denied") if target.entity_type_id == DEAL else _DENIED
    if item is None:
        raise missing
    if not allowed(call.portal, (target.entity_type_id, item.id), operation):
        raise _DENIED
    return item


def _shown(call: Call, item: Item, fields: list[Field], point_types: list[str]) -> dict[str, Any]:
    now = call.portal.now()
    body: dict[str, Any] = {field.classic: shown_classic(field, item.value(field.name), now) for field in fields}
    if not call.portal.options.sets_flags:
        body.update(dict.fromkeys(body.keys() & {"HAS_PHONE", "HAS_EMAIL"}))
    for type_id in point_types:
        if points := shown_points(item, type_id):
            body[type_id] = points
    return body


def _list(target: _Target, call: Call) -> Answer:
    table = _table(target, call, "read")
    names = table.classic_names
    by_points = PointFilter(call.array("filter"))
    wanted = filter_of(by_points.rest, names, call.portal.zone)
    if by_points.wanted:
        wanted.tests.append(by_points.passes)
    found = page(table, wanted, sorting_of(call.array("order"), names), call.start, turns_back=True)
    fields, point_types = _selected(table, call.parameter("select"))
    rows = [_shown(call, item, fields, point_types) for item in found.items]
    return Answer(rows, found.total or 0, found.next)


def _selected(table: Table, sent: object) -> tuple[list[Field], list[str]]:
    """Return what is selected; what is no array selects all (php: crm_entity_list_builder.php `Prepare`)."""
    exact = [php.string(name) for name in sent.values()] if isinstance(sent, dict) else []
    select = [name.upper() for name in exact] or ["*"]
    fields = [
        field
        for field in _shown_fields(table)
        if field.classic in select
        or ("*" in select and not field.custom)
        or ("UF_*" in select and field.custom)
        or field.name == "id"
    ]
    return fields, [type_id for type_id in POINT_TYPES if type_id in exact and table.has_points]


def _shown_fields(table: Table) -> list[Field]:
    """Return the fields that an answer has: the list of contacts may be written, but is never answered."""
    return [field for field in table.classic_names.values() if field.type is not FieldType.CONTACTS]


def _get(target: _Target, call: Call) -> Answer:
    item = _item(target, call, RestError(NO_CODE, "Not found"), "read")
    table = call.portal.table(target.entity_type_id)
    return Answer(_shown(call, item, _shown_fields(table), list(POINT_TYPES)))


def _written(table: Table, call: Call, fields: php.Array) -> dict[str, Value]:
    values: dict[str, Value] = {}
    names = table.classic_names
    for name, raw in fields.items():
        field = names.get(str(name))
        if field is not None and not field.read_only:
            if field.custom and field.type is FieldType.BOOLEAN and not field.multiple:
                # php: modules/main/lib/userfield/types/booleantype.php `onBeforeSave` - any text but "0" is yes, even N
                raw = "Y" if php.truthy(raw) else "N"  # noqa: PLW2901
            taken, value = received(field, raw, call.portal.zone)
            if field.name == "comments" and isinstance(value, str) and call.portal.options.uses_operations:
                value = normalized(value)
            if taken:
                values[field.name] = value
    return values


def _look_before_saving(call: Call, known: Iterable[Point], changes: Sequence[PointChange]) -> None:
    """Refuse the whole where updates are made by operations; without, what is sent has been looked at already."""
    if call.portal.options.uses_operations:
        look_before_saving(call.portal, known, changes)


def _add(target: _Target, call: Call) -> Answer:
    fields = call.array("fields")
    call.array("params")  # which nothing here needs
    table = _table(target, call, "add")
    values = item_defaults.added(call.portal, table, _written(table, call, fields))
    changes = points_of(table, fields)
    _look_before_saving(call, (), changes)
    points = saved((), changes)
    item = call.portal.create(target.entity_type_id, values, points, "api")
    recalculate(call.portal, item)
    return Answer(item.id)


def _update(target: _Target, call: Call) -> Answer:
    fields = call.array("fields")
    call.array("params")  # which nothing here needs
    item = _item(target, call, RestError(NO_CODE, _NOT_FOUND_ON_UPDATE.get(target.name, "Not found")), "update")
    table = call.portal.table(target.entity_type_id)
    changes = points_of(table, fields)
    written = _written(table, call, fields)
    refuse_texts(call.portal, target.entity_type_id, written)
    _look_before_saving(call, points_known(call.portal, item, call.points_read), changes)
    points = saved_points(call.portal, item, changes, call.points_read)
    values = item_defaults.updated(call.portal, item, written)
    changed = call.portal.change(item, values, points, "api")
    if changed:
        recalculate(call.portal, item)
    points_known(call.portal, item, call.points_read)  # php: the item holds what it has saved
    call.portal.history.saves += changed
    call.portal.history.empty_saves += not changed
    return Answer(result=True)


def _delete(target: _Target, call: Call) -> Answer:
    item = _item(target, call, _NOT_FOUND_ON_DELETE.get(target.name, RestError(NO_CODE, "Not found")), "delete")
    call.portal.delete(item, "api")
    call.portal.history.saves += 1
    return Answer(result=True)


def _fields(target: _Target, call: Call) -> Answer:
    table = _table(target, call)
    told = {field.classic: described_classic(call.portal, table, field) for field in table.classic_names.values()}
    if table.has_points:
        told |= {type_id: _entries_described(type_id.capitalize()) for type_id in POINT_TYPES}
    return Answer(told)


def _entries_described(title: str) -> dict[str, Any]:
    return {
        "type": "crm_multifield",
        "isRequired": False,
        "isReadOnly": False,
        "isImmutable": False,
        "isMultiple": True,
        "isDynamic": False,
        "title": title,
    }


METHODS = {
    f"crm.{entity}.{name}": Method(("crm",), partial(handler, _Target(type_id)))
    for type_id, entity in ENTITY_NAMES.items()
    for name, handler in (
        ("list", _list),
        ("get", _get),
        ("add", _add),
        ("update", _update),
        ("delete", _delete),
        ("fields", _fields),
    )
}
