"""The files of a portal that is set up: its configuration, and beside it what only its owner may read."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.domain.job_names import EMAILS, PAYMENT_DATES, PHONES

from .loading import DEFAULT_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICE_FOLDER: Final = DEFAULT_PATH.parent
"""Where the units look, whose state is kept by systemd."""

SET_UP: Final = (PHONES, EMAILS, PAYMENT_DATES)
"""The jobs that need no rules of a person's; the others begin with the first of these."""

NAME_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""Of what a portal may be called: it names files and the instance of a unit."""

_FOR_ALL, _FOR_OWNER = 0o644, 0o600


@dataclass(frozen=True, slots=True)
class Secret:
    """What lets the program in, and the suffix of the file that holds it."""

    suffix: str
    text: str


@dataclass(frozen=True, slots=True)
class NewPortal:
    """A portal by one name everywhere: its files, its unit, its state, its label."""

    name: str
    folder: Path
    region: str | None
    jobs: tuple[str, ...]
    ca_file: str = ""
    oauth: tuple[tuple[str, str], ...] = ()
    """The keys of `[portal.oauth]`, where an application lets the program in."""

    @property
    def configuration(self) -> Path:
        """The file with its settings."""
        return self.folder / f"{self.name}.toml"

    @property
    def is_for_service(self) -> bool:
        """Whether the units find it."""
        return self.folder == SERVICE_FOLDER

    def text(self) -> str:
        """Return its configuration as a document of TOML; there is no secret in it."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"# {self.name}, as `b24syncd setup` made it. No secret stands here: it is in a file beside this one."
        yield "# b24syncd.example.toml has every key there is. Check what you change by `b24syncd config check`."
        yield "[portal]"
        yield f'name = "{self.name}"'
        if self.region is not None:
            yield f'region = "{self.region}"'
        if self.ca_file:
            yield f"ca_file = {json.dumps(self.ca_file)}"
        yield ""
        if self.oauth:
            yield "[portal.oauth]"
            yield from (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in self.oauth)
            yield ""
        if not self.is_for_service:
            yield from ("[state]", f'path = "{self.name}.db"', "")
        for job in SET_UP:
            yield from (f"[jobs.{job}]", f"enabled = {'true' if job in self.jobs else 'false'}", "")

    def write(self, *secrets: Secret) -> None:
        """Write all files, or none. Raises `FileExistsError` where one is there; nothing is ever replaced."""
        made: list[Path] = []
        try:
            _make_folder(self.folder, made)
            for secret in secrets:
                _write_new(self.folder / f"{self.name}{secret.suffix}", f"{secret.text}\n", _FOR_OWNER, made)
            _write_new(self.configuration, self.text(), _FOR_ALL, made)
        except BaseException:
            for path in reversed(made):
                with suppress(OSError):
                    path.rmdir() if path.is_dir() else path.unlink()
            raise


def taken(name: str, folder: Path, *suffixes: str) -> Path | None:
    """Return a file that stands where one of this portal would be written."""
    found = (folder / f"{name}{one}" for one in (".toml", *suffixes))
    return next((path for path in found if os.path.lexists(path)), None)


def _make_folder(folder: Path, made: list[Path]) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        made.append(folder)
        folder.chmod(0o755)  # whatever the umask takes from it: the service is another user


def _write_new(path: Path, text: str, mode: int, made: list[Path]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    made.append(path)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)  # whatever the umask takes from it
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
