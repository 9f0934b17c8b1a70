"""As much of a configuration with problems as tells the way to the portal, for whoever only looks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from b24syncd.domain.job_names import JOBS
from b24syncd.errors import SettingsInvalid

from .environment import section_of
from .loading import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .values import Settings

_SECTIONS: Final = frozenset({"portal", "limits", "state", "log"})
_NO_JOBS: Final = {"jobs": {name: {"enabled": False} for name in JOBS}}


def load_connection(path: Path | None, environ: Mapping[str, str]) -> Settings | None:
    """Return all settings where the only problem is that others may read a secret.

    Else what the configuration says of the portal, its limits and the state, as if no job were enabled; None where one
    of these is wrong itself.
    """
    with suppress(SettingsInvalid):
        return load(path, environ, though_exposed=True)
    own = {name: value for name, value in environ.items() if section_of(name) in {None, *_SECTIONS}}
    with suppress(SettingsInvalid):
        return load(path, own, keep=_of_the_connection, though_exposed=True)
    return None


def _of_the_connection(table: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in table.items() if name in _SECTIONS} | _NO_JOBS
