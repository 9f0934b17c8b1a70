"""Creating items: the command that adds one, and the one that tells whether it was added.

Leads, contacts, companies and deals carry an origin of two parts, smart processes and invoices an `xmlId` (php:
modules/crm/lib/Service/Factory/{Lead,Deal,Contact,Company,Dynamic}.php `getFieldsSettings`); the filter of lists takes
every field (php: modules/crm/lib/controller/item.php `listAction`). Both are cut where they are longer than 255.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.additions import ORIGINATOR, Mark
from b24syncd.domain.corrections import AddPoint
from b24syncd.domain.entities import EntityRef
from b24syncd.domain.job_names import EDITS
from b24syncd.domain.snapshots import TYPE_OF_NONE
from b24syncd.portal.wire.commands import Answered, Command
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.words.universal import UniversalWords
from b24syncd.portal.words.vocabulary import id_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.additions import Addition
    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.wire.commands import Outcome

    from .fields import CardField

ADD = "crm.item.add"
_ORIGINATOR_ID = "originatorId"


def mark_of(fields: Mapping[str, CardField]) -> Mark | None:
    """Return by what items of a type are told again; None where they carry nothing of ours."""
    if Mark.ORIGIN.value in fields and _ORIGINATOR_ID in fields:
        return Mark.ORIGIN
    return Mark.XML_ID if Mark.XML_ID.value in fields else None


def add_command(addition: Addition, fields: Mapping[str, CardField], mark: Mark | None) -> Command:
    """Return the command that adds an item."""
    sent: dict[str, object] = {name: fields[name].sent(value) for name, value in addition.fields if value is not None}
    points = [
        AddPoint(EntityRef(addition.type, 1), EDITS, one.kind, one.value_type or TYPE_OF_NONE, one.wanted)
        for one in addition.points
        if one.wanted
    ]
    sent |= UniversalWords(addition.type).points_fields(points) if points else {}
    sent |= {} if mark is None else _marks(mark, addition.token)
    return Command(ADD, {"entityTypeId": addition.type.type_id, "fields": sent})


def find_command(entity_type: EntityType, mark: Mark, token: str) -> Command:
    """Return the command that lists what was added under a token."""
    wanted = {f"={name}": value for name, value in _marks(mark, token).items()}
    params = {"filter": wanted, "order": {"id": "ASC"}, "start": -1}
    return Command("crm.item.list", {**UniversalWords(entity_type).fixed(("id",)), **params})


def found_in(outcome: Outcome, entity_type: EntityType) -> EntityRef | None:
    """Return the item that was found, None for none; raise `UnexpectedReply` where that was not told."""
    if not isinstance(outcome, Answered):
        message = "the portal does not tell whether an item was added"
        raise UnexpectedReply(message)
    words = UniversalWords(entity_type)
    rows = words.rows_of(outcome.result)
    return EntityRef(entity_type, id_of(words, rows[0], entity_type)) if rows else None


def added_in(outcome: Answered, entity_type: EntityType) -> EntityRef | None:
    """Return the item that the portal answered to have added; None where it told none."""
    row = outcome.result.get("item") if isinstance(outcome.result, dict) else None
    try:
        return EntityRef(entity_type, id_of(UniversalWords(entity_type), row, entity_type)) if row else None
    except UnexpectedReply:
        return None


def _marks(mark: Mark, token: str) -> dict[str, str]:
    if mark is Mark.ORIGIN:
        return {_ORIGINATOR_ID: ORIGINATOR, mark.value: token}
    return {mark.value: f"{ORIGINATOR}-{token}"}
