"""`b24syncd auth`: let an application in, and see whether it is."""

import asyncio
import sys
from typing import TYPE_CHECKING

import typer

from b24syncd.errors import UsageInvalid
from b24syncd.reports.wording import counted

from .invocation import settings_of
from .output import AsOneJson, print_json, print_sentence
from .questions import Question, answered
from .work import app as work

if TYPE_CHECKING:
    from b24syncd.settings.application import Application

app = typer.Typer(no_args_is_help=True, help="Let an application of the portal in, and see whether it is.")

_QUESTION = Question("the address that it comes to, or its code (what you paste is not shown)", "the code", hidden=True)


@app.command()
def login(context: typer.Context) -> None:
    """Let the application of [portal.oauth] in.

    The address is printed where a person authorises it; paste the one that their browser comes to, or its code, which
    counts for 30 seconds. A service that runs takes up the new tokens when the old ones expire.
    """
    from b24syncd.app import login as logging_in  # noqa: PLC0415  # takes long

    settings = settings_of(context)
    application = logging_in.application_of(settings.portal)
    asyncio.run(logging_in.require_state(settings))
    code = ask_for_code(application)
    asyncio.run(logging_in.log_in(settings, code))
    found = asyncio.run(work.admission(settings))
    scopes = ", ".join(found.scopes) or "not told"
    print_sentence(f"{found.host} lets the application in as user {found.user}; its permissions: {scopes}")


def ask_for_code(application: "Application") -> str:
    """Print where a person authorises the application, and return the code that they were given."""
    from b24syncd.app import login as logging_in  # noqa: PLC0415  # takes long

    invitation = logging_in.invitation_to(application)
    print_sentence("open this address in a browser, logged in to the portal as the user in whose name to work:")
    typer.echo(invitation.address)
    print_sentence("then paste the address that the browser comes to, within 30 seconds, whatever it shows there")

    def parse(text: str) -> str:
        return logging_in.code_from(text, application, invitation.state)

    sys.stdout.flush()
    given = None if sys.stdin is not None and sys.stdin.isatty() else _line()
    return answered(_QUESTION, given, parse)


def _line() -> str:
    """Return what a program writes in a person's place."""
    line = "" if sys.stdin is None else sys.stdin.readline()
    if not line.strip():
        message = "the code is missing: the input ends before it"
        raise UsageInvalid(message)
    return line


@app.command()
def status(context: typer.Context, *, as_json: AsOneJson = False) -> None:
    """Tell whether there are tokens in the state, and what they permit. The portal is not asked."""
    from b24syncd.app import login as logging_in  # noqa: PLC0415  # takes long

    settings = settings_of(context)
    application = logging_in.application_of(settings.portal)
    pair = asyncio.run(logging_in.kept_pair(settings))
    scopes = [scope for scope in pair.scope.split(",") if scope]
    if as_json:
        found = {"portal": application.host, "client_id": application.client_id, "user": pair.user_id}
        print_json({**found, "scopes": scopes})
        return
    whose = "" if pair.user_id is None else f" of user {pair.user_id}"
    told = f"{counted(len(scopes), 'permission')} ({', '.join(scopes)})" if scopes else "permissions that are not told"
    print_sentence(f"{application.host}: the application {application.client_id} has tokens{whose}, with {told}")
