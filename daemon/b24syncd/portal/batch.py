"""One request: several commands as a `batch`, a single one as a plain call; and what its answer says of each.

php: modules/rest/classes/general/rest_provider.php `methodsBatch`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from b24syncd.errors import OutcomeUnknown

from .commands import Answered, Deferred, Outcome, Refused, Timing, Unknown
from .faults import Reaction, react_to_command
from .observation import BATCH, Observation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .commands import Command


def key(index: int) -> str:
    """Return the key of a command in its batch; no key looks like the index of a list, which PHP would make of it."""
    return f"c{index}"


def envelope(methods: Sequence[str], queries: Sequence[str], *, halt: bool) -> dict[str, object]:
    """Return the body of a batch of `methods` with their encoded `queries`."""
    calls = zip(methods, queries, strict=True)
    return {"halt": int(halt), "cmd": {key(index): f"{method}?{query}" for index, (method, query) in enumerate(calls)}}


def read_plain(command: Command, body: Mapping[str, Any]) -> tuple[Answered, Observation]:
    """Return the outcome of a plain call that was answered without an error."""
    timing = parse_timing(body.get("time"))
    answered = Answered(body["result"], timing, _number(body.get("total")), _number(body.get("next")))
    if timing is None:
        return answered, Observation(untimed={command.method: 1})
    return answered, Observation(timings={command.method: (timing,)})


def read_batch(
    commands: Sequence[Command], body: Mapping[str, Any], *, halt: bool
) -> tuple[tuple[Outcome, ...], Observation]:
    """Return the outcome of every command; raise `OutcomeUnknown` for an answer that is none to a batch."""
    answer = body.get("result")
    if not isinstance(answer, Mapping) or "result" not in answer:
        message = "the portal's answer to a batch does not have the form of one"
        raise OutcomeUnknown(message)
    results, errors = _map(answer, "result"), _map(answer, "result_error")
    times, totals, nexts = _map(answer, "result_time"), _map(answer, "result_total"), _map(answer, "result_next")
    timings: defaultdict[str, list[Timing]] = defaultdict(list)
    untimed: defaultdict[str, int] = defaultdict(int)
    blocked: set[str] = set()
    is_too_fast = has_failed = False
    outcomes: list[Outcome] = []
    for index, command in enumerate(commands):
        name = key(index)
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
                timings[command.method].append(timing)
            outcome = Answered(results[name], timing, _number(totals.get(name)), _number(nexts.get(name)))
        elif halt and has_failed:
            outcome = Deferred(0.0)
        else:
            has_failed = True
            outcome = Unknown("the portal's answer to a batch leaves a command out")
        outcomes.append(outcome)
    whole = parse_timing(body.get("time"))
    if whole is not None:
        timings[BATCH] = [whole]
    return tuple(outcomes), Observation(timings, untimed, frozenset(blocked), is_too_fast)


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
    code, description = body.get("error"), body.get("error_description")
    return "" if code is None else str(code), "" if description is None else str(description)


def parse_timing(value: object) -> Timing | None:
    """Parse a `time` object (docs: api-reference/data-types.md, "time"); None for anything else."""
    if not isinstance(value, dict):
        return None
    try:
        operating, reset_at = value.get("operating"), value.get("operating_reset_at")
        return Timing(
            float(value["start"]),
            float(value["finish"]),
            float(value["duration"]),
            None if operating is None else float(operating),
            None if not reset_at else float(reset_at),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _map(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a map of the answer; PHP writes an empty one as a list."""
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None
