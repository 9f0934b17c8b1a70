"""What is told and when: once, once more when it is over, and again later where it failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.domain.conditions import Condition, ConditionKind, cure_of
from b24syncd.domain.notice_texts import text_of, to_json
from b24syncd.domain.notices import (
    PAUSES,
    SILENCING,
    TOPICS,
    Attempt,
    Channel,
    Digest,
    Event,
    Facts,
    Known,
    Notice,
    Topic,
    Walk,
    due,
    pause_after,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ALL = frozenset(Topic)
BOTH = list(Channel)
AWAY, STOP, REFUSED = ConditionKind.PORTAL_AWAY, ConditionKind.SAFETY_STOP, ConditionKind.CREDENTIALS_REFUSED
LIMIT, RIGHT, FAILED = ConditionKind.OPERATING_LIMIT, ConditionKind.RIGHT_MISSING, ConditionKind.NOTICE_FAILED


def known(number: int, kind: ConditionKind, since: datetime, over_at: datetime | None = None, about: str = "") -> Known:
    return Known(number, Condition(kind, about, since, "something is not as it should be"), over_at)


def sent(at: datetime) -> Attempt:
    return Attempt(1, at, at)


def subjects(
    *conditions: Known,
    attempts: dict[str, Attempt] | None = None,
    now: datetime = NOW,
    channel: Channel = Channel.COMMAND,
    topics: frozenset[Topic] = ALL,
) -> list[str]:
    """Return the subjects of what is to be told of these."""
    found = due(Facts(conditions), attempts or {}, now, channel=channel, topics=topics)
    return [notice.subject for notice in found]


class Teller:
    """One who is told what is due, over and over, by a channel that sometimes fails."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.attempts: dict[str, Attempt] = {}
        self.told: list[tuple[str, datetime]] = []

    def look(self, facts: Facts, now: datetime, *, fails: bool = False) -> None:
        for notice in due(facts, self.attempts, now, channel=self.channel, topics=ALL):
            before = self.attempts.get(notice.subject, Attempt(0, now))
            self.attempts[notice.subject] = Attempt(before.times + 1, now, None if fails else now)
            if not fails:
                self.told.append((notice.subject, now))


lives = st.tuples(
    st.sampled_from([kind for kind, topic in TOPICS.items() if topic is not None]),
    st.integers(0, 1),
    st.integers(0, 300),
    st.none() | st.integers(0, 300),
)
"""A kind, about what, the minute in which it began, how many minutes it lasted."""


@given(st.lists(lives, max_size=6), st.lists(st.booleans(), min_size=61, max_size=61), st.sampled_from(BOTH))
def test_nothing_is_told_twice_nor_before_it_was_so_nor_over_without_need(
    made: list[tuple[ConditionKind, int, int, int | None]], failing: list[bool], channel: Channel
) -> None:
    whole = [
        known(number, kind, NOW + at * MINUTE, None if lasted is None else NOW + (at + lasted) * MINUTE, str(about))
        for number, (kind, about, at, lasted) in enumerate(made)
    ]
    teller = Teller(channel)
    for step, fails in enumerate(failing):
        now = NOW + step * 15 * MINUTE
        shown = [
            replace(one, over_at=None if one.over_at is None or one.over_at > now else one.over_at)
            for one in whole
            if one.condition.since <= now
        ]
        teller.look(Facts(shown), now, fails=fails)
        silent = channel is Channel.USER and any(
            one.over_at is None and one.condition.kind in SILENCING for one in shown
        )
        assert not (silent and any(at == now for _, at in teller.told))
    told = dict(teller.told)
    assert len(told) == len(teller.told)
    for one in whole:
        began, over = told.get(f"condition/{one.id}"), told.get(f"over/{one.id}")
        if began is not None:
            assert began >= one.condition.since
            assert one.over_at is None or began < one.over_at
        if over is not None:
            assert one.over_at is not None
            assert over >= one.over_at
            assert began is None or began < over


@pytest.mark.parametrize("channel", BOTH)
def test_what_stands_is_told_at_once_and_its_end_as_well(channel: Channel) -> None:
    stop = known(7, STOP, NOW, about="backfill/canary")
    assert subjects(stop, channel=channel) == ["condition/7"]
    told = {"condition/7": sent(NOW)}
    assert subjects(stop, attempts=told, now=NOW + 30 * DAY, channel=channel) == []
    over = replace(stop, over_at=NOW + HOUR)
    assert subjects(over, attempts=told, now=NOW + HOUR, channel=channel) == ["over/7"]
    told["over/7"] = sent(NOW + HOUR)
    assert subjects(over, attempts=told, now=NOW + HOUR, channel=channel) == []


def test_a_portal_has_an_hour_to_come_back() -> None:
    away = known(1, AWAY, NOW)
    assert subjects(away, now=NOW + 59 * MINUTE) == []
    assert subjects(away, now=NOW + HOUR) == ["condition/1"]
    back = replace(away, over_at=NOW + 40 * MINUTE)
    assert subjects(back, now=NOW + 2 * HOUR) == []


@pytest.mark.parametrize("kind", sorted(SILENCING))
def test_a_user_is_told_of_what_silenced_the_portal_when_it_is_over(kind: ConditionKind) -> None:
    gone, other = known(1, kind, NOW), known(2, RIGHT, NOW)
    at = NOW + 2 * HOUR
    assert subjects(gone, other, now=at, channel=Channel.USER) == []
    assert subjects(gone, other, now=at) == ["condition/1", "condition/2"]
    back = replace(gone, over_at=at)
    assert subjects(back, other, now=at, channel=Channel.USER) == ["over/1", "condition/2"]
    assert subjects(back, now=at + HOUR, channel=Channel.USER) == []
    assert subjects(back, now=at) == []  # the command could have been told while it stood


def test_what_fails_is_tried_again_with_growing_pauses() -> None:
    stop = known(1, STOP, NOW)
    for times in range(1, 9):
        before = {"condition/1": Attempt(times, NOW)}
        pause = pause_after(times)
        assert pause == PAUSES[min(times, len(PAUSES)) - 1]
        assert subjects(stop, attempts=before, now=NOW + pause - MINUTE / 60) == []
        assert subjects(stop, attempts=before, now=NOW + pause) == ["condition/1"]


def test_what_could_not_be_told_in_time_is_told_as_over_and_given_up_at_last() -> None:
    stop = known(1, STOP, NOW, NOW + HOUR)
    tried = {"condition/1": Attempt(3, NOW)}
    assert subjects(stop, attempts=tried, now=NOW + 2 * HOUR) == ["over/1"]
    assert subjects(stop, attempts=tried, now=NOW + 4 * DAY) == []
    assert subjects(stop, now=NOW + 2 * HOUR) == []


def test_what_was_told_while_the_clock_was_years_ahead_silences_nothing() -> None:
    ahead = NOW + 3650 * DAY
    first, again = known(1, RIGHT, ahead, ahead + HOUR), known(2, RIGHT, NOW)
    assert subjects(first, again, attempts={"condition/1": sent(ahead), "over/1": sent(ahead)}) == ["condition/2"]
    assert subjects(again, attempts={"condition/2": Attempt(1, ahead)}) == ["condition/2"]


@pytest.mark.parametrize(("kind", "quiet"), [(LIMIT, DAY), (RIGHT, HOUR)])
def test_what_comes_and_goes_is_not_told_each_time(kind: ConditionKind, quiet: timedelta) -> None:
    first, again = known(1, kind, NOW - 5 * MINUTE, NOW), known(2, kind, NOW)
    told = {"condition/1": sent(NOW - 5 * MINUTE), "over/1": sent(NOW)}
    assert subjects(first, again, attempts=told, now=NOW + quiet / 2) == []
    assert subjects(first, again, attempts=told, now=NOW + quiet) == ["condition/2"]
    elsewhere = known(3, kind, NOW, about="another")
    assert subjects(first, elsewhere, attempts=told) == ["condition/3"]


def test_a_channel_is_told_that_it_fails_no_more_when_nothing_else_can_show_it() -> None:
    failing, stop = known(1, FAILED, NOW, about="command"), known(2, STOP, NOW)
    assert subjects(failing, channel=Channel.USER) == ["condition/1"]
    tried = {"condition/2": Attempt(1, NOW)}
    assert subjects(failing, stop, attempts=tried, now=NOW + MINUTE / 2) == []
    assert subjects(failing, stop, attempts=tried, now=NOW + MINUTE) == ["condition/2"]
    assert subjects(failing, attempts=tried, now=NOW + 4 * DAY) == ["failed/1"]
    tried["failed/1"] = Attempt(1, NOW)
    assert subjects(failing, attempts=tried, now=NOW + MINUTE / 2) == []
    assert subjects(replace(failing, over_at=NOW), attempts=tried, now=NOW + HOUR) == []


def test_only_what_is_wanted_is_told() -> None:
    everything = [known(number, kind, NOW - DAY) for number, kind in enumerate(ConditionKind)]
    for topic in Topic:
        of_topic = [f"condition/{n}" for n, kind in enumerate(ConditionKind) if TOPICS[kind] is topic]
        assert subjects(*everything, topics=frozenset({topic})) == of_topic
    assert TOPICS.keys() == set(ConditionKind)


def test_reviews_are_told_once_a_day_at_their_hour_by_the_clock_on_the_wall() -> None:
    digest = Digest(time(9), ZoneInfo("Asia/Tokyo"))  # 09:00 there is midnight in UTC
    waiting = Facts(reviews={"domain_typo": 2, "contains_text": 5}, digest=digest)

    def told(now: datetime, attempts: dict[str, Attempt], facts: Facts = waiting) -> list[Notice]:
        return list(due(facts, attempts, now, channel=Channel.USER, topics=ALL))

    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    [first] = told(midnight, {})
    assert (first.subject, first.event) == ("reviews/2026-03-03", Event.REVIEWS_WAIT)
    assert told(midnight - MINUTE, {"reviews/2026-03-02": sent(NOW)}) == []
    assert told(midnight + 14 * HOUR, {first.subject: sent(midnight)}) == []
    assert [one.subject for one in told(midnight + DAY, {first.subject: sent(midnight)})] == ["reviews/2026-03-04"]
    assert told(midnight, {}, Facts(digest=digest)) == []
    assert told(midnight, {}, Facts(reviews={"domain_typo": 2})) == []


def test_a_walk_is_told_when_it_has_just_finished() -> None:
    walk = Facts(walks=[Walk("12", NOW, {"read": 100, "corrected": 4, "mended": 1})])

    def told(at: datetime, attempts: dict[str, Attempt]) -> list[str]:
        return [one.subject for one in due(walk, attempts, at, channel=Channel.USER, topics=ALL)]

    assert told(NOW + 59 * MINUTE, {}) == ["walk/12"]
    assert told(NOW + HOUR, {}) == []
    assert told(NOW + 2 * HOUR, {"walk/12": Attempt(2, NOW)}) == ["walk/12"]
    assert told(NOW + MINUTE, {"walk/12": sent(NOW)}) == []


TEXTS = [
    (
        Facts([known(1, STOP, NOW, about="backfill/share")]),
        [
            "b24syncd acme: safety stop (backfill/share)",
            "since 2026-03-02 12:00+03:00",
            "something is not as it should be",
            f"What to do: {cure_of(Condition(STOP, 'backfill/share', NOW, ''))}.",
        ],
    ),
    (
        Facts([known(1, REFUSED, NOW - 2 * HOUR, NOW)]),
        [
            "b24syncd acme: over: credentials refused",
            "since 2026-03-02 10:00+03:00, until 2026-03-02 12:00+03:00",
            "something is not as it should be",
        ],
    ),
    (
        Facts(reviews={"domain_typo": 2, "contains_text": 5}, digest=Digest(time(9))),
        [
            "b24syncd acme: reviews that wait for a person: 7",
            "5 contains_text",
            "2 domain_typo",
            "What to do: `b24syncd review list` shows them, docs/reviews.md tells what to do.",
        ],
    ),
    (
        Facts(walks=[Walk("12", NOW, {"read": 100, "corrected": 4, "mended": 1, "failed": 0})]),
        [
            "b24syncd acme: the walk through the portal is finished",
            "at 2026-03-02 12:00+03:00",
            "100 items read",
            "4 items corrected",
        ],
    ),
]


@pytest.mark.parametrize(("facts", "lines"), TEXTS)
def test_words(facts: Facts, lines: list[str]) -> None:
    attempts = {"condition/1": Attempt(1, NOW - HOUR)}
    zone = ZoneInfo("Europe/Moscow")
    [notice] = due(facts, attempts, NOW, channel=Channel.COMMAND, topics=ALL)
    assert text_of(notice, "acme", zone).splitlines() == lines
    told = to_json(notice, "acme", zone)
    assert (told["text"], told["subject"]) == ("\n".join(lines), lines[0])
    assert (told["id"], told["portal"]) == (notice.subject, "acme")
    assert told["since"] == (None if notice.since is None else notice.since.isoformat())
