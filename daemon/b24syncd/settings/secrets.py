"""Where it comes from what lets the program in: a webhook, or else an application."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from b24syncd.errors import Problem

from .application import Application, find_application
from .environment import variable_of
from .secret_files import credential, path_of_secret, read_secret
from .webhook import Webhook, WebhookInvalid, parse_webhook, without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .environment import Overrides

_CREDENTIAL: Final = "webhook"
WEBHOOK_SUFFIX: Final = ".webhook"
"""Of the file with the webhook that belongs to a configuration, for which it is looked beside that."""


@dataclass(frozen=True, slots=True)
class _Source:
    """One place that names the webhook: itself (`text`) or a file that holds it."""

    key: str
    text: str | None = None
    path: Path | None = None
    guarded: bool = False  # by systemd, which sets the modes itself


def find_credentials(
    portal: Mapping[str, object],
    overrides: Overrides,
    environ: Mapping[str, str],
    source: Path | None,
    *,
    though_exposed: bool = False,
) -> Webhook | Application | tuple[Problem, ...]:
    """Return the webhook or the application, or what is wrong: exactly one of them is to be configured."""
    application = find_application(portal, overrides, environ, source, though_exposed=though_exposed)
    if application is None:
        return find_webhook(portal, overrides, environ, source, though_exposed=though_exposed)
    if places := _places(portal, overrides, environ, source):
        message = f"an application is configured, and a webhook as well, by {places[0].key}"
        return (Problem("portal.oauth", message, "exactly one of them lets this program in: remove the other"),)
    return application


def find_webhook(
    portal: Mapping[str, object],
    overrides: Overrides,
    environ: Mapping[str, str],
    source: Path | None,
    *,
    though_exposed: bool = False,
) -> Webhook | tuple[Problem, ...]:
    """Return the webhook, or what is wrong with it.

    `portal` is the table of the configuration file, the `source`, at whose folder relative paths begin. The environment
    wins over the file; a place that would silently be ignored is a problem. Where none is named, it is the file beside
    the configuration that is called as that is. A file that others may read is a problem, unless it is read
    `though_exposed`.
    """
    sources = _places(portal, overrides, environ, source)
    if not sources:
        cure = (
            f"set portal.webhook_file, or portal.webhook, or {variable_of('portal.webhook')} in the environment, "
            "or the systemd credential webhook; or configure an application as [portal.oauth]"
        )
        return (Problem("portal.webhook", "there is no webhook", cure),)
    if len(sources) > 1:
        places = " and ".join(source.key for source in sources)
        return (Problem("portal.webhook", f"the webhook is given twice, by {places}", "remove one of them"),)
    return _read(replace(sources[0], guarded=True) if though_exposed else sources[0])


def _places(
    portal: Mapping[str, object], overrides: Overrides, environ: Mapping[str, str], source: Path | None
) -> list[_Source]:
    base = source.parent if source else None
    environment = _named(overrides.values, "portal.", overrides.variables, Path.cwd())
    document = _named(portal, "", {}, base)
    return environment or [*document, *_credential(environ)] or _beside(source)


def _named(values: Mapping[str, object], prefix: str, variables: Mapping[str, str], base: Path | None) -> list[_Source]:
    found = []
    text, file = values.get(f"{prefix}webhook"), values.get(f"{prefix}webhook_file")
    if isinstance(text, str):
        found.append(_Source(variables.get("portal.webhook", "portal.webhook"), text=text))
    if isinstance(file, str):
        path = path_of_secret(file, base)
        found.append(_Source(variables.get("portal.webhook_file", "portal.webhook_file"), path=path))
    return found


def _credential(environ: Mapping[str, str]) -> list[_Source]:
    path = credential(environ, _CREDENTIAL)
    return [] if path is None else [_Source("the systemd credential webhook", path=path, guarded=True)]


def _beside(source: Path | None) -> list[_Source]:
    """Return `acme.webhook` beside `acme.toml`, if there is one: root's shell finds what systemd gives to a service."""
    path = None if source is None else source.with_suffix(WEBHOOK_SUFFIX)
    if path is None or not os.path.isfile(path):  # noqa: PTH113  # which does not raise where this user may not look
        return []
    return [_Source("the webhook beside the configuration", path=path)]


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
    if "https:/" in str(path) or "http:/" in str(path):
        cure = "write it as portal.webhook, or name a file that holds it"
        return Problem(source.key, "a web address is no file", cure, without_secrets(str(path)))
    return read_secret(path, source.key, holds="the webhook's address", guarded=source.guarded)
