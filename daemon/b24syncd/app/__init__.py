"""The composition root: the commands that work with the portal, each from its beginning to its end."""

from b24syncd.reports.summary import Summary

from .accepting import Decided, decide, preview_decisions
from .backfill import Narrowed, backfill, preview
from .carrying import Show, chosen_jobs, unshown
from .deciding import dismiss, release, reopen
from .follow import follow
from .rebind import preview_rebind, rebind
from .undo import Undone, preview_undo, undo

__all__ = [
    "Decided",
    "Narrowed",
    "Show",
    "Summary",
    "Undone",
    "backfill",
    "chosen_jobs",
    "decide",
    "dismiss",
    "follow",
    "preview",
    "preview_decisions",
    "preview_rebind",
    "preview_undo",
    "rebind",
    "release",
    "reopen",
    "undo",
    "unshown",
]
