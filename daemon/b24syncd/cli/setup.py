"""`b24syncd setup`: a portal from nothing to its first preview, by questions on a terminal or by options."""

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from b24syncd.domain.job_names import EMAILS, JOBS, PHONES
from b24syncd.errors import ExitCode, Problem, SettingsInvalid, UsageInvalid
from b24syncd.observe.logs import configure_logs
from b24syncd.reports.wording import subjects_of

from .candidates import job_names
from .doctor import examined
from .output import print_sentence
from .questions import Question, answered
from .setup_application import Card, let_in, say_admission
from .work import app

if TYPE_CHECKING:
    from b24syncd.portal.wire.tokens import TokenPair
    from b24syncd.settings.new_portal import NewPortal

_FIRST_ITEMS: Final = 1000
_SAMPLE: Final = 5
_USUAL: Final = f"{PHONES},{EMAILS}"
_JOBS: Final = "which jobs, of phones, emails and payment_dates"  # the others need rules
_REGION: Final = "the region in which numbers are written, two letters such as RU or DE"
_WAY_IN: Final = Question(
    "the webhook's address, or the portal's for an application (not shown)", "--webhook-file", hidden=True
)
_UNITS: Final = (Path("/lib/systemd/system"), Path("/etc/systemd/system"))
_WEBHOOK: Final = "B24SYNCD_PORTAL__WEBHOOK"
_OF_ONE_SHELL: Final = (_WEBHOOK, "B24SYNCD_PORTAL__OAUTH__", "CREDENTIALS_DIRECTORY")
"""Beginnings of variables that say what lets this shell in: what is set up has its own."""


def setup(  # noqa: PLR0913 # the options of a command
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="What the portal is called: its files, its service, its state."),
    ] = None,
    *,
    webhook_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"Read the webhook from there, - is the input; else ${_WEBHOOK}, or ask."),
    ] = None,
    oauth: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The portal, where an application takes a webhook's place.")
    ] = None,
    client_id: Annotated[str | None, typer.Option(metavar="ID", help="With --oauth: the application's id.")] = None,
    client_secret_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --oauth: read the application's secret from there.")
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="With --oauth: its authorisation server, if it is another.")
    ] = None,
    region: Annotated[
        str | None, typer.Option(metavar="CC", help="Where people write their numbers: two letters of ISO 3166-1.")
    ] = None,
    jobs: Annotated[
        list[str] | None,
        typer.Option("--job", metavar="JOB", autocompletion=job_names, help="Enable this job; may be repeated."),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Trust the authorities in there, too, of a portal of one's own.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write there; else /etc/b24syncd, where the service looks.")
    ] = None,
    preview: Annotated[
        int, typer.Option(metavar="N", min=0, help="Preview so many items in the end; 0: none.")
    ] = _FIRST_ITEMS,
) -> None:
    """Set up a portal. What no option says is asked; no file that is there is ever overwritten.

    The webhook is tried at once. Then configuration and secret are written and examined, and the work is previewed.
    With --oauth, or the portal's address in its place, a local application lets the program in, which a person
    authorises on the way.
    """
    from b24syncd.settings.new_portal import SERVICE_FOLDER, NewPortal, Secret  # noqa: PLC0415 # takes long
    from b24syncd.settings.secrets import WEBHOOK_SUFFIX  # noqa: PLC0415

    if oauth is not None and webhook_file is not None:
        message = "--oauth and --webhook-file: exactly one of an application and a webhook lets the program in"
        raise UsageInvalid(message)
    folder = SERVICE_FOLDER if folder is None else folder.absolute()
    _require_writable(folder)
    named = partial(_name, folder)
    if name is not None:
        named(name)
    environ = {variable: value for variable, value in os.environ.items() if not variable.startswith(_OF_ONE_SHELL)}
    way = "" if ca_file is None else str(ca_file.absolute())
    address, application = oauth or "", None
    if oauth is None:
        given = _given(webhook_file)
        address = answered(_WAY_IN, given, partial(_admitted, environ, way, or_portal=given is None))
    if oauth is not None or _is_portal(address):
        application = let_in(Card(address, client_id, client_secret_file, server), environ, way)
        address, kept = dict(application.table)["address"], application.secrets
    else:
        kept = (Secret(WEBHOOK_SUFFIX, address),)
    name = answered(Question("what to call the portal", "NAME", default=_suggested(address)), name, named)
    chosen = answered(Question(_JOBS, "--job", default=_USUAL), ",".join(jobs or ()) or None, _jobs)
    is_needed = PHONES in chosen
    home = answered(
        Question(_REGION, "--region", default=None if is_needed else ""),
        region,
        partial(_region, is_needed=is_needed),
    )
    portal = NewPortal(name, folder, home, chosen, way, () if application is None else application.table)
    try:
        portal.write(*kept)
    except OSError as error:
        message = f"{error.filename or folder} cannot be written: {error.strerror}; nothing was"
        raise UsageInvalid(message) from error
    what = "the webhook" if application is None else "the application's secret and the key of its tokens"
    print_sentence(f"written: {portal.configuration}, and beside it {what}, for its owner alone to read")
    _look(portal, environ, preview, None if application is None else application.pair)


def _require_writable(folder: Path) -> None:
    """Raise `UsageInvalid` before anything is asked where nothing could be written in the end."""
    there = folder if os.path.exists(folder) else folder.parent  # noqa: PTH110 # which does not raise
    if not os.access(there, os.W_OK | os.X_OK) or not os.path.isdir(there):  # noqa: PTH112
        message = f"this user cannot write to {folder}; run it as root, or name another folder by --folder"
        raise UsageInvalid(message)


def _given(webhook_file: Path | None) -> str | None:
    """Return the webhook that needs no question."""
    from b24syncd.settings.secret_files import read_secret  # noqa: PLC0415 # takes long

    if webhook_file is None:
        return os.environ.get(_WEBHOOK)
    if str(webhook_file) == "-":
        return None if sys.stdin.isatty() else sys.stdin.readline()  # a person's terminal would show it
    text = read_secret(webhook_file, "--webhook-file", holds="the webhook's address", guarded=True)
    if isinstance(text, Problem):
        raise SettingsInvalid((text,))
    return text


def _is_portal(address: str) -> bool:
    """Tell whether this is the address of a portal, and not of a webhook, which has a path."""
    url = urlsplit(address.strip())
    return url.scheme in {"http", "https"} and bool(url.netloc) and url.path in {"", "/"}


def _admitted(environ: Mapping[str, str], ca_file: str, text: str, *, or_portal: bool) -> str:
    """Return the address of a webhook that the portal lets in, and say as whom; raise what is wrong with it.

    Where it may be a portal's address, that is returned as it is.
    """
    from b24syncd.settings import connection_by  # noqa: PLC0415 # takes long

    if or_portal and _is_portal(text):
        return text.strip()
    settings = connection_by(text, environ, ca_file=ca_file or None)
    configure_logs(settings.log.format, settings.log.level, secrets=settings.portal.secrets)
    found = asyncio.run(app.admission(settings))
    say_admission(found.host, found.user, found.scopes, is_administrator=found.is_administrator)
    return settings.portal.webhook.base_url


def _name(folder: Path, text: str) -> str:
    from b24syncd.settings.application import CLIENT_SECRET_SUFFIX, TOKEN_KEY_SUFFIX  # noqa: PLC0415
    from b24syncd.settings.new_portal import NAME_PATTERN, taken  # noqa: PLC0415 # takes long
    from b24syncd.settings.secrets import WEBHOOK_SUFFIX  # noqa: PLC0415

    if re.fullmatch(NAME_PATTERN, text) is None:
        message = f"{text!r} is no name for files and a service; write letters, digits, points and hyphens, as in acme"
        raise UsageInvalid(message)
    if (there := taken(text, folder, WEBHOOK_SUFFIX, CLIENT_SECRET_SUFFIX, TOKEN_KEY_SUFFIX)) is not None:
        message = f"{there} is there already, and is not overwritten; take another name, or remove it first"
        raise UsageInvalid(message)
    return text


def _suggested(address: str) -> str:
    """Return the first part of the host's name, as it is known to people; all of it where that is a number."""
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", address.partition("://")[2].partition("/")[0]).strip("-.")
    first = host.partition(".")[0]
    return host if first.isdecimal() else first


def _jobs(text: str) -> tuple[str, ...]:
    from b24syncd.settings.new_portal import SET_UP  # noqa: PLC0415 # takes long

    chosen = tuple(dict.fromkeys(text.replace(",", " ").split()))
    strange = [job for job in chosen if job not in JOBS]
    if strange or not chosen:
        what = f"{strange[0]!r} is not a job" if strange else "there is nothing to do without a job"
        message = f"{what}; jobs are: {', '.join(JOBS)}"
        raise UsageInvalid(message)
    if not any(job in SET_UP for job in chosen):
        message = f"{chosen[0]} does nothing until you write rules; take one of {', '.join(SET_UP)} as well for now"
        raise UsageInvalid(message)
    return chosen


def _region(text: str, *, is_needed: bool) -> str | None:
    from b24syncd.settings.regions import REGIONS  # noqa: PLC0415 # takes long

    region = text.strip().upper()
    if region not in REGIONS and (region or is_needed):
        message = f"{text!r} is no region; write the two letters of ISO 3166-1, for example RU, DE or GB"
        raise UsageInvalid(message)
    return region or None


def _look(portal: "NewPortal", environ: Mapping[str, str], items: int, pair: "TokenPair | None") -> None:
    """Examine what was set up, preview what it would do, and say how to go on."""
    from b24syncd.app.login import keep_pair  # noqa: PLC0415 # takes long
    from b24syncd.settings import load_settings  # noqa: PLC0415

    from .backfill import exit_code, look_ahead, tell_walk  # noqa: PLC0415 # nobody waits for it before a question

    settings = load_settings(portal.configuration, environ)
    configure_logs(settings.log.format, settings.log.level, secrets=settings.secrets)
    if pair is not None:
        asyncio.run(keep_pair(settings, pair))
    found = examined(settings, (), environ)
    if found.exit_code is not ExitCode.DONE:
        print_sentence(f"mend that, and look again: b24syncd --config {portal.configuration} doctor")
        raise typer.Exit(found.exit_code)
    code = ExitCode.DONE
    if items:
        print_sentence(f"a preview of {items} items at most; nothing is written:")
        summary, preview = look_ahead(settings, app.Narrowed(limit=items), sample=_SAMPLE)
        tell_walk(summary, preview, subjects_of(tuple(settings.jobs)))
        code = exit_code(summary)
    for line in _next(portal):
        print_sentence(line)
    raise typer.Exit(code)


def _next(portal: "NewPortal") -> tuple[str, ...]:
    """Return what to do next: two commands, and what stops the second or the first of them once."""
    program = f"b24syncd --config {portal.configuration}"
    commands = (f"{program} backfill", f"{program} run")
    if portal.is_for_service and any((units / "b24syncd@.service").exists() for units in _UNITS):
        start = f"systemctl start --no-block b24syncd-backfill@{portal.name}"
        commands = (f"systemctl enable --now b24syncd@{portal.name}", start)
    return (
        "next, to correct what there is and follow what changes:",
        *(f"  {command}" for command in commands),
        "they stop once, after the first 100 corrections; look at them, and go on:",
        f"  {program} journal",
        f"  {program} backfill --continue",
    )
