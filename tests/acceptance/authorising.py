"""What a person does in a browser for an application that wants to be let in, for a command that waits for it."""

from __future__ import annotations

import subprocess
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.forked import PROGRAM
from tests.hidden import CLIENT_ID, CLIENT_SECRET, TOKEN_KEY

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal


def root_of(portal: ServedPortal) -> str:
    """Return the portal's address."""
    return portal.webhook.partition("/rest/")[0]


def authorise_in(process: subprocess.Popen[str]) -> str:
    """Open the address that a command prints, paste where the portal sends one; return what it says after that."""
    assert process.stdin is not None
    assert process.stdout is not None
    said = ""
    while "/oauth/authorize/" not in (address := process.stdout.readline()):
        assert address, said
        said += address
    where = _opened(address.strip())
    process.stdin.write(f"{where}\n")
    process.stdin.close()
    told = process.stdout.read()
    assert process.wait() == 0, told
    (code,) = parse_qs(urlsplit(where).query)["code"]
    assert code not in told
    return told


def let_in_by_application(home: Installation, portal: ServedPortal) -> None:
    """Let the settings name the application, and log in."""
    root = root_of(portal)
    key = home.folder / "token_key"
    key.write_text(f"{TOKEN_KEY}\n", encoding="utf-8")
    key.chmod(0o600)
    del home.environ["B24SYNCD_PORTAL__WEBHOOK"]
    home.set(PORTAL__OAUTH__ADDRESS=root, PORTAL__OAUTH__SERVER=root, PORTAL__OAUTH__CLIENT_ID=CLIENT_ID)
    home.set(PORTAL__OAUTH__CLIENT_SECRET=CLIENT_SECRET, PORTAL__OAUTH__KEY_FILE=key)
    told = authorising(home, "auth", "login")
    assert "lets the application in as user 1" in told


def authorising(home: Installation, *arguments: str) -> str:
    """Run a command that asks for an application to be authorised, and do so; return what it says, without the code."""
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=home.folder,
        env=home.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        return authorise_in(process)


def _opened(address: str) -> str:
    url = urlsplit(address)
    connection = HTTPConnection(url.hostname or "", url.port or 80)
    connection.request("GET", f"{url.path}?{url.query}")
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers["Location"]
