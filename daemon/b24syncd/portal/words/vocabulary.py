"""The words in which items are asked for and written: the universal methods, or the classic ones of a type.

Both do the same under different names (docs: api-reference/crm/universal/ and api-reference/crm/deals/). Which are used
is chosen once, for everything that lists, reads and writes items; with `"both"` an update may be written in either.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from b24syncd.domain.entities import EntityType
from b24syncd.portal.wire.commands import Command
from b24syncd.portal.wire.replies import UnexpectedReply, id_from

from .classic import ClassicWords
from .universal import UniversalWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.snapshots import ContactPoint
    from b24syncd.portal.wire.commands import Refused

Row = dict[str, Any]
"""An item as it was answered."""


class Api(StrEnum):
    """Which methods items are read and written with; with `BOTH` they are read with the universal ones."""

    UNIVERSAL = "universal"
    CLASSIC = "classic"
    BOTH = "both"


class Words(Protocol):
    """How the items of one type are listed, read and written."""

    @property
    def list_method(self) -> str:
        """The method that lists."""

    @property
    def unit(self) -> tuple[str, ...]:
        """The methods of one witnessed write, in their order."""

    @property
    def id(self) -> str:
        """What the id is called."""

    @property
    def changed(self) -> str:
        """What the time of the last change is called."""

    @property
    def amount(self) -> str:
        """What the amount is called."""

    @property
    def currency(self) -> str:
        """What the currency is called."""

    @property
    def with_points(self) -> tuple[str, ...]:
        """What a list must select to tell the contact points."""

    @property
    def rows(self) -> str:
        """The path to the rows in the result of a list, in the notation of references."""

    def own(self, name: str, upper_name: str) -> str:
        """Return the name of a custom field that is called like this in the two kinds of methods."""

    def fixed(self, select: Sequence[str]) -> Mapping[str, object]:
        """Return what every page of a list asks for."""

    def about(self) -> Command:
        """Return the command that tells the fields, and whether the user may see the type."""

    def write(self, item_id: int, fields: Mapping[str, object]) -> tuple[Command, ...]:
        """Return the commands of one witnessed write."""

    def rows_of(self, result: object) -> list[Row]:
        """Return the items that a list answered."""

    def met_and_left(self, answers: Sequence[object]) -> tuple[Row, Row]:
        """Return the item before and after a write, from the answers to its commands."""

    def points(self, row: Row) -> tuple[ContactPoint, ...]:
        """Return the phones and e-mails in the order of their ids; raise `UnexpectedReply` where some are not shown."""

    def tells_points(self, row: Row) -> bool:
        """Tell whether an item without contact points has none, and not only does not show them."""

    def points_fields(self, corrections: Iterable[Correction]) -> Mapping[str, object]:
        """Return the fields that make corrections of contact points."""

    def refusal(self, refused: Refused) -> Refused:
        """Return a refusal with a code that tells items that are gone or not permitted from others."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words for each type; what has no classic methods is always addressed by the universal ones."""

    api: Api = Api.UNIVERSAL

    def of(self, entity_type: EntityType) -> Words:
        """Return the words for the items of one type."""
        if self.api is Api.CLASSIC and entity_type in CLASSIC_TYPES:
            return ClassicWords(entity_type)
        return UniversalWords(entity_type)

    def beside(self, entity_type: EntityType) -> ClassicWords | None:
        """Return the words in which updates may be written as well; None where there are none."""
        return ClassicWords(entity_type) if self.api is Api.BOTH and entity_type in BESIDE_TYPES else None


CLASSIC_TYPES = (EntityType.LEAD, EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY)
BESIDE_TYPES = (EntityType.LEAD, EntityType.CONTACT, EntityType.COMPANY)
"""Types that lose nothing by classic updates. One of a deal writes its link to requisites anew, whatever it changes.

Php: modules/crm/classes/general/restservice.php `CCrmDealRestProxy::innerUpdate`, modules/crm/lib/requisite/
entitylink.php `determineRequisiteLinkBeforeSave`.
"""
UNIVERSAL = Vocabulary()


def id_of(words: Words, row: Row, entity_type: EntityType) -> int:
    """Return the id of an item; raise `UnexpectedReply` where there is none."""
    try:
        return id_from(row[words.id])
    except (KeyError, ValueError) as error:
        message = f"an item of type {entity_type.value} came without a usable id"
        raise UnexpectedReply(message) from error


def by_ids(words: Words, ids: Sequence[int], select: Sequence[str]) -> Command:
    """Return the command that lists items by their ids, at most a page of them."""
    params = {"filter": {f"@{words.id}": list(ids)}, "order": {words.id: "ASC"}, "start": -1}
    return Command(words.list_method, {**words.fixed(select), **params})
