"""Health in words: the verdict with its cure first, then what a person asks next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from b24syncd.domain.conditions import ConditionKind

from .health import Verdict
from .wording import NOTHING_YET, in_halves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from .health import ConditionReport, Health

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CURED_ALIKE: Final = frozenset({"canary", "share", "empty", "denied"})
"""Safety limits whose stop says what their cure says; of a field it tells which and why."""

_LONG: Final = 2
"""So many of a unit are told in it rather than in the next smaller one."""


def verdict_lines(health: Health, told: Callable[[datetime], str]) -> Iterator[tuple[str, str]]:
    """Yield whether it is well, since when, why not, and the cure; `told` writes times."""
    if not health.conditions or health.verdict is Verdict.WELL:
        yield health.verdict.value, _well(health, told)
    for one in health.conditions:
        yield one.severity.value, _condition(one, told)
        yield "cure", one.cure


def health_lines(health: Health, told: Callable[[datetime], str]) -> Iterator[tuple[str, str]]:
    """Yield the last contact with the portal, the lag of each feed, what is left out, and the last error.

    What stopped for safety is one of the conditions.
    """
    if health.last_contact is not None:
        yield "contact", f"the portal answered last at {told(health.last_contact)}"
    if health.is_running and health.lag:
        yield "lag", ", ".join(f"{one.feed} {span(one.seconds)}" for one in health.lag)
    if health.paused_jobs:
        yield "paused", ", ".join(health.paused_jobs)
    if health.skipped_types:
        yield "skipped", ", ".join(health.skipped_types)
    last = health.last_error
    if last is not None and last.over_at is not None:
        yield "error", f"the last one, {told(last.since)} to {told(last.over_at)}: {last.detail}"


def span(seconds: float) -> str:
    """Return a span of time in the largest unit of which it has several."""
    for length, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= _LONG * length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _well(health: Health, told: Callable[[datetime], str]) -> str:
    if not health.has_run:
        return NOTHING_YET
    since = "" if health.since is None else f"since {told(health.since)}: "
    return f"{since}{'at work' if health.is_running else 'nothing is wrong, and nothing is running'}"


def _condition(one: ConditionReport, told: Callable[[datetime], str]) -> str:
    about = f" ({one.about})" if one.about else ""
    what = in_halves(one.detail)[0] if _is_cured_alike(one) else one.detail
    return f"since {told(one.since)}: {one.kind.value.replace('_', ' ')}{about}: {what}"


def _is_cured_alike(one: ConditionReport) -> bool:
    """Tell whether what was said when it stopped ends with the cure, which is told below."""
    if one.kind is ConditionKind.SAFETY_STOP:
        return one.about.rpartition("/")[2] in _CURED_ALIKE
    return one.kind is ConditionKind.WRONG_REGION
