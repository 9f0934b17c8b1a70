"""The whole program at debug level, with every fault of the portal: nothing that it leaves or shows holds a secret."""

from __future__ import annotations

import re
import signal
import socket
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from tests.acceptance.authorising import let_in_by_application
from tests.acceptance.processes import PATIENCE_SECONDS, SECRET, until
from tests.hidden import CLIENT_SECRET, COMMAND_PASSWORD, CUSTOMER, HTTP_TOKEN, PROXY_USER, Hidden, Place

from b24syncd.domain.people import Role
from b24syncd.simulator.faults import Kind
from b24syncd.web.console.table import TABLE

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation
    from tests.acceptance.processes import ServedPortal

REQUESTS = ("*", "crm.item.list", "crm.item.update", "crm.item.get")
KILLS_NO_DAEMON = tuple(kind for kind in Kind if kind is not Kind.OVERLOAD)
"""A portal that is blocked for its overload ends the daemon; tests/engine/test_secrets.py does that, too."""

OF_TOKENS = (Kind.COMMAND_ERROR, Kind.RESET, Kind.ERROR_500)
"""Enough by an application: tests/engine/test_secrets.py lets all of them strike, also when it asks for tokens."""

QUOTING: dict[str, object] = {"kind": Kind.COMMAND_ERROR.value, "match": "crm.item.update", "code": "ACCESS_DENIED"}
STOP_SECONDS = 150.0
COMMANDS = (
    ("status", "--json"),
    ("doctor", "--json"),
    ("config", "show", "--json"),
    ("config", "check", "--json"),
    ("journal", "--json"),
    ("review", "list", "--json"),
    ("backfill", "--dry-run", "--csv", "preview.csv", "--json"),
    ("item", "show", "contact:1"),
)


class Door:
    """Whoever asks at the daemon's address."""

    def __init__(self, port: int) -> None:
        """Ask there."""
        self._port = port
        self.cookie = ""

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> bytes:
        line = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        sent = {"Cookie": self.cookie, "Host": f"127.0.0.1:{self._port}"} | headers
        if form is not None:
            origin = f"http://127.0.0.1:{self._port}"
            sent |= {"Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
        line.request("GET" if form is None else "POST", path, None if form is None else urlencode(form), sent)
        answer = line.getresponse()
        content = answer.read()
        line.close()
        cookie = answer.getheader("Set-Cookie")
        if cookie and form is not None:
            self.cookie = cookie.partition(";")[0]
        assert answer.status < 400 or path == "/readyz", (path, answer.status, content)
        return content


def has_struck(portal: ServedPortal, kind: Kind, times: int) -> bool:
    struck: int = portal.stats["faults"].get(kind.value, 0)
    return struck >= times


def let_faults_strike(portal: ServedPortal, kinds: tuple[Kind, ...], *, expiring: bool) -> None:
    """Script one fault after the other, and let a person edit until it has struck."""
    for number, (kind, match) in enumerate(zip(kinds, cycle(REQUESTS), strict=False)):
        before = portal.stats["faults"].get(kind.value, 0)
        fault: dict[str, object] = {"kind": kind.value, "match": match, "when": "after" if number % 2 else "before"}
        fault |= {"seconds": 2.0} if kind is Kind.LATE else {}
        if kind is Kind.COMMAND_ERROR:
            known = f"/rest/1/{SECRET}/" if not expiring else f"{CLIENT_SECRET} {' '.join(given_by(portal)[-2:])}"
            fault = QUOTING | {"description": f"not for {known}"}
        portal.tell("faults", fault)
        edit = {"action": "add", "entity_type_id": 3, "item_id": 1 + number, "value": f"8 916 {number:03} 45 67"}
        portal.edit(**edit)
        until(partial(has_struck, portal, kind, before + 1))
        if expiring:
            portal.tell("application", {"expired": True})
    portal.forget("faults")


def given_by(portal: ServedPortal) -> list[str]:
    """Return every code and token that the portal ever gave."""
    given: list[str] = portal.tell("application", {})["given"]
    return given


@pytest.mark.parametrize("way", ["webhook", "application"])
def test_nothing_that_the_program_leaves_or_shows_holds_a_secret(home: Installation, way: str) -> None:
    hidden, found = Hidden(), []
    portal = home.serve("--contacts", "30", "--companies", "0", "--leads", "0", "--oauth")
    token = home.folder / "token"
    token.write_text(HTTP_TOKEN, encoding="utf-8")
    token.chmod(0o600)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home.environ |= {"HTTPS_PROXY": f"http://{PROXY_USER}@127.0.0.1:9", "SMTP_PASSWORD": COMMAND_PASSWORD}
    home.set(HTTP__LISTEN=f"127.0.0.1:{port}", HTTP__TOKEN_FILE=token, HTTP__CONSOLE=True)
    home.set(LOG__LEVEL="debug", LOG__FORMAT="json", NOTIFY__COMMAND='["/bin/cat"]', LIMITS__WITNESS_SECONDS=0)
    home.set(LIMITS__REQUEST_TIMEOUT_SECONDS=3.0)
    if is_application := way == "application":
        let_in_by_application(home, portal)
    daemon = home.follow()
    let_faults_strike(portal, OF_TOKENS if is_application else KILLS_NO_DAEMON, expiring=is_application)
    portal.edit(action="add", entity_type_id=3, item_id=29, value="8 (916) 765-43-21")
    until(lambda: CUSTOMER in portal.points(3, 29))

    door = Door(port)
    link = home.run("console", "invite", "Anna", "--role", "operate").out
    hidden.texts["an invitation"] = re.findall(r"join#(\S+)", link)[0]
    door.ask("/join", {"key": hidden.texts["an invitation"]})
    hidden.texts["the key of a session"] = door.cookie.partition("=")[2]
    commands = (*COMMANDS, ("auth", "status", "--json")) if is_application else COMMANDS
    ran = [(" ".join(command), home.run(*command)) for command in commands]
    hidden.add_given(given_by(portal))
    for path in ("/metrics", "/healthz", "/readyz"):
        content = door.ask(path, Authorization=f"Bearer {HTTP_TOKEN}")
        found += hidden.found(Place.METRICS, path, content)
    for route in TABLE:
        if route.method == "GET" and route.role in {Role.VIEW, Role.DECIDE, Role.OPERATE} and route.path != "/events":
            path = route.path.replace("{type}", "contact").replace("{what}", "accept")
            if "{id}" not in path:
                found += hidden.found(Place.PAGES, path, door.ask(path))
    found += hidden.found(Place.PAGES, "a card", door.ask("/items/contact/29"))
    own = {token, home.folder / "token_key"}
    kept = {file: file.read_bytes() for file in home.folder.iterdir() if file.is_file() and file not in own}
    assert home.state.with_name("state.db-wal") in kept
    daemon.send(signal.SIGTERM)
    ended = daemon.end(STOP_SECONDS)
    assert ended.code == 0
    for file, content in kept.items():
        if file.name.startswith("state.db"):
            found += hidden.found(Place.STATE, file.name, content)
    found += hidden.found(Place.STATE, "the state in the end", home.state.read_bytes())
    found += hidden.found(Place.TABLES, "preview.csv", (home.folder / "preview.csv").read_bytes())
    for name, done in ran:
        found += hidden.found(Place.SAID, name, (done.out + done.err).encode())
    found += hidden.found(Place.LOG, "the log", (ended.out + ended.err).encode())
    assert found == []
    assert '"level": "debug"' in ended.err
    assert ended.err.count('"portal_fault"') > (0 if is_application else 5)
