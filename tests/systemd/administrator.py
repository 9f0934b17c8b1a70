"""Whoever looks after one service of the package in a machine, and sees what comes of it."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from tests.systemd.machine import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.processes import ServedPortal
    from tests.systemd.machine import Machine

NAME = "acme"
SERVICE, WALK = f"b24syncd@{NAME}.service", f"b24syncd-backfill@{NAME}.service"
CONFIGURATION = f"/etc/b24syncd/{NAME}.toml"
TOLD = (
    "journalctl --no-pager --output=export",
    "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
    f"systemctl show {SERVICE} {WALK}",
)
"""What tells everybody, or an administrator, what happened."""

LEFT = (
    "find /etc /lib/systemd /opt /run /usr /var -name '*b24syncd*' "
    "-not -path '/run/systemd/*' -not -path '/var/cache/*' -not -path '/var/tmp/*'"
)


class Administrator:
    """Somebody with a machine and a portal."""

    def __init__(self, machine: Machine, portal: ServedPortal) -> None:
        """Keep them; nothing is done yet."""
        self.machine, self.portal = machine, portal
        self._edited = 0

    def apt_install(self, package: Path) -> str:
        """Install a package, and return what was said."""
        shutil.copy(package, self.machine.root / "srv/b24syncd.deb")
        return self.machine.run("apt-get", "install", "--yes", "/srv/b24syncd.deb")

    def configure(self, more: str) -> None:
        """Add to the configuration."""
        path = self.machine.root / CONFIGURATION[1:]
        path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")

    def follows(self) -> None:
        """Let a person write a phone number, and wait until the service has corrected it."""
        self._edited += 1
        number = f"8 916 {100 + self._edited} 56 78"
        right = f"+7{number[2:].replace(' ', '')}"
        self.portal.edit(action="add", entity_type_id=3, item_id=1, value=number)
        until(lambda: right in self.portal.points(3, 1), f"{number} has become {right}")

    def until_it_is_up(self) -> None:
        """Wait until the service runs after a boot, and follows."""
        until(lambda: self.is_active(SERVICE), "the service runs again")
        self.follows()

    def running(self) -> str:
        """Return the units of the package that run."""
        return self.machine.tell(
            "systemctl", "list-units", "--plain", "--no-legend", "--state=active,activating", "b24syncd*@*"
        )

    def show(self, unit: str, name: str) -> str:
        """Return a property of a unit."""
        return self.machine.tell("systemctl", "show", "--property", name, "--value", unit)

    def is_active(self, unit: str) -> bool:
        """Tell whether a unit is active."""
        return self.show(unit, "ActiveState") == "active"

    def asked(self, *command: str) -> dict[str, Any]:
        """Return what a command of the program answers in JSON."""
        found: dict[str, Any] = json.loads(self.machine.tell("b24syncd", "--config", CONFIGURATION, *command, "--json"))
        return found

    def look_for(self, secret: str, *places: str) -> None:
        """Hold that a secret stands in these files only, and that nothing tells it."""
        for command in TOLD:
            assert secret not in self.machine.tell("sh", "-c", command), command
        holding = self.machine.tell("sh", "-c", f"grep -rlF -e {secret} /etc /var /run /root /srv /tmp").splitlines()
        credentials = f"/run/credentials/{SERVICE}/"
        assert {path for path in holding if not path.startswith(credentials)} == set(places), holding

    def purge(self) -> None:
        """Purge the package."""
        self.machine.run("apt-get", "purge", "--yes", "b24syncd")
        assert not self.running(), self.running()
        left = self.machine.tell("sh", "-c", LEFT)
        assert left == "", left
