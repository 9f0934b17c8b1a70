"""Settings: typed and frozen, from a TOML file and the environment; every problem is told at once."""

from .connection import connection_by, connection_by_application, load_connection
from .loading import DEFAULT_PATH, load_settings
from .schema import Changes, Limits, Log
from .values import Portal, Safety, Settings, State
from .webhook import Webhook

__all__ = [
    "DEFAULT_PATH",
    "Changes",
    "Limits",
    "Log",
    "Portal",
    "Safety",
    "Settings",
    "State",
    "Webhook",
    "connection_by",
    "connection_by_application",
    "load_connection",
    "load_settings",
]
