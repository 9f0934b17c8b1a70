"""Proofs that an item is there, in the same batch, before an activity or a task is bound to it or left to it.

`crm.activity.binding.*` asks for rights and not for the item: to an administrator that is granted for every id, so an
activity may be bound to what was deleted (php: modules/crm/lib/controller/activity/binding.php `canEdit`,
modules/crm/lib/Service/UserPermissions/EntityPermissions/Item.php `hasPermissions`). The links of a task are checked by
nobody. `crm.item.get` looks for the item first, and for the rights then (php: modules/crm/lib/controller/item.php).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, MoveBinding, RemoveBinding, SetTaskLinks
from b24syncd.domain.entities import FIRST_SMART_TYPE
from b24syncd.portal.wire.commands import Answered, Command, Deferred, Outcome, Refused, Unknown
from b24syncd.portal.wire.faults import is_gone
from b24syncd.portal.writes import NotApplicable, NotTried

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.portal.writes import WriteOutcome

TARGET_GONE = "TARGET_GONE"
"""Why a write did not apply: the item that the activity was to hang on is not there any more."""

GET = "crm.item.get"
_STATIC = frozenset({1, 2, 3, 4, 7, 31})


def targets_of(corrections: Iterable[Correction]) -> tuple[Binding, ...]:
    """Return the items that have to be there for these corrections, each once; none of those that cannot be asked for.

    Those are types without universal methods, such as orders.
    """
    wanted = (target for correction in corrections for target in _targets(correction))
    return tuple(dict.fromkeys(target for target in wanted if _is_universal(target)))


def _targets(correction: Correction) -> Iterator[Binding]:
    match correction:
        case AddBinding(target=target) | MoveBinding(target=target):
            yield target
        case RemoveBinding(toward=target) if target is not None:
            yield target
        case SetTaskLinks(before=before, after=after, toward=toward):
            yield from toward
            held = {Binding.from_short_code(code) for code in before}
            for code in after:
                linked = Binding.from_short_code(code)
                if linked is not None and linked not in held:
                    yield linked


def _is_universal(target: Binding) -> bool:
    return target.type_id in _STATIC or target.type_id >= FIRST_SMART_TYPE


def prove(target: Binding) -> Command:
    """Return the command that fails where an item is not there."""
    return Command(GET, {"entityTypeId": target.type_id, "id": target.id})


def disproved(target: Binding, outcome: Outcome) -> WriteOutcome | None:
    """Return what becomes of the writes that a proof was for; None where it is one."""
    match outcome:
        case Answered(result={"item": {"id": item_id}}) if str(item_id) == str(target.id):
            return None
        case Answered():
            return Unknown(f"the portal showed something else than {target}")
        case Refused(code=code) if is_gone(code):
            return NotApplicable(TARGET_GONE)
        case Refused() | Deferred():
            return outcome
        case Unknown(reason=reason):
            return NotTried(reason)


def first_failure(
    targets: Sequence[Binding], proofs: dict[Binding, Outcome], answers: Sequence[Outcome]
) -> WriteOutcome | None:
    """Return why a write that needs these targets was not made, by the proofs of its batch; None where all hold.

    What was executed all the same, by the `answers` to the write's own commands, is judged by reading.
    """
    failures = (disproved(target, proofs[target]) for target in targets)
    found = [failure for failure in failures if failure is not None]
    if found and any(isinstance(answer, Answered | Unknown) for answer in answers):
        return Unknown("the write was executed without the proof that its target is there")
    certain = [failure for failure in found if not isinstance(failure, Deferred)]
    return next(iter((*certain, *found)), None)
