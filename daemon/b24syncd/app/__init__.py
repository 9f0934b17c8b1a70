"""The composition root: the commands that work with the portal, each from its beginning to its end."""

from b24syncd.reports.summary import Summary

from .backfill import Narrowed, preview
from .commands import backfill, decide, dismiss, invite, rebind, release, reopen, revoke, undo
from .console import serve_console
from .decisions import preview_decisions
from .doctor.examining import examine
from .follow import follow
from .rebind import preview_rebind
from .results import Decided, Invited, Revoked, Undone
from .runs import Show, chosen_jobs, unshown
from .undo import preview_undo

__all__ = [
    "Decided",
    "Invited",
    "Narrowed",
    "Revoked",
    "Show",
    "Summary",
    "Undone",
    "backfill",
    "chosen_jobs",
    "decide",
    "dismiss",
    "examine",
    "follow",
    "invite",
    "preview",
    "preview_decisions",
    "preview_rebind",
    "preview_undo",
    "rebind",
    "release",
    "reopen",
    "revoke",
    "serve_console",
    "undo",
    "unshown",
]
