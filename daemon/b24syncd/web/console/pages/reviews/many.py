"""Decisions about many reviews at once: how far they are, and what they came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from b24syncd.app.control_messages import Failed, Finished
from b24syncd.app.requests import AcceptRequest, ImportRequest
from b24syncd.domain.decisions import Kept
from b24syncd.web.console.formats import number, span
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import ngettext
from b24syncd.web.console.sentences.telling import told

from .telling import LEFT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24syncd.app.submitted import Submitted


@dataclass(frozen=True, slots=True)
class Many:
    """What a page tells of them: the percent that is done, or in the end lines, with the run that wrote."""

    title: str
    share: float | None = None
    text: str = ""
    lines: tuple[str, ...] = ()
    is_wrong: bool = False
    run: int | None = None


def told_of(submitted: Submitted) -> Many:
    """Return what is told of such a decision."""
    title = _title(submitted)
    match submitted.outcome:
        case Failed(lines=lines):
            return Many(title, lines=tuple(map(told, lines)), is_wrong=True)
        case Finished(result=result):
            decided = result["decided"] if isinstance(submitted.request, ImportRequest) else result
            run = None if decided is None else decided["summary"]["run_id"]
            return Many(title, lines=tuple(_lines(submitted, result, decided)), run=run)
    how_far = submitted.progress().how_far
    text = _("%(share)s %% done") % {"share": number(how_far.percent)}
    if how_far.eta_seconds is not None:
        text += ", " + _("about %(span)s left") % {"span": span(how_far.eta_seconds)}
    return Many(title, how_far.percent, text)


def _title(submitted: Submitted) -> str:
    match submitted.request:
        case AcceptRequest(by=name, expected=expected) if expected is not None:
            told = ngettext(
                "%(num)d suggestion, accepted by %(name)s", "%(num)d suggestions, accepted by %(name)s", expected
            )
            return told % {"num": expected, "name": name}
        case other:
            return _("Decisions from a file, by %(name)s") % {"name": other.by}


def _lines(submitted: Submitted, result: dict[str, Any], decided: dict[str, Any] | None) -> Iterable[str]:
    if decided is not None:
        written, left = len(decided["accepted"]), decided["left"]
        yield ngettext("%(num)d review written.", "%(num)d reviews written.", written) % {"num": written}
        for why in Kept:
            count = sum(kept == why for _decision, kept in left)
            if count:
                yield f"{number(count)}: {_(LEFT[why])}"
    if isinstance(submitted.request, ImportRequest):
        changed = result["changed"]
        yield ngettext("%(num)d other decision.", "%(num)d other decisions.", changed) % {"num": changed}
