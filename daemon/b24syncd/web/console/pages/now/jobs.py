"""Jobs: which work, which rest and why, and letting one rest or go on."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from b24syncd.app.control_messages import Failed
from b24syncd.app.requests import PauseRequest, ResumeRequest
from b24syncd.domain.job_names import JOBS
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.refusals import refused
from b24syncd.web.console.rendering import done
from b24syncd.web.console.sentences.telling import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from b24syncd.reports.health import Health
    from b24syncd.store.paused_jobs import Pause
    from b24syncd.web.console.visit import Console, Visit


@dataclass(frozen=True, slots=True)
class JobState:
    """A job that is enabled: whether a person paused it, or it rests for want of something."""

    name: str
    pause: Pause | None
    is_resting: bool


def jobs_of(console: Console, health: Health, paused: Mapping[str, Pause]) -> list[JobState]:
    """Return the jobs that are enabled, in the order in which they are told."""
    enabled = console.session.settings.enabled
    return [JobState(job, paused.get(job), job in health.paused_jobs) for job in JOBS if job in enabled]


async def pause(console: Console, visit: Visit) -> web.StreamResponse:
    """Let a job rest."""
    request = PauseRequest(job=visit.form.get("job", ""), by=visit.person.name)
    return await _told(console, visit, request, _("The job is paused. What changes meanwhile is looked at later."))


async def resume(console: Console, visit: Visit) -> web.StreamResponse:
    """Let a job go on."""
    request = ResumeRequest(job=visit.form.get("job", ""), by=visit.person.name)
    return await _told(console, visit, request, _("The job goes on."))


async def _told(console: Console, visit: Visit, request: PauseRequest | ResumeRequest, text: str) -> web.StreamResponse:
    submitted = await console.commands.submit(request)
    if isinstance(submitted.outcome, Failed):
        return refused(visit.request, HTTPStatus.CONFLICT, told("\n".join(submitted.outcome.lines)))
    return done(visit, text)
