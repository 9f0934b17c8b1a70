"""What the portal's events say to feeds: an item to look at, or that a feed is to be polled now.

An event names an element, and only of items and activities that is what is read. Payments are found by the shop's own
list, and the activities of a rule by its items: there an event says that polling will find something.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from b24syncd.domain.entities import FIRST_SMART_TYPE, EntityRef, EntityType

from .bindings import ActivityFeed, RuleFeed
from .items import ItemFeed
from .payments import PaidFeed, SaleFeed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from b24syncd.portal.offline_events import Record

    from .pages import Feed

QUEUED: Final = "event"
"""The reason of entries in the queue that an event announced."""

_NAMED: Final = {1: "LEAD", 2: "DEAL", 3: "CONTACT", 4: "COMPANY", 7: "QUOTE"}
_DYNAMIC: Final = (EntityType.SMART_INVOICE.type_id,)
_DOINGS: Final = ("ADD", "UPDATE", "DELETE")
_PAYMENTS: Final = ("ONPAYMENTENTITYSAVED",)
"""Of one that is deleted only the sweep tells what follows, whatever the source."""


def events_of(feed: Feed) -> tuple[str, ...]:
    """Return the events that tell what a feed would find by polling; none where the portal has none for it.

    Php: modules/crm/classes/general/restservice.php, modules/crm/lib/integration/rest/eventmanager.php,
    modules/sale/lib/rest/restmanager.php.
    """
    if isinstance(feed, SaleFeed):
        return _PAYMENTS
    if isinstance(feed, ActivityFeed):
        return tuple(f"ONCRMACTIVITY{doing}" for doing in _DOINGS)
    type_id = feed.entity_type.type_id
    if type_id in _NAMED:
        return tuple(f"ONCRM{_NAMED[type_id]}{doing}" for doing in _DOINGS)
    if type_id in _DYNAMIC or type_id >= FIRST_SMART_TYPE:
        return tuple(f"ONCRMDYNAMICITEM{doing}_{type_id}" for doing in _DOINGS)
    return ()


@dataclass(frozen=True, slots=True)
class Announced:
    """What records say: items to look at, and feeds to poll, by name."""

    refs: tuple[EntityRef, ...] = ()
    feeds: frozenset[str] = frozenset()


@dataclass(slots=True)
class EventFeeds:
    """The feeds of a daemon, by the events that tell of them."""

    _items: dict[str, tuple[EntityType, str]] = field(default_factory=dict)
    _polled: dict[str, set[str]] = field(default_factory=dict)
    _needed: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, feeds: Iterable[Feed]) -> EventFeeds:
        """Return these feeds; what no event tells of is left out."""
        known = cls()
        for feed in feeds:
            events = events_of(feed)
            if events:
                known._needed[feed.name] = events
            for event in events:
                if isinstance(feed, ItemFeed | PaidFeed | ActivityFeed):
                    known._items[event] = (feed.entity_type, feed.name)
                elif isinstance(feed, RuleFeed | SaleFeed):
                    known._polled.setdefault(event, set()).add(feed.name)
        return known

    @property
    def events(self) -> frozenset[str]:
        """All events that tell of them."""
        return frozenset(event for events in self._needed.values() for event in events)

    def told_by(self, bound: Collection[str]) -> frozenset[str]:
        """Return the feeds all of whose events are bound."""
        return frozenset(name for name, events in self._needed.items() if set(events) <= set(bound))

    def announced(self, records: Iterable[Record], left: Collection[EntityType] = ()) -> Announced:
        """Return what records say; items of types that are `left` to polling are polled, as those without an id are."""
        refs: dict[EntityRef, None] = {}
        feeds: set[str] = set()
        for record in records:
            feeds |= self._polled.get(record.event, set())
            if record.event in self._items:
                entity_type, name = self._items[record.event]
                if record.element is None or entity_type in left:
                    feeds.add(name)
                else:
                    refs[EntityRef(entity_type, record.element)] = None
        return Announced(tuple(refs), frozenset(feeds))
