"""As much of a configuration with problems as tells the way to the portal, for whoever only looks."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from b24syncd.domain.job_names import JOBS
from b24syncd.errors import SettingsInvalid

from .environment import section_of, variable_of
from .loading import load, of_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .values import Settings

_SECTIONS: Final = frozenset({"portal", "limits", "state", "log"})
_WITH_NOTICES: Final = _SECTIONS | {"notify"}
_OF_WEBHOOKS: Final = {variable_of("portal.webhook"), variable_of("portal.webhook_file"), "CREDENTIALS_DIRECTORY"}
_NO_JOBS: Final[dict[str, object]] = {"jobs": {name: {"enabled": False} for name in JOBS}}


def load_connection(path: Path | None, environ: Mapping[str, str]) -> Settings | None:
    """Return all settings where the only problem is that others may read a secret.

    Else what the configuration says of the portal, its limits and the state, as if no job were enabled, and of notices
    where that is right; None where one of the others is wrong itself.
    """
    with suppress(SettingsInvalid):
        return load(path, environ, though_exposed=True)
    for sections in (_WITH_NOTICES, _SECTIONS):
        own = {name: value for name, value in environ.items() if section_of(name) in {None, *sections}}
        with suppress(SettingsInvalid):
            return load(path, own, keep=partial(_only, sections), though_exposed=True)
    return None


def _only(sections: frozenset[str], table: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in table.items() if name in sections} | _NO_JOBS


def _without_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the environment says but of webhooks and applications."""
    own = variable_of("portal.oauth.")
    return {name: value for name, value in environ.items() if name not in _OF_WEBHOOKS and not name.startswith(own)}


def connection_by_application(
    table: Mapping[str, str], secrets_in: Path, environ: Mapping[str, str], *, ca_file: str | None = None
) -> Settings:
    """Return what leads to the portal of an application, whose secrets are in a folder as credentials would be.

    As `connection_by` does. Raises `SettingsInvalid`.
    """
    others = _without_credentials(environ)
    portal = {"oauth": dict(table)} | ({} if ca_file is None else {"ca_file": ca_file})
    return of_table({"portal": portal} | _NO_JOBS, others | {"CREDENTIALS_DIRECTORY": str(secrets_in)})


def connection_by(address: str, environ: Mapping[str, str], *, ca_file: str | None = None) -> Settings:
    """Return what leads to the portal of this webhook, as if nothing were configured but what the environment says.

    What the environment says of webhooks and applications does not count. Raises `SettingsInvalid`.
    """
    others = _without_credentials(environ)
    portal = {"webhook": address} | ({} if ca_file is None else {"ca_file": ca_file})
    return of_table({"portal": portal} | _NO_JOBS, others)
