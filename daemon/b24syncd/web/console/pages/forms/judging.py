"""What of a form that was sent is a change, what is wrong with it, and what is to be said of how saving it ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from b24syncd.domain.controls import Control
from b24syncd.domain.edits import CATEGORY, STAGE, Fate, FieldEdit, PointEdit, same_text
from b24syncd.reports.forms import RECKONED, saved_report
from b24syncd.store.value_json import value_to_json
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.sentences.telling import told

from .rows import Asks, Told, title_of
from .sent import MINE, THEIRS
from .sentences import FATES
from .view import titles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24syncd.app import Edited
    from b24syncd.app.forms import Forms
    from b24syncd.domain.edits import Ending
    from b24syncd.domain.entities import EntityType
    from b24syncd.portal.cards.fields import CardField
    from b24syncd.reports.forms import Checked, Form

    from .sent import Sent, SentField, SentPoint

_GOOD: Final = frozenset({Fate.SAVED, Fate.UNVERIFIED, Fate.UNCHANGED})
_OTHERS: Final = frozenset({Fate.CONFLICT, Fate.RESTORED})


@dataclass(slots=True)
class Judged:
    """The changes of a form, each with what was sent, and what is to be said where something is no good."""

    fields: dict[str, tuple[FieldEdit, SentField]] = field(default_factory=dict)
    points: dict[str, tuple[PointEdit, SentPoint]] = field(default_factory=dict)
    of_fields: dict[str, Told] = field(default_factory=dict)
    of_points: list[tuple[SentPoint, Told]] = field(default_factory=list)

    @property
    def problems(self) -> int:
        """How many fields keep the form from being saved."""
        return sum(1 for one in (*self.of_fields.values(), *(told for _, told in self.of_points)) if one.problem)

    def keep_typed(self) -> None:
        """Let the form show everything as it was typed, since nothing is saved."""
        for name, (edit, sent) in self.fields.items():
            self.of_fields.setdefault(name, Told(sent.typed, value_to_json(edit.shown)))
        known = {point.name for point, _ in self.of_points}
        for name, (_edit, point) in self.points.items():
            if name not in known:
                self.of_points.append((point, Told((point.typed,), point.shown)))


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one change, as the page tells it."""

    title: str
    before: str
    after: str
    word: str
    kind: str
    detail: str
    there: str | None = None


def is_as_shown(one: SentField, about: CardField) -> bool:
    """Tell whether a control says what the form showed, whatever the browser makes of line ends and blanks."""
    if about.control is Control.BOOLEAN and one.shown is None:
        return not "".join(one.typed).strip()
    return _plain(one.typed) == _plain(about.texts(one.shown))


def _plain(texts: Sequence[str]) -> list[str]:
    ends = (text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd") for text in texts)
    return [text for text in ends if text.strip()]


def typed_of(one: SentField, about: CardField) -> tuple[str, ...]:
    """Return what was typed; a box that is not ticked sends nothing, and means no."""
    return one.typed or (("no",) if about.control is Control.BOOLEAN else ())


async def judge(forms: Forms, entity_type: EntityType, sent: Sent) -> Judged:
    """Return what a form changes; of what nobody touched nothing is asked."""
    abouts = await forms.references.fields(entity_type)
    found = Judged()
    for one in sent.fields:
        about = abouts.get(one.name)
        if about is None or one.kept == THEIRS or is_as_shown(one, about):
            continue
        checked = await forms.check(entity_type, one.name, typed_of(one, about), sent.category, is_picked=True)
        if checked.is_good and same_text(one.shown, checked.value):
            continue
        shown, asks = value_to_json(one.shown), None
        if one.kept not in (None, MINE):
            values = (one.shown, checked.value)
            theirs, mine = [await titles_of(forms, entity_type, one.name, each, sent.category) for each in values]
            asks = _asks(theirs, mine if checked.is_good else one.typed)
        if not checked.is_good:
            found.of_fields[one.name] = Told(one.typed, shown, problem=problem_of(checked), asks=asks)
        elif asks is not None:
            found.of_fields[one.name] = Told(one.typed, shown, problem=_("Choose whose value is to stand."), asks=asks)
        else:
            found.fields[one.name] = FieldEdit(one.name, one.shown, checked.value), one
    for point in sent.points:
        _judge_point(forms, point, found)
    return found


def _judge_point(forms: Forms, point: SentPoint, found: Judged) -> None:
    if point.kept == THEIRS or not point.is_changed or not (point.typed or point.id):
        return
    checked = forms.check_point(point.kind, point.typed)
    is_retyped = point.typed != point.shown.strip()
    wanted = str(checked.value or "") if is_retyped else point.shown
    asks = _asks(_some(point.shown), _some(wanted)) if point.kept not in (None, MINE) else None
    if asks is not None or not checked.is_good:
        problem = _("Choose whose value is to stand.") if checked.is_good else problem_of(checked)
        found.of_points.append((point, Told((point.typed,), point.shown, problem=problem, asks=asks)))
        return
    value_type = "" if point.id and point.value_type == point.shown_type else point.value_type
    edit = PointEdit(point.kind, point.id, point.shown, wanted, value_type)
    found.points[point.name] = edit, point


def _asks(theirs: tuple[str, ...], mine: tuple[str, ...]) -> Asks:
    """Return what is asked again as long as nobody has chosen: nothing is written over theirs before."""
    return Asks(theirs, mine, _("Somebody else changed it since this form was opened."))


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def problem_of(checked: Checked) -> str:
    """Return what is wrong with what was typed, and what to write instead."""
    whole = f"{checked.problem}; {checked.cure}"
    found = told(whole)
    if found.casefold() != whole.casefold() or not checked.cure:
        return found if checked.cure else told(checked.problem)
    return f"{told(checked.problem)}; {told(checked.cure)[:1].lower()}{told(checked.cure)[1:]}"


async def tell(forms: Forms, form: Form, judged: Judged, edited: Edited) -> tuple[Line, ...]:
    """Note at each field how saving it ended, over what was read since, and return what the page says of all."""
    lines = []
    points = list(judged.points.values())
    titles = {name: one.title for name, one in form.fields.items()}
    changes = saved_report(edited.ref, edited.run_id, edited.endings, titles, "").changes
    for ending, change in zip(edited.endings, changes, strict=True):
        detail = _("The portal put its own amount back.") if change.detail == RECKONED else told(change.detail)
        if isinstance(ending.edit, FieldEdit):
            name = ending.edit.field
            line, judged.of_fields[name] = await _of_field(forms, form, ending, judged, detail)
        else:
            pair = next(pair for pair in points if pair[0] == ending.edit)
            points.remove(pair)
            line, at_entry = _of_point(ending, pair[1], detail)
            judged.of_points.append((pair[1], at_entry))
        if change.about is not None and change.about not in judged.of_fields:
            judged.of_fields[change.about] = Told(problem=detail)
        lines.append(line)
    return tuple(lines)


async def _of_field(forms: Forms, form: Form, ending: Ending, judged: Judged, detail: str) -> tuple[Line, Told]:
    """Return what is said of a field; what it showed stays what is compared, unless another value is told now."""
    edit = ending.edit
    assert isinstance(edit, FieldEdit)  # noqa: S101 # chosen by the caller
    name, sent = edit.field, judged.fields[edit.field][1]
    values = (edit.shown, edit.wanted, ending.there)
    before, mine, there = [await titles_of(forms, form.entity_type, name, one, form.category) for one in values]
    if ending.fate in (Fate.SAVED, Fate.UNVERIFIED) and not same_text(ending.there, edit.wanted):
        detail = told(f"the portal keeps it as {', '.join(there)}")
    line, at_field = _told(ending.fate, title_of(form.fields[name]), (before, mine, there), sent.typed, detail)
    # a stage that came with its pipeline nobody else has chosen
    is_known = ending.fate in _OTHERS or (name == STAGE and CATEGORY in judged.fields)
    shown = None if at_field.is_saved else value_to_json(ending.there if is_known else edit.shown)
    return line, replace(at_field, shown=shown)


def _of_point(ending: Ending, sent: SentPoint, detail: str) -> tuple[Line, Told]:
    edit = ending.edit
    assert isinstance(edit, PointEdit)  # noqa: S101 # chosen by the caller
    title = _("Phone") if edit.kind.value == "PHONE" else _("E-mail")
    there = () if ending.there is None else (str(ending.there),)
    before, mine = (edit.shown,) if edit.shown else (), (edit.wanted,) if edit.wanted else ()
    line, at_entry = _told(ending.fate, title, (before, mine, there), (sent.typed,), detail)
    shown = None if at_entry.is_saved else "".join(there) if ending.fate in _OTHERS else edit.shown
    return line, replace(at_entry, shown=shown)


def _told(
    fate: Fate, title: str, values: tuple[tuple[str, ...], ...], typed: tuple[str, ...], detail: str
) -> tuple[Line, Told]:
    before, mine, there = values
    word, kind = FATES[fate]
    line = Line(title, ", ".join(before), ", ".join(mine), _(word), kind, detail)
    if fate in _GOOD:
        return line, Told(typed, note=detail or _("Saved."), is_saved=True)
    if fate in _OTHERS:
        why = (
            _("Somebody else changed it in the very moment of saving; theirs came back.")
            if fate is Fate.RESTORED
            else _("Somebody else changed it since this form was opened.")
        )
        return replace(line, detail=""), Told(typed, asks=Asks(there, mine, why))
    return line, Told(typed, problem=detail or _("It was not saved."))
