"""What the demonstration shows and does, apart from its processes."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from b24syncd.cli.demo.payments import is_paid_at_once, lacks_one, of_each_sort
from b24syncd.cli.demo.people import Untouched, edits_meanwhile, live_edits
from b24syncd.cli.demo.portal import FASTER, DemoPayment, configuration
from b24syncd.cli.demo.programs import Interrupts, told_progress
from b24syncd.cli.demo.samples import Sample, telling
from b24syncd.cli.demo.text import Check, samples_table, verdict
from b24syncd.cli.progress import fields_of
from b24syncd.domain.corrections import AddPoint, ChangePoint, Correction, DeletePoint
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.snapshots import PointKind
from b24syncd.engine.how_far import HowFar
from b24syncd.engine.tally import Tally
from b24syncd.settings import load_settings
from b24syncd.store.history import JournalEntry
from b24syncd.store.journal import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

REF = EntityRef(EntityType.CONTACT, 7)


def entry(correction: Correction, *, batch: str = "b1", mends: bool = False) -> JournalEntry:
    return JournalEntry(
        id=1,
        run_id=1,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        sent_at=None,
        batch=batch,
        mends=mends,
        outcome=Outcome.DONE,
        detail=None,
        settled_at=None,
        correction=correction,
    )


def change(before: str, after: str, *, ref: EntityRef = REF, job: str = "phones") -> ChangePoint:
    kind = PointKind.PHONE if job == "phones" else PointKind.EMAIL
    return ChangePoint(ref, job, kind, 1, "WORK", before, after)


@pytest.mark.parametrize(
    ("before", "job", "kind"),
    [
        ("８ (４９５) 1234567", "phones", "full-width digits"),
        ("8495\u200b1234567", "phones", "invisible character"),
        ("тел. 84951234567", "phones", "label"),
        ("84951234567 доб. 3", "phones", "extension"),
        ("8 10 49 30 123456", "phones", "dialled from Russia"),
        ("+49 (0) 30 123456", "phones", "(0) after country"),
        ("8 (495) 123-45-67", "phones", "trunk prefix 8"),
        ("7 495 123-45-67", "phones", "no + before 7"),
        ("Anna Kim <a@example.com>", "emails", "display name"),
        ("mailto:a@example.com", "emails", "mailto:"),
        ("A@EXAMPLE.COM", "emails", "capital letters"),
        ("a@example.com,", "emails", "punctuation"),
    ],
)
def test_a_mess_is_told_by_its_kind(before: str, job: str, kind: str) -> None:
    assert telling([entry(change(before, "x", job=job))]) == [Sample(kind, REF, before, ("x",))]


def test_an_entry_that_became_two_is_one_sample() -> None:
    added = AddPoint(REF, "phones", PointKind.PHONE, "WORK", "+74952222222")
    made = [entry(change("1111111; 2222222", "+74951111111")), entry(added)]
    [sample] = telling(made)
    assert sample == Sample("several in one field", REF, "1111111; 2222222", ("+74951111111", "+74952222222"))


def test_a_duplicate_has_nothing_after_it() -> None:
    gone = DeletePoint(REF, "emails", PointKind.EMAIL, 2, "WORK", "A@EXAMPLE.COM")
    assert telling([entry(gone)]) == [Sample("duplicate", REF, "A@EXAMPLE.COM", ())]


def test_of_each_kind_the_shortest_is_shown_and_no_repair() -> None:
    other = EntityRef(EntityType.LEAD, 2)
    made = [
        entry(change("tel. 8 (495) 123-45-67", "+74951234567")),
        entry(change("tel. 84951234567", "+74951234567", ref=other)),
        entry(change("tel. 1", "+71", ref=other), batch="b2", mends=True),
    ]
    assert [sample.ref for sample in telling(made)] == [other]


def test_the_table_has_no_escape_codes_outside_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    samples_table([Sample("label", REF, "тел.\u200b1 " * 9, ("+71",)), Sample("duplicate", REF, "1", ())])
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\u200b" not in printed
    assert "(deleted)" in printed
    assert all(len(line) <= 100 and line == line.rstrip() for line in printed.splitlines())


def test_the_table_breaks_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    before, after = "mailto:info985@atlas-trade-of-the-north.example", "info985@atlas-trade-of-the-north.example"
    samples_table([Sample("several in one field", REF, before, (after, after))])
    printed = capsys.readouterr().out
    assert (printed.split().count(before), printed.split().count(after)) == (1, 2)
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize("is_preview", [True, False])
def test_the_progress_of_a_command_is_told_as_it_was_logged(is_preview: bool) -> None:  # noqa: FBT001
    far = HowFar("walking", 0.5, settled=9, counts=Tally({"corrected": 4}).as_counts(), is_preview=is_preview)
    assert told_progress(fields_of(far)) == f"   50 %, 9 items, 4 {'to correct' if is_preview else 'corrected'}"


def test_the_verdict_names_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    verdict([Check("lost edits", "0 of 3", holds=True), Check("preview", "1 writes", holds=False)])
    assert capsys.readouterr().out == "ok      lost edits  0 of 3\nFAILED  preview     1 writes\n"


def test_its_settings_are_those_of_the_portal(tmp_path: Path) -> None:
    path = tmp_path / "b24syncd.toml"
    path.write_text(configuration(tmp_path), encoding="utf-8")
    (tmp_path / "webhook").touch(mode=0o600)
    (tmp_path / "webhook").write_text("http://127.0.0.1:9/rest/1/simulated1secret/", encoding="utf-8")
    settings = load_settings(path, {})
    assert settings.limits.per_second == 2 * FASTER
    assert settings.limits.operating_seconds / settings.limits.operating_window_seconds == pytest.approx(0.8)
    assert settings.state.path == tmp_path / "demo.db"


@pytest.fixture
def handlers() -> Iterator[Sequence[object]]:
    """Give the handlers of the signals, and have them again at the end."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield before
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)
    assert [signal.getsignal(number) for number in numbers] == before


def test_nothing_begun_is_interrupted_before_it_is_known(handlers: Sequence[object]) -> None:
    known = []

    def begin() -> None:
        with Interrupts() as interrupts:
            with interrupts.postponed():
                os.kill(os.getpid(), signal.SIGTERM)
                known.append("begun")
            known.append("went on")

    with pytest.raises(KeyboardInterrupt):
        begin()
    assert known == ["begun"]
    os.kill(os.getpid(), signal.SIGINT)  # a second one: nobody hears it any more
    assert signal.getsignal(signal.SIGINT) not in handlers


def test_what_is_taken_down_is_not_interrupted(handlers: Sequence[object]) -> None:
    with Interrupts() as interrupts:
        interrupts.be_deaf()
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGINT) in handlers


def truth(type_id: int, item_id: int, kind: str, raw: str, canonical: list[str] | None) -> dict[str, Any]:
    return {"entity_type_id": type_id, "item_id": item_id, "type_id": kind, "raw": raw, "canonical": canonical}


ENTRIES = [
    *(truth(3, number, "PHONE", f"8{9160000000 + number}", [f"+7{9160000000 + number}"]) for number in range(1, 12)),
    truth(4, 1, "EMAIL", "a@example.com", ["a@example.com"]),
    truth(1, 1, "PHONE", "+79160000001", ["+79160000001"]),
    truth(1, 2, "EMAIL", "x@gmial.com", None),
]


@pytest.fixture
def rng() -> Random:
    return Random(1)  # noqa: S311 # made-up people


def test_no_item_is_edited_for_two_reasons(rng: Random) -> None:
    untouched = Untouched(ENTRIES, rng)
    edits = [*edits_meanwhile(untouched, rng, 8), *(live.edit for live in live_edits(untouched))]
    assert max(Counter(edit.ref for edit in edits).values()) == 1
    assert {edit.made.action.value for edit in edits} == {"change", "add", "delete"}
    assert all(edit.trigger.item_id == edit.ref.id for edit in edits)


def test_the_review_that_an_edit_closes_is_of_the_job_for_its_entry(rng: Random) -> None:
    jobs = {live.edit.made.type_id: live.edit.job for live in live_edits(Untouched(ENTRIES, rng))}
    assert jobs == {"PHONE": "phones", "EMAIL": "emails"}


def test_a_portal_without_a_typo_is_shown_without_its_cure(rng: Random) -> None:
    assert len(live_edits(Untouched(ENTRIES, rng))) == len(live_edits(Untouched(ENTRIES[:-1], rng))) + 1


def test_a_portal_that_is_too_small_is_told(rng: Random) -> None:
    with pytest.raises(LookupError, match="no contact is left"):
        edits_meanwhile(Untouched(ENTRIES[:2], rng), rng, 3)


PAID = DemoPayment(10.0, "RUB", is_paid=True, day="2025-01-01")
LATER = DemoPayment(10.0, "RUB", is_paid=True, day="2025-02-01")
DUE = DemoPayment(10.0, "RUB", is_paid=False, day=None)
CANCELLED = DemoPayment(10.0, "RUB", is_paid=False, day="2025-01-01")
ABROAD = DemoPayment(10.0, "EUR", is_paid=True, day="2025-01-01")


@pytest.mark.parametrize(
    ("payments", "at_once", "one_missing"),
    [
        ([PAID], True, False),
        ([DUE], False, False),
        ([PAID, DUE], False, True),
        ([PAID, DUE, DUE], False, False),
        ([PAID, CANCELLED], False, False),
        ([ABROAD, DUE], False, False),
        ([PAID, LATER], False, False),
    ],
)
def test_a_deal_is_known_by_its_payments(payments: list[DemoPayment], *, at_once: bool, one_missing: bool) -> None:
    assert (is_paid_at_once(payments), lacks_one(payments)) == (at_once, one_missing)


def test_of_each_sort_of_deals_the_first_is_shown_once() -> None:
    sorts = ([PAID], [PAID], [PAID, LATER], [PAID, DUE], [CANCELLED], [CANCELLED, ABROAD], [DUE, DUE])
    deals = {EntityRef(EntityType.DEAL, number): payments for number, payments in enumerate(sorts, start=1)}
    assert [ref.id for ref in of_each_sort(deals)] == [1, 3, 4, 5, 6]
    assert of_each_sort({}) == []


def test_a_payment_is_told_with_its_day() -> None:
    assert [str(payment) for payment in (PAID, DUE, CANCELLED)] == [
        "10.00 RUB, 2025-01-01",
        "10.00 RUB, not paid",
        "10.00 RUB, 2025-01-01, cancelled",
    ]
