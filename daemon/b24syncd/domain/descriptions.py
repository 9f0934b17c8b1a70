"""The words for a correction, for whoever tells of one: reviews that are stored, previews, the journal, undo.

They stand below everything because the engine puts them into reviews, which are compared by them: a review that a
person dismissed is asked again when its text changes. So these texts do not change without need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .bindings import Binding
from .corrections import (
    AddBinding,
    AddItem,
    AddPoint,
    ChangePoint,
    DeletePoint,
    MoveBinding,
    RemoveBinding,
    SetField,
    SetTaskLinks,
)
from .values import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .corrections import BindingCorrection, Correction

_NOTHING = "nothing"


Titles = Callable[[str], str]
"""Gives a field, by its name, the title that people know it by."""


class Action(StrEnum):
    """What a correction does; part of the outside."""

    CHANGE = "change"
    DELETE = "delete"
    ADD = "add"
    SET_FIELD = "set field"
    ADD_ITEM = "add item"
    MOVE = "move"
    BIND = "bind"
    UNBIND = "unbind"
    LINK_TASK = "link task"


@dataclass(frozen=True, slots=True)
class Description:
    """What a correction does, with both values as people read them; None is nothing.

    The `slot` is the entry by its id, the task by its id, or the field by its name; an added entry has none yet, and a
    binding has none.
    """

    action: Action
    slot: int | str | None
    before: str | None
    after: str | None

    @property
    def id(self) -> int | None:
        """The id of the entry or of the task."""
        return self.slot if isinstance(self.slot, int) else None

    def sentence(self, titles: Titles = str) -> str:  # noqa: PLR0911 # a sentence for each action
        """Return what is done, as a part of a sentence."""
        before, after = self.before or "", self.after or ""
        match self.action:
            case Action.CHANGE:
                return f"{before!r} → {after!r}"
            case Action.DELETE:
                return f"delete {before!r}"
            case Action.ADD_ITEM:
                return f"add an item: {after}"
            case Action.ADD:
                return f"add {after!r}"
            case Action.SET_FIELD:
                return f"{titles(str(self.slot))}: {before or 'empty'} → {after or 'empty'}"
            case Action.LINK_TASK:
                return f"links of task {self.slot}: {before} → {after}"
            case _:
                return self._rebinding()

    def between(self, sign: str) -> str:
        """Return both values with a sign between them; `nothing` for an empty one."""
        return f"{self.before or _NOTHING} {sign} {self.after or _NOTHING}"

    def request(self) -> str:
        """Return what was asked of the portal; reviews of refused rebindings hold this text."""
        return f"link task {self.slot} with {self.after}" if self.action is Action.LINK_TASK else self._rebinding()

    def reversed(self) -> Description:
        """Return both values the other way round, for what is known by the correction that takes it back."""
        return Description(self.action, self.slot, self.after, self.before)

    def _rebinding(self) -> str:
        match self.action:
            case Action.MOVE:
                return f"move from {self.before} to {self.after}"
            case Action.BIND:
                return f"bind to {self.after}"
            case _:
                return f"{self.action} from {self.before}"


def describe(correction: Correction) -> Description:
    """Return a correction in words."""
    match correction:
        case ChangePoint(point_id=point_id, before=before, after=after):
            return Description(Action.CHANGE, point_id, before, after)
        case DeletePoint(point_id=point_id, before=before):
            return Description(Action.DELETE, point_id, before, None)
        case AddPoint(after=after):
            return Description(Action.ADD, None, None, after)
        case SetField(field=field):
            return Description(Action.SET_FIELD, field, shown(correction.before), shown(correction.after))
        case AddItem(values=values):
            told = ", ".join(f"{name}: {shown(value)}" for name, value in values if value is not None)
            return Description(Action.ADD_ITEM, None, None, told)
        case _:
            return _of_rebinding(correction)


def _of_rebinding(correction: BindingCorrection) -> Description:
    match correction:
        case MoveBinding(source=source, target=target):
            return Description(Action.MOVE, None, str(source), str(target))
        case AddBinding(target=target):
            return Description(Action.BIND, None, None, str(target))
        case RemoveBinding(source=source):
            return Description(Action.UNBIND, None, str(source), None)
        case SetTaskLinks(task_id=task_id, before=before, after=after):
            return Description(Action.LINK_TASK, task_id, links(before), links(after))


def links(codes: Iterable[str]) -> str:
    """Return the links of a task, which Bitrix24 writes as `L_77`, as everything else is written: `lead:77`."""
    return ", ".join(str(Binding.from_short_code(code) or code) for code in codes)
