"""Files that hold nothing but a secret, and whether others could read it there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from b24syncd.errors import Problem, SecretExposed

from .webhook import without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_BYTES: Final = 4096
_NONE: Final = "-"
_NONE_BYTES: Final = 4
_OPEN_TO_OTHERS: Final = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


def open_to_others(status: os.stat_result) -> bool:
    """Tell whether the group or others may read or write a file."""
    return bool(status.st_mode & _OPEN_TO_OTHERS)


def path_of_secret(written: str, base: Path | None) -> Path:
    """Return the file that is meant; a relative path begins at `base`."""
    return (base or Path.cwd()) / Path(os.path.expanduser(written))  # noqa: PTH111  # an unknown ~user is no failure


def credential(environ: Mapping[str, str], name: str) -> Path | None:
    """Return the file of a credential that systemd gave to this process (man 5 systemd.exec, `LoadCredential=`)."""
    directory = environ.get("CREDENTIALS_DIRECTORY")
    path = Path(directory) / name if directory else None
    return None if path is None or not path.exists() or _is_none(path) else path


def _is_none(path: Path) -> bool:
    """Tell whether a credential holds nothing but what a unit sets for one that is not there (`SetCredential=`)."""
    try:
        return path.stat().st_size <= _NONE_BYTES and path.read_text(encoding="utf-8").strip() == _NONE
    except (OSError, UnicodeDecodeError):
        return False


def read_secret(path: Path, key: str, *, holds: str, guarded: bool) -> str | Problem:
    """Return the text of a file that `holds` a secret, or what is wrong with it; one of systemd's is `guarded`."""
    shown = without_secrets(str(path))

    def problem(message: str, cure: str) -> Problem:
        return Problem(key, message, cure, shown)

    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return problem("this is a directory", f"name the file that holds {holds}")
        if not guarded and open_to_others(status):
            message = "others may read or change the file with the secret"
            return SecretExposed(key, message, f"chmod 600 {shown}", shown)
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES).decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return problem("the file does not hold text", f"put nothing but {holds} in it")
    except OSError as error:
        return problem(
            f"the file cannot be read: {error.strerror}", "create it, or let the user of this process read it"
        )
    return content or problem("the file is empty", f"put {holds} in it")
