"""From a method's name to its answer: existence, scope, operating limit, the method itself, the `time` object.

Sources: php modules/rest/classes/general/rest.php (`process`, `processCall`, `appendDebugInfo`; first the method must
exist, then the scope must allow it), php rest_provider.php (`methodsList`, `getMethod`), docs limits.md.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import RestError, method_not_found, operation_time_limit, said_in
from b24syncd.simulator.methods import (
    activities,
    bindings,
    card_layouts,
    classic,
    duplicates,
    items,
    misc,
    notifications,
    payments,
    sale,
    smart_types,
    tasks,
    users,
)
from b24syncd.simulator.methods import categories as category_methods
from b24syncd.simulator.methods import currencies as currency_methods
from b24syncd.simulator.methods import events as event_methods
from b24syncd.simulator.methods import product_rows as product_row_methods
from b24syncd.simulator.methods import statuses as status_methods
from b24syncd.simulator.methods import user_fields as user_field_methods
from b24syncd.simulator.methods.calls import GLOBAL, Answer, Call, Method, Process, Unfinished
from b24syncd.simulator.tables.values import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.simulator.methods.callers import Caller
    from b24syncd.simulator.portal import Portal


_METHODS: Mapping[str, Method] = {
    **items.METHODS,
    **classic.METHODS,
    **activities.METHODS,
    **bindings.METHODS,
    **card_layouts.METHODS,
    **category_methods.METHODS,
    **currency_methods.METHODS,
    **duplicates.METHODS,
    **event_methods.METHODS,
    **payments.METHODS,
    **product_row_methods.METHODS,
    **sale.METHODS,
    **smart_types.METHODS,
    **status_methods.METHODS,
    **tasks.METHODS,
    **user_field_methods.METHODS,
    **users.METHODS,
    **misc.METHODS,
    **notifications.METHODS,
}
"""All methods but those that tell of the others."""

SCOPES = tuple(sorted({scope for method in _METHODS.values() for scope in method.scopes} - {GLOBAL}))
"""The scopes that open anything here."""


class RequestCut(Exception):
    """The request ran longer than the portal lets one run; what was done stays done."""


class Dispatcher:
    """Answers calls for one portal."""

    def __init__(self, portal: Portal) -> None:
        """Collect the methods."""
        self.portal = portal
        self.methods: dict[str, Method] = {
            **_METHODS,
            "methods": Method((GLOBAL,), self._methods),
            "method.get": Method((GLOBAL,), self._method_get),
        }

    def time(self, start: float, duration: float, operating: dict[str, float]) -> dict[str, Any]:
        """Return the `time` object of an answer.

        Php: modules/rest/classes/general/rest.php, where all times but that of the end are properties of the type int:
        what lies behind the point is cut off, and the duration is as much longer. Older portals tell them whole.
        """
        finish, zone = start + duration, self.portal.zone
        begun: float = int(start) if self.portal.options.cuts_starts else start
        return {
            "start": begun,
            "finish": finish,
            "duration": finish - begun if self.portal.options.cuts_starts else duration,
            "processing": int(finish) - int(start) if self.portal.options.cuts_starts else duration,
            "date_start": iso(start, zone),
            "date_finish": iso(finish, zone),
            **operating,
        }

    def check(self, method: str, caller: Caller) -> Method:
        """Return the method; raise if it does not exist or the caller's scopes do not open it."""
        known = self.methods.get(method)
        if known is None:
            raise method_not_found()
        if GLOBAL not in known.scopes and not set(known.scopes) & set(caller.scopes):
            raise caller.out_of_scope()
        return known

    async def run(
        self,
        method: str,
        parameters: php.Array,
        *,
        process: Process,
        start: float | None = None,
        position: int | None = None,
    ) -> dict[str, Any]:
        """Run one command and return the body of its answer.

        `start` is where the clock stands inside a batch, `process` what its commands share.
        """
        portal = self.portal
        portal.history.commands[method] += 1
        caller = process.caller
        known = self.check(method, caller)
        began = portal.clock()
        if portal.operating.blocked(caller.counted_as, method, began):
            portal.history.limit_errors["OPERATION_TIME_LIMIT"] += 1
            raise operation_time_limit()
        given = dict(parameters)
        call = Call(
            portal,
            caller,
            method,
            given,
            php.integer(given.pop("start", 0)),
            position,
            process.activity_errors,
            process.points_read,
        )
        self._raise_first([watcher.before(call) for watcher in portal.watchers])
        outcome = self._begun(known, call)
        cost = portal.costs.get(method, 0.0)
        try:
            if isinstance(outcome, Unfinished):
                await outcome.wait()
            if portal.options.real_time and cost:
                await asyncio.sleep(cost)
            answer = outcome.finish() if isinstance(outcome, Unfinished) else outcome
        finally:
            if isinstance(outcome, Unfinished):
                outcome.close()
        # a cost that was set is exact, however busy this machine is, unless it also passes
        spent = cost if cost and not portal.options.real_time else max(cost, portal.clock() - began)
        counted = spent * portal.options.operating_factor
        operating = portal.operating.charge(caller.counted_as, method, counted, began)
        self._raise_first([watcher.after(call) for watcher in portal.watchers])
        body: dict[str, Any] = {"result": answer.result}
        if answer.next is not None:
            body["next"] = answer.next
        if answer.total is not None:
            body["total"] = answer.total
        body["time"] = self.time(began if start is None else start, spent, operating)
        return body

    def _begun(self, known: Method, call: Call) -> Answer | Unfinished:
        try:
            return known.handler(call)
        except RestError as error:
            told = said_in(self.portal.options.language, error.description)
            raise error.told(told) from error

    @staticmethod
    def _raise_first(errors: list[RestError | None]) -> None:
        for error in errors:
            if error is not None:
                raise error

    def _methods(self, call: Call) -> Answer:
        scopes = {GLOBAL, *call.caller.scopes}
        if (wanted := call.parameter("scope")) is not None:
            scopes = {php.string(wanted)} if wanted != "" else {GLOBAL}
        elif php.truthy(call.parameter("full")):
            scopes = {scope for method in self.methods.values() for scope in method.scopes}
        names = [name for name, method in self.methods.items() if scopes & set(method.scopes)]
        return Answer([*(["batch"] if GLOBAL in scopes else []), *names])

    def _method_get(self, call: Call) -> Answer:
        known = self.methods.get(php.string(call.parameters.get("name")).lower())
        available = known is not None and bool({GLOBAL, *call.caller.scopes} & set(known.scopes))
        return Answer({"isExisting": known is not None, "isAvailable": available})
