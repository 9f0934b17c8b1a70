"""The demonstration, part after part, and its verdict."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import typer

from b24syncd.cli.output import visible
from b24syncd.errors import ExitCode
from b24syncd.store import history, outcomes, reviews
from b24syncd.store.reading import open_for_reading

from . import text
from .field_rules import FieldRulesChapter
from .payments import PaymentDates
from .people import Edit, LiveEdit, Untouched, edits_meanwhile, live_edits
from .portal import CLOUD, CLOUD_OPERATING_SECONDS, FASTER, DemoPortal, configuration, console_at
from .programs import DemoBrokenError, Interrupts, Programs, wait_for
from .rebinding import Rebinding
from .samples import telling
from .text import Check, heading

_MOST_MEANWHILE = 24


def show(*, keep: bool, seed: int, items: int) -> ExitCode:
    """Show everything, and return how it ended."""
    try:
        with Interrupts() as interrupts, ExitStack() as stack:
            with interrupts.postponed():
                folder = _Folder()
                stack.callback(folder.clear_away)
            programs = stack.enter_context(Programs(interrupts, folder.path, folder.configuration))
            holds = _Demo(programs, folder, seed, items).show(keep=keep)
    except KeyboardInterrupt:
        typer.echo("\nstopped; nothing is left behind", err=True)
        return ExitCode.INTERRUPTED
    return ExitCode.DONE if holds else ExitCode.UNEXPECTED


class _Folder:
    """The temporary folder with all state; it goes at the end, unless it `stays`."""

    def __init__(self) -> None:
        """Make it, for this user alone."""
        self.path = Path(tempfile.mkdtemp(prefix="b24syncd-demo-"))
        self.configuration = self.path / "b24syncd.toml"
        self.state = self.path / "demo.db"
        self.stays = False

    def clear_away(self) -> None:
        """Remove it with everything in it."""
        if not self.stays:
            shutil.rmtree(self.path, ignore_errors=True)


class _Counted(NamedTuple):
    """What the portal had counted after the preview, and around the last backfill."""

    preview: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]


_Chapter = Rebinding | PaymentDates | FieldRulesChapter


class _Demo:
    """One demonstration, part after part."""

    def __init__(self, programs: Programs, folder: _Folder, seed: int, items: int) -> None:
        """Prepare it; all state goes to `folder`."""
        self._programs = programs
        self._folder = folder
        self._seed = seed
        self._items = items
        self._began = time.monotonic()
        self._rng = Random(seed)  # noqa: S311 # made-up people

    def show(self, *, keep: bool) -> bool:
        """Show it, and return whether everything came out as promised."""
        try:
            return self._show(keep=keep)
        except DemoBrokenError:
            self._folder.stays = True
            typer.echo(f"the logs are in {self._folder.path}", err=True)
            raise

    def _show(self, *, keep: bool) -> bool:
        text.introduction(self._items)
        portal = self._open_portal()
        untouched = Untouched(portal.truth()["entries"], self._rng)

        heading("A preview: nothing is written")
        self._programs.run("backfill", "--dry-run")
        preview = portal.stats()

        number = max(4, min(_MOST_MEANWHILE, self._items // 50))
        heading(f"The backfill, while people edit {number} items in the instant before they are corrected")
        meanwhile = edits_meanwhile(untouched, self._rng, number)
        portal.edit_at([(edit.trigger, edit.made) for edit in meanwhile])
        if self._programs.run("backfill", may_end={ExitCode.SAFETY_STOP}) is ExitCode.SAFETY_STOP:
            heading("A new state stops once after its first corrections: a person looks at them, and lets it go on")
            self._programs.run("journal", "--limit", "5")
            self._programs.run("backfill", "--continue")
        with open_for_reading(self._folder.state) as db:
            heading("What it changed: one correction of each kind, of those in the journal")
            text.samples_table(telling(history.iterate(db)))
            heading("What it leaves to a person: values without one certain reading stay as they are")
            text.reviews_table(reviews.each_review(db, all_states=False))

        rebinding = Rebinding(self._programs, portal, self._folder.state)
        rebinding.preview(self._folder.configuration)
        rebinding.rebind()

        dates = PaymentDates(self._programs, portal, self._folder.state)
        dates.preview(self._folder.configuration)
        dates.fill()

        fields = FieldRulesChapter(self._programs, portal, self._folder.state)
        fields.preview(self._folder.configuration)
        fields.fill()

        heading(f"Following changes: it looks every {30 / FASTER:g} s (by default every 30 s)")
        live = live_edits(untouched)
        self._follow(portal, live, (rebinding, dates, fields))

        heading("The same backfill again")
        before = portal.stats()
        self._programs.run("backfill")
        after = portal.stats()

        heading(f"The verdict, by what the portal counted ({time.monotonic() - self._began:.0f} s)")
        edits = [*meanwhile, *(edit.edit for edit in live)]
        checks = self._checks(portal, edits, (rebinding, dates, fields), _Counted(preview, before, after))
        text.verdict(checks)
        holds = all(check.holds for check in checks)
        if keep:
            self._stay(portal, edits[0])
        return holds

    def _open_portal(self) -> DemoPortal:
        self._folder.configuration.write_text(configuration(self._folder.path), encoding="utf-8")
        portal = DemoPortal.serve(self._programs, seed=self._seed, items=self._items)
        secret = self._folder.path / "webhook"
        secret.touch(mode=0o600)
        secret.write_text(portal.webhook, encoding="utf-8")
        return portal

    def _follow(self, portal: DemoPortal, live: list[LiveEdit], chapters: Sequence[_Chapter]) -> None:
        typer.echo("$ b24syncd run &")
        daemon = self._programs.follow()
        for edit in live:
            self._follow_one(portal, edit)
        for chapter in chapters:
            chapter.follow()
        began = time.monotonic()
        code = self._programs.stop(daemon)
        typer.echo(f"$ kill -TERM %1\nstopped after {time.monotonic() - began:.1f} s with exit code {code}")
        if code != 0:
            message = f"`b24syncd run` ended with {code}"
            raise DemoBrokenError(message)

    def _follow_one(self, portal: DemoPortal, live: LiveEdit) -> None:
        edit = live.edit
        text.say(f"{edit.ref}: a person enters “{visible(edit.made.value)}” ({live.shows})")
        had_review = self._has_review(edit)
        began = time.monotonic()
        portal.edit(edit.made)
        if live.leaves_review or had_review:
            wait_for(lambda: self._has_review(edit) is live.leaves_review, f"the review of {edit.ref}")
            news = (
                "stays as it is; a review asks for a decision" if live.leaves_review else "its review closed by itself"
            )
            typer.echo(f"    → {news}, {time.monotonic() - began:.1f} s later")
            return
        wait_for(lambda: _is_as_expected(portal, edit), f"the correction of {edit.ref}")
        seconds = portal.last_edit(edit.ref, "api") - portal.last_edit(edit.ref, "person")
        typer.echo(f"    → {' and '.join(sorted(edit.expected))}, {seconds:.1f} s later")

    def _has_review(self, edit: Edit) -> bool:
        with open_for_reading(self._folder.state) as db:
            return any(review.job == edit.job for review in reviews.reviews_open_for(db, [edit.ref]))

    def _checks(
        self, portal: DemoPortal, edits: list[Edit], chapters: Sequence[_Chapter], counted: _Counted
    ) -> list[Check]:
        preview, before, after = counted
        truth = portal.truth()
        wrong = len(truth["mistakes"])
        lost = len(truth["lost"]) + sum(not _is_as_expected(portal, edit) for edit in edits)
        lost += sum(chapter.lost for chapter in chapters)
        limit_errors = sum(after["limit_errors"].values())
        writes = after["saves"] - before["saves"]
        with open_for_reading(self._folder.state) as db:
            unsettled = outcomes.open_count(db)
        made, known = after["person_edits"], len(edits) + sum(chapter.edits_made for chapter in chapters)
        bucket, busiest = after["bucket_maximum"], max(after["operating_maximum"].values())
        return [
            Check(
                "limit errors",
                f"{limit_errors}; at most {bucket:.0f} of {CLOUD.burst} requests in the bucket,"
                f" {busiest:.0f} of {CLOUD_OPERATING_SECONDS / FASTER:.0f} s of one method",
                limit_errors == 0,
            ),
            Check("lost edits", f"{lost} of {made} that people made", lost == 0 and made == known),
            Check("wrong values", f"in {wrong} items, by the truth that the portal keeps", wrong == 0),
            *(check for chapter in chapters for check in chapter.checks()),
            Check("unsettled", f"{unsettled} corrections without an outcome in the journal", unsettled == 0),
            Check("preview", f"{preview['saves']} writes", preview["saves"] == 0),
            Check("second backfill", f"{writes} writes", writes == 0),
            Check("requests", f"{after['requests']} for {after['saves']} updates, all walks and the polls", holds=True),
        ]

    def _stay(self, portal: DemoPortal, edit: Edit) -> None:
        self._folder.stays = True
        heading("Staying up")
        service = self._serve_console()
        invited = self._programs.answer_of("console", "invite", text.VISITOR, "--role", "operate")
        text.invitation(portal, self._folder.path, _program(), edit.ref, link=invited["link"])
        try:
            code = service.wait()
        except KeyboardInterrupt:
            typer.echo("")
            return
        message = f"`b24syncd run` ended with {code}"
        raise DemoBrokenError(message)

    def _serve_console(self) -> subprocess.Popen[str]:
        """Let the changes be followed again, now with the console."""
        with self._folder.configuration.open("a", encoding="utf-8") as file:
            file.write(console_at(_free_port()))
        return self._programs.follow()


def _is_as_expected(portal: DemoPortal, edit: Edit) -> bool:
    return portal.values(edit.ref, edit.made.type_id) == edit.expected


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def _program() -> str:
    """Return how this program can be called from a shell in this folder."""
    program = Path(sys.argv[0]).absolute()
    if program.suffix == ".py":
        return f"{sys.executable} -m b24syncd.cli.main"
    return str(program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program)
