"""Whether the rules of the jobs fit the portal, as a run proves before it begins; nothing is created."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24syncd.assembly import at_portal, fit
from b24syncd.domain.job_names import PAYMENT_DATES
from b24syncd.errors import CredentialsRefused, SafetyStop, SettingsInvalid
from b24syncd.memory import BorrowedMemory, Remembered, remembered_in
from b24syncd.reports.doctor import of_error, of_problem, ok

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.assembly import Fitted
    from b24syncd.reports.doctor import Finding

    from .case import Case


async def rules(case: Case) -> AsyncIterator[Finding]:
    """Fit every job by itself, so that none hides another's problems, then those that may get into each other's way."""
    enabled = case.settings.enabled
    memory = remembered_in(case.settings.state.path)
    told: set[Finding] = set()
    all_fit = True
    for job in enabled:
        found = await _fitted(case, (job,), memory)
        if isinstance(found, tuple):
            all_fit, findings = False, found
        else:
            case.kinds += found.kinds
            findings = await _required(job, found, is_proved=job in case.settings.looked_up)
        for finding in findings:
            if finding not in told:  # two jobs may lack the same
                told.add(finding)
                yield finding
    looked_up = tuple(case.settings.looked_up)  # of these one may write what another does
    if all_fit and len(looked_up) > 1:
        together = await _fitted(case, looked_up, memory)
        for finding in together if isinstance(together, tuple) else ():
            yield finding


async def _fitted(case: Case, jobs: tuple[str, ...], memory: Remembered) -> Fitted | tuple[Finding, ...]:
    before = BorrowedMemory(case.settings.state.path)
    try:
        return await fit(case.settings, at_portal(case.settings, case.client, before), jobs, memory, create=False)
    except SettingsInvalid as error:
        return tuple(map(of_problem, error.problems))
    except (CredentialsRefused, SafetyStop) as error:
        found = of_error(error)
        return (replace(found, detail=f"{', '.join(jobs)}: {found.detail}"),)


async def _required(job: str, found: Fitted, *, is_proved: bool) -> tuple[Finding, ...]:
    """Return what a job that fits lacks all the same, unless that was proved a moment ago, and what it works with."""
    if not is_proved:
        needed = [each for kind in found.kinds for each in kind.requirements if job in each.jobs]
        problems = [problem for requirement in needed for problem in await requirement.check()]
        if problems:
            return tuple(map(of_problem, problems))
    fields = ", ".join(f"{kind} = {field}" for kind, field in found.fields.items())
    if job == PAYMENT_DATES and not found.fields:
        return (ok(f"{job}: the field is not there yet; the first run makes it"),)
    return (ok(f"{job}: what it needs is there{f' ({fields})' if fields else ''}"),)
