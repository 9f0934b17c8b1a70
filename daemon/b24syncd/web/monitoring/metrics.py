"""The metrics by Prometheus' conventions (https://prometheus.io/docs/practices/naming/), and how they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from . import samples
from .observing import Observed

if TYPE_CHECKING:
    from datetime import datetime

    from prometheus_client.metrics_core import Metric as Family

    from b24syncd.reports.health import Health

    from .observing import StateNumbers, Working
    from .samples import Sample

_Read = Callable[[Observed], Iterable["Sample"]]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric that is a number; all of them have the label `portal` as well."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: _Read

    def family(self, portal: str, seen: Observed) -> Family:
        """Return it with its samples."""
        made = CounterMetricFamily if self.name.endswith("_total") else GaugeMetricFamily
        family = made(self.name, self.help, labels=("portal", *self.labels))
        for labels, number in self.read(seen):
            family.add_metric((portal, *labels), number)
        return family


def _working(read: Callable[[Working], Iterable[Sample]]) -> _Read:
    return lambda seen: () if seen.working is None else read(seen.working)


def _state(read: Callable[[StateNumbers], Iterable[Sample]]) -> _Read:
    return lambda seen: () if seen.state is None else read(seen.state)


def _health(read: Callable[[Health], Iterable[Sample]]) -> _Read:
    return lambda seen: () if seen.health is None else read(seen.health)


METRICS: Final = (
    Metric("b24syncd_build_info", "The release of b24syncd and of Python.", ("version", "python"), samples.build),
    Metric("b24syncd_following", "Whether it follows the portal by now.", (), samples.following),
    Metric("b24syncd_database_up", "Whether the state could be read.", (), samples.database),
    Metric(
        "b24syncd_health_verdict",
        "1 for how it is: well, waiting (heals by itself), trouble (needs a person).",
        ("verdict",),
        samples.verdict,
    ),
    Metric("b24syncd_conditions", "What is not as it should be, by kind.", ("kind",), _health(samples.conditions)),
    Metric(
        "b24syncd_requests_total", "Requests that left, by how they ended.", ("outcome",), _working(samples.requests)
    ),
    Metric(
        "b24syncd_commands_total",
        "Commands that left, by method and by what became of them.",
        ("method", "outcome"),
        _working(samples.commands),
    ),
    Metric(
        "b24syncd_bucket_requests",
        "Own requests that still count against the request limit.",
        (),
        _working(samples.bucket),
    ),
    Metric(
        "b24syncd_bucket_limit_requests",
        "Own requests that may count against the request limit at once.",
        (),
        _working(samples.bucket_limit),
    ),
    Metric(
        "b24syncd_bucket_pace_ratio",
        "How fast requests may leave, of 1; slower after the portal refused some, as others draw from its bucket.",
        (),
        _working(samples.pace),
    ),
    Metric(
        "b24syncd_operating_ratio",
        "Operating time of a method that is spent, of the portal's limit.",
        ("method",),
        _working(samples.operating),
    ),
    Metric(
        "b24syncd_wait_seconds_total",
        "Seconds in which something waited, by cause.",
        ("cause",),
        _working(samples.waited),
    ),
    Metric(
        "b24syncd_feed_lag_seconds",
        "How far following changes is behind the present, by entity type.",
        ("entity_type",),
        samples.lag,
    ),
    Metric(
        "b24syncd_feed_last_success_timestamp_seconds",
        "When changes were last followed to the end, by entity type.",
        ("entity_type",),
        _working(samples.last_success),
    ),
    Metric("b24syncd_queue_items", "Items in the queue, by how they stand.", ("state",), _state(samples.queue)),
    Metric(
        "b24syncd_corrections_total",
        "Corrections that were settled since the process began, by job and outcome.",
        ("job", "outcome"),
        _state(samples.corrections),
    ),
    Metric(
        "b24syncd_corrections_open",
        "Corrections whose outcome is not known yet.",
        (),
        _state(samples.open_corrections),
    ),
    Metric(
        "b24syncd_corrections_unverified",
        "Corrections of all runs on record that were made without an answer of the portal.",
        (),
        _state(samples.unverified),
    ),
    Metric("b24syncd_reviews_open", "What a person has to decide, by reason.", ("reason",), _state(samples.reviews)),
    Metric(
        "b24syncd_errors_total",
        "Errors that ended a piece of work, by class.",
        ("class",),
        _working(samples.errors_met),
    ),
)
FILL: Final = Metric(
    "b24syncd_batch_commands",
    "Commands in a request; a plain call has one, a batch up to 50.",
    (),
    _working(samples.fill),
)
_BOUNDS: Final = (1, 2, 5, 10, 20, 30, 40, 50)


class Metrics(Collector):
    """The metrics of one portal's daemon, in a registry of its own; what is told is what was observed last."""

    def __init__(self, portal: str, started_at: datetime) -> None:
        """Tell of this portal, by its configured name, and of a process that began at that time."""
        self._portal = portal
        self._started_at = started_at
        self._seen = Observed()
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def told(self, seen: Observed, accept: str) -> tuple[bytes, str]:
        """Return what was observed as text, and the type of its content that fits what is accepted."""
        self._seen = seen
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    def collect(self) -> Iterable[Family]:
        """Return everything."""
        yield from (metric.family(self._portal, self._seen) for metric in METRICS)
        yield self._histogram()
        started = GaugeMetricFamily("process_start_time_seconds", "When the process began.", labels=("portal",))
        started.add_metric((self._portal,), self._started_at.timestamp())
        yield started

    def _histogram(self) -> Family:
        family = HistogramMetricFamily(FILL.name, FILL.help, labels=("portal",))
        found = [(int(number), requests) for (number,), requests in FILL.read(self._seen)]
        if self._seen.working is not None:
            within = [sum(requests for number, requests in found if number <= bound) for bound in _BOUNDS]
            buckets = [*((f"{bound}.0", number) for bound, number in zip(_BOUNDS, within, strict=True))]
            buckets.append(("+Inf", sum(requests for _, requests in found)))
            family.add_metric((self._portal,), buckets, sum(number * requests for number, requests in found))
        return family
