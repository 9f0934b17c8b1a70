"""An application from its login to a process that is killed while its token is renewed."""

from __future__ import annotations

import subprocess
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.acceptance.processes import until
from tests.forked import PROGRAM

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

CLIENT, SECRET = "local.5f0e1d2c3b4a59.68778695", "simulated0client0secret"
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


def by_application(home: Installation, portal: ServedPortal) -> None:
    """Let the settings name the application, and log in."""
    root = portal.webhook.partition("/rest/")[0]
    key = home.folder / "token_key"
    key.write_text("a key of which nobody knows anything else\n", encoding="utf-8")
    key.chmod(0o600)
    del home.environ["B24SYNCD_PORTAL__WEBHOOK"]
    home.set(PORTAL__OAUTH__ADDRESS=root, PORTAL__OAUTH__SERVER=root, PORTAL__OAUTH__CLIENT_ID=CLIENT)
    home.set(PORTAL__OAUTH__CLIENT_SECRET=SECRET, PORTAL__OAUTH__KEY_FILE=key)
    address = f"{root}/oauth/authorize/?client_id={CLIENT}"
    (code,) = parse_qs(urlsplit(authorised(address)).query)["code"]
    ended = subprocess.run(
        [*PROGRAM, "auth", "login"],
        cwd=home.folder,
        env=home.environ,
        input=f"{code}\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "lets the application in as user 1" in ended.stdout, ended.stderr
    assert code not in ended.stdout + ended.stderr


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
