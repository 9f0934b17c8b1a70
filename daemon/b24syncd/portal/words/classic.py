"""The classic methods: `crm.deal.*` and their kin, with UPPER_CASE names and ids that are strings.

Docs: api-reference/crm/{leads,deals,contacts,companies}/. Changes show in an item's history and not in the live feed,
which is what `REGISTER_HISTORY_EVENT` and `REGISTER_SONET_EVENT` are when nobody sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.domain.snapshots import PointKind
from b24syncd.portal.wire.commands import Command, Refused
from b24syncd.portal.wire.replies import UnexpectedReply, parse_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.snapshots import ContactPoint

_KINDS = tuple(kind.value for kind in PointKind)
_HAS_NONE = ("N", "", None)


@dataclass(frozen=True, slots=True)
class ClassicWords:
    """The items of one type by the methods of that type."""

    entity_type: EntityType
    id: ClassVar = "ID"
    changed: ClassVar = "DATE_MODIFY"
    amount: ClassVar = "OPPORTUNITY"
    currency: ClassVar = "CURRENCY_ID"
    with_points: ClassVar = ("ID", "DATE_MODIFY", *_KINDS)
    rows: ClassVar = ""

    def _method(self, name: str) -> str:
        return f"crm.{self.entity_type.value}.{name}"

    @property
    def list_method(self) -> str:
        """The method that lists."""
        return self._method("list")

    @property
    def unit(self) -> tuple[str, ...]:
        """A read before and after the update, which answers nothing but `true`."""
        return self._method("get"), self._method("update"), self._method("get")

    def own(self, name: str, upper_name: str) -> str:  # noqa: ARG002 # each kind of methods has its own
        """Return the name of a custom field."""
        return upper_name

    def fixed(self, select: Sequence[str]) -> Mapping[str, object]:
        """Return what every page of a list asks for."""
        return {"select": list(select)}

    def about(self) -> Command:
        """Return the command that tells the fields."""
        return Command(self._method("fields"), {})

    def write(self, item_id: int, fields: Mapping[str, object]) -> tuple[Command, ...]:
        """Return the update between two reads."""
        target = {"id": item_id}
        read, update, _ = self.unit
        return Command(read, target), Command(update, {**target, "fields": fields}), Command(read, target)

    def rows_of(self, result: object) -> list[dict[str, Any]]:
        """Return the rows, which are the whole result."""
        if not isinstance(result, list) or not all(isinstance(item, dict) for item in result):
            message = f"the answer to {self.list_method} is no list of items"
            raise UnexpectedReply(message)
        return result

    def met_and_left(self, answers: Sequence[object]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what was read before and after the update."""
        met, done, left = answers
        if not (isinstance(met, dict) and isinstance(left, dict)) or done is not True:
            message = (
                f"an item of type {self.entity_type.value} came without its fields, or its update was not confirmed"
            )
            raise UnexpectedReply(message)
        return met, left

    def points(self, row: Mapping[str, Any]) -> tuple[ContactPoint, ...]:
        """Return the phones and e-mails, which are listed by kind and in several styles of names.

        Of exact twins the first counts: these methods show all of them, but no update reaches the others
        (php: modules/crm/lib/Multifield/Collection.php `add`).
        """
        entries = [
            {"id": entry.get("ID"), "typeId": kind, "value": entry.get("VALUE"), "valueType": entry.get("VALUE_TYPE")}
            for kind in _KINDS
            for entry in _entries(row.get(kind))
        ]
        return _without_twins(parse_points(entries))

    def tells_points(self, row: Mapping[str, Any]) -> bool:
        """Tell whether each kind is shown, or certainly absent; an item that has none leaves the kind out.

        Of old items the portal has never noted whether they have any: only a `Y` says that some are not shown.
        """
        return all(kind in row or row.get(f"HAS_{kind}", "Y") in _HAS_NONE for kind in _KINDS)

    def points_fields(self, corrections: Iterable[Correction]) -> Mapping[str, object]:
        """Return the lists of entries that make these corrections; entries left out stay as they are."""
        fields: dict[str, list[dict[str, str]]] = {}
        for correction in corrections:
            if not isinstance(correction, ChangePoint | DeletePoint | AddPoint):
                continue
            entry: dict[str, str] = {"VALUE_TYPE": correction.value_type}
            match correction:
                case ChangePoint():
                    entry |= {"ID": str(correction.point_id), "VALUE": correction.after}
                case DeletePoint():
                    entry = {"ID": str(correction.point_id), "DELETE": "Y"}
                case AddPoint():
                    entry |= {"VALUE": correction.after}
            fields.setdefault(correction.kind.value, []).append(entry)
        return fields

    def refusal(self, refused: Refused) -> Refused:
        """Return the refusal with the code that the universal methods give it, for here only the text tells."""
        told = refused.description.lower().rstrip(". ")
        if refused.code:
            return refused
        if told.endswith("not found"):
            return Refused("NOT_FOUND", refused.description)
        return Refused("ACCESS_DENIED", refused.description) if told == "access denied" else refused


def _without_twins(points: Iterable[ContactPoint]) -> tuple[ContactPoint, ...]:
    first: dict[tuple[PointKind, str, str], ContactPoint] = {}
    for point in points:
        first.setdefault((point.kind, point.value_type, point.value), point)
    return tuple(first.values())


def _entries(value: object) -> list[dict[str, Any]]:
    entries = list(value.values()) if isinstance(value, dict) else value
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
