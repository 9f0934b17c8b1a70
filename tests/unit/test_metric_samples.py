"""Metrics have few series, whatever there is to be told, and tell nobody's words."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from b24syncd import errors
from b24syncd.app.follow import FollowedFeed
from b24syncd.domain.conditions import Condition, ConditionKind
from b24syncd.domain.entities import EntityType
from b24syncd.domain.job_names import JOBS
from b24syncd.domain.reasons import Reason
from b24syncd.portal.pace.levels import Levels
from b24syncd.portal.pace.waits import WaitCause
from b24syncd.portal.wire.traffic import CommandOutcome, RequestOutcome, Traffic
from b24syncd.reports.health import Recorded, Verdict, health_of
from b24syncd.store.journal import Outcome
from b24syncd.store.outcomes import OutcomeCounts
from b24syncd.store.queue import QueueState
from b24syncd.web.monitoring.methods import KNOWN
from b24syncd.web.monitoring.metrics import METRICS, Metrics
from b24syncd.web.monitoring.observing import Observed, StateNumbers, Working

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = st.text(max_size=20) | st.sampled_from(["crm.item.update", "phones", "not_a_phone", "retry_later"])
NUMBERS = st.integers(0, 10**9)
TYPES = [*EntityType, EntityType("type128")]
SETTLED = st.sampled_from([outcome.value for outcome in Outcome if outcome is not Outcome.INTENT])
FEEDS = st.lists(st.tuples(WORDS, st.sampled_from(TYPES), st.none() | st.integers(0, 10**6)), max_size=8)


@st.composite
def traffics(draw: st.DrawFn) -> Traffic:
    traffic = Traffic()
    traffic.requests = Counter(draw(st.dictionaries(st.sampled_from(RequestOutcome), NUMBERS)))
    traffic.commands = Counter(draw(st.dictionaries(st.tuples(WORDS, st.sampled_from(CommandOutcome)), NUMBERS)))
    traffic.fill = Counter(draw(st.dictionaries(st.integers(1, 50), NUMBERS)))
    return traffic


@st.composite
def moments(draw: st.DrawFn) -> Observed:
    feeds = draw(FEEDS)
    ago = {name: NOW - timedelta(seconds=seconds) for name, _, seconds in feeds if seconds is not None}
    working = Working(
        traffic=draw(traffics()),
        levels=Levels(3, 10, 0.5, draw(st.dictionaries(WORDS, st.floats(0, 2)))),
        waited=dict.fromkeys(WaitCause, 1.5),
        errors=draw(st.dictionaries(st.sampled_from([errors.UNEXPECTED, "retry_later", "rejected"]), NUMBERS)),
        feeds=tuple(FollowedFeed(name, entity_type, f"poll {name}") for name, entity_type, _ in feeds),
        last_success=ago,
        server_now=NOW.timestamp(),
    )
    kinds = draw(st.lists(st.tuples(st.sampled_from(ConditionKind), WORDS), max_size=5))
    recorded = Recorded(
        conditions=tuple(Condition(kind, about, NOW, about) for kind, about in kinds),
        read_until=ago,
        open_reviews=draw(st.dictionaries(WORDS, NUMBERS)),
    )
    counts = draw(st.dictionaries(st.tuples(WORDS, SETTLED), NUMBERS))
    numbers = StateNumbers(recorded, dict.fromkeys(QueueState, 7), OutcomeCounts(0, frozenset(), counts))
    return Observed(working, numbers, health_of(recorded, NOW, is_held=True))


POSSIBLE = {
    "outcome": {*RequestOutcome, *CommandOutcome, *Outcome},
    "method": KNOWN | {"other"},
    "verdict": set(Verdict),
    "kind": set(ConditionKind),
    "cause": set(WaitCause),
    "entity_type": {entity_type.value for entity_type in TYPES},
    "state": set(QueueState),
    "job": {*JOBS, "other"},
    "reason": {*(reason.value for reason in Reason), "other"},
}


@given(moments())
def test_labels_have_known_values_whatever_is_told(seen: Observed) -> None:
    for metric in METRICS:
        found = list(metric.read(seen))
        assert len({labels for labels, _ in found}) == len(found)
        for labels, number in found:
            assert number >= 0
            assert len(labels) == len(metric.labels)
            for name, value in zip(metric.labels, labels, strict=True):
                assert value in POSSIBLE.get(name, {value})


@given(moments())
def test_nothing_is_lost_among_the_names(seen: Observed) -> None:
    assert seen.working is not None
    assert seen.state is not None
    sums = {metric.name: sum(number for _, number in metric.read(seen)) for metric in METRICS}
    assert sums["b24syncd_commands_total"] == seen.working.traffic.commands.total()
    assert sums["b24syncd_corrections_total"] == sum(seen.state.outcomes.counts.values())
    assert sums["b24syncd_reviews_open"] == sum(seen.state.recorded.open_reviews.values())
    assert sums["b24syncd_health_verdict"] == 1


@given(moments(), st.sampled_from(["", "application/openmetrics-text", "text/plain;version=1.0.0"]))
def test_whatever_is_told_can_be_read(seen: Observed, accept: str) -> None:
    text, _ = Metrics("acme", NOW).told(seen, accept)
    if not accept:
        samples = [one for family in text_string_to_metric_families(text.decode()) for one in family.samples]
        assert {one.labels["portal"] for one in samples} == {"acme"}
        buckets = [one.value for one in samples if one.name == "b24syncd_batch_commands_bucket"]
        assert buckets == sorted(buckets)


def test_two_daemons_in_one_process_share_nothing() -> None:
    one, other = Metrics("acme", NOW), Metrics("beta", NOW)
    assert one.registry is not other.registry
    assert b"beta" not in one.told(Observed(), "")[0]
