"""What is meant by the times that a portal tells, against the simulated one's own arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from b24syncd.portal.dates.told_times import ahead, as_told, meant, zone_named
from b24syncd.simulator.tables.fields import Field, FieldType
from b24syncd.simulator.tables.user_zone import UserZone
from b24syncd.simulator.tables.values import iso

PAID = Field("datePaid", "DATE_PAID", "DATE_PAID", FieldType.DATETIME, "Paid")
ZONES = [
    *("Europe/Moscow", "Europe/Berlin", "Europe/Helsinki", "Africa/Casablanca", "Asia/Kathmandu", "Asia/Tehran"),
    *("Asia/Tokyo", "America/New_York", "America/Sao_Paulo", "America/Phoenix", "Antarctica/Troll", "Asia/Dubai"),
    *("Australia/Lord_Howe", "Australia/Sydney", "Pacific/Apia", "Pacific/Chatham", "Pacific/Pitcairn", "Etc/GMT-14"),
]
FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2010, 2035))
HOUR = 3600
zones, seconds = st.sampled_from(ZONES), st.integers(FIRST, LAST)


def told(server: str, user: str, second: int, now: int) -> datetime:
    """Return how the simulated portal tells a time at another."""
    value = UserZone(ZoneInfo(server), ZoneInfo(user), lambda: now).told(PAID, second)
    assert isinstance(value, int)
    return datetime.fromisoformat(iso(value, ZoneInfo(server)))


def restored(server: str, user: str, second: int, now: int) -> int:
    apart = ahead(ZoneInfo(user), now, offset(server, now))
    return int(meant(told(server, user, second, now), ZoneInfo(user), apart).timestamp())


def offset(zone: str, second: int) -> float:
    return (datetime.fromtimestamp(second, ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds()


def stands_still(zone: str, second: int, hours: int) -> bool:
    """Tell whether no clock of a zone is set so many hours before and after."""
    return len({offset(zone, second + near * HOUR) for near in range(-hours, hours + 1)}) == 1


@settings(max_examples=500)
@given(zones, zones, seconds, seconds)
def test_the_moment_is_restored_in_any_zones(server: str, user: str, second: int, now: int) -> None:
    assume(stands_still(server, second, 50) and stands_still(user, second, 50))
    assert restored(server, user, second, now) == second


@settings(max_examples=500)
@given(st.tuples(zones, zones), seconds, st.tuples(seconds, seconds), st.integers(-4 * HOUR, 4 * HOUR))
@example(("Europe/Moscow", "Europe/Berlin"), 1780000000, (1796000000, 1780000000), -1800)
def test_where_the_user_s_clock_is_set_it_is_the_earlier_of_two_in_any_season(
    places: tuple[str, str], near: int, nows: tuple[int, int], off: int
) -> None:
    (server, user), (now, later) = places, nows
    second = set_next(user, near) + off
    assume(stands_still(server, second, 50))
    found = restored(server, user, second, now)
    assert found == restored(server, user, second, later)  # so nothing is written for the season's sake
    assert found <= second
    assert told(server, user, found, now) == told(server, user, second, now)
    if found != second:  # both are told alike, whenever they are told
        assert told(server, user, found, later) == told(server, user, second, later)


def set_next(zone: str, second: int) -> int:
    """Return when a clock is set after a time, within two years; that time where it is not."""
    low = next((at for at in range(second, second + 730 * 86400, 86400) if offset(zone, at) != offset(zone, second)), 0)
    if not low:
        return second
    low, high = low - 86400, low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == offset(zone, second) else (low, middle)
    return high


@given(seconds, seconds)
def test_a_user_with_the_server_s_zone_is_told_what_is_meant(second: int, now: int) -> None:
    for zone in ("Europe/Berlin", "Europe/Moscow"):
        moment = told(zone, zone, second, now)
        assert meant(moment, ZoneInfo(zone), timedelta()) == as_told(moment) == moment


def test_what_is_never_told_to_such_a_user_is_left() -> None:
    # in winter, what was paid at 4 in Moscow when clocks go forward in Berlin is told an hour later
    never = datetime.fromisoformat("2026-03-29T04:30:00+03:00")
    assert meant(never, ZoneInfo("Europe/Berlin"), timedelta(hours=-2)) == never


def test_zones_that_nobody_knows() -> None:
    for name in (None, "", "auto", "Europe/Nowhere", "/etc/passwd", "..", "Europe"):
        assert zone_named(name) is None
    assert zone_named("Europe/Berlin") is not None
