"""What an activity hangs on, as corrections change it. Bindings are a set; so are the links of a task."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .bindings import Binding
from .corrections import AddBinding, BindingCorrection, MoveBinding, RemoveBinding, SetTaskLinks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .activities import Bound

_BINDING_CORRECTIONS = (MoveBinding, AddBinding, RemoveBinding, SetTaskLinks)


def only_bindings(corrections: Iterable[object]) -> tuple[BindingCorrection, ...]:
    """Return the corrections of bindings among these."""
    return tuple(correction for correction in corrections if isinstance(correction, _BINDING_CORRECTIONS))


def link_set(links: Iterable[str]) -> frozenset[Binding | str]:
    """Return the items that a task is linked with: `T8A_1` and `T8a_1` are one; what is no code stands for itself."""
    return frozenset(Binding.from_short_code(link) or link for link in links)


def same_links(one: Iterable[str] | None, other: Iterable[str] | None) -> bool:
    """Tell whether two lists of links name the same items; one that is not known is only like itself."""
    if one is None or other is None:
        return one is other
    return link_set(one) == link_set(other)


def same_state(one: Bound, other: Bound) -> bool:
    """Tell whether two states are the same but for the order."""
    return set(one.bindings) == set(other.bindings) and same_links(one.task_links, other.task_links)


def shows(correction: BindingCorrection, state: Bound) -> bool:
    """Tell whether the effect of a correction can be seen; what else an activity hangs on does not matter."""
    match correction:
        case AddBinding(target=target):
            return target in state.bindings
        case RemoveBinding(source=source):
            return source not in state.bindings
        case MoveBinding(source=source, target=target):
            return target in state.bindings and source not in state.bindings
        case SetTaskLinks(before=before, after=after):
            if state.task_links is None:
                return False
            links, old, new = link_set(state.task_links), link_set(before), link_set(after)
            # the portal may add links of its own: to what a linked lead was converted into
            # (php: crm/lib/activity/provider/tasks/task.php, onAfterUpdate)
            return new <= links and not links & (old - new)


def bound_after(state: Bound, corrections: Iterable[BindingCorrection]) -> Bound:
    """Return the state once `corrections` are made, as the portal makes them.

    The only binding stays, and moving what is not there does nothing (php: crm/lib/controller/activity/binding.php).
    The bindings of a mirror follow the links of its task later; here they stay.
    """
    bindings = set(state.bindings)
    links = state.task_links
    for correction in corrections:
        match correction:
            case AddBinding(target=target):
                bindings.add(target)
            case RemoveBinding(source=source):
                if bindings != {source}:
                    bindings.discard(source)
            case MoveBinding(source=source, target=target):
                if source in bindings and target not in bindings:
                    bindings ^= {source, target}
            case SetTaskLinks(after=after):
                links = after
    return replace(state, bindings=tuple(sorted(bindings)), task_links=links)


def relinked(correction: SetTaskLinks, links: tuple[str, ...]) -> SetTaskLinks:
    """Return what makes the same change of other links: those that it knows nothing of stay."""
    if same_links(links, correction.before):
        return replace(correction, before=links)
    gone = link_set(correction.before) - link_set(correction.after)
    kept = tuple(link for link in links if not link_set([link]) & gone)
    new = tuple(link for link in correction.after if not link_set([link]) & link_set((*correction.before, *kept)))
    return replace(correction, before=links, after=(*kept, *new))
