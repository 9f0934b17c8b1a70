"""The job `bindings`: every activity bound to the items where rules, or a person's list, want it.

What an activity hangs on is worked out as a whole: from where it is bound, the rules lead to where it has to be bound
in the end, over items that are themselves left. So no correction undoes another, and planning the result plans nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import AddBinding, MoveBinding, RemoveBinding, SetTaskLinks
from b24syncd.domain.job_names import BINDINGS
from b24syncd.domain.plans import Plan, Review
from b24syncd.domain.reasons import Reason
from b24syncd.domain.rules import RebindMode

from .targets import applies, choose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from b24syncd.domain.activities import ActivitySnapshot, Source
    from b24syncd.domain.corrections import BindingCorrection
    from b24syncd.domain.rules import BindingRules

NAME = BINDINGS

MOST_BINDINGS = 100
"""An activity has no more (docs: api-reference/crm/timeline/activities/binding/)."""

KEPT_FREE = 4
"""So much room is left for what people bind between a witness and its write: of more than a hundred the portal drops
the bindings with the lowest ids, and tells nobody."""

_TASK_COMMENT = "CRM_TASKS_TASK_COMMENT"
"""Stands for a task's new comments on one item that the task is linked with. The task finds it again by its own id and
the item that owns the activity (php: crm/lib/activity/provider/tasks/comment.php `find`, `deleteByItem`), so one that
hung elsewhere would be lost to it: it is the task's, and never bound by rules."""


def plan(snapshot: ActivitySnapshot, rules: BindingRules) -> Plan:
    """Return the corrections of the activity's bindings, and the reviews of the items and of the activity."""
    if snapshot.activity.provider == _TASK_COMMENT:
        return Plan()
    if snapshot.activity.task_id is not None:
        return _plan_mirror(snapshot, snapshot.activity.task_id, rules) if rules.include_tasks else Plan()
    ways = _ways(snapshot, rules, snapshot.state.bindings)
    return Plan(reviews=tuple(ways.reviews)) + _rebind(snapshot, ways)


def _plan_mirror(snapshot: ActivitySnapshot, task_id: int, rules: BindingRules) -> Plan:
    """Plan for the links of the task that an activity mirrors: the mirror's own bindings follow them."""
    bound, links = snapshot.state.bindings, snapshot.state.task_links
    if links is None:
        ways = _ways(snapshot, rules, bound)
        unread = Review(snapshot.ref, NAME, 0, f"task {task_id}", Reason.TASK_NOT_READABLE)
        return Plan(reviews=(*ways.reviews, unread) if ways.end(bound) != set(bound) else tuple(ways.reviews))
    ways = _ways(snapshot, rules, _named(links))
    wanted = _relink(links, ways)
    if wanted == links:
        return Plan(reviews=tuple(ways.reviews))
    toward = tuple(dict.fromkeys(ways.last(item) for item in _named(links) if item in ways.moves))
    corrections = (SetTaskLinks(snapshot.ref, NAME, task_id, links, wanted, toward),)
    return Plan(corrections, tuple(ways.reviews))


def _named(links: Iterable[str]) -> list[Binding]:
    """Return the items that links name; what is no code of an item names none."""
    return [item for link in links if (item := Binding.from_short_code(link)) is not None]


@dataclass(slots=True)
class _Ways:
    """Where each item sends the activity: to another item in its place, and to others as well."""

    moves: dict[Binding, Binding] = field(default_factory=dict)
    copies: dict[Binding, list[Binding]] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)

    def drop_circles(self) -> None:
        """Leave those alone that would only change places."""
        for start in tuple(self.moves):
            passed: list[Binding] = [start]
            while (following := self.moves.get(passed[-1])) is not None and following not in passed:
                passed.append(following)
            if following is not None:
                for item in passed[passed.index(following) :]:
                    del self.moves[item]

    def last(self, item: Binding) -> Binding:
        """Return where the moves end that begin at an item."""
        while item in self.moves:
            item = self.moves[item]
        return item

    def end(self, bound: Iterable[Binding]) -> set[Binding]:
        """Return what an activity that hangs on `bound` has to hang on in the end."""
        reached: set[Binding] = set()
        ahead = list(bound)
        while ahead:
            item = ahead.pop()
            if item not in reached:
                reached.add(item)
                ahead.extend(self.copies.get(item, ()))
                if item in self.moves:
                    ahead.append(self.moves[item])
        return reached - self.moves.keys()


def _ways(snapshot: ActivitySnapshot, rules: BindingRules, bound: Iterable[Binding]) -> _Ways:
    """Read all rules of all items that `bound` names; reviews are asked for those that the activity hangs on."""
    ways = _Ways()
    held = set(bound)
    for source in snapshot.sources:
        reviews = _read(snapshot, rules, source, ways)
        if source.binding in held:
            ways.reviews.extend(reviews)
    ways.drop_circles()
    ways.reviews.extend(_leave_what_was_taken_back(snapshot, held, ways))
    return ways


def _leave_what_was_taken_back(snapshot: ActivitySnapshot, held: set[Binding], ways: _Ways) -> Iterator[Review]:
    """Drop the ways that a person went back: off what a rule bound the activity to, on to what a rule took it off."""
    off = {end for end in snapshot.past.bound if end not in held}
    ends = {item: ways.last(item) for item in (*ways.moves, *(to for copies in ways.copies.values() for to in copies))}
    back = {item for item in ways.moves if item in held and item in snapshot.past.left}
    told = {f"put back on {item}": ends[item] for item in sorted(back)}
    for item in tuple(ways.moves):
        if item in back or ends[item] in off:
            del ways.moves[item]
            told |= {f"taken off {ends[item]}": ends[item]} if item in held - back else {}
    for item, copies in tuple(ways.copies.items()):
        told |= {f"taken off {ends[to]}": ends[to] for to in copies if item in held and ends[to] in off}
        ways.copies[item] = [to for to in copies if ends[to] not in off]
    if told:
        suggestion = ", ".join(dict.fromkeys(map(str, told.values())))
        yield Review(snapshot.ref, NAME, 0, "; ".join(told), Reason.MOVED_BACK, suggestion)


def _read(snapshot: ActivitySnapshot, rules: BindingRules, source: Source, ways: _Ways) -> list[Review]:
    """Take an item's rules into `ways`: every rule that copies, and the first that moves and has a target."""
    reviews: list[Review] = []
    for offer in source.offers:
        moves = offer.rule.mode is RebindMode.MOVE
        if not applies(offer.rule, snapshot.ref, snapshot.activity) or (moves and source.binding in ways.moves):
            continue
        target = choose(source, offer, job=NAME, region=rules.region)
        if isinstance(target, Review):
            reviews.append(target)
        elif moves:
            ways.moves[source.binding] = target
        else:
            ways.copies.setdefault(source.binding, []).append(target)
    return reviews


def _rebind(snapshot: ActivitySnapshot, ways: _Ways) -> Plan:
    """Return what leads to the end of `ways`: first what binds, then what is left when that is proved."""
    ref, bound = snapshot.ref, snapshot.state.bindings
    end = ways.end(bound)
    needed = sorted(end.difference(bound))
    moves: list[BindingCorrection] = []
    left: list[Binding] = []
    for source in bound:
        target = ways.last(source)
        if source in end:
            continue
        if target in needed and target.type_id == source.type_id:
            needed.remove(target)
            moves.append(MoveBinding(ref, NAME, source, target))
        else:
            left.append(source)
    room = max(0, MOST_BINDINGS - KEPT_FREE - len(bound))
    beyond = needed[room:]
    corrections = (
        *moves,
        *(AddBinding(ref, NAME, target) for target in needed[:room]),
        *(
            RemoveBinding(ref, NAME, source, toward=ways.last(source))
            for source in left
            if ways.last(source) not in beyond
        ),
    )
    if not beyond:
        return Plan(corrections)
    value = f"no room for {', '.join(map(str, beyond))}"
    return Plan(corrections, (Review(ref, NAME, 0, value, Reason.TOO_MANY_BINDINGS),))


def _relink(links: tuple[str, ...], ways: _Ways) -> tuple[str, ...]:
    """Return the links of a task as they have to be, those that stay as they are and in their order.

    An item that the mirror hangs on but the task does not name comes with one that it names: what a linked lead was
    converted into (php: crm/lib/activity/provider/tasks/task.php, legacySetBindings). It follows the task, and is no
    link to be replaced; neither is one that the task has already lost while the mirror follows later.
    """
    items = [Binding.from_short_code(link) for link in links]
    named = _named(links)
    end = ways.end(named)
    if end == set(named):
        return links
    staying = end.intersection(named)
    placed: set[Binding] = set()
    wanted: list[str] = []
    for link, item in zip(links, items, strict=True):
        if item is None:
            wanted.append(link)
            continue
        target = ways.last(item)
        if target not in placed and (target == item or target not in staying):
            placed.add(target)
            wanted.append(link if target == item else target.short_code)
    return (*wanted, *(item.short_code for item in sorted(end - placed)))
