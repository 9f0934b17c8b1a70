"""The words of a notice: a line that says what it is about, a text for people, and all of it for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .notices import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from .notices import Notice

_WHAT = {
    Event.BEGAN: "{kind}",
    Event.OVER: "over: {kind}",
    Event.REVIEWS_WAIT: "reviews that wait for a person: {number}",
    Event.WALK_FINISHED: "the walk through the portal is finished",
}
_COUNTED = {
    "read": "items read",
    "corrected": "items corrected",
    "corrections": "corrections",
    "reviews": "new reviews",
    "refused": "rebindings refused",
    "failed": "items failed",
    "unverified": "outcomes not verified",
}
"""What is told of a walk, of all that a run counts."""


def headline(notice: Notice, portal: str) -> str:
    """Return what the notice is about in one line, such as the subject of a mail."""
    about = f" ({notice.about})" if notice.about else ""
    kind = f"{notice.kind.replace('_', ' ')}{about}"
    number = sum(notice.counts.values())
    return f"b24syncd {portal}: {_WHAT[notice.event].format(kind=kind, number=number)}"


def text_of(notice: Notice, portal: str, zone: tzinfo | None) -> str:
    """Return the notice as people read it, with times of a zone, or of this machine's clock on the wall."""
    lines = [headline(notice, portal)]
    if times := _times(notice, zone):
        lines.append(times)
    if notice.detail:
        lines.append(notice.detail)
    lines += [f"{number} {name}" for name, number in _counted(notice)]
    if notice.cure:
        lines.append(f"What to do: {notice.cure}.")
    return "\n".join(lines)


def to_json(notice: Notice, portal: str, zone: tzinfo | None) -> dict[str, Any]:
    """Return the notice as a program reads it; keys may be added, and keep their meaning."""
    since, until = (None if moment is None else moment.isoformat() for moment in (notice.since, notice.until))
    return {
        "id": notice.subject,
        "portal": portal,
        "event": notice.event.value,
        "kind": notice.kind,
        "about": notice.about,
        "since": since,
        "until": until,
        "detail": notice.detail,
        "cure": notice.cure,
        "counts": dict(notice.counts),
        "subject": headline(notice, portal),
        "text": text_of(notice, portal, zone),
    }


def _counted(notice: Notice) -> list[tuple[str, int]]:
    counts: Mapping[str, int] = notice.counts
    if notice.event is Event.WALK_FINISHED:
        return [(words, counts[name]) for name, words in _COUNTED.items() if counts.get(name)]
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _times(notice: Notice, zone: tzinfo | None) -> str:
    since, until = notice.since, notice.until
    if since is None:
        return "" if until is None else f"at {_shown(until, zone)}"
    return f"since {_shown(since, zone)}" + ("" if until is None else f", until {_shown(until, zone)}")


def _shown(moment: datetime, zone: tzinfo | None) -> str:
    return moment.astimezone(zone).isoformat(" ", "minutes")
