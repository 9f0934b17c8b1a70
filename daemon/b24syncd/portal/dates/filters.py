"""Date filters: which way of writing an instant this portal honours, found out by asking it.

No document settles whether filters take ISO 8601 with an offset everywhere, nor tells that some are shifted by the zone
of the webhook's user. So the newest item is asked for by its own time of change: at or after it there must be one,
after it none (see probe.py). Items and activities are listed by different code of the portal, so each list is
asked for itself; again every few minutes, for the clock may have been set where the user lives, or the user moved.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.errors import PortalBlocked, RetryLater
from b24syncd.observe.logs import get_logger
from b24syncd.portal.words.vocabulary import UNIVERSAL

from .marks import DateMark
from .probe import FURTHEST_SECONDS, DatedList, DateFilter, DateFormat, DateProbe, ProbedItem, zone_of
from .told_times import zone_named

if TYPE_CHECKING:
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.words.vocabulary import Vocabulary

__all__ = ["DateFilter", "DateFilters", "DateFormat"]

_ATTEMPTS = 3
"""Items that are tried: one may change between two questions."""

_AMBIGUOUS_SECONDS = 3600.0
"""By so much clocks are set back."""

_UNSETTLED_SECONDS = 3 * 3600.0
"""By so much a first measure may be wrong. A time of another season is told off by what clocks were set since (php:
modules/main/lib/type/datetime.php, `toString`, and rest_util.php, `ConvertDateTime`): an hour, two where user and
server set theirs on different days, and an hour more where the server's are set between an instant and its shifted
one. It is sure where the profile's zone tells so, or an item shows it that was changed while the measure held."""

_ACTIVITIES = DatedList("crm.activity.list", {}, "ID", "LAST_UPDATED")

_SET_SECONDS = 3600.0
"""By so much a measure may deviate about the hours in which clocks are set, for times are compared without offsets."""

log = get_logger()


class Unfiltered(PortalBlocked):
    """The portal does not filter a list by its time of change, in whatever format."""


class TooRestless(RetryLater):
    """The items of a list change too fast to find out how it filters."""


class DateFilters:
    """The date filter of each type, found out when it is needed first and looked at again from time to time."""

    def __init__(self, client: PortalClient, vocabulary: Vocabulary = UNIVERSAL) -> None:
        """Ask through `client`, which remembers, in the words of which the filters are to be."""
        self._client = client
        self._vocabulary = vocabulary

    async def since(self, entity_type: EntityType, instant: float) -> str:
        """Return an instant for a filter that lets pass what changed since then.

        Times of change lie in the database as the portal's wall shows them (php: modules/rest/classes/general/
        rest_util.php, `unConvertDateTime`). So an hour more is asked for where one comes twice, for the clock was set
        back; and where an instant cannot be told with an offset, for that of the newest item may be of another season.
        More is asked for as well as long as the shift is not sure, and once it has changed.
        """
        mark = await self.mark(entity_type)
        if mark is None:  # there was nothing just now, so all that comes meanwhile is new
            return self._unproven().text(instant - FURTHEST_SECONDS)
        if mark.doubted_from is not None and mark.doubted_until is not None and instant < mark.doubted_until:
            instant = min(instant, mark.doubted_from)
        is_ambiguous = mark.is_plain or self._client.was_set_back(instant)
        margin = (_AMBIGUOUS_SECONDS if is_ambiguous else 0.0) + _slack(mark)
        return _filter_of(mark).text(instant - margin)

    async def shift(self, entity_type: EntityType) -> float:
        """Return by how many seconds times in filters of this type are to be written later than they are meant."""
        mark = await self.mark(entity_type)
        return self._unproven().shift if mark is None else mark.shift

    async def slack(self, entity_type: EntityType) -> float:
        """Return by how many seconds that may be wrong."""
        mark = await self.mark(entity_type)
        return 0.0 if mark is None else _slack(mark)

    async def of(self, entity_type: EntityType) -> DateFilter:
        """Return the filter that the portal honours for this type.

        A type of which there is nothing to ask for takes a filter that was proven for another, ISO where there is
        none, and is asked again the next time. Raises `Unfiltered` when the portal honours no filter, shifted as may
        be: polling would not see changes.
        """
        mark = await self.mark(entity_type)
        return self._unproven() if mark is None else _filter_of(mark)

    def _unproven(self) -> DateFilter:
        return next(map(_filter_of, self._client.date_marks.values()), DateFilter())

    async def mark(self, entity_type: EntityType) -> DateMark | None:
        """Return what is known of the list of this type, looked at again where that is due; None where it is empty.

        Raises as `of` does, and `TooRestless` where nothing was known before.
        """
        listing, name = self._listing(entity_type), f"{self._listing(entity_type).method} {entity_type.value}"
        known = self._client.date_marks.get(name)
        client = self._client
        if known is not None and client.knows_time and not known.is_due(client.server_now(), client.utc_offset):
            return known
        found = await self._probe(listing, known)
        if found is not None:
            if found.shift and (known is None or known.shift != found.shift):
                log.info("date_filter_shifted", list=name, hours=round(found.shift / 3600, 2))
            self._client.date_marks[name] = found
        return found

    def _listing(self, entity_type: EntityType) -> DatedList:
        if entity_type is EntityType.ACTIVITY:
            return _ACTIVITIES
        words = self._vocabulary.of(entity_type)
        return DatedList(words.list_method, words.fixed(()), words.id, words.changed)

    async def _probe(self, listing: DatedList, known: DateMark | None) -> DateMark | None:
        """Return what an item shows, what is known first; None where there is none."""
        probe = DateProbe(self._client, listing)
        is_unfiltered = False
        for attempt in range(_ATTEMPTS):
            begun = self._client.clock.monotonic()
            item = await probe.item(attempt)
            if item is None:
                return None
            asked_at = self._client.server_now() - (self._client.clock.monotonic() - begun)
            found = await self._found(probe, item, known)
            if found is not None:
                return self._marked(found, item, asked_at, known)
            is_unfiltered = await probe.shows(item)
        if is_unfiltered:  # not even at the last try: no clock was set, and no user moved, between two questions
            what = f"the portal does not filter by {listing.changed} in any known format"
            message = f"{what}, so changes cannot be polled"
            raise Unfiltered(message)
        if known is not None:  # it is asked again the next time, and all since it was last seen is in doubt until then
            log.info("date_filter_not_seen", list=listing.method)
            return known
        message = f"the items of {listing.method} change too fast to find out how it filters by {listing.changed}"
        raise TooRestless(message, 0.0)

    async def _found(self, probe: DateProbe, item: ProbedItem, known: DateMark | None) -> DateFilter | None:
        told, offset = zone_of(item.changed_at), self._client.utc_offset
        # a portal that takes no notice of an offset is asked with the one that filters are written with later on
        wall = told if offset is None else timezone(timedelta(seconds=offset))
        formats = (DateFilter(DateFormat.ISO, wall), DateFilter(DateFormat.PLAIN, told))
        expected = [] if known is None else [_filter_of(known)]
        for date_filter in dict.fromkeys((*expected, *formats)):
            if await probe.is_honoured(item, date_filter):
                return date_filter
        for date_filter in formats:
            shift = await probe.measure(item, date_filter)
            if shift is not None:
                return DateFilter(date_filter.format, date_filter.zone, shift)
        return None

    def _marked(self, found: DateFilter, item: ProbedItem, asked_at: float, known: DateMark | None) -> DateMark:
        now, offset = self._client.server_now(), self._client.utc_offset
        if offset is None:
            offset = (item.changed_at.utcoffset() or timedelta()).total_seconds()
        is_plain = found.format is DateFormat.PLAIN
        shift = found.shift
        if is_plain:  # from now on it is written by the portal's wall, whatever offset the item was told with
            shift += ((found.zone.utcoffset(None) or timedelta()) - timedelta(seconds=offset)).total_seconds()
        mark = DateMark(
            is_plain=is_plain,
            shift=shift,
            held_since=asked_at,
            confirmed_at=asked_at,
            utc_offset=offset,
            user_zone=_user_zone(item, found.shift, (asked_at, now), offset, known),
        ).after(known)
        is_of_its_time = mark.held_since <= item.instant <= now
        is_sure = is_of_its_time or (shift == found.shift and item.is_told_right(found.shift, now, offset))
        return replace(mark, is_settled=mark.is_settled or is_sure)


def _user_zone(
    item: ProbedItem, shift: float, asked: tuple[float, float], utc_offset: float, known: DateMark | None
) -> str:
    """Return the zone of the user where it explains what was measured between two times; empty where it does not.

    One that did so before, and is still the profile's, stays through the hours about which measures deviate; so it does
    where the profile cannot be read for once.
    """
    before = "" if known is None else known.user_zone
    name = before if item.user_zone is None else item.user_zone
    zone = zone_named(name)
    if zone is None:
        return ""
    unexplained = min(item.unexplained(zone, shift, now, utc_offset) for now in asked)
    return name if unexplained <= (_SET_SECONDS if name == before else 0.0) else ""


def _slack(mark: DateMark) -> float:
    return 0.0 if mark.is_settled else _UNSETTLED_SECONDS


def _format_of(mark: DateMark) -> DateFormat:
    return DateFormat.PLAIN if mark.is_plain else DateFormat.ISO


def _filter_of(mark: DateMark) -> DateFilter:
    return DateFilter(_format_of(mark), timezone(timedelta(seconds=mark.utc_offset)), mark.shift)
