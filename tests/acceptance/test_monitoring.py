"""Health and metrics of a service, over TCP, from its start to its end."""

from __future__ import annotations

import signal
import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from tests.acceptance.processes import PATIENCE_SECONDS, until

if TYPE_CHECKING:
    from tests.acceptance.conftest import Installation

TOKEN = "0123456789abcdef0123456789abcdef"
STOP_SECONDS = 150.0


def test_a_service_is_watched_over_tcp(home: Installation) -> None:
    home.serve("--contacts", "20", "--companies", "0", "--leads", "0")
    token = home.folder / "token"
    token.write_text(TOKEN, encoding="utf-8")
    token.chmod(0o600)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home.set(HTTP__LISTEN=f"127.0.0.1:{port}", HTTP__TOKEN_FILE=token)
    daemon = home.follow()
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def ask(path: str, **headers: str) -> tuple[int, str]:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode()

    assert ask("/metrics")[0] == 401
    until(lambda: ask("/readyz", Authorization=f"Bearer {TOKEN}") == (200, "ready\n"))
    status, metrics = ask("/metrics", Authorization=f"Bearer {TOKEN}")
    assert (status, "b24syncd_following{portal=" in metrics) == (200, True)

    home.set(STATE__PATH=home.folder / "other.db")
    second = home.run("run", code=4)
    [told] = second.sentences
    assert told.startswith(f"b24syncd: nothing can be served at http.listen = 127.0.0.1:{port}: another process")
    assert not (home.folder / "other.db").exists()
    daemon.send(signal.SIGTERM)  # with a connection that is kept open
    assert daemon.end(STOP_SECONDS).code == 0
    line.close()
