"""The same package by an application with events, on a machine where nothing of it was before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.acceptance.authorising import authorise_in, root_of
from tests.hidden import CLIENT_ID, CLIENT_SECRET
from tests.systemd.administrator import CONFIGURATION, NAME, SERVICE, WALK, Administrator
from tests.systemd.machine import until
from tests.systemd.trial import SCALED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.acceptance.processes import ServedPortal
    from tests.systemd.machine import Machine

_SECRET, _KEY = f"/etc/b24syncd/{NAME}.client_secret", f"/etc/b24syncd/{NAME}.token_key"
_GIVEN = "/srv/given"
_BY_EVENTS = SCALED.replace("[changes]\n", '[changes]\nsource = "events"\npoll_seconds = 3600\n')
"""What a person changes is found by its event, or after an hour."""


class ByApplication(Administrator):
    """From the set-up of an application to its end."""

    def __init__(self, machine: Machine, portal: ServedPortal, package: Path) -> None:
        """Keep them; nothing is done yet."""
        super().__init__(machine, portal)
        self.package = package

    def steps(self) -> Iterator[tuple[str, Callable[[], str | None]]]:
        """Yield the steps in their order, as those of the trial by webhook."""
        yield "by OAuth: install", self.install
        yield "by OAuth: set up", self.set_up
        yield "by OAuth: follow events", self.follow
        yield "by OAuth: the walk", self.walk
        yield "by OAuth: log in again", self.log_in
        yield "by OAuth: restart and reboot", self.go_on
        yield "by OAuth: secrets", self.look_for_secrets
        yield "by OAuth: purge", self.purge

    def install(self) -> None:
        """Install the package."""
        self.apt_install(self.package)

    def set_up(self) -> None:
        """Set the portal up by the application's card."""
        root, given = root_of(self.portal), self.machine.root / _GIVEN[1:]
        given.write_text(f"{CLIENT_SECRET}\n", encoding="utf-8")
        given.chmod(0o600)
        card = ("--oauth", root, "--client-id", CLIENT_ID, "--client-secret-file", _GIVEN, "--server", root)
        said = authorise_in(self.machine.started("b24syncd", "setup", NAME, *card, "--region", "RU"))
        assert "all is well" in said, said
        assert f"systemctl enable --now b24syncd@{NAME}" in said, said
        modes = self.machine.run("stat", "--format=%a %U", CONFIGURATION, _SECRET, _KEY).splitlines()
        assert modes == ["644 root", "600 root", "600 root"], modes
        self.configure(_BY_EVENTS)

    def follow(self) -> str:
        """Start the service: what a person changes is corrected after its event, and `doctor` has nothing to say."""
        self.machine.run("systemctl", "enable", "--now", SERVICE)
        until(lambda: self._commands("event.offline.get") > 0, "it asks for events")
        self.follows()
        found = self.asked("doctor")
        assert found["verdict"] == "ok", found
        return f"{len(found['checks'])} checks, all well; events asked for {self._commands('event.offline.get')} times"

    def walk(self) -> str:
        """Correct what there is, beside the service."""
        self.machine.run("systemctl", "start", WALK)
        until(lambda: self.asked("status")["health"]["verdict"] == "well", "all is well")
        self.portal.assert_right()
        return f"{self._commands('crm.item.update')} updates; nothing lost, nothing written twice"

    def log_in(self) -> str:
        """Log in again while the service runs, which takes up the new tokens when the old ones expire."""
        said = authorise_in(self.machine.started("b24syncd", "--config", CONFIGURATION, "auth", "login"))
        assert "lets the application in" in said, said
        self._expire()
        self.follows()
        return said.splitlines()[-1]

    def go_on(self) -> str:
        """Restart the service, reboot the machine; the tokens are still there, and are renewed."""
        for act in (lambda: self.machine.run("systemctl", "restart", SERVICE), self.machine.reboot):
            self._expire()
            act()
            self.until_it_is_up()
            assert self.asked("auth", "status")["client_id"] == CLIENT_ID
        renewed = self._application()["refreshed"]
        assert renewed >= 1
        return f"tokens were renewed {renewed} times, nobody had to log in"

    def look_for_secrets(self) -> None:
        """Look for whatever lets the program in."""
        self.look_for(CLIENT_SECRET, _SECRET, _GIVEN)
        self.look_for((self.machine.root / _KEY[1:]).read_text(encoding="utf-8").strip(), _KEY)
        given: list[str] = self._application()["given"]
        for kind in sorted({re.sub(r"\d+$", "", text) for text in given}):
            self.look_for(kind)

    def _expire(self) -> None:
        self.portal.tell("application", {"expired": True})

    def _application(self) -> dict[str, Any]:
        found: dict[str, Any] = self.portal.tell("application", {})
        return found

    def _commands(self, method: str) -> int:
        found: int = self.portal.stats["commands"].get(method, 0)
        return found
