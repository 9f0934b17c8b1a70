"""Whether notices can go out; nobody is told anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.app.notify_check import problem_of_user
from b24syncd.reports.doctor import of_problem, ok, skipped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from b24syncd.reports.doctor import Finding

    from .case import Case


async def notices(case: Case) -> AsyncIterator[Finding]:
    """Prove what `config check` does of `[notify]`, and judge it alike."""
    notify = case.settings.notify
    if not notify.is_on:
        yield skipped("nobody is to be told anything ([notify] names none)")
        return
    of_user = await problem_of_user(case.client, notify.user) if notify.user else None
    problems = [*notify.problems(), *(() if of_user is None else (of_user,))]
    for problem in problems:
        yield of_problem(problem)
    if not problems:
        yield ok("they can go out")
