"""A disk that fills under the daemon: `/readyz` refuses while there is little room, and without any it ends."""

from __future__ import annotations

import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from tests.acceptance.processes import PATIENCE_SECONDS, SECRET, until
from tests.acceptance.small_disk import OnSmallDisk

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Installation


def test_a_disk_that_fills_is_told_before_and_when_it_is_full(home: Installation, small_disk: Path) -> None:
    portal = home.serve("--contacts", "20", "--companies", "0", "--leads", "0")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home.set(HTTP__LISTEN=f"127.0.0.1:{port}", STATE__PATH=small_disk / "state.db")
    daemon = OnSmallDisk(small_disk, home.environ, home.folder / "log")
    home.resources.callback(daemon.process.wait)
    home.resources.callback(daemon.process.kill)

    def ready() -> tuple[int, str]:
        line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        line.request("GET", "/readyz")
        answer = line.getresponse()
        told = answer.status, answer.read().decode()
        line.close()
        return told

    until(lambda: any('"following"' in line for line in daemon.said) and ready() == (200, "ready\n"))
    daemon.fill(left=8 << 20)
    status, told = ready()
    assert (status, "MiB left" in told) == (503, True), told
    daemon.fill(left=0)
    portal.edit(
        action="add", entity_type_id=3, item_id=1, type_id="PHONE", value="8 (916) 234-56-78", value_type="WORK"
    )
    assert daemon.process.wait(PATIENCE_SECONDS) == 4
    assert daemon.said[-1].startswith(
        f"<3>b24syncd: {small_disk / 'state.db'} cannot be used: database or disk is full; "
    )
    assert "make room on its disk, then start again" in daemon.said[-1]
    assert SECRET not in "".join(daemon.said)
