"""Importing a library without another one that it would take along, or only once it is used."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_OF_THE_PACKAGE: Final = "/opt/b24syncd"


@contextmanager
def without(library: str) -> Iterator[None]:
    """Let what is imported in this context find that the library is not installed."""
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    missing = object()
    before = modules.get(library, missing)
    modules[library] = None  # as the import system defines it: the next import of it fails
    try:
        yield
    finally:
        if before is missing:
            del modules[library]
        else:
            modules[library] = cast("ModuleType | None", before)


def lacking(error: BaseException) -> str | None:
    """Return what to say where a library is missing or broken; None where it is our own module, or another error."""
    name = getattr(error, "name", None)
    if not isinstance(error, ImportError) or not isinstance(name, str) or name.partition(".")[0] == "b24syncd":
        return None
    library = name.partition(".")[0]
    return f"the library {library} is not installed, or not as a whole; install b24syncd again{_way()}"


def _way() -> str:
    """Return how: with pip where that is in the same environment, or as the package that has this folder to itself."""
    pip = f"{sys.prefix}/bin/pip"
    if os.access(pip, os.X_OK):
        return f" from its folder: {pip} install --force-reinstall --constraint constraints.txt ."
    return ": apt-get install --reinstall ./b24syncd_VERSION_ARCH.deb" if sys.prefix == _OF_THE_PACKAGE else ""


class Later:
    """A module that is imported when something of it is used first."""

    def __init__(self, name: str) -> None:
        """Take the place of the module of this name."""
        self._name = name

    def __getattr__(self, name: str) -> object:
        """Return what the module has under this name."""
        return getattr(import_module(self._name), name)
