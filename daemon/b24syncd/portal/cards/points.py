"""Phones and e-mails of a card: the types that their entries may have.

Docs: api-reference/crm/data-types.md, "crm_multifield"; php: modules/crm/classes/general/crm_field_multi.php
`GetEntityTypes`.
"""

from __future__ import annotations

from typing import Final

from b24syncd.domain.snapshots import PointKind

VALUE_TYPES: Final = {
    PointKind.PHONE: ("WORK", "MOBILE", "FAX", "HOME", "PAGER", "MAILING", "OTHER"),
    PointKind.EMAIL: ("WORK", "HOME", "MAILING", "OTHER"),
}

LONGEST_VALUE: Final = 250
"""Characters of an entry in the portal's table."""
