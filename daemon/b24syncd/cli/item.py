"""`b24syncd item`: one item of the CRM, shown, changed and added as a form does it."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.domain.edits import Ending, Fate, FieldEdit, PointEdit
from b24syncd.domain.values import shown
from b24syncd.errors import ExitCode, UsageInvalid
from b24syncd.reports.wording import NOTHING_WRITTEN, counted

from .asking import require_yes
from .failures import told_as_json
from .invocation import settings_of
from .layout import Column
from .named import parse_card, parse_type
from .output import DryRun, ResultAsJson, print_json, print_table, visible

if TYPE_CHECKING:
    from b24syncd.app import Assignment, PreparedAddition
    from b24syncd.domain.edits import AnyEdit
    from b24syncd.reports.forms import AddedItem, Form, FormField, Saved

app = typer.Typer(no_args_is_help=True, help="Show, change or add one item of the CRM.")

Item = Annotated[str, typer.Argument(metavar="TYPE:ID", help="The item, for example deal:12.")]
Assigned = Annotated[
    list[str],
    typer.Argument(
        metavar="FIELD=VALUE...",
        help="What is to stand in a field, named by its name, code or title; nothing behind = empties it. Lists by"
        " title or id. phone=, phone+=, phone:ID= and the like of email are entries.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Everything = Annotated[bool, typer.Option("--all", help="Empty fields too.")]

_POINT = re.compile(
    r"(?P<name>phone|email)(?::(?P<entry>\d+)|(?P<adds>\+))?(?:/(?P<type>[A-Za-z]+))?=(?P<value>.*)",
    re.DOTALL | re.IGNORECASE,
)
"""`phone=`, `phone+=`, `phone+/MOBILE=`, `phone:17=`, `phone:17/HOME=`."""

_COLUMNS = (
    Column("field", whole=True),
    Column("title"),
    Column("value", long=True),
    Column("note", optional=True),
)
_COLUMNS_OF_FIXED = (
    Column("field", whole=True),
    Column("title", whole=True),
    Column("value", long=True, below="{}"),
    Column("note", long=True, below="({})"),
)

_GOOD = frozenset({Fate.SAVED, Fate.UNVERIFIED, Fate.UNCHANGED})
_WRITTEN = frozenset({Fate.SAVED, Fate.UNVERIFIED})
_OTHERS = frozenset({Fate.CONFLICT, Fate.RESTORED})
"""What somebody else's value stands in the way of, which is told."""


@app.command()
@told_as_json
def show(context: typer.Context, item: Item, *, everything: Everything = False, as_json: ResultAsJson = False) -> None:
    """Show an item field by field. Of what cannot be edited here it tells why."""
    from b24syncd import app as program  # noqa: PLC0415  # takes long

    settings, ref = settings_of(context), parse_card(item)
    form = asyncio.run(program.form_of(settings, ref))
    if as_json:
        print_json(form.to_json())
    else:
        _print_form(form, everything=everything)


@app.command("set")
@told_as_json
def set_(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    item: Item,
    assigned: Assigned,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: ResultAsJson = False,
) -> None:
    """Change fields of an item. Nothing else of it is sent, and what somebody changes meanwhile stays theirs."""
    from b24syncd import app as program  # noqa: PLC0415  # takes long
    from b24syncd.reports.forms import saved_report  # noqa: PLC0415  # takes long

    settings, ref = settings_of(context), parse_card(item)
    prepared = asyncio.run(program.prepare(settings, ref, assignments(assigned)))
    form, edit = prepared.form, prepared.edit
    titles = {name: one.title for name, one in form.fields.items()}
    host = settings.portal.host
    if not as_json:
        for line in _changes(edit.all, form):
            typer.echo(visible(line))
    if not edit.all or dry_run:
        _end(saved_report(ref, None, _rehearsed(edit.all), titles, host), as_json=as_json, is_rehearsal=True)
    if require_yes(f"Save {counted(len(edit.all), 'change')} of {form.title or ref}", yes=yes, as_json=as_json):
        saved = asyncio.run(program.save(settings, edit, program.unshown))
        _end(saved_report(ref, saved.run_id, saved.endings, titles, host), as_json=as_json)


@app.command()
@told_as_json
def add(  # noqa: PLR0913 # the options of a command
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="Its type: lead, deal, contact, company, type128 …")],
    assigned: Assigned,
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: ResultAsJson = False,
) -> None:
    """Add an item. Items with the same phone or e-mail are shown before; a lost answer never adds it twice."""
    from b24syncd import app as program  # noqa: PLC0415  # takes long
    from b24syncd.reports.forms import added_report  # noqa: PLC0415  # takes long

    settings = settings_of(context)
    entity_type = parse_type(kind)
    prepared = asyncio.run(program.prepare_addition(settings, entity_type, assignments(assigned)))
    if not as_json:
        for line in _values(prepared):
            typer.echo(visible(line))
    titles = {name: one.title for name, one in prepared.form.fields.items()}
    told = (prepared.duplicates, titles, settings.portal.host)
    if dry_run:
        _end_added(added_report(None, None, *told), as_json=as_json, is_rehearsal=True)
    if require_yes(f"Add this {entity_type.value}", yes=yes, as_json=as_json):
        added = asyncio.run(program.add(settings, prepared.addition, program.unshown))
        _end_added(added_report(added.run_id, added.ending, *told), as_json=as_json)


def assignments(texts: Sequence[str]) -> tuple["Assignment", ...]:
    """Return what arguments assign; raise `UsageInvalid` for one that assigns nothing."""
    from b24syncd.app import Assignment  # noqa: PLC0415  # takes long

    found = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not (sign and name.strip()):
            message = f"{text!r} assigns nothing; write FIELD=VALUE, for example title=Order"
            raise UsageInvalid(message)
        if (of_point := _POINT.fullmatch(text)) is not None:
            entry = None if of_point["entry"] is None else int(of_point["entry"])
            value_type, adds = (of_point["type"] or "").upper(), of_point["adds"] is not None
            found.append(Assignment(of_point["name"], of_point["value"], entry, adds, value_type))
        else:
            found.append(Assignment(name.strip(), value))
    return tuple(found)


def _print_form(form: "Form", *, everything: bool) -> None:
    typer.echo(visible(f"{form.title or form.entity_type.value} ({form.item})"))
    if form.url is not None:
        typer.echo(form.url)
    fixed = []
    for group in form.groups:
        told = [one for one in group.fields if everything or any(entry.title for entry in one.entries)]
        fixed += [one for one in told if one.why_not]
        _print_fields([one for one in told if not one.why_not], group.title or "other fields")
    points = [(f"{one.kind.value.lower()}:{one.id}", one.value_type.lower(), one.value, "") for one in form.points]
    if points:
        print_table(_COLUMNS, points, title="phones and e-mails")
    _print_fields(fixed, "what is not edited here", _COLUMNS_OF_FIXED)
    for notice in form.notices:
        typer.echo(visible(notice))


def _print_fields(fields: Sequence["FormField"], title: str, columns: Sequence[Column] = _COLUMNS) -> None:
    if fields:
        print_table(columns, list(map(_row, fields)), title=visible(title))


def _row(one: "FormField") -> tuple[str, str, str, str]:
    titles = [entry.title if entry.item is None else f"{entry.title} ({entry.item})" for entry in one.entries]
    note = one.why_not or one.notice or ("required" if one.is_required else "")
    return one.name, one.title, ", ".join(titles), note


def _changes(edits: Iterable["AnyEdit"], form: "Form") -> Iterator[str]:
    """Yield lines that tell what would be saved."""
    from b24syncd.reports.forms import told  # noqa: PLC0415  # takes long

    for one in edits:
        of_field = form.fields[one.field] if isinstance(one, FieldEdit) else None
        titles = {} if of_field is None else {option.id: option.title for option in of_field.options}
        before, after = (told(value) or "empty" for value in (one.shown, one.wanted))
        name = one.kind.value.lower() if isinstance(one, PointEdit) else form.fields[one.field].title
        yield f"{name}: {titles.get(before, before)} → {titles.get(after, after)}"


def _values(prepared: "PreparedAddition") -> Iterator[str]:
    """Yield lines that tell what would be added, and who has the same phone or e-mail."""
    for name, value in prepared.addition.fields:
        yield f"{prepared.form.fields[name].title}: {shown(value) or 'empty'}"
    for point in prepared.addition.points:
        yield f"{point.kind.value.lower()}: {point.wanted}"
    for one in prepared.duplicates:
        yield f"the same {one.detail}: {one.title} ({one.item}) {one.url}"


def _end_added(added: "AddedItem", *, as_json: bool, is_rehearsal: bool = False) -> None:
    """Tell how it ended, and end so."""
    code = ExitCode.DONE if is_rehearsal or added.item is not None else ExitCode.SOME_FAILED
    if as_json:
        print_json({**added.to_json(), "dry_run": is_rehearsal, "exit_code": code.value})
    elif is_rehearsal:
        typer.echo(NOTHING_WRITTEN)
    else:
        detail = f" ({added.detail})" if added.detail else ""
        typer.echo(
            visible(f"{added.outcome.value if added.outcome else ''}: {added.item or 'nothing was added'}{detail}")
        )
        for name, why in added.faults.items():
            typer.echo(visible(f"{name}: {why}"))
        if added.url is not None:
            typer.echo(added.url)
    raise typer.Exit(code)


def _rehearsed(edits: Iterable["AnyEdit"]) -> Iterator[Ending]:
    return (Ending(one, Fate.NOT_WRITTEN, None if one.shown == "" else one.shown) for one in edits)


def _end(saved: "Saved", *, as_json: bool, is_rehearsal: bool = False) -> None:
    """Tell how it ended, and end so."""
    is_good = is_rehearsal or all(one.outcome in _GOOD for one in saved.changes)
    code = ExitCode.DONE if is_good else ExitCode.SOME_FAILED
    if as_json:
        print_json({**saved.to_json(), "dry_run": is_rehearsal, "exit_code": code.value})
    elif not saved.changes:
        typer.echo("nothing to save: all of it stands there already")
    elif is_rehearsal:
        typer.echo(NOTHING_WRITTEN)
    else:
        for one in saved.changes:
            there = f"; there is: {one.there or 'nothing'}" if one.outcome in _OTHERS else ""
            told = f" ({one.detail})" if one.detail else ""
            typer.echo(visible(f"{one.title}: {one.outcome.value}{told}{there}"))
        if saved.run is not None and any(one.outcome in _WRITTEN for one in saved.changes):
            typer.echo(f"`b24syncd undo {saved.run}` takes it back")
    raise typer.Exit(code)
