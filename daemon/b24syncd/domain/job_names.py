"""The names of the jobs, as the settings, the journal and people know them."""

from __future__ import annotations

from typing import Final

PHONES: Final = "phones"
EMAILS: Final = "emails"
BINDINGS: Final = "bindings"
PAYMENT_DATES: Final = "payment_dates"
FIELDS: Final = "fields"

EDITS: Final = "edits"
"""What a person edits through this program: no job, but the journal tells it by this name."""

JOBS: Final = (PHONES, EMAILS, BINDINGS, PAYMENT_DATES, FIELDS)
"""All of them, in the order in which they are told."""

JOBS_OF_POINTS: Final = frozenset({PHONES, EMAILS})
"""The jobs that correct contact points, and ask about them."""
