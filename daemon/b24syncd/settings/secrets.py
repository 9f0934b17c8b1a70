"""Where the webhook comes from, and whether others could read it there."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from b24syncd.errors import Problem, SecretExposed

from .environment import variable_of
from .webhook import Webhook, WebhookInvalid, parse_webhook, without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .environment import Overrides

_CREDENTIAL: Final = "webhook"
_MOST_BYTES: Final = 4096
_OPEN_TO_OTHERS: Final = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class _Source:
    """One place that names the webhook: itself (`text`) or a file that holds it."""

    key: str
    text: str | None = None
    path: Path | None = None
    guarded: bool = False  # by systemd, which sets the modes itself


def find_webhook(
    portal: Mapping[str, object],
    overrides: Overrides,
    environ: Mapping[str, str],
    base: Path | None,
    *,
    though_exposed: bool = False,
) -> Webhook | tuple[Problem, ...]:
    """Return the webhook, or what is wrong with it.

    `portal` is the table of the configuration file, whose relative paths begin at `base`. The environment wins over
    the file; a place that would silently be ignored is a problem. A file that others may read is one, unless it is read
    `though_exposed`.
    """
    environment = _named(overrides.values, "portal.", overrides.variables, Path.cwd())
    document = _named(portal, "", {}, base)
    credential = _credential(environ)
    sources = environment or [*document, *credential]
    if not sources:
        cure = (
            f"set portal.webhook_file, or portal.webhook, or {variable_of('portal.webhook')} in the environment, "
            "or the systemd credential webhook"
        )
        return (Problem("portal.webhook", "there is no webhook", cure),)
    if len(sources) > 1:
        places = " and ".join(source.key for source in sources)
        return (Problem("portal.webhook", f"the webhook is given twice, by {places}", "remove one of them"),)
    return _read(replace(sources[0], guarded=True) if though_exposed else sources[0])


def open_to_others(status: os.stat_result) -> bool:
    """Tell whether the group or others may read or write a file."""
    return bool(status.st_mode & _OPEN_TO_OTHERS)


def _named(values: Mapping[str, object], prefix: str, variables: Mapping[str, str], base: Path | None) -> list[_Source]:
    found = []
    text, file = values.get(f"{prefix}webhook"), values.get(f"{prefix}webhook_file")
    if isinstance(text, str):
        found.append(_Source(variables.get("portal.webhook", "portal.webhook"), text=text))
    if isinstance(file, str):
        path = (base or Path.cwd()) / Path(os.path.expanduser(file))  # noqa: PTH111  # an unknown ~user is no failure
        found.append(_Source(variables.get("portal.webhook_file", "portal.webhook_file"), path=path))
    return found


def _credential(environ: Mapping[str, str]) -> list[_Source]:
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory or not (Path(directory) / _CREDENTIAL).exists():
        return []
    return [_Source("the systemd credential webhook", path=Path(directory) / _CREDENTIAL, guarded=True)]


def _read(source: _Source) -> Webhook | tuple[Problem, ...]:
    text = source.text
    if source.path is not None:
        content = _content(source, source.path)
        if isinstance(content, Problem):
            return (content,)
        text = content
    try:
        return replace(parse_webhook(text or "", source.key), file=source.path)
    except WebhookInvalid as error:
        return (error.problem,)


def _content(source: _Source, path: Path) -> str | Problem:
    shown = without_secrets(str(path))

    def problem(message: str, cure: str) -> Problem:
        return Problem(source.key, message, cure, shown)

    if "https:/" in str(path) or "http:/" in str(path):
        return problem("a web address is no file", "write it as portal.webhook, or name a file that holds it")
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return problem("this is a directory", "name the file that holds the webhook")
        if not source.guarded and open_to_others(status):
            message = "others may read or change the file with the secret"
            return SecretExposed(source.key, message, f"chmod 600 {shown}", shown)
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES).decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return problem("the file does not hold text", "put nothing but the webhook's address in it")
    except OSError as error:
        return problem(
            f"the file cannot be read: {error.strerror}", "create it, or let the user of this process read it"
        )
    return content or problem("the file is empty", "put the webhook's address in it")
