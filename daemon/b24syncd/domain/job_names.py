"""The names of the jobs, as the settings, the journal and people know them."""

from __future__ import annotations

from typing import Final

PHONES: Final = "phones"
EMAILS: Final = "emails"
BINDINGS: Final = "bindings"
PAYMENT_DATES: Final = "payment_dates"
FIELDS: Final = "fields"
