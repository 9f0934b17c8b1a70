"""As much of a configuration with problems as tells the way to the portal, for whoever only looks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from b24syncd.errors import SettingsInvalid

from .loading import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .values import Settings

_SECTIONS: Final = frozenset({"portal", "limits", "state", "log"})


def load_connection(path: Path | None, environ: Mapping[str, str]) -> Settings | None:
    """Return all settings where the only problem is that others may read a secret.

    Else what the configuration says of the portal, its limits and the state, as if no job were enabled; None where one
    of these is wrong itself.
    """
    for sections in (None, _SECTIONS):
        with suppress(SettingsInvalid):
            return load(path, environ, sections=sections, though_exposed=True)
    return None
