"""The service as systemd runs it: what it tells at its socket, and what it does when it is asked to."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.acceptance.processes import until
from tests.engine.notifying import notify_socket

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Installation

CONTACTS = ("--contacts", "30", "--companies", "0", "--leads", "0")
STOP_SECONDS = 150.0


def test_a_service_is_ready_reloaded_and_stopped(home: Installation, tmp_path: Path) -> None:
    portal = home.serve(*CONTACTS)
    configuration = tmp_path / "acme.toml"
    configuration.write_text("[jobs.phones]\nenabled = false\n", encoding="utf-8")
    home.run("--config", str(configuration), "backfill")
    with notify_socket(tmp_path / "notify") as systemd:
        home.environ |= {"NOTIFY_SOCKET": systemd.name, "WATCHDOG_USEC": "2000000"}
        service = home.start("--config", str(configuration), "run")

        def is_told(*beginnings: str) -> bool:
            systemd.read()
            told = iter(systemd.told)
            return all(any(one.startswith(each) for one in told) for each in beginnings)

        until(lambda: is_told("READY=1", "WATCHDOG=1"))
        # what it does is told every five seconds, where that changed: whether it waits just then is left to chance
        until(
            lambda: (
                is_told("READY=1", "STATUS=") and any("behind, 0 items in the queue, " in one for one in systemd.told)
            )
        )
        portal.edit(action="add", entity_type_id=3, item_id=5, value="8 (916) 234-56-78", canonical=["+79162345678"])
        configuration.write_text("[jobs.phones]\nenabled = maybe\n", encoding="utf-8")
        service.send(signal.SIGHUP)
        until(lambda: service.has_logged("settings_refused"))
        assert "8 (916) 234-56-78" in portal.points(3, 5)
        configuration.write_text("[jobs.phones]\nenabled = true\n", encoding="utf-8")
        systemd.read()
        systemd.told.clear()
        service.send(signal.SIGHUP)
        until(lambda: is_told("RELOADING=1", "MONOTONIC_USEC=", "READY=1", "WATCHDOG=1"))
        home.run("--config", str(configuration), "backfill")  # the service carries it out
        assert "+79162345678" in portal.points(3, 5)
        portal.tell("faults", {"kind": "hang", "times": None, "seconds": 600})
        hung = portal.stats["requests"]
        until(lambda: portal.stats["requests"] > hung)
        service.send(signal.SIGTERM)
        until(lambda: is_told("STOPPING=1"))
        service.send(signal.SIGTERM)  # does not wait for what is on its way
        assert service.end(STOP_SECONDS).code == 0
