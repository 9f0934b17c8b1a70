"""A Debian 12 with a systemd of its own, in a container; it shares this machine's network, and so its loopback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SUITE = "bookworm"
KEPT = Path("/var/tmp/b24syncd-systemd") / SUITE  # noqa: S108 # root's own, made with mkdir
"""The root that debootstrap made, for the next time."""

PACKAGES = "systemd,systemd-sysv,dbus,python3.11,ca-certificates"
PATIENCE_SECONDS = 300.0
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}


def until(condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Look until the condition holds; fail with `what` once that takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:g} s still not: {what}"
        time.sleep(0.2)


class Machine:
    """One such machine, from a fresh root on."""

    def __init__(self) -> None:
        """Copy the root that is kept, which is made first where there is none."""
        _make_root()
        self.root = Path(tempfile.mkdtemp(prefix="machine-", dir=KEPT.parent))
        subprocess.run(["cp", "-a", "--reflink=auto", f"{KEPT}/.", self.root], check=True)
        self._container: subprocess.Popen[bytes] | None = None
        self._init = 0

    def boot(self) -> None:
        """Boot it, and wait until all of its units have started."""
        with (self.root.parent / f"{self.root.name}.log").open("ab") as console:
            self._container = subprocess.Popen(
                ["systemd-nspawn", "-D", str(self.root), "--register=no", "--keep-unit", "-b"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        self._wait_until_up()

    def _wait_until_up(self) -> None:
        until(self._has_init, "the machine has a first process")
        until(lambda: self.tell("systemctl", "is-system-running") in {"running", "degraded"}, "the machine is up")

    def _has_init(self) -> bool:
        assert self._container is not None
        assert self._container.poll() is None, f"systemd-nspawn ended; see {self.root}.log"
        self._init = _first_process(self._container.pid)
        return self._init != 0

    def run(self, *command: str, code: int = 0, given: str = "") -> str:
        """Run a command in it that ends so, and return what it said."""
        done = self._run(command, given)
        said = done.stdout + done.stderr
        assert done.returncode == code, f"{' '.join(command)} ended with {done.returncode}:\n{said}"
        return said

    def tell(self, *command: str) -> str:
        """Return the first thing that a command says, however it ends."""
        return self._run(command, "").stdout.strip()

    def _run(self, command: tuple[str, ...], given: str) -> subprocess.CompletedProcess[str]:
        into = self._into(command)
        return subprocess.run(into, input=given, env=ENVIRONMENT, capture_output=True, text=True, check=False)

    def started(self, *command: str) -> subprocess.Popen[str]:
        """Start a command in it that asks something."""
        return subprocess.Popen(
            self._into(command),
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _into(self, command: tuple[str, ...]) -> list[str]:
        return ["nsenter", "--target", str(self._init), "--all", "--root", "--wdns=/", *command]

    def reboot(self) -> None:
        """Let it go down as `systemctl reboot` does, and come up again."""
        assert self._container is not None
        self._run(("systemctl", "reboot"), "")
        before = self._init
        until(lambda: self._container_has_gone() or self._has_another_init(before), "the machine has gone down")
        if self._container.poll() is None:
            self._wait_until_up()
        else:
            self.boot()

    def _container_has_gone(self) -> bool:
        return self._container is None or self._container.poll() is not None

    def _has_another_init(self, before: int) -> bool:
        assert self._container is not None
        found = _first_process(self._container.pid)
        return found not in {0, before}

    def cut_power(self) -> None:
        """End everything that runs in it at once, and boot it again."""
        self._end()
        self.boot()

    def _end(self) -> None:
        if self._container is None:
            return
        if self._init and self._container.poll() is None:
            os.kill(self._init, signal.SIGKILL)
        self._container.wait(PATIENCE_SECONDS)
        self._container, self._init = None, 0

    def close(self, *, keep: bool) -> None:
        """End it, and remove it unless somebody wants to look."""
        self._end()
        if not keep:
            shutil.rmtree(self.root)
            self.root.with_name(f"{self.root.name}.log").unlink(missing_ok=True)


def _first_process(ancestor: int) -> int:
    """Return the process below this one that is the first of its own namespace; 0 where there is none."""
    parents: dict[int, int] = {}
    firsts: list[int] = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except (OSError, ValueError):  # it has ended meanwhile
            continue
        number = int(told["Pid"])
        parents[number] = int(told["PPid"])
        if told["NSpid"].split()[1:] == ["1"]:
            firsts.append(number)
    for first in firsts:
        above = first
        while above in parents:
            above = parents[above]
            if above == ancestor:
                return first
    return 0


def _make_root() -> None:
    if (KEPT / "usr/bin/python3.11").exists():
        return
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    told = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", f"Codename: {SUITE}"],
        capture_output=True,
        text=True,
        check=True,
    )
    mirror = os.environ.get("DEBIAN_MIRROR") or next(iter(told.stdout.split()), "")
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(KEPT), *([mirror] if mirror else [])],
        check=True,
    )
