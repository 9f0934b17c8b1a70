"""What the demonstration prints: headings, tables of at most 100 columns, the verdict, no word of them broken."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from b24syncd.cli.layout import Column, lay_out
from b24syncd.cli.output import columns_of, lines_of_sentence, visible
from b24syncd.domain.values import shown

from .portal import (
    CLOUD,
    CLOUD_OPERATING_SECONDS,
    CLOUD_UPDATE_SECONDS,
    CONVERTED_LEADS,
    DUPLICATED_LEADS,
    FASTER,
    MESSY_DEALS,
    PAID_DEALS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from b24syncd.domain.corrections import SetField
    from b24syncd.domain.entities import EntityRef
    from b24syncd.store.stored_reviews import StoredReview

    from .portal import DemoActivity, DemoPayment, DemoPortal
    from .samples import Sample

_WIDEST, _NARROW = 100, 80
"""The most columns that a table takes, and those of what is no terminal."""

VISITOR = "You"
"""What whoever watches the demonstration is called in its console."""

_ITEM = Column("item", whole=True)
_BEFORE = Column("before", long=True, below="{}")
_AFTER = Column("after", long=True, below="→ {}")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the verdict: what was looked at, what was found, and whether that is as promised."""

    name: str
    found: str
    holds: bool


def heading(text: str) -> None:
    """Begin a part of the demonstration."""
    typer.echo("")
    say(text, start="── " if _is_unicode() else "-- ")


def say(text: str, *, start: str = "") -> None:
    """Write a sentence, folded between words on a terminal."""
    for line in lines_of_sentence(text, columns_of(sys.stdout), start=start, indent=len(start) or 4):
        typer.echo(line)


def introduction(items: int) -> None:
    """Say what is simulated, and how its limits are scaled."""
    typer.echo(
        f"b24syncd on a simulated Bitrix24 portal: {items} contacts, leads and companies with\n"
        f"messy phones and e-mails; {CONVERTED_LEADS + DUPLICATED_LEADS} leads with calls, mails, to-dos and"
        " tasks that\n"
        f"belong to customers; {PAID_DEALS} deals, most of them with payments, and {MESSY_DEALS} with messy\n"
        f"fields. The portal keeps both limits of the cloud and is {FASTER} times as fast:\n"
        f"  requests        a bucket of {CLOUD.burst} that drains {CLOUD.per_second * FASTER:g} a second"
        f" (cloud: {CLOUD.per_second:g})\n"
        f"  operating time  {CLOUD_OPERATING_SECONDS / FASTER:g} s per method within"
        f" {CLOUD.operating_window_seconds / FASTER:g} s"
        f" (cloud: {CLOUD_OPERATING_SECONDS:g} s within {CLOUD.operating_window_seconds:g} s)\n"
        f"  an update       {CLOUD_UPDATE_SECONDS / FASTER:g} s of it (taken for the cloud: {CLOUD_UPDATE_SECONDS:g} s)"
    )


def samples_table(samples: Sequence[Sample]) -> None:
    """Show one correction of each kind."""
    rows = [(sample.kind, str(sample.ref), visible(sample.before), _after(sample)) for sample in samples]
    _table((Column("kind", whole=True), _ITEM, _BEFORE, _AFTER), rows)


def activities_table(samples: Iterable[tuple[DemoActivity, DemoActivity]]) -> None:
    """Show activities, each before and after."""
    rows = [(str(before.id), before.kind, before.told, after.told) for before, after in samples]
    wholes = (Column("activity", whole=True, is_number=True), Column("kind", whole=True))
    _table((*wholes, Column("hung on", below="{}"), Column("hangs on", below="→ {}")), rows)


def payments_table(samples: Iterable[tuple[EntityRef, Sequence[DemoPayment], str | None]]) -> None:
    """Show deals, each with its payments and the date that it shows."""
    rows = [
        ("" if number else str(ref), str(payment), "" if number else shown or "–")
        for ref, payments, shown in samples
        for number, payment in enumerate(payments)
    ]
    _table([Column(name, whole=True) for name in ("deal", "its payments", "the field shows")], rows)


def fields_table(corrections: Iterable[SetField]) -> None:
    """Show corrections of fields, each with what stood there and what stands there now."""
    rows = [
        (str(each.ref), each.field, visible(shown(each.before)), visible(shown(each.after)) or "(empty)")
        for each in corrections
    ]
    _table((_ITEM, Column("field", whole=True), _BEFORE, _AFTER), rows)


def reviews_table(reviews: Iterable[StoredReview]) -> None:
    """Show how many reviews each reason has, with a short one of them, if possible one that has a suggestion."""
    numbers: Counter[str] = Counter()
    shown: dict[str, StoredReview] = {}
    for review in reviews:
        numbers[review.reason] += 1
        shown[review.reason] = min(shown.get(review.reason, review), review, key=_is_less_telling)
    rows = [
        (reason, str(number), visible(shown[reason].value), visible(shown[reason].suggestion))
        for reason, number in numbers.most_common()
    ]
    wholes = (Column("reason", whole=True), Column("number", whole=True, is_number=True))
    _table((*wholes, Column("for example", long=True, below="{}"), Column("suggestion", long=True, below="→ {}")), rows)


def verdict(checks: Sequence[Check]) -> None:
    """Show what was checked, and how it came out."""
    width = max(len(check.name) for check in checks)
    for check in checks:
        say(check.found, start=f"{'ok    ' if check.holds else 'FAILED'}  {check.name:<{width}}  ")


def invitation(portal: DemoPortal, folder: Path, program: str, ref: EntityRef, *, link: str) -> None:
    """Say how to play on while the portal and the service stay up."""
    item = f"{portal.url}/simulator/state?entityTypeId={ref.type.type_id}&id={ref.id}"
    edit = (
        f'{{"edits": [{{"action": "change", "entity_type_id": {ref.type.type_id}, "item_id": {ref.id}, '
        f'"value": "8 (499) 123-45-67 ext. 7"}}]}}'
    )
    typer.echo(
        f"webhook   {portal.webhook}\n"
        f"folder    {folder} (configuration, state, logs; it stays)\n\n"
        "In a shell: paste into another terminal\n\n"
        f"export B24SYNCD_CONFIG={folder}/b24syncd.toml\n"
        f"{program} status\n"
        f"{program} review list\n"
        f"{program} console invite {VISITOR} --role operate    # another link\n\n"
        "To edit as a person, see the item, and see what became of it:\n\n"
        f"curl -d '{edit}' {portal.url}/simulator/person\n"
        f"curl '{item}'\n"
        f"{program} journal --item {ref}\n\n"
        "In a browser on this machine: open this link, once, within 15 minutes\n\n"
        f"{link}\n\n"
        "The portal, the service and its console stay up until Ctrl-C."
    )


def _is_less_telling(review: StoredReview) -> tuple[bool, int]:
    return review.suggestion is None, len(review.value)


def _after(sample: Sample) -> str:
    if not sample.after:
        return "(deleted)"
    return " and ".join(map(visible, sample.after))


def _table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    width = min(columns_of(sys.stdout) or _NARROW, _WIDEST)
    for line in lay_out(columns, rows, width, rule="─" if _is_unicode() else "-"):
        typer.echo(line)


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
