"""What the portal's events say to feeds, and who writes as they see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.feeders.bindings import ActivityFeed
from b24syncd.feeders.events import EventFeeds, events_of
from b24syncd.feeders.items import ItemFeed
from b24syncd.feeders.payments import SaleFeed
from b24syncd.portal.offline_events import Record
from b24syncd.portal.wire.caller import Caller
from b24syncd.portal.wire.transport_faults import ConnectorRefused

if TYPE_CHECKING:
    from b24syncd.feeders.pages import Feed

NONE: Any = None
"""Nothing is asked here."""


def of_items(name: str) -> Feed:
    return ItemFeed(NONE, NONE, NONE, NONE, NONE, EntityType(name))


SALE: Feed = SaleFeed(NONE, NONE, NONE, "payment_dates", frozenset({EntityType.DEAL}))
ACTIVITIES: Feed = ActivityFeed(NONE, NONE, NONE)


def test_each_type_has_the_events_that_the_portal_has_for_it() -> None:
    assert events_of(of_items("lead")) == ("ONCRMLEADADD", "ONCRMLEADUPDATE", "ONCRMLEADDELETE")
    assert events_of(of_items("smart_invoice"))[1] == "ONCRMDYNAMICITEMUPDATE_31"
    assert events_of(of_items("type1036"))[0] == "ONCRMDYNAMICITEMADD_1036"
    assert events_of(of_items("type99")) == ()  # which polling follows alone
    assert "ONCRMACTIVITYADD" in events_of(ACTIVITIES)


def test_nothing_that_is_announced_is_passed_over() -> None:
    feeds = EventFeeds.of([of_items("lead"), of_items("contact"), SALE, ACTIVITIES])
    records = [
        Record(1, "ONCRMLEADADD", 7),
        Record(2, "ONCRMLEADUPDATE", 7),
        Record(3, "ONCRMCONTACTUPDATE", None),  # of which nobody knows which
        Record(4, "ONPAYMENTENTITYSAVED", 9),
        Record(5, "ONCRMACTIVITYDELETE", 11),
        Record(6, "ONCRMQUOTEADD", 12),  # of nobody's concern
    ]
    said = feeds.announced(records)
    assert said.refs == (EntityRef(EntityType.LEAD, 7), EntityRef(EntityType.ACTIVITY, 11))
    assert said.feeds == {"contact", "payment_dates/sale"}
    resting = feeds.announced(records, left={EntityType.LEAD})
    assert (resting.refs, "lead" in resting.feeds) == ((EntityRef(EntityType.ACTIVITY, 11),), True)


def test_a_feed_is_told_of_once_all_its_events_are_bound() -> None:
    feeds = EventFeeds.of([of_items("lead"), SALE])
    assert feeds.told_by({"ONCRMLEADADD", "ONCRMLEADUPDATE", "ONPAYMENTENTITYSAVED"}) == {"payment_dates/sale"}
    assert feeds.told_by(feeds.events) == {"lead", "payment_dates/sale"}


def test_a_connector_that_is_refused_is_used_no_more() -> None:
    caller = Caller("ours")
    plain: dict[str, object] = {"cmd": {}}
    signed = caller.signed(plain)
    assert signed == {"cmd": {}, "auth_connector": "ours"}
    caller.judge("WRONG_LICENSE", plain, plain)  # of a request without it
    caller.judge("", signed, plain)
    caller.judge("WRONG_LICENSE", signed, signed)  # of one that asks for events, which has it by itself
    for _ in ("the first", "another, which was under way"):
        with pytest.raises(ConnectorRefused):
            caller.judge("WRONG_LICENSE", signed, plain)
    assert caller.signed(plain) == plain
