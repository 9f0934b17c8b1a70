"""Tasks of the task module, as far as their mirrors in the CRM need them: the list `UF_CRM_TASK`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24syncd.portal.paging import PAGE_SIZE
from b24syncd.portal.wire.commands import Answered, Command, Outcome, Priority, Refused
from b24syncd.portal.wire.faults import is_final, lacks_own_scope
from b24syncd.portal.wire.replies import UnexpectedReply, id_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from b24syncd.errors import Rejected
    from b24syncd.portal.client import PortalClient

SET_LINKS = "tasks.task.update"
_LIST = "tasks.task.list"
_SCOPE = "task"
_SELECT = ["ID", "UF_CRM_TASK"]


def get_task(task_id: int) -> Command:
    """Return the command that reads the links of one task."""
    return Command("tasks.task.get", {"taskId": task_id, "select": _SELECT})


def update_task(task_id: int, links: tuple[str, ...]) -> Command:
    """Return the command that gives a task another list of links; other fields stay.

    An empty list is sent as an empty text, which a query can say: the field is cleared by either.
    """
    return Command(SET_LINKS, {"taskId": task_id, "fields": {"UF_CRM_TASK": list(links) or ""}})


def links_of_task(outcome: Outcome) -> tuple[str, ...] | None:
    """Return the links that `tasks.task.get` shows.

    None where it shows no task: a task that is gone, or not to be read, is an empty answer (docs: tasks-task-get.md).
    """
    if not isinstance(outcome, Answered) or not isinstance(outcome.result, dict):
        return None
    return _links(outcome.result.get("task"))


def _links(task: Any) -> tuple[str, ...] | None:  # noqa: ANN401 # JSON as it came
    """Return the links of a task; a field of several values that is empty is `false`.

    Anything else is no list of links: nothing may be concluded from it, for the whole list is written back.
    """
    if not isinstance(task, dict) or "ufCrmTask" not in task:
        return None
    links = task["ufCrmTask"]
    if isinstance(links, dict):
        links = list(links.values())
    if not links:
        return ()
    return tuple(str(link) for link in links) if isinstance(links, list) else None


def links_of_tasks(
    commands: Iterable[Command], outcomes: Iterable[Outcome]
) -> tuple[dict[int, tuple[str, ...]], dict[int, Rejected]]:
    """Return the links of those tasks that the portal shows, and the tasks of lists that failed without a reason.

    What is refused for a documented reason is only not shown.
    """
    found: dict[int, tuple[str, ...]] = {}
    failed: dict[int, Rejected] = {}
    for command, outcome in zip(commands, outcomes, strict=True):
        if isinstance(outcome, Refused) and not is_final(outcome.code):
            failed |= dict.fromkeys(_asked(command), outcome.rejected)
        result = outcome.result if isinstance(outcome, Answered) else None
        tasks = result.get("tasks") if isinstance(result, dict) else None
        for task in tasks if isinstance(tasks, list) else ():
            links = _links(task)
            if links is not None:
                found[_id_of(task)] = links
    return found, failed


def _id_of(task: dict[str, Any]) -> int:
    try:
        return id_from(task["id"])
    except (KeyError, ValueError) as error:
        message = "a task came without a usable id"
        raise UnexpectedReply(message) from error


def _asked(command: Command) -> list[int]:
    wanted = command.params["filter"]
    return list(wanted["ID"]) if isinstance(wanted, dict) else []


class Tasks:
    """What reads the links of tasks; whether the webhook may do so at all is asked once."""

    def __init__(self, client: PortalClient) -> None:
        """Ask through `client` for the scope."""
        self._client = client
        self._may_read: bool | None = None
        self.lack: str | None = None
        """What was taken from the webhook since, so that links are not read any more."""

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """Take note of answers to `commands`: whether the scope was taken away, or granted again."""
        for outcome in outcomes:
            if isinstance(outcome, Refused) and lacks_own_scope(outcome.code, _LIST):
                called = self._client.credentials.called
                self.lack = (
                    f"the {called} has no permission {_SCOPE!r} any more: activities of tasks stay where they are"
                )
            elif isinstance(outcome, Answered):
                self.lack = None

    async def commands(self, task_ids: Collection[int], *, priority: Priority) -> tuple[Command, ...]:
        """Return what reads the links of those tasks, for `links_of_tasks`; nothing without the scope `task`."""
        ids = sorted(set(task_ids))
        if not ids or not await self._is_open(priority):
            return ()
        return tuple(
            Command(
                _LIST,
                {"filter": {"ID": ids[first : first + PAGE_SIZE]}, "select": _SELECT, "order": {"ID": "asc"}},
            )
            for first in range(0, len(ids), PAGE_SIZE)
        )

    async def _is_open(self, priority: Priority) -> bool:
        """Tell whether the scope is granted, for a method outside it is refused like wrong credentials."""
        if self._may_read is None:
            (outcome,) = await self._client.read([Command("scope", {})], priority=priority)
            scopes = outcome.result if isinstance(outcome, Answered) else None
            if not isinstance(scopes, list):
                return False  # not told this time
            self._may_read = _SCOPE in scopes
        return self._may_read
