"""What an administrator does with the package from the first day to the last, step by step, in a real systemd."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.acceptance.processes import CUT_SECONDS, SCALE, SECRET
from tests.systemd.administrator import CONFIGURATION, NAME, SERVICE, WALK, Administrator
from tests.systemd.machine import until
from tests.systemd.packages import version_of

from b24syncd.store.migrations.schema import version_of as schema_of_state
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.acceptance.processes import ServedPortal
    from tests.systemd.machine import Machine

WEBHOOK = f"/etc/b24syncd/{NAME}.webhook"
DYNAMIC_USERS = range(61184, 65520)
"""Of systemd's (systemd.exec(5), `DynamicUser=`)."""

MOST_EXPOSED = 1.4
SCALED = f"""
[limits]
per_second = {2.0 / SCALE}
operating_seconds = {480 * SCALE}
operating_window_seconds = {600 * SCALE}
request_cut_seconds = {CUT_SECONDS}
request_timeout_seconds = 10.0

[changes]
interval_seconds = 0.5
overlap_seconds = 2.0

[safety]
canary = 0
"""
"""As the portal is scaled."""

COSTS = {"crm.item.get": 0.05, "crm.item.update": 0.05}
"""So that a walk takes long enough to be cut off in its middle."""


class Trial(Administrator):
    """A machine, a portal, and two versions of the package."""

    def __init__(self, machine: Machine, portal: ServedPortal, older: Path, newer: Path) -> None:
        """Keep them; nothing is done yet."""
        super().__init__(machine, portal)
        self.older, self.newer = older, newer

    def steps(self) -> Iterator[tuple[str, Callable[[], str | None]]]:
        """Yield the steps in their order; each says what it noticed, if anything, or fails by an `AssertionError`."""
        yield "boot", self.boot
        yield "install", self.install
        yield "units", self.judge_units
        yield "set up", self.set_up
        yield "start", self.start
        yield "kill", self.kill
        yield "reload", self.reload
        yield "reboot in the middle of a walk", self.reboot_in_a_walk
        yield "power cut in the middle of a walk", self.cut_power_in_a_walk
        yield "upgrade in the middle of a walk", self.upgrade_in_a_walk
        yield "the walk's end", self.finish_walk
        yield "secrets", self.look_for_secrets
        yield "remove", self.remove
        yield "install again", self.install_again
        yield "purge", self.purge

    def boot(self) -> str:
        """Boot the machine."""
        self.machine.boot()
        return self.machine.run("systemctl", "--version").splitlines()[0]

    def install(self) -> str:
        """Install the older package."""
        self.apt_install(self.older)
        assert not self.running(), "something was started without being asked for"
        return self.machine.run("b24syncd", "--version").strip()

    def judge_units(self) -> str:
        """Let systemd judge the units."""
        units = self.machine.run("sh", "-c", "cd /lib/systemd/system && ls b24syncd*").split()
        instances = [unit.replace("@.", f"@{NAME}.") for unit in units]
        said = self.machine.run("systemd-analyze", "verify", *instances)
        assert "b24syncd" not in said, said
        told = []
        for unit in (unit for unit in instances if unit.endswith(".service")):
            report = self.machine.tell("systemd-analyze", "security", "--no-pager", unit)
            found = re.search(r"exposure level for \S+: ([0-9.]+)", report)
            assert found is not None, report
            assert float(found[1]) <= MOST_EXPOSED, f"{unit}: exposure {found[1]}"
            told.append(f"{unit} {found[1]}")
        return ", ".join(told)

    def set_up(self) -> None:
        """Set the portal up."""
        said = self.machine.run(
            *("b24syncd", "setup", NAME, "--webhook-file", "-", "--region", "RU"), given=f"{self.portal.webhook}\n"
        )
        assert f"systemctl enable --now b24syncd@{NAME}" in said, said
        modes = self.machine.run("stat", "--format=%a %U", CONFIGURATION, WEBHOOK).splitlines()
        assert modes == ["644 root", "600 root"], modes
        self.configure(SCALED)

    def start(self) -> str:
        """Enable the service, and see it follow."""
        self.machine.run("systemctl", "enable", "--now", SERVICE)
        logged = ("journalctl", "--no-pager", "--output=cat", f"--unit={SERVICE}")
        until(lambda: '"event": "following"' in self.machine.tell(*logged), "it follows, from now on")
        self.follows()
        user = int(self.machine.run("stat", "--format=%u", f"/proc/{self.show(SERVICE, 'MainPID')}"))
        assert user in DYNAMIC_USERS, user
        mode = self.machine.run("stat", "--format=%a", "/var/lib/private/b24syncd").strip()
        assert mode == "700", mode
        return f"Type={self.show(SERVICE, 'Type')}, status: {self.show(SERVICE, 'StatusText') or 'none'}"

    def kill(self) -> str:
        """Kill the service, and see systemd start it again."""
        before = self.show(SERVICE, "MainPID")
        self.machine.run("systemctl", "kill", "--signal=KILL", SERVICE)
        until(lambda: self.show(SERVICE, "NRestarts") == "1" and self.is_active(SERVICE), "it runs again")
        assert self.show(SERVICE, "MainPID") != before
        self.follows()
        return "started again by systemd, and follows"

    def reload(self) -> str:
        """Let the service take over a changed file, and refuse a wrong one."""
        if self.show(SERVICE, "CanReload") != "yes":
            return "not tried: the unit has no ExecReload"
        process = self.show(SERVICE, "MainPID")
        path = self.machine.root / CONFIGURATION[1:]
        right = path.read_text(encoding="utf-8")
        path.write_text(right.replace("interval_seconds = 0.5", "interval_seconds = 1.0"), encoding="utf-8")
        self.machine.run("systemctl", "reload", SERVICE)
        self.follows()
        path.write_text(f"{right}\nwrong\n", encoding="utf-8")
        self.machine.tell("systemctl", "reload", SERVICE)
        self.follows()
        path.write_text(right, encoding="utf-8")
        self.machine.run("systemctl", "reload", SERVICE)
        assert self.show(SERVICE, "MainPID") == process, "it was started anew"
        return "taken over without a restart; a wrong file changed nothing"

    def reboot_in_a_walk(self) -> str:
        """Begin a walk, reboot in its middle."""
        self.portal.tell("costs", COSTS)
        self._walk_on()
        self.machine.reboot()
        self.until_it_is_up()
        return f"{self._updates()} updates so far; the service came back by itself"

    def cut_power_in_a_walk(self) -> str:
        """Go on with the walk, cut the power in its middle."""
        self._walk_on()
        self.machine.cut_power()
        self.until_it_is_up()
        return f"{self._updates()} updates so far"

    def upgrade_in_a_walk(self) -> str:
        """Go on with the walk, upgrade in its middle."""
        self._walk_on()
        before, journal, schema = self.show(SERVICE, "MainPID"), self._journal_length(), self._schema()
        self.apt_install(self.newer)
        assert self.machine.run("dpkg-query", "-Wf", "${Version}", "b24syncd") == version_of(self.newer)
        assert self.is_active(SERVICE), self.machine.tell("systemctl", "status", SERVICE)
        assert self.show(SERVICE, "MainPID") not in {before, "0"}
        assert self.show(WALK, "ActiveState") in {"activating", "active"}, "the walk was not started again"
        assert self._journal_length() >= journal, "the state is not what it was"
        assert not (self.machine.root / "run/b24syncd.stopped").exists()
        self.follows()
        return (
            f"{version_of(self.older)} to {version_of(self.newer)}, state {schema} to {self._schema()}; "
            "service and walk were started again"
        )

    def finish_walk(self) -> str:
        """Let the walk come to its end, and judge what became of the portal."""
        until(lambda: self.show(WALK, "ActiveState") not in {"activating", "active"}, "the walk has ended")
        self.portal.tell("costs", dict.fromkeys(COSTS, 0.0))
        self.machine.run("systemctl", "start", WALK)
        until(lambda: self.asked("status")["health"]["verdict"] == "well", "all is well")
        self.portal.assert_right()
        return f"{self._updates()} updates, {self._journal_length()} corrections; nothing lost, nothing written twice"

    def look_for_secrets(self) -> None:
        """Look for the secret wherever it must not be."""
        self.look_for(SECRET, WEBHOOK)

    def remove(self) -> None:
        """Remove the package while the service runs."""
        self.machine.run("apt-get", "remove", "--yes", "b24syncd")
        assert not self.running(), self.running()
        for path in (CONFIGURATION, WEBHOOK, f"/var/lib/private/b24syncd/{NAME}.db"):
            self.machine.run("test", "-f", path)
        self.machine.run("test", "-e", "/opt/b24syncd", code=1)

    def install_again(self) -> str:
        """Install it again, and boot: what was enabled goes on with its state."""
        self.apt_install(self.newer)
        self.machine.reboot()
        self.until_it_is_up()
        return "after a boot the service goes on with its state"

    def _walk_on(self) -> None:
        """Start the walk, and wait until it has written something more."""
        before = self._updates()
        self.machine.run("systemctl", "start", "--no-block", WALK)
        until(lambda: self._updates() > before + 20, "the walk writes")
        assert self.show(WALK, "ActiveState") == "activating", "the walk is over already"

    def _updates(self) -> int:
        found: int = self.portal.stats["commands"].get("crm.item.update", 0)
        return found

    def _schema(self) -> str:
        """Return the last step that the state's schema has taken."""
        state = self.machine.root / f"var/lib/private/b24syncd/{NAME}.db"
        with open_for_reading(state) as db:
            return schema_of_state(db)

    def _journal_length(self) -> int:
        said = self.machine.tell("b24syncd", "--config", CONFIGURATION, "journal", "--json")
        return len(said.splitlines())
