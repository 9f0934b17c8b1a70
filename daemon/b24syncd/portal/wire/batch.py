"""One request: several commands as a `batch`, a single one as a plain call; and what its answer says of each.

php: modules/rest/classes/general/rest_provider.php `methodsBatch`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from b24syncd.errors import OutcomeUnknown

from .commands import Answered, Deferred, Outcome, Refused, Timing, Unknown
from .faults import Reaction, react_to_command
from .observation import BATCH, Observation
from .replies import whole_number
from .transport_faults import NotSent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .commands import Command

_LONGEST_CODE, _LONGEST_TEXT = 100, 300
_CODE, _DESCRIPTION = "error", "error_description"
_SHORTEST_IN_CODES = 12
"""A shorter secret, as a proxy's password may be, can be a part of an honest code: `token` in `expired_token`."""

_OLDEST, _NEWEST = 0.0, 4_102_444_800.0
"""1970 and 2100, in unix seconds."""
_DAY, _A_SECOND = 86_400.0, 1.0


def key(index: int) -> str:
    """Return the key of a command in its batch; no key looks like the index of a list, which PHP would make of it."""
    return f"c{index}"


def envelope(methods: Sequence[str], queries: Sequence[str], *, halt: bool) -> dict[str, object]:
    """Return the body of a batch of `methods` with their encoded `queries`."""
    calls = zip(methods, queries, strict=True)
    return {"halt": int(halt), "cmd": {key(index): f"{method}?{query}" for index, (method, query) in enumerate(calls)}}


def read_plain(command: Command, body: Mapping[str, Any], took: float | None = None) -> tuple[Answered, Observation]:
    """Return the outcome of a plain call that was answered without an error, `took` seconds after it had left."""
    timing = _timing_of_whole(body, took)
    answered = Answered(body["result"], timing, _number(body.get("total")), _number(body.get("next")))
    if timing is None:
        return answered, Observation(untimed={command.method: 1})
    return answered, Observation(timings={command.method: (timing,)})


def read_batch(
    commands: Sequence[Command], body: Mapping[str, Any], *, halt: bool, took: float | None = None
) -> tuple[tuple[Outcome, ...], Observation]:
    """Return the outcome of every command of a batch that was answered `took` seconds after it had left.

    Raises `OutcomeUnknown` for an answer that is none to a batch.
    """
    answer = body.get("result")
    if not isinstance(answer, Mapping) or "result" not in answer:
        message = "the portal's answer to a batch does not have the form of one"
        raise OutcomeUnknown(message)
    results, errors = _map(answer, "result"), _map(answer, "result_error")
    times, totals, nexts = _map(answer, "result_time"), _map(answer, "result_total"), _map(answer, "result_next")
    whole = _timing_of_whole(body, took)
    reached = None if whole is None else whole.started_at
    follows = False
    timings: defaultdict[str, list[Timing]] = defaultdict(list)
    untimed: defaultdict[str, int] = defaultdict(int)
    blocked: set[str] = set()
    is_too_fast = has_failed = False
    outcomes: list[Outcome] = []
    for index, command in enumerate(commands):
        name = key(index)
        timing = None
        if name in errors:
            has_failed = True
            outcome, reaction = _failed(errors[name])
            if reaction is Reaction.TOO_MUCH:
                blocked.add(command.method)
            is_too_fast |= reaction is Reaction.TOO_FAST
        elif name in results:
            timing = parse_timing(times.get(name))
            if timing is None:
                untimed[command.method] += 1
            else:
                # the next one begins where this one ends
                timing = timing.begun_at(reached) if follows and reached else timing.not_before(reached)
                timings[command.method].append(timing)
                reached = timing.finished_at
            outcome = Answered(results[name], timing, _number(totals.get(name)), _number(nexts.get(name)))
        elif halt and has_failed:
            outcome = Deferred(0.0)
        else:
            outcome = Unknown("the portal's answer to a batch leaves a command out")
        follows = timing is not None
        outcomes.append(outcome)
    if whole is not None:
        timings[BATCH] = [whole]
    return tuple(outcomes), Observation(timings, untimed, frozenset(blocked), is_too_fast)


def refused(commands: Sequence[Command], code: str, description: str) -> tuple[Refused]:
    """Return the refusal of a plain call; raise `NotSent` for that of a whole batch, which is of none of its commands.

    A batch tells the error of each command by itself, so what refuses all of it came before them.
    """
    if len(commands) > 1:
        message = f"the portal refused a whole batch ({Refused(code, description).rejected})"
        raise NotSent(message)
    return (Refused(code, description),)


def _failed(error: object) -> tuple[Outcome, Reaction]:
    code, description = parse_error(error if isinstance(error, Mapping) else {"error_description": error})
    reaction = react_to_command(code)
    match reaction:
        case Reaction.REFUSED:
            return Refused(code, description), reaction
        case Reaction.UNCERTAIN:
            return Unknown(f"{code}: {description}" if description else code), reaction
        case Reaction.TOO_FAST | Reaction.TOO_MUCH:
            return Deferred(0.0), reaction


def parse_error(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return code and description of an error, whatever PHP made of them."""
    return _text_of(body.get("error"))[:_LONGEST_CODE], _text_of(body.get("error_description"))[:_LONGEST_TEXT]


def _text_of(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def without(secret: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return an answer whose errors, that of the whole and those of its commands, do not show the secret."""
    body = _censored(secret, body)
    result = body.get("result")
    errors = result.get("result_error") if isinstance(result, dict) else None
    if not isinstance(result, dict) or not isinstance(errors, dict):
        return body
    censored = {
        name: _censored(secret, error) if isinstance(error, dict) else _text_of(error).replace(secret, "***")
        for name, error in errors.items()
    }
    return {**body, "result": {**result, "result_error": censored}}


def _censored(secret: str, error: dict[str, Any]) -> dict[str, Any]:
    told = {}
    if _DESCRIPTION in error:
        told[_DESCRIPTION] = _text_of(error[_DESCRIPTION]).replace(secret, "***")
    if _CODE in error:
        shown = re.escape(secret) if len(secret) >= _SHORTEST_IN_CODES else rf"(?<!\w){re.escape(secret)}(?!\w)"
        told[_CODE] = re.sub(shown, "***", _text_of(error[_CODE]))
    return {**error, **told}


def parse_timing(value: object) -> Timing | None:
    """Parse a `time` object (docs: api-reference/data-types.md, "time"); None for anything else.

    What is answered here moves our clock and holds requests back, so times that cannot be are none. Without the time at
    which operating time leaves, the whole window is waited for. Newer portals tell the beginning in whole seconds (php:
    modules/rest/classes/general/rest.php, `$timeStart` is an int), and as much too long a duration.
    """
    if not isinstance(value, dict):
        return None
    operating, reset_at = value.get("operating"), value.get("operating_reset_at")
    try:
        started_at, finished_at = (
            _between(value["start"], _OLDEST, _NEWEST),
            _between(value["finish"], _OLDEST, _NEWEST),
        )
        return Timing(
            started_at,
            finished_at,
            _between(value["duration"], 0.0, _DAY),
            None if operating is None else _between(operating, 0.0, _DAY),
            _reset(reset_at, started_at, finished_at),
            _utc_offset(value.get("date_finish")),
            _A_SECOND if isinstance(value["start"], int) else 0.0,
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _timing_of_whole(body: Mapping[str, Any], took: float | None) -> Timing | None:
    """Return the times of an answer that came `took` seconds after its request had left."""
    timing = parse_timing(body.get("time"))
    return timing if timing is None or took is None else timing.not_before(timing.finished_at - took)


def _reset(value: object, started_at: float, finished_at: float) -> float | None:
    """Return when a part of the operating time leaves; None for what cannot be, as in examples of the documentation."""
    try:
        return _between(value, started_at - _DAY, finished_at + _DAY) if value else None
    except (TypeError, ValueError, OverflowError):
        return None


def _utc_offset(wall: object) -> float | None:
    try:
        offset = datetime.fromisoformat(wall).utcoffset() if isinstance(wall, str) else None
    except ValueError:
        return None
    return None if offset is None else offset.total_seconds()


def _between(value: Any, least: float, most: float) -> float:  # noqa: ANN401 # JSON as it came
    number = float(value)
    if not (isfinite(number) and least <= number <= most):
        message = "a time that cannot be"
        raise ValueError(message)
    return number


def _map(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a map of the answer; PHP writes an empty one as a list."""
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    try:
        return max(0, whole_number(value))
    except ValueError:
        return None
