"""The application, which is imported once a command begins to work: its help, and bad usage, need nothing of it."""

from typing import TYPE_CHECKING

from b24syncd.observe.importing import Later

if TYPE_CHECKING:
    from b24syncd import app
else:
    app = Later("b24syncd.app")

__all__ = ["app"]
