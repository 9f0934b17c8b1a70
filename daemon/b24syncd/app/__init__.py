"""The composition root: the commands that work with the portal, each from its beginning to its end."""

from b24syncd.reports.summary import Summary

from .backfill import Narrowed, preview
from .commands import (
    accept_all,
    add,
    backfill,
    carry_out_list,
    decide,
    dismiss,
    exclude,
    include,
    invite,
    pause,
    rebind,
    release,
    reopen,
    resume,
    revoke,
    save,
    undo,
)
from .console import serve_console
from .decisions import preview_decisions
from .doctor.examining import examine
from .follow import follow
from .items import Assignment, Prepared, PreparedAddition, form_of, prepare, prepare_addition
from .rebind import preview_rebind
from .results import Added, Decided, Edited, Imported, Invited, Revoked, Undone
from .runs import Show, chosen_jobs, unshown
from .setup import admission
from .undo import preview_undo

__all__ = [
    "Added",
    "Assignment",
    "Decided",
    "Edited",
    "Imported",
    "Invited",
    "Narrowed",
    "Prepared",
    "PreparedAddition",
    "Revoked",
    "Show",
    "Summary",
    "Undone",
    "accept_all",
    "add",
    "admission",
    "backfill",
    "carry_out_list",
    "chosen_jobs",
    "decide",
    "dismiss",
    "examine",
    "exclude",
    "follow",
    "form_of",
    "include",
    "invite",
    "pause",
    "prepare",
    "prepare_addition",
    "preview",
    "preview_decisions",
    "preview_rebind",
    "preview_undo",
    "rebind",
    "release",
    "reopen",
    "resume",
    "revoke",
    "save",
    "serve_console",
    "undo",
    "unshown",
]
