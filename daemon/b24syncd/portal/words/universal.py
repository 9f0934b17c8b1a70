"""The universal methods: `crm.item.*` with camelCase names (docs: api-reference/crm/universal/)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint
from b24syncd.portal.wire.commands import Command
from b24syncd.portal.wire.replies import PointsHidden, UnexpectedReply, parse_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.portal.wire.commands import Refused


@dataclass(frozen=True, slots=True)
class UniversalWords:
    """The items of one type by the methods that know every type."""

    entity_type: EntityType
    list_method: ClassVar = "crm.item.list"
    unit: ClassVar = ("crm.item.get", "crm.item.update")
    id: ClassVar = "id"
    changed: ClassVar = "updatedTime"
    amount: ClassVar = "opportunity"
    currency: ClassVar = "currencyId"
    with_points: ClassVar = ("*",)
    rows: ClassVar = "[items]"

    def own(self, name: str, upper_name: str) -> str:  # noqa: ARG002 # each kind of methods has its own
        """Return the name of a custom field: the upper-case one is ignored without an error."""
        return name

    def fixed(self, select: Sequence[str]) -> Mapping[str, object]:
        """Return what every page of a list asks for."""
        return {"entityTypeId": self.entity_type.type_id, "select": list(select)}

    def about(self) -> Command:
        """Return the command that tells the fields."""
        return Command("crm.item.fields", {"entityTypeId": self.entity_type.type_id})

    def write(self, item_id: int, fields: Mapping[str, object]) -> tuple[Command, ...]:
        """Return a read directly before the update, which answers with the whole item."""
        target = {"entityTypeId": self.entity_type.type_id, "id": item_id}
        return Command(self.unit[0], target), Command(self.unit[1], {**target, "fields": fields})

    def rows_of(self, result: object) -> list[dict[str, Any]]:
        """Return the rows of `{"items": […]}`."""
        items = result.get("items") if isinstance(result, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            message = "the answer to crm.item.list has no list of items"
            raise UnexpectedReply(message)
        return items

    def met_and_left(self, answers: Sequence[object]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the item of each answer, `{"item": {…}}`."""
        met, left = map(self._row_of, answers)
        return met, left

    def _row_of(self, result: object) -> dict[str, Any]:
        item = result.get("item") if isinstance(result, dict) else None
        if not isinstance(item, dict):
            message = f"an item of type {self.entity_type.value} came without its fields"
            raise UnexpectedReply(message)
        return item

    def points(self, row: Mapping[str, Any]) -> tuple[ContactPoint, ...]:
        """Return the phones and e-mails among the multifields; raise `PointsHidden` where some are not shown.

        So it is with portals that are too old (php: modules/crm/lib/item.php, `getData`).
        """
        if "fm" not in row and "Y" in (row.get("hasPhone"), row.get("hasEmail")):
            message = (
                f"an item of type {self.entity_type.value} has phones or e-mails that crm.item.* does not show; "
                'where no item shows them, the portal is too old for these methods: set portal.api = "classic"'
            )
            raise PointsHidden(message)
        return parse_points(row.get("fm"))

    def tells_points(self, row: Mapping[str, Any]) -> bool:
        """Tell whether the multifields are shown, or certainly absent."""
        return "fm" in row or (row.get("hasPhone") == "N" and row.get("hasEmail") == "N")

    def points_fields(self, corrections: Iterable[Correction]) -> Mapping[str, object]:
        """Return the multifields that make these corrections."""
        return {"fm": multifields(corrections)}

    def refusal(self, refused: Refused) -> Refused:
        """Return the refusal: its code tells enough."""
        return refused


def multifields(corrections: Iterable[Correction]) -> dict[str, dict[str, str]]:
    """Return the `fm` map that makes these corrections of contact points.

    Every element names its `typeId`, without which nothing happens and no error comes
    (docs: tutorials/crm/how-to-edit-crm-objects/how-to-change-email-or-phone.md).
    """
    elements: dict[str, dict[str, str]] = {}
    for correction in corrections:
        if not isinstance(correction, ChangePoint | DeletePoint | AddPoint):
            continue
        element = {"typeId": correction.kind.value, "valueType": correction.value_type}
        match correction:
            case ChangePoint():
                elements[str(correction.point_id)] = {**element, "value": correction.after}
            case DeletePoint():
                elements[str(correction.point_id)] = {**element, "value": ""}
            case AddPoint():
                added = sum(key.startswith("n") for key in elements)
                elements[f"n{added}"] = {**element, "value": correction.after}
    return elements
