"""`make systemd`: installs the package in a real systemd, and does with it what an administrator does in years.

Takes root, debootstrap and systemd-container. The machine is a container; where a step fails, it is left there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.processes import ServedPortal
from tests.systemd.application import ByApplication
from tests.systemd.machine import Machine
from tests.systemd.packages import built, first_commit, older, version_of
from tests.systemd.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PORTAL = ("--contacts", "900", "--companies", "50", "--leads", "50", "--real-time")
NEEDED = ("debootstrap", "systemd-nspawn", "nsenter", "dpkg-deb")


def main() -> int:
    """Go through all steps, and return 0 if each of them went well, 1 if one did not, 2 where it cannot be tried."""
    parser = argparse.ArgumentParser(prog="make systemd", description=__doc__)
    parser.add_argument("package", type=Path, help="the package to try")
    parser.add_argument(
        "before",
        type=Path,
        nargs="?",
        help="an older one to upgrade from; else that of the first commit that was tried",
    )
    parser.add_argument("--keep", action="store_true", help="leave the machine there in any case")
    arguments = parser.parse_args()
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if os.geteuid() or missing:
        said = f"it lacks {', '.join(missing)}" if missing else "it takes root"
        sys.stderr.write(f"make systemd: {said}; apt-get install debootstrap systemd-container\n")
        return 2
    with ExitStack() as resources, tempfile.TemporaryDirectory() as folder:
        before = arguments.before or _before(arguments.package, Path(folder))
        portal = ServedPortal(*PORTAL)
        resources.callback(portal.close)
        application = ServedPortal(*PORTAL, "--oauth")
        resources.callback(application.close)
        machine = Machine()
        went_well = False
        try:
            by_webhook = Trial(machine, portal, before, arguments.package)
            by_application = ByApplication(machine, application, arguments.package)
            went_well = _tried(machine, (*by_webhook.steps(), *by_application.steps()))
        finally:
            machine.close(keep=arguments.keep or not went_well)
            if not went_well:
                sys.stdout.write(f"the machine is in {machine.root}, its console in {machine.root}.log\n")
    return 0 if went_well else 1


def _before(package: Path, folder: Path) -> Path:
    """Return an older package: of the first commit that was tried, else a copy that counts as older."""
    commit = first_commit()
    return older(package, folder) if commit is None else built(commit, f"{version_of(package)}~first", folder)


def _tried(machine: Machine, steps: Iterable[tuple[str, Callable[[], str | None]]]) -> bool:
    for name, step in steps:
        began = time.monotonic()
        try:
            noticed = step()
        except Exception as error:  # noqa: BLE001 # whatever it is, the machine is left to be looked at
            sys.stdout.write(f"FAILED  {name}: {type(error).__name__}: {error}\n")
            sys.stdout.write(machine.tell("journalctl", "--no-pager", "--lines=40", "--unit=b24syncd*") + "\n")
            return False
        told = f": {noticed}" if noticed else ""
        sys.stdout.write(f"ok      {name}{told} ({time.monotonic() - began:.0f} s)\n")
        sys.stdout.flush()
    return True


if __name__ == "__main__":
    sys.exit(main())
