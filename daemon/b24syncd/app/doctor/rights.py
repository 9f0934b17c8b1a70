"""What the webhook may do, and what the portal has, against what the enabled jobs need; asked by reading alone.

Sources: php modules/rest/classes/general/rest_provider.php (`profile`, `app.info`), modules/crm/lib/Service/
UserPermissions.php (an administrator may do everything), docs: api-reference/common/system/app-info.md (plans),
api-reference/crm/crm-settings-mode-get.md, limits.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.entities import EntityType
from b24syncd.domain.job_names import BINDINGS, PAYMENT_DATES
from b24syncd.errors import ExitCode, Rejected
from b24syncd.portal.paging import highest_ids
from b24syncd.portal.wire.commands import Command, Priority, Refused
from b24syncd.portal.wire.faults import is_of_no_type
from b24syncd.reports.doctor import failure, ok, skipped, warning

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator, Mapping

    from b24syncd.reports.doctor import Finding
    from b24syncd.settings import Settings
    from b24syncd.settings.schema import Limits

    from .case import Case

_SIMPLE_MODE = 2
_GRANT = "grant it in the portal under Developer resources"
_CLOUD_BURST, _CLOUD_PER_SECOND = 50, 2.0
_SELF_HOSTED, _ENTERPRISE = "_selfhosted", "_ent"


async def rights(case: Case) -> AsyncIterator[Finding]:
    """Read a row of each type that a job looks at, and ask what else the webhook and its user may do."""
    settings, client = case.settings, case.client
    scopes, profile = case.about.get("scope"), case.about.get("profile")
    types = tuple(dict.fromkeys(kind for kinds in settings.types_of_jobs.values() for kind in kinds))
    case.types = await _read(case, types)
    for finding in judged_types(settings.types_of_jobs, case.types, settings.portal.credentials.called):
        yield finding
    if isinstance(scopes, list):
        for finding in judged_scopes(settings, scopes):
            yield finding
        if PAYMENT_DATES in settings.enabled and "sale" in scopes:
            (outcome,) = await client.read([_payments()], priority=Priority.LIVE)
            if isinstance(outcome, Refused):
                detail = f"{PAYMENT_DATES}: {_late(settings)} ({outcome.rejected})"
                yield warning(detail, _by_administrator(settings))
    if isinstance(profile, dict) and profile.get("ADMIN") is True:
        yield ok(f"the {settings.portal.credentials.called}'s user is an administrator, who may change everything")
    else:
        yield skipped("whether the user may change what they read; only a change would prove it")


async def _read(case: Case, types: Collection[EntityType]) -> dict[EntityType, int | Rejected]:
    items = sorted((kind for kind in types if kind is not EntityType.ACTIVITY), key=lambda kind: kind.type_id)
    found = await highest_ids(case.client, items, priority=Priority.LIVE, vocabulary=case.vocabulary)
    if EntityType.ACTIVITY in types:
        params = {"select": ["ID"], "order": {"ID": "DESC"}, "start": -1}
        (outcome,) = await case.client.read([Command("crm.activity.list", params)], priority=Priority.LIVE)
        found[EntityType.ACTIVITY] = outcome.rejected if isinstance(outcome, Refused) else 0
    return found


def judged_types(
    jobs: Mapping[str, Collection[EntityType]], types: Mapping[EntityType, int | Rejected], called: str
) -> Iterator[Finding]:
    """Judge job by job whether its types may be read; those that the portal does not have are another matter."""
    for job, own in jobs.items():
        told = [kind for kind in types if kind in own]
        refused = {kind: answer for kind in told if isinstance(answer := types[kind], Rejected) and not _is_off(answer)}
        readable = ", ".join(kind.value for kind in told if not isinstance(types[kind], Rejected))
        for kind, why in refused.items():
            cure = f"let the {called}'s user read them, or take {kind.value} out of jobs.{job}"
            yield failure(f"{job}: {kind.value} cannot be read ({why})", cure, ExitCode.REFUSED)
        if readable:
            yield ok(f"{job}: {readable} can be read")


def _is_off(answer: Rejected) -> bool:
    """Tell whether there is no such type; a method that is not there is a type that this portal is too old for."""
    return is_of_no_type(answer.code) or answer.code.upper() == "ERROR_METHOD_NOT_FOUND"


def judged_scopes(settings: Settings, scopes: Collection[object]) -> Iterator[Finding]:
    """Judge the permissions that let a job do all of its work; without `crm` none is let in."""
    called = settings.portal.credentials.called
    if BINDINGS in settings.enabled and settings.bindings.include_tasks and "task" not in scopes:
        detail = f"{BINDINGS}: the {called} has no permission 'task', so activities of tasks wait for a person"
        yield warning(detail, f"{_GRANT}, or set jobs.bindings.include_tasks = false")
    if PAYMENT_DATES in settings.enabled and "sale" not in scopes:
        yield warning(f"{PAYMENT_DATES}: the {called} has no permission 'sale', so {_late(settings)}", _GRANT)


def _by_administrator(settings: Settings) -> str:
    if settings.portal.credentials.called == "webhook":
        return "let an administrator make the webhook, or live with that"
    return "let an administrator authorise the application (`b24syncd auth login`), or live with that"


def _late(settings: Settings) -> str:
    hours = settings.changes.sweep_hours
    seen = f"by the sweep, every {hours:g} hours" if hours else "by the next backfill (changes.sweep_hours is 0)"
    return f"payments of deals that do not change are seen late, {seen}"


def _payments() -> Command:
    return Command("sale.payment.list", {"select": ["id"], "order": {"id": "desc"}, "start": -1})


async def plan(case: Case) -> AsyncIterator[Finding]:
    """Tell what the portal lacks that a job is for, and whether the limits are those of its plan."""
    for finding in judged_absence(case.settings.types_of_jobs, case.types):
        yield finding
    leads = [job for job, types in case.settings.types_of_jobs.items() if EntityType.LEAD in types]
    is_there = not isinstance(case.types.get(EntityType.LEAD), Rejected)
    if leads and is_there and case.about.get("crm.settings.mode.get") == _SIMPLE_MODE:
        yield ok(f"leads are switched off (simple CRM mode): {', '.join(leads)} will hardly meet any")
    info = case.about.get("app.info")
    license_name = info.get("LICENSE") if isinstance(info, dict) else None
    yield judged_plan(license_name if isinstance(license_name, str) else "", case.settings.limits)


def judged_absence(
    jobs: Mapping[str, Collection[EntityType]], types: Mapping[EntityType, int | Rejected]
) -> Iterator[Finding]:
    """Judge the types that the portal does not have: the jobs are for the others all the same."""
    for kind, answer in types.items():
        named = [job for job, own in jobs.items() if kind in own]
        if isinstance(answer, Rejected) and _is_off(answer) and named:
            detail = f"{', '.join(named)}: the portal has no {kind.value}, or it is switched off there"
            yield warning(detail, f"switch it on in the portal, or take {kind.value} out of jobs.{named[0]}")


def judged_plan(name: str, limits: Limits) -> Finding:
    """Judge the request limit by the plan: only Enterprise has a larger one."""
    asked = f"limits.burst = {limits.burst} and limits.per_second = {limits.per_second:g}"
    if not name:
        return skipped("the portal does not tell its plan")
    if name.endswith(_SELF_HOSTED):
        return ok(f"{name}: self-hosted, its limits are its owner's; {asked}")
    is_larger = limits.burst > _CLOUD_BURST or limits.per_second > _CLOUD_PER_SECOND
    if _ENTERPRISE in name:
        more = "" if is_larger else "; 250 and 5 are allowed there"
        return ok(f"{name}: {asked}{more}")
    if is_larger:
        cure = f"set limits.burst = {_CLOUD_BURST} and limits.per_second = {_CLOUD_PER_SECOND:g}"
        return warning(f"{name} is no Enterprise plan, but {asked}", cure)
    return ok(f"{name}: {asked} fit it")
