"""What a list tells of items beside what is on record: the titles of fields, and the addresses of cards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.store import meta, portal_facts

from .links import card_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef


@dataclass(frozen=True, slots=True)
class PortalWords:
    """The host of a portal, and the titles of fields, by name, of each type of items, as far as it ever told them."""

    host: str | None = None
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def title_of(self, item: EntityRef, name: str | None) -> str | None:
        """Return the title of a field of this item, None where it is not known."""
        return None if name is None else self.titles.get(item.type.value, {}).get(name)

    def url_of(self, item: EntityRef) -> str | None:
        """Return the address of the item's card, None while it is not known whose it is."""
        return None if self.host is None else card_url(self.host, item)


def portal_words(db: sqlite_utils.Database) -> PortalWords:
    """Return what a state knows of its portal."""
    return PortalWords(meta.bound_portal(db), portal_facts.titles(db))
