"""The judge of bindings: what became of a write of an activity's bindings, and what it spoiled of a person's.

A binding is there or it is not, whoever made it. So a correction shows or does not, and of an edit that a write met
without knowing only this can be spoiled: a binding that the person's state does not call for was added, one that it
calls for was removed, or a link that the person set was overwritten with the whole list of links.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .binding_states import bound_after, only_bindings, relinked, same_links, same_state, shows
from .corrections import AddBinding, MoveBinding, RemoveBinding, SetTaskLinks
from .judging import Aftermath, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .activities import ActivitySnapshot, Bound
    from .bindings import Binding
    from .corrections import BindingCorrection, Correction
    from .judging import Executed
    from .plans import Plan


class BindingsJudge:
    """Judges writes of bindings and of the links of mirrored tasks."""

    def verdicts(
        self, base: Bound, corrections: Sequence[Correction], current: Bound
    ) -> tuple[tuple[Verdict, tuple[Correction, ...]], ...]:
        """See `Judge`."""
        return ((self.verdict(base, corrections, current), tuple(corrections)),)

    def verdict(self, base: Bound, corrections: Sequence[Correction], current: Bound) -> Verdict:  # noqa: ARG002 # by `base` nothing is told
        """Judge all corrections of an activity as one part: they are of one list of links."""
        planned = only_bindings(corrections)
        if all(shows(correction, current) for correction in planned):
            return Verdict.DONE
        if any(shows(correction, current) or not _is_open(correction, current) for correction in planned):
            return Verdict.OVERTAKEN
        return Verdict.NOT_DONE

    def was_made(self, corrections: Sequence[Correction], current: Bound) -> bool:
        """See `Judge`. Nothing but its whole effect proves a write: its commands are executed one by one."""
        return all(shows(correction, current) for correction in only_bindings(corrections))

    def visible(self, base: Bound, corrections: Sequence[Correction], current: Bound) -> tuple[Correction, ...]:  # noqa: ARG002 # see Judge
        """See `Judge`."""
        return tuple(correction for correction in only_bindings(corrections) if shows(correction, current))

    def to_take_back(self, base: Bound, corrections: Sequence[Correction], current: Bound) -> tuple[Correction, ...]:  # noqa: ARG002 # see Judge
        """See `Judge`. What leaves an item goes only when it is bound elsewhere, so no part loses anything."""
        return ()

    perhaps_lost = to_take_back

    def still_needed(self, corrections: Sequence[Correction], current: Bound) -> tuple[Correction, ...]:
        """See `Judge`. Links that changed meanwhile stay: the correction is made of the list as it is now."""
        return _still_needed(only_bindings(corrections), current)

    def is_effective(self, corrections: Sequence[Correction], after: Bound) -> bool:
        """See `Judge`."""
        return all(shows(correction, after) for correction in only_bindings(corrections))

    def learn(self, corrections: Sequence[Correction], after: Bound) -> bool:  # noqa: ARG002 # see Judge
        """See `Judge`. There is nothing to learn."""
        return False

    def aftermath(self, write: Executed[ActivitySnapshot], plan: Callable[[ActivitySnapshot], Plan]) -> Aftermath:
        """See `Judge`."""
        witness, after = write.witness, write.after
        if same_state(witness.state, write.base.state):
            return Aftermath()
        made = only_bindings(write.corrections)
        otherwise = tuple(_otherwise(made, witness.state))
        if write.mends:
            wanted = bound_after(witness.state, _still_needed(made, witness.state))
            return Aftermath(otherwise, _repairs(made, witness.state, after, wanted, lambda state: state))

        def planned(state: Bound) -> Bound:
            return bound_after(state, only_bindings(plan(replace(after, state=state)).corrections))

        wanted = bound_after(witness.state, only_bindings(plan(witness).corrections))
        return Aftermath(otherwise, _repairs(made, witness.state, after, wanted, planned))


def _is_open(correction: BindingCorrection, current: Bound) -> bool:
    """Tell whether all that a correction was planned from is still there."""
    match correction:
        case AddBinding(target=target):
            return target not in current.bindings
        case RemoveBinding(source=source):
            return source in current.bindings
        case MoveBinding(source=source, target=target):
            return source in current.bindings and target not in current.bindings
        case SetTaskLinks(before=before):
            return same_links(before, current.task_links)


def _still_needed(corrections: Sequence[BindingCorrection], current: Bound) -> tuple[BindingCorrection, ...]:
    needed: list[BindingCorrection] = []
    for correction in corrections:
        match correction:
            case SetTaskLinks():
                if current.task_links is not None and not shows(correction, current):
                    again = relinked(correction, current.task_links)
                    if again.after:  # a task without links loses its mirror; what a person left is the only one
                        needed.append(again)
            case MoveBinding(ref=ref, job=job, source=source, target=target) if {source, target} <= set(
                current.bindings
            ):
                needed.append(RemoveBinding(ref, job, source, toward=target))
            case _:
                if _is_open(correction, current):
                    needed.append(correction)
    return _without_last(needed, current)


def _without_last(corrections: Sequence[BindingCorrection], current: Bound) -> tuple[BindingCorrection, ...]:
    """Leave out the removal that would take an activity's last binding: the portal refuses it."""
    left: list[BindingCorrection] = []
    for correction in corrections:
        if not (isinstance(correction, RemoveBinding) and current.bindings == (correction.source,)):
            left.append(correction)
            current = bound_after(current, [correction])
    return tuple(left)


def _otherwise(
    made: Sequence[BindingCorrection], met: Bound
) -> Iterator[tuple[BindingCorrection, BindingCorrection | None]]:
    """Pair the corrections that did something else than planned with what they did to what they met."""
    for correction in made:
        did = _what_it_did(correction, met)
        if did != correction:
            yield correction, did
        met = bound_after(met, [correction])


def _what_it_did(correction: BindingCorrection, met: Bound) -> BindingCorrection | None:
    """Return what a correction really did to what it met; None for nothing at all."""
    if not isinstance(correction, SetTaskLinks):
        return correction if bound_after(met, [correction]).bindings != met.bindings else None
    if met.task_links is None or same_links(met.task_links, correction.before):
        return correction
    return None if same_links(met.task_links, correction.after) else replace(correction, before=met.task_links)


def _repairs(
    made: Sequence[BindingCorrection],
    met: Bound,
    after: ActivitySnapshot,
    wanted: Bound,
    planned: Callable[[Bound], Bound],
) -> tuple[Correction, ...]:
    """Return what brings a state from which planning leads to `wanted`."""
    if not made:
        return ()
    ref, job = after.ref, made[0].job
    left = after.state
    needed = set(wanted.bindings)
    added = [target for target in _added(made) if target in left.bindings and target not in {*met.bindings, *needed}]
    rest = planned(replace(left, bindings=tuple(binding for binding in left.bindings if binding not in added)))
    missing = sorted(needed - set(rest.bindings) - set(left.bindings))
    repairs: list[Correction] = []
    for correction in made:
        if isinstance(correction, MoveBinding) and correction.target in added and correction.source in missing:
            repairs.append(correction.inverse())
            added.remove(correction.target)
            missing.remove(correction.source)
    repairs.extend(AddBinding(ref, job, binding) for binding in missing)
    bound = set(bound_after(left, only_bindings(repairs)).bindings)
    for binding in added:
        if bound != {binding}:
            bound.discard(binding)
            repairs.append(RemoveBinding(ref, job, binding))
    repairs.extend(_relinked(made, left, wanted))
    return tuple(repairs)


def _added(corrections: Sequence[BindingCorrection]) -> Iterator[Binding]:
    for correction in corrections:
        if isinstance(correction, AddBinding | MoveBinding):
            yield correction.target


def _relinked(made: Sequence[BindingCorrection], left: Bound, wanted: Bound) -> Iterator[SetTaskLinks]:
    """Give the task the links back that its whole list overwrote."""
    for correction in made:
        if (
            isinstance(correction, SetTaskLinks)
            and left.task_links is not None
            and wanted.task_links is not None
            and shows(correction, left)
            and not same_links(left.task_links, wanted.task_links)
        ):
            yield replace(correction, before=left.task_links, after=wanted.task_links, toward=())
