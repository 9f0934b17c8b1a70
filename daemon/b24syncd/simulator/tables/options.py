"""How a portal behaves and what it has from the beginning, as tests and `b24syncd portal serve` choose it."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - of a field of a dataclass
from dataclasses import dataclass, field
from typing import Literal

from .fields import COMPANY, CONTACT, DEAL, LEAD, CustomField, FieldType, SmartType

CUSTOM_FIELDS = (
    CustomField(LEAD, "UF_CRM_1720019876534", "Region"),
    CustomField(DEAL, "UF_CRM_1721244707107", "Payment date", FieldType.DATE),
    CustomField(CONTACT, "UF_CRM_1720697698689", "Loyalty card"),
    CustomField(COMPANY, "UF_CRM_1720697700001", "Warehouse"),
)


Leads = Literal["on", "simple", "off", "refused"]

EntryChecks = Literal["none", "letters", "ascii"]
"""What is a letter in an address: nobody asks, any letter of any script, or (in old releases) the English ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the portal behaves; the numbers are the cloud's, every one can be scaled down.

    `costs` are operating seconds per method. They are charged and shown; only with `real_time` they also pass. Where
    `operating_factor` is above 1, commands count so many times the seconds that their `duration` tells.
    `pipelines` of deals there are besides the default one. In which `language` it speaks: `en` or `ru`.
    `leads`: `on`, `simple` (switched off by the portal's owner: `crm.settings.mode.get` tells, and leads answer as
    ever; php: modules/crm/lib/settings/leadsettings.php `isEnabled`), `off` (the type is unknown), `refused` (the user
    may not touch it). `time_zone` is a name like
    `Europe/Berlin` and wins over the offset; the webhook's user has a zone of the same kinds, or the server's: that is
    what a user without one of their own has, as most users of webhooks (see user_zone.py). With `told_utc_offset_hours`
    times in answers of `crm.item.*` have that offset, and are the same moments. Without `administrator` the
    user makes no custom fields, sees no shop and no offline events. Where the `webhook_is_application` it passes for
    one, for tests of events that are not about tokens. Without `sale_offsets` filters on times of payments take no
    notice of an offset behind a time.

    Where it `checks_entries`, updates of items store no entry that the portal finds malformed; a mess that was there
    before stays. Where it `refuses_whole`, it looks at all entries of an item before it saves any, and saves nothing
    where one is malformed, touched or not, as today's cloud does (entry_checks.py); the classic methods look at all
    only with `uses_operations`. By default nothing is looked at: how much of the generated mess can be corrected
    would depend on its e-mails, and a portal of one's own may be older. Without `shows_points` the universal methods
    tell that there are phones, and not which, as those of older portals do. With `shows_twins` they show the second of
    two exact twins as well, and changes of it reach it.
    With `checks_user_fields` the universal methods refuse what custom fields do not take, and those that are
    mandatory and empty; without, as is usual, they look at none of it (php: modules/crm/lib/settings/restsettings.php,
    the option `rest_enable_req_uf_check`).
    With `checks_owners` nobody binds an activity to an item that is not there; without, only who is no administrator
    is refused. Without `trims_bindings` more bindings than an activity may have are refused; with, some are dropped.
    Without `keeps_points` every command reads the contact points of its item afresh, and a change of one that is gone
    adds it, as on portals of old: a newer one keeps what it has read of an item for the rest of the request, a whole
    batch, and changes entries by their ids (php: modules/crm/lib/Service/MultifieldStorage.php). Without `sets_flags`
    items do not tell whether they have phones and e-mails, as old ones do not: the columns may be NULL (php:
    modules/crm/lib/integration/biconnector, the mappings of contacts, companies and leads). Where it `cuts_starts`, the
    times of answers tell whole seconds of when something began, as today's cloud does. Where it `counts_batches_apart`,
    the operating time of webhooks' commands in batches is one sum, and that of their calls by themselves others.
    """

    burst: float = 50
    per_second: float = 2.0
    operating_seconds: float | None = 480
    operating_window_seconds: float = 600
    request_cut_seconds: float = 60
    costs: Mapping[str, float] = field(default_factory=dict)
    operating_factor: float = 1.0
    real_time: bool = False
    utc_offset_hours: float = 3
    time_zone: str | None = None
    user_utc_offset_hours: float | None = None
    user_time_zone: str | None = None
    told_utc_offset_hours: float | None = None
    language: str = "en"
    administrator: bool = True
    webhook_is_application: bool = False
    sale_offsets: bool = True
    checks_entries: EntryChecks = "none"
    refuses_whole: bool = False
    uses_operations: bool = True
    shows_points: bool = True
    shows_twins: bool = False
    checks_user_fields: bool = False
    checks_owners: bool = False
    trims_bindings: bool = True
    keeps_points: bool = True
    sets_flags: bool = True
    cuts_starts: bool = True
    counts_batches_apart: bool = False
    leads: Leads = "on"
    user_id: int = 1
    secret: str = "simulated1secret"  # noqa: S105 - it opens nothing but this simulation
    scopes: tuple[str, ...] = ("crm", "user_brief")
    custom_fields: tuple[CustomField, ...] = CUSTOM_FIELDS
    smart_types: tuple[SmartType, ...] = ()
    pipelines: int = 0
