"""The method `batch`.

Source: php modules/rest/classes/general/rest_provider.php `methodsBatch` and rest_util.php `ParseBatchQuery`,
`processBatchStructure`, `processBatchElement`; docs settings/how-to-call-rest-api/batch.md (a batch in a batch
is refused).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import SCOPE, RestError
from b24syncd.simulator.methods.calls import Process

from .dispatch import Dispatcher, RequestCut

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from b24syncd.simulator.methods.callers import Caller

    _RunMethod = Callable[..., Awaitable[dict[str, Any]]]

MAX_LENGTH = 50
_OF_ALL_WEBHOOKS = "webhooks in batches"
"""php: rest_provider.php `methodsBatch` gives its commands the application and no webhook (`passwordId`), and so
loadlimiter.php counts them together for all webhooks, apart from calls by themselves. The documentation knows of one
sum for each webhook and method (limits.md)."""
_PATH = re.compile(r"\[([^\]]+)\]")
_NOT_ALLOWED = RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
_TOO_LONG = RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")


def commands(parameters: php.Array) -> Iterator[tuple[int | str, str]]:
    """Yield the batch's commands with their keys, in the order in which they were sent; only texts are commands."""
    for _, key, command in _numbered(parameters):
        yield key, command


def _numbered(parameters: php.Array) -> Iterator[tuple[int, int | str, str]]:
    """Yield the commands with their places; what is no text takes up one, too, but is never answered."""
    for name, value in parameters.items():
        if str(name).upper() == "CMD" and isinstance(value, dict):
            entries = enumerate(value.items())
            yield from ((place, key, sent) for place, (key, sent) in entries if isinstance(sent, str))


def _halts(parameters: php.Array) -> bool:
    return any(str(name).upper() == "HALT" and php.truthy(value) for name, value in parameters.items())


async def run(
    dispatcher: Dispatcher, parameters: php.Array, *, caller: Caller, stop_after: int | None = None
) -> dict[str, Any]:
    """Run a batch and return the body of its answer; `stop_after` cuts it off after so many commands."""
    portal = dispatcher.portal
    start = now = portal.clock()
    halts = _halts(parameters)
    results: dict[str, php.Array] = {"result": {}, "next": {}, "total": {}, "time": {}, "error": {}}
    if portal.options.counts_batches_apart and caller.application is None:
        caller = replace(caller, counted_as=_OF_ALL_WEBHOOKS)
    run_method = partial(dispatcher.run, process=Process(caller))
    stayed: RestError | None = None
    for position, key, command in _numbered(parameters):
        if stop_after is not None and position >= stop_after:
            raise RequestCut
        path, query = php.parse_url(command)
        parameters = references(php.parse_str(query), results)
        answer, stayed = await _answer(run_method, path, parameters, now=now, position=position, stayed=stayed)
        if "error" in answer:
            portal.history.command_errors[answer["error"]["error"]] += 1
        for name, value in answer.items():
            results.setdefault(name, {})[key] = value
        now = answer["time"]["finish"] if "time" in answer else now
        if now - start > portal.options.request_cut_seconds:
            raise RequestCut
        if halts and "error" in answer:
            break
    body = {
        "result": results["result"],
        "result_error": results["error"],
        "result_total": results["total"],
        "result_next": results["next"],
        "result_time": results["time"],
    }
    # php: loadlimiter.php - nothing is ever counted for the method `batch`, whose sum and end are told all the same
    own = {"operating": 0.0, "operating_reset_at": int(start + portal.operating.window)}
    limited = portal.operating.seconds is not None
    return {
        "result": {name: php.encodable(part) for name, part in body.items()},
        "time": dispatcher.time(start, max(now - start, portal.clock() - start), own if limited else {}),
    }


async def _answer(  # noqa: PLR0913 # a command and where its batch stands
    run_method: _RunMethod,
    path: str,
    parameters: php.Array,
    *,
    now: float,
    position: int,
    stayed: RestError | None,
) -> tuple[dict[str, Any], RestError | None]:
    """Return a command's answer, or that of its error, and what stays of errors for the commands that follow."""
    told = _outright(path, position)
    try:
        if told is None:
            answer = await _command(run_method, path, parameters, now, position)
            # php: crm_contact.php `Delete` and its kin, `ResetException`
            return answer, None if path.lower().endswith(".delete") else stayed
    except RestError as error:
        told = error if stayed is None or error.stays else error.behind(stayed)
        stayed = error if error.stays else stayed
    # php: the answer is the error's body, and its member "error" is then replaced by the whole body
    return {**told.body(), "error": told.body()}, stayed


def _outright(path: str, position: int) -> RestError | None:
    """Return the error of what is not even tried."""
    if position >= MAX_LENGTH:
        return _TOO_LONG
    return _NOT_ALLOWED if path.lower() in ("batch", "download", "upload") else None


async def _command(
    run_method: _RunMethod, path: str, parameters: php.Array, now: float, position: int
) -> dict[str, Any]:
    method = path.lower()
    try:
        return await run_method(method, parameters, start=now, position=position)
    except RestError as error:
        if error.code == SCOPE:
            # php: CRestServerBatchItem::checkAuth gives no description
            raise RestError(SCOPE, "", error.status) from error
        raise


def references(parameters: php.Array, results: dict[str, php.Array]) -> php.Array:
    """Return the parameters with `$result[…]` and its kin replaced, in keys and values, traps included."""
    names = "|".join(results)
    return {
        _as_key(_replaced(str(key), results, "")): (
            references(value, results) if isinstance(value, dict) else _replaced(value, results, names)
        )
        for key, value in parameters.items()
    }


def _as_key(value: object) -> int | str:
    return php.key(php.string(value))


def _replaced(text: str, results: dict[str, php.Array], names: str) -> Any:  # noqa: ANN401 - any part of a result
    value: Any = text
    if "$" not in text:
        return value
    for match in re.finditer(rf"\$({names})([^\s]*)", text, re.IGNORECASE):
        path = _PATH.findall(match[2])
        if not path:
            continue
        found = _resolved(results.get(match[1]), path)
        if match[0] == value:
            value = found
        elif isinstance(value, str) and (isinstance(found, str) or php.numeric(found)):
            value = value.replace(match[0], php.string(found))
    return value


def _resolved(found: Any, path: list[str]) -> Any:  # noqa: ANN401 - any part of a result
    for step in path:
        deeper = _step(found, step)
        if deeper is None:
            break
        found = deeper
    return php.array(found) if isinstance(found, dict | list) else found


def _step(found: Any, step: str) -> Any:  # noqa: ANN401 - any part of a result
    key = php.key(step)
    if isinstance(found, dict):
        return found.get(key, found.get(step))
    if isinstance(found, list | str) and isinstance(key, int) and -len(found) <= key < len(found):
        return None if isinstance(found, list) and key < 0 else found[key]
    return None
