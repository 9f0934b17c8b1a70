"""Writes of bindings: the commands of one activity's write, and what their answers prove.

Every write begins with `crm.activity.binding.list`, its witness; a task's links have a witness and a reading after of
their own. The answers to `add`, `delete` and `move` are `true` or an error (php:
modules/crm/lib/controller/activity/binding.php), so they prove the bindings that are left.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from b24syncd.domain.corrections import AddBinding, MoveBinding, RemoveBinding, SetTaskLinks
from b24syncd.portal.wire.commands import Answered, Command, Deferred, Outcome, Refused, Unknown
from b24syncd.portal.wire.faults import lacks_own_scope
from b24syncd.portal.wire.replies import UnexpectedReply
from b24syncd.portal.writes import NotApplicable, NotTried, Written

from .replies import parse_bindings
from .tasks import SET_LINKS, get_task, links_of_task, update_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.domain.activities import ActivitySnapshot
    from b24syncd.domain.bindings import Binding
    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.portal.writes import WriteOutcome

LIST = "crm.activity.binding.list"
ADD = "crm.activity.binding.add"

_LOOK_AGAIN = frozenset({"ACTIVITY_IS_ALREADY_BOUND", "BINDING_NOT_FOUND", "LAST_BINDING_CANNOT_BE_DELETED"})
"""What `add`, `delete` and `move` answer when the bindings are not those that they were planned from
(docs: api-reference/crm/timeline/activities/binding/)."""


def read_bindings(ref: EntityRef) -> Command:
    """Return the command that reads an activity's bindings."""
    return Command(LIST, {"activityId": ref.id})


def commands_of(ref: EntityRef, corrections: Sequence[Correction]) -> tuple[Command, ...]:
    """Return the commands of one write, the witness first."""
    return (read_bindings(ref), *(command for correction in corrections for command in _commands(ref, correction)))


def _commands(ref: EntityRef, correction: Correction) -> tuple[Command, ...]:
    match correction:
        case AddBinding(target=target):
            params = {"activityId": ref.id, "entityTypeId": target.type_id, "entityId": target.id}
            return (Command(ADD, params),)
        case RemoveBinding(source=source):
            params = {"activityId": ref.id, "entityTypeId": source.type_id, "entityId": source.id}
            return (Command("crm.activity.binding.delete", params),)
        case MoveBinding(source=source, target=target):
            params = {
                "activityId": ref.id,
                "sourceEntityTypeId": source.type_id,
                "sourceEntityId": source.id,
                "targetEntityTypeId": target.type_id,
                "targetEntityId": target.id,
            }
            return (Command("crm.activity.binding.move", params),)
        case SetTaskLinks(task_id=task_id, after=after):
            return get_task(task_id), update_task(task_id, after), get_task(task_id)
        case _:
            message = f"{type(correction).__name__} is no correction of an activity"
            raise TypeError(message)


def outcome_of(
    snapshot: ActivitySnapshot, corrections: Sequence[Correction], outcomes: Sequence[Outcome], read_at: float
) -> WriteOutcome:
    """Return what became of a write of `corrections`, planned from `snapshot`, by the answers to its commands.

    The bindings of a task's mirror follow the task's links later; what was written tells nothing of them.
    """
    witness, *rest = outcomes
    steps = _steps(corrections, rest)
    effects = [_effect(answers) for _, answers in steps]
    undone = [effect for effect in effects if isinstance(effect, Refused | Deferred)]
    if len(undone) == len(effects) and (lost := _lost_scope(steps)) is not None:
        return NotTried(str(lost.rejected))  # read again, the task is not shown
    if len(undone) == len(effects):
        return _nothing_done(witness, undone[0])
    failed = [effect for effect in effects if not (isinstance(effect, Answered) and effect.result)]
    if failed:
        return failed[0] if isinstance(failed[0], Unknown) else Unknown("only a part of the write was done")
    if not isinstance(witness, Answered):
        return Unknown("the write was executed but its witness was not answered")
    try:
        met = left = replace(snapshot.state, bindings=parse_bindings(witness.result))
        for correction, answers in steps:
            if isinstance(correction, SetTaskLinks):
                met = replace(met, task_links=_shown_links(answers[0]))
                left = replace(left, task_links=_shown_links(answers[-1]))
            else:
                left = replace(left, bindings=_rebound(left.bindings, correction))
    except UnexpectedReply as error:
        return Unknown(str(error))
    past = snapshot.past.after(corrections)
    return Written(
        replace(snapshot, state=met, read_at=read_at), replace(snapshot, state=left, past=past, read_at=read_at)
    )


def _steps(corrections: Sequence[Correction], outcomes: Sequence[Outcome]) -> list[tuple[Correction, list[Outcome]]]:
    """Return each correction with the answers to its own commands."""
    answers = iter(outcomes)
    return [
        (correction, list(islice(answers, 3 if isinstance(correction, SetTaskLinks) else 1)))
        for correction in corrections
    ]


def _effect(answers: Sequence[Outcome]) -> Outcome:
    """Return the answer to the command that writes: the only one, or the one between two readings."""
    return answers[len(answers) // 2]


def _lost_scope(steps: Sequence[tuple[Correction, list[Outcome]]]) -> Refused | None:
    """Return how the portal refuses the methods of tasks, where it does so for want of their scope."""
    of_tasks = (answer for correction, answers in steps if isinstance(correction, SetTaskLinks) for answer in answers)
    refused = (answer for answer in of_tasks if isinstance(answer, Refused))
    return next((answer for answer in refused if lacks_own_scope(answer.code, SET_LINKS)), None)


def _nothing_done(witness: Outcome, effect: Refused | Deferred) -> WriteOutcome:
    """Return why nothing was written; a write that was only held back by its witness tells as that does."""
    if isinstance(effect, Deferred) and not isinstance(witness, Answered):
        return NotTried(witness.reason) if isinstance(witness, Unknown) else witness
    if isinstance(effect, Refused) and effect.code.upper() in _LOOK_AGAIN:
        return NotApplicable(effect.code)
    return effect


def _rebound(bindings: tuple[Binding, ...], correction: Correction) -> tuple[Binding, ...]:
    """Return the bindings that a command leaves which the portal says it has executed."""
    match correction:
        case AddBinding(target=target):
            left = {*bindings, target}
        case RemoveBinding(source=source):
            left = {*bindings} - {source}
        case MoveBinding(source=source, target=target):
            left = {*bindings, target} - {source}
        case _:
            left = {*bindings}
    return tuple(sorted(left))


def _shown_links(outcome: Outcome) -> tuple[str, ...]:
    links = links_of_task(outcome)
    if links is None:
        message = "the links of a task were written but the task was not shown"
        raise UnexpectedReply(message)
    return links
