"""The universal methods `crm.item.{list,get,add,update,delete,fields}`.

Sources: docs api-reference/crm/universal/crm-item-*.md, php modules/crm/lib/controller/item.php, and for `fm` docs
tutorials/crm/how-to-edit-crm-objects/how-to-change-email-or-phone.md and php modules/crm/lib/multifield (Assembler).
Older portals show no `fm` at all, only `hasPhone` and its kin (php modules/crm/lib/item.php `getData`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import access_denied, not_found, type_not_supported
from b24syncd.simulator.tables import flat_points
from b24syncd.simulator.tables.fields import (
    COMPANY,
    CONTACT,
    DEAL,
    LEAD,
    SMART_INVOICE,
    WITH_MULTIFIELDS,
    Field,
    may_be_smart,
)
from b24syncd.simulator.tables.model import PointChange
from b24syncd.simulator.tables.values import Value, shown

from . import item_defaults
from .binder import Parameter, bound
from .calls import Answer, Call, Method
from .entry_checks import refusal_of, refuse_whole
from .field_info import described
from .files import with_files
from .item_amounts import recalculate
from .item_filters import ItemNames
from .item_writing import refuse, written
from .listing import page
from .point_collection import saved, visible
from .rights import allowed, may

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from b24syncd.simulator.tables.access import Operation
    from b24syncd.simulator.tables.model import Item, Point, Table
    from b24syncd.simulator.tables.state import PortalState

    from .calls import PointsRead

_SUPPORTED = (LEAD, DEAL, CONTACT, COMPANY, 7, SMART_INVOICE, 36, 39)
"""php: crm_owner_type.php `isUseFactoryBasedApproach`; estimates and documents are there, but not simulated."""


def _names(table: Table, *, original: bool) -> dict[str, Field]:
    return table.original_names if original else table.names


def _sent_names(table: Table, *, original: bool) -> dict[str, Field]:
    """Return the names that a request may use: upper-case ones of fields that are not custom, too."""
    return table.upper_names | _names(table, original=original)


def _original(call: Call) -> bool:
    return call.parameters.get("useOriginalUfNames") == "Y"


def _table(call: Call) -> Table:
    type_id = php.integer(call.parameters["entityTypeId"])
    leads = call.portal.options.leads
    if type_id not in _SUPPORTED and not may_be_smart(type_id):
        raise type_not_supported()
    if type_id not in call.portal.tables or (type_id == LEAD and leads == "off"):
        message = "Smart process not found"
        raise not_found(message)
    return call.portal.table(type_id)


def _require(call: Call, table: Table, operation: Operation) -> None:
    if not may(call.portal, table.entity_type_id, operation):
        raise access_denied()


def _item(call: Call, table: Table, operation: Operation) -> Item:
    item = table.items.get(php.integer(call.parameters["id"]))
    if item is None:
        message = "Element not found"
        raise not_found(message)
    if not allowed(call.portal, (table.entity_type_id, item.id), operation):
        raise access_denied()
    return item


def _array(call: Call, name: str) -> php.Array:
    value = call.parameters.get(name)
    return value if isinstance(value, dict) else {}


def show(
    portal: PortalState, table: Table, item: Item, read: PointsRead | None = None, *, original: bool = False
) -> dict[str, Any]:
    """Return the whole item as `crm.item.get` shows it, `fm` included; `read` is what its request has read."""
    body = _values(portal, table, item, _names(table, original=original))
    if table.has_points and portal.options.shows_points:
        points = points_known(portal, item, {} if read is None else read)
        body |= flat_points.flat(points)
        body["fm"] = [
            {"id": point.id, "valueType": point.value_type, "value": point.value, "typeId": point.type_id}
            for point in points
        ]
    if not portal.options.sets_flags:
        body.update(dict.fromkeys(body.keys() & {"hasPhone", "hasEmail"}))
    body["entityTypeId"] = table.entity_type_id
    return body


def _values(portal: PortalState, table: Table, item: Item, names: dict[str, Field]) -> dict[str, Any]:
    """Return some fields of an item as `crm.item.*` shows them, most of them as they are kept."""
    now, told, kept, as_kept = portal.told_now(), portal.user.told, item.values, table.shown_as_kept
    values = {
        name: kept.get(field.name) if field.name in as_kept else shown(field, told(field, item.value(field.name)), now)
        for name, field in names.items()
    }
    return with_files(portal, item, values, names) if table.has_files else values


def _list(call: Call) -> Answer:
    table = _table(call)
    if not may(call.portal, table.entity_type_id, "read"):
        # php: getItemsFilteredByPermissions - what may not be read is left out without an error
        return Answer({"items": []}, None if call.start < 0 else 0)
    said = ItemNames(table, _original(call))
    wanted = said.filter(_array(call, "filter"), call.portal.zone, call.portal.user.of_text)
    if hidden := call.portal.hidden:
        wanted.tests.append(lambda item: (item.entity_type_id, item.id) not in hidden)
    found = page(table, wanted, said.order(_array(call, "order")), call.start)
    names, read = _names(table, original=_original(call)), call.portal.read(found.items)
    return Answer({"items": _shown_page(call, table, read, names)}, found.total, found.next)


def _shown_page(call: Call, table: Table, items: list[Item], names: dict[str, Field]) -> list[Any]:
    portal = call.portal
    if table.has_points:
        for item in items:  # php: `getJsonForItems` reads them whatever is selected
            points_known(portal, item, call.points_read)
    select = [php.string(name) for name in call.parameters.get("select", {0: "*"}).values()]
    if "*" in select:
        return [show(portal, table, item, call.points_read, original=_original(call)) for item in items]
    sent = _sent_names(table, original=_original(call))
    wanted = {sent[name] for name in select if name in sent}
    all_custom = ("UF_*" if _original(call) else "uf*") in select
    # php: `getJsonForItems` cuts with the names of the database where those of custom fields are to stay
    chosen = {
        name: field
        for name, field in names.items()
        if (field.custom and (field in wanted or all_custom)) or (field in wanted and not _original(call))
    }
    besides = set(select) & set(flat_points.NAMES) if portal.options.shows_points and not _original(call) else set()
    rows: list[php.Array] = []
    for item in items:
        row: php.Array = dict(_values(portal, table, item, chosen).items())
        if table.has_points and besides:
            known = flat_points.flat(points_known(portal, item, call.points_read))
            row.update((name, value) for name, value in known.items() if name in besides)
        rows.append(row)
    # php: of an item of which nothing is left an empty array is left, which is a list in JSON
    return [php.encodable(row) for row in rows]


def _get(call: Call) -> Answer:
    table = _table(call)
    item = _item(call, table, "read")
    return Answer({"item": show(call.portal, table, item, call.points_read, original=_original(call))})


def _written(call: Call, table: Table, *, new: bool = False) -> dict[str, Value]:
    return written(call.portal, _sent_names(table, original=_original(call)), call.parameters["fields"], new=new)


def _add(call: Call) -> Answer:
    table = _table(call)
    _require(call, table, "add")
    changes = points_of(table, call.parameters["fields"].get("fm"))
    look_before_saving(call.portal, (), changes)
    points = saved((), changes)
    values = item_defaults.added(call.portal, table, _written(call, table, new=True))
    refuse(call.portal, table, {}, values, new=True)
    item = call.portal.create(table.entity_type_id, values, points, "api")
    recalculate(call.portal, item)
    return Answer({"item": show(call.portal, table, item, call.points_read, original=_original(call))})


def _update(call: Call) -> Answer:
    table = _table(call)
    item = _item(call, table, "update")
    changes = points_of(table, call.parameters["fields"].get("fm"))
    values = item_defaults.updated(call.portal, item, _written(call, table))
    refuse(call.portal, table, item.values, values, new=False)
    look_before_saving(call.portal, points_known(call.portal, item, call.points_read), changes)
    points = saved_points(call.portal, item, changes, call.points_read)
    refusals = [refusal_of(point, call.portal.options.checks_entries) for point in points]
    taken = [point for point, refusal in zip(points, refusals, strict=True) if refusal is None]
    changed = call.portal.change(item, values, taken, "api")
    if changed:
        recalculate(call.portal, item)
    call.portal.history.saves += changed
    call.portal.history.empty_saves += not changed
    for refusal in filter(None, refusals):
        raise refusal  # php: what could be saved stays saved
    return Answer({"item": show(call.portal, table, item, call.points_read, original=_original(call))})


def look_before_saving(portal: PortalState, known: Iterable[Point], changes: Sequence[PointChange]) -> None:
    """Refuse the whole for an entry that is malformed, where the portal looks at all of them before it saves any."""
    if portal.options.refuses_whole:
        refuse_whole(known, changes, portal.options.checks_entries)


def points_of(table: Table, fm: object) -> list[PointChange]:
    """Return what `fields[fm]` asks for; what is no array, or has no `typeId` or no `value`, is passed over silently.

    php: item.php `getFmValues`, which also takes one entry that stands without a key.
    """
    if not isinstance(fm, dict) or table.entity_type_id not in WITH_MULTIFIELDS:
        return []
    changes = []
    for name, entry in {"new": fm, **fm}.items():
        if not isinstance(entry, dict) or not php.truthy(entry.get("typeId")) or entry.get("value") is None:
            continue
        value_type = php.string(entry.get("valueType")) or None
        point_id = php.integer(name) if php.numeric(name) else None
        changes.append(PointChange(point_id, php.string(entry["typeId"]), value_type, php.string(entry.get("value"))))
    return changes


def points_known(portal: PortalState, item: Item, read: PointsRead) -> list[Point]:
    """Return the contact points of an item that the server knows to be different, as it has `read` them before."""
    ref = (item.entity_type_id, item.id)
    if ref in read:
        return list(read[ref])
    points = item.points.values()
    known = [point.copy() for point in (points if portal.options.shows_twins else visible(points))]
    if portal.options.keeps_points:
        read[ref] = tuple(known)
    return known


def saved_points(portal: PortalState, item: Item, changes: list[PointChange], read: PointsRead) -> list[PointChange]:
    """Return what an update of an item really does to its contact points.

    It is worked out from what the request has `read` of them, which is forgotten when anything is saved; what others
    have deleted meanwhile is changed by its id, that is, not at all (php: MultifieldStorage.php `save`).
    """
    known = points_known(portal, item, read)
    done = changes if portal.options.shows_twins else saved(known, changes)
    if done:
        read.pop((item.entity_type_id, item.id), None)
    gone = {point.id for point in known} - item.points.keys()
    return [one for one in done if one.point_id not in gone]


def _delete(call: Call) -> Answer:
    table = _table(call)
    item = _item(call, table, "delete")
    call.portal.delete(item, "api")
    call.portal.history.saves += 1
    return Answer([])


def _fields(call: Call) -> Answer:
    table = _table(call)
    _require(call, table, "read")
    original = _original(call)
    told = {
        field.upper if original and field.custom else field.name: described(call.portal, table, field)
        | {"upperName": field.upper}
        for field in table.fields
        if field.listed
    }
    return Answer({"fields": told})


_TYPE, _ID = Parameter("entityTypeId", "int"), Parameter("id", "int")
_GIVEN = Parameter("fields", "array")
_ORIGINAL = Parameter("useOriginalUfNames", "string", required=False)
_ARRANGED = (
    Parameter("select", "array", required=False),
    Parameter("order", "array", required=False, nullable=True),
    Parameter("filter", "array", required=False, nullable=True),
)
METHODS = {
    f"crm.item.{name}": Method(("crm",), bound(handler, *declared))
    for name, handler, declared in (
        ("list", _list, (_TYPE, *_ARRANGED, _ORIGINAL)),
        ("get", _get, (_ID, _TYPE, _ORIGINAL)),
        ("add", _add, (_TYPE, _GIVEN, _ORIGINAL)),
        ("update", _update, (_TYPE, _ID, _GIVEN, _ORIGINAL)),
        ("delete", _delete, (_TYPE, _ID)),
        ("fields", _fields, (_TYPE, _ORIGINAL)),
    )
}
