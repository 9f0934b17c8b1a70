"""Undoing corrections of what an activity hangs on, and of the links of the task that it mirrors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from .binding_states import link_set, only_bindings
from .corrections import AddBinding, MoveBinding, RemoveBinding, SetTaskLinks
from .undoing import NotUndone, Undoing, Why

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .activities import Bound
    from .bindings import Binding
    from .corrections import BindingCorrection, Correction

EndT = TypeVar("EndT")


def undo_bindings(state: Bound, made: Iterable[Correction]) -> Undoing:
    """Bind an activity again where it hung before `made`, and then nowhere else that they bound it to.

    What others bound since stays. Where others unbound what we had bound, it hangs where they want it.
    """
    corrections = only_bindings(made)
    links = [correction for correction in corrections if isinstance(correction, SetTaskLinks)]
    rebound = [correction for correction in corrections if not isinstance(correction, SetTaskLinks)]
    return _undo_links(state, links) + _undo_rebound(state, rebound)


@dataclass(slots=True)
class _Net(Generic[EndT]):
    """What corrections added and removed, one with another; each end with how it was written."""

    added: dict[EndT, str] = field(default_factory=dict)
    removed: dict[EndT, str] = field(default_factory=dict)

    def add(self, end: EndT, written: str = "") -> None:
        if self.removed.pop(end, None) is None:
            self.added[end] = written

    def remove(self, end: EndT, written: str = "") -> None:
        if self.added.pop(end, None) is None:
            self.removed[end] = written

    def is_overtaken(self, held: Iterable[EndT]) -> bool:
        """Tell whether others went on from what was added: then they know where it belongs."""
        now = set(held)
        return bool(self.added) and not self.added.keys() <= now and not self.removed.keys() <= now


def _undo_rebound(state: Bound, made: Sequence[BindingCorrection]) -> Undoing:
    if not made:
        return Undoing()
    ref, job = made[-1].ref, made[-1].job
    net: _Net[Binding] = _Net()
    for correction in made:
        if isinstance(correction, MoveBinding | RemoveBinding):
            net.remove(correction.source)
        if isinstance(correction, MoveBinding | AddBinding):
            net.add(correction.target)
    if net.is_overtaken(state.bindings):
        return Undoing(left=tuple(NotUndone(correction, Why.CHANGED) for correction in _as_made(made[-1], net)))
    bound = set(state.bindings)
    missing = [binding for binding in net.removed if binding not in bound]
    shown = [binding for binding in net.added if binding in bound]
    corrections: list[Correction] = []
    for target in list(shown):
        source = next((binding for binding in missing if binding.type_id == target.type_id), None)
        if source is not None:  # the portal moves within a type in one step
            corrections.append(MoveBinding(ref, job, target, source))
            missing.remove(source)
            shown.remove(target)
            bound ^= {source, target}
    corrections.extend(AddBinding(ref, job, binding) for binding in missing)
    bound.update(missing)
    left: list[NotUndone] = []
    for binding in shown:
        if bound == {binding}:
            left.append(NotUndone(AddBinding(ref, job, binding), Why.ONLY_THERE))
        else:
            bound.discard(binding)
            back = next((other for other in net.removed if other in bound), None)
            corrections.append(RemoveBinding(ref, job, binding, toward=back))
    return Undoing(tuple(corrections), tuple(left))


def _as_made(last: BindingCorrection, net: _Net[Binding]) -> tuple[BindingCorrection, ...]:
    added, removed = tuple(net.added), tuple(net.removed)
    if len(added) == len(removed) == 1 and added[0].type_id == removed[0].type_id:
        return (MoveBinding(last.ref, last.job, removed[0], added[0]),)
    return (
        *(AddBinding(last.ref, last.job, binding) for binding in added),
        *(RemoveBinding(last.ref, last.job, binding) for binding in removed),
    )


def _undo_links(state: Bound, made: Sequence[SetTaskLinks]) -> Undoing:
    """Take our own change of a task's links back; links that others set since stay."""
    net: _Net[Binding | str] = _Net()
    for correction in made:
        before = {_link(code): code for code in correction.before}
        after = {_link(code): code for code in correction.after}
        for link in before.keys() - after.keys():
            net.remove(link, before[link])
        for link in after.keys() - before.keys():
            net.add(link, after[link])
    if not net.added and not net.removed:
        return Undoing()
    last = made[-1]
    chain = replace(last, before=tuple(sorted(net.removed.values())), after=tuple(sorted(net.added.values())))
    if state.task_links is None:
        return Undoing(left=(NotUndone(chain, Why.REFUSED),))
    linked = link_set(state.task_links)
    if net.is_overtaken(linked):
        return Undoing(left=(NotUndone(chain, Why.CHANGED),))
    kept = tuple(code for code in state.task_links if _link(code) not in net.added)
    missing = tuple(sorted(code for link, code in net.removed.items() if link not in linked))
    if (*kept, *missing) == state.task_links:
        return Undoing()
    if not kept and not missing:
        return Undoing(left=(NotUndone(chain, Why.ONLY_THERE),))
    return Undoing((replace(last, before=state.task_links, after=(*kept, *missing)),))


def _link(code: str) -> Binding | str:
    (link,) = link_set([code])
    return link
