"""An application from its login to a process that is killed while its token is renewed."""

from __future__ import annotations

import subprocess
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.acceptance.processes import until
from tests.forked import PROGRAM
from tests.hidden import CLIENT_ID as CLIENT
from tests.hidden import CLIENT_SECRET as SECRET
from tests.hidden import TOKEN_KEY

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

FEW = ("--contacts", "12", "--companies", "0", "--leads", "0", "--oauth")


def authorised(address: str) -> str:
    """Do what a person does in a browser: open the address, and return where the portal sends them."""
    url = urlsplit(address)
    connection = HTTPConnection(url.hostname or "", url.port or 80)
    connection.request("GET", f"{url.path}?{url.query}")
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers["Location"]


def root_of(portal: ServedPortal) -> str:
    return portal.webhook.partition("/rest/")[0]


def by_application(home: Installation, portal: ServedPortal) -> None:
    """Let the settings name the application, and log in."""
    root = root_of(portal)
    key = home.folder / "token_key"
    key.write_text(f"{TOKEN_KEY}\n", encoding="utf-8")
    key.chmod(0o600)
    del home.environ["B24SYNCD_PORTAL__WEBHOOK"]
    home.set(PORTAL__OAUTH__ADDRESS=root, PORTAL__OAUTH__SERVER=root, PORTAL__OAUTH__CLIENT_ID=CLIENT)
    home.set(PORTAL__OAUTH__CLIENT_SECRET=SECRET, PORTAL__OAUTH__KEY_FILE=key)
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
        assert process.stdin is not None
        assert process.stdout is not None
        address = next(line for line in process.stdout if "/oauth/authorize/" in line)
        where = authorised(address.strip())
        process.stdin.write(f"{where}\n")
        process.stdin.close()
        told = process.stdout.read()
    assert process.returncode == 0, told
    (code,) = parse_qs(urlsplit(where).query)["code"]
    assert code not in told
    return told


@pytest.mark.parametrize(("when", "code"), [("before", 0), ("after", 3)])
def test_a_process_that_is_killed_while_its_token_is_renewed(home: Installation, when: str, code: int) -> None:
    portal = home.serve(*FEW)
    by_application(home, portal)
    portal.tell("application", {"expired": True})
    portal.tell("faults", [{"kind": "hang", "match": "oauth/token", "when": when}])
    started = home.start("backfill")
    until(lambda: portal.stats["faults"].get("hang", 0) == 1)
    started.kill()
    portal.forget("faults")
    ended = home.run("backfill", code=code)
    if code:
        assert "auth login" in ended.err
        assert "credentials refused" in home.run("status").out
    else:
        portal.assert_right()


def test_a_portal_is_set_up_by_an_application(home: Installation) -> None:
    portal = home.serve(*FEW)
    root, folder = root_of(portal), home.folder / "etc"
    for name in (
        "PORTAL__WEBHOOK",
        "PORTAL__REGION",
        "STATE__PATH",
        "SAFETY__CANARY",
    ):  # what is set up says for itself
        del home.environ[f"B24SYNCD_{name}"]
    given = home.folder / "given"
    given.write_text(f"{SECRET}\n", encoding="utf-8")
    card = ("--oauth", root, "--client-id", CLIENT, "--client-secret-file", str(given), "--server", root)
    told = authorising(home, "setup", "acme", *card, "--folder", str(folder), "--region", "RU", "--preview", "0")
    assert "all is well" in told
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {
        "acme.toml": 0o644,
        **dict.fromkeys(("acme.client_secret", "acme.token_key", "acme.db", "acme.db.lock"), 0o600),
    }
    assert SECRET not in (folder / "acme.toml").read_text(encoding="utf-8") + told
    ended = home.run("--config", str(folder / "acme.toml"), "auth", "status")
    assert "has tokens, with 2 permissions" in ended.out
