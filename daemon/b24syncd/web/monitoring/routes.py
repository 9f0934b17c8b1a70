"""`GET /healthz`, `/readyz` and `/metrics`: whether it lives, whether it is well and if not why, and its numbers."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

from b24syncd.domain.conditions import Severity
from b24syncd.reports.report import plain

from .metrics import Metrics

if TYPE_CHECKING:
    from b24syncd.reports.health import ConditionReport

    from .observing import Monitor, Observed

_JSON: Final = "application/json"
_STARTING: Final = "it has just been started and does not follow the portal yet; ask again in a moment"


def routes(monitor: Monitor, portal: str) -> tuple[web.RouteDef, ...]:
    """Return what is asked by those who watch the daemon of a portal, by its configured name."""
    metrics = Metrics(portal, monitor.started_at)
    return (
        web.get("/healthz", partial(_healthz, monitor)),
        web.get("/readyz", partial(_readyz, monitor)),
        web.get("/metrics", partial(_metrics, monitor, metrics)),
    )


async def _healthz(monitor: Monitor, _request: web.Request) -> web.Response:
    faults = await monitor.faults()
    return _lines(faults or ("ok",), is_well=not faults)


async def _readyz(monitor: Monitor, request: web.Request) -> web.Response:
    seen = await monitor.observe()
    reasons = _reasons(seen)
    if _JSON not in request.headers.get("Accept", ""):
        return _lines(reasons or ("ready",), is_well=not reasons)
    told = {"ready": not reasons, "reasons": reasons, "conditions": plain(_grave(seen))}
    return web.Response(
        status=_status(is_well=not reasons), text=json.dumps(told, ensure_ascii=False), content_type=_JSON
    )


async def _metrics(monitor: Monitor, metrics: Metrics, request: web.Request) -> web.Response:
    body, content_type = metrics.told(await monitor.observe(), request.headers.get("Accept", ""))
    return web.Response(body=body, headers={"Content-Type": content_type})


def _reasons(seen: Observed) -> list[str]:
    """Return why it is not ready, in words, a line each."""
    if seen.working is None:
        return [_STARTING]
    return [*filter(None, [seen.fault]), *map(_in_words, _grave(seen))]


def _grave(seen: Observed) -> list[ConditionReport]:
    standing = () if seen.health is None else seen.health.conditions
    return [one for one in standing if one.severity is not Severity.NOTED]


def _in_words(one: ConditionReport) -> str:
    kind = one.kind.value.replace("_", " ")
    about = f" ({one.about})" if one.about else ""
    told = (
        f"{one.severity.value} since {one.since.isoformat(timespec='seconds')}: {kind}{about}: {one.detail}; {one.cure}"
    )
    return " ".join(told.split())


def _lines(lines: tuple[str, ...] | list[str], *, is_well: bool) -> web.Response:
    return web.Response(status=_status(is_well=is_well), text="".join(f"{line}\n" for line in lines))


def _status(*, is_well: bool) -> HTTPStatus:
    return HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
