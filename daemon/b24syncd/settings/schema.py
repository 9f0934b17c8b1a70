"""The sections and keys of the configuration, with their types, ranges and defaults."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, create_model, field_validator, model_validator
from pydantic import Field as Key

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.job_names import BINDINGS, FIELDS, JOBS, PAYMENT_DATES

from . import binding_rules, field_rules, schedule
from .binding_rules import BindingsSection
from .field_tables import FieldsSection
from .http_section import HttpSection
from .job_sections import JOB_RULES, job_section
from .notify import NotifySection
from .oauth import OAuthSection
from .payment_dates import PaymentsSection
from .regions import Region
from .schedule import ScheduleSection, refuse_overlaps
from .sections import JobSection, Section, refuse


def _excluded(text: object) -> EntityRef:
    try:
        return EntityRef.parse(str(text))
    except ValueError:
        known = ", ".join(entity_type.value for entity_type in EntityType)
        refuse("not an item", f"write TYPE:ID with TYPE one of {known}, for example contact:17")


PositiveSeconds = Annotated[float, Key(gt=0)]


class PortalSection(Section):
    """`[portal]`; the webhook itself is judged by `webhook.parse_webhook`."""

    name: Annotated[str, Key(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = None
    """What the portal is called by its state, in logs, metrics and notices.

    Left out, it is the name of this file, as that of the unit: `/etc/b24syncd/acme.toml`, `b24syncd@acme`; of a file
    called `b24syncd.toml`, the webhook's host.

    Example:
    name = "acme"
    """
    webhook: str | None = None
    """The incoming webhook itself; only in a file that nobody else can read, and better in a file of its own.

    Example:
    webhook = "https://acme.bitrix24.ru/rest/1/SECRET/"
    """
    webhook_file: str | None = None
    """A file with the incoming webhook, mode 600; left out: the systemd credential `webhook`, or `NAME.webhook` beside
    `NAME.toml`.

    The webhook is `https://HOST/rest/USER/SECRET/`, made under "Developer resources > Incoming webhook" with the scope
    crm. It is a password: give it in exactly one way. The best is a file beside this one, called as this one but for
    the suffix `.webhook`: the units hand it to the service as a credential, and root's shell finds it as well. With it,
    neither `webhook` nor `webhook_file` is written. A relative path begins at the folder of this file.

    Example:
    webhook_file = "/srv/secrets/acme.webhook"
    """
    ca_file: Annotated[str, Key(min_length=1)] | None = None
    """Certificates (PEM) of authorities to trust besides the system's, for a portal with one's own.

    A relative path begins at the folder of this file.

    Example:
    ca_file = "/etc/b24syncd/authority.pem"
    """
    region: Region | None = None
    """Where people write their numbers, as two letters of ISO 3166-1; needed for phones.

    There is no default: reading "8 495 …" in the wrong country would do harm. Set yours.

    Example:
    region = "RU"
    """
    api: Literal["universal", "classic", "both"] = "universal"
    """The methods that are used: `crm.item.*`; `"classic"`: `crm.deal.*` and their like, for portals that are too old
    for those; `"both"`: a [second budget of operating time](limits.md#a-second-budget-of-operating-time) for updates.

    The classic ones know no smart invoices and smart processes. With `"both"` everything is read by the first, and
    leads, contacts and companies are written by either.
    """
    oauth: OAuthSection = Key(default_factory=OAuthSection)
    """A local application of the portal in the place of a webhook, let in by `b24syncd auth login`:
    [first steps](first-steps.md#an-application-in-the-place-of-a-webhook). Exactly one of the two is configured.
    """


class StateSection(Section):
    """`[state]`."""

    path: Annotated[str, Key(min_length=1)] | None = None
    """The SQLite file; `/var/lib/b24syncd/NAME.db` where it is left out.

    It holds what was read, changed and left for a person to decide. A relative path begins at the folder of this file.

    Example:
    path = "/var/lib/b24syncd/acme.db"
    """
    keep_journal_days: Annotated[int, Key(ge=0, le=36500)] = 0
    """Forget corrections that are older, which cannot be undone then; 0: keep them [for ever](state.md#retention)."""


class Limits(Section):
    """`[limits]`: what the portal allows, and how much of it is ours."""

    burst: Annotated[int, Key(ge=1)] = 50
    """The portal's bucket of requests (Enterprise: 250)."""
    per_second: Annotated[float, Key(gt=0)] = 2.0
    """How many requests drain from it per second (Enterprise: 5)."""
    operating_seconds: PositiveSeconds = 480.0
    """Execution seconds of one method within the window.

    A self-hosted portal may have 420, or no limit.
    """
    operating_window_seconds: PositiveSeconds = 600.0
    """That window."""
    share: Annotated[float, Key(gt=0, le=1)] = 0.9
    """The part of both limits that is used; the rest is for other programs on this address."""
    in_flight: Annotated[int, Key(ge=1, le=50)] = 4
    """Requests under way at once."""
    request_timeout_seconds: PositiveSeconds = 70.0
    """How long to wait for an answer."""
    request_cut_seconds: PositiveSeconds = 60.0
    """After how long the portal surely has stopped working on a request."""
    witness_seconds: Annotated[float, Key(ge=0, le=10)] = 0.25
    """How long one list may [witness updates](what-remains.md), so that 49 fit into a request where they are
    cheap; 0: a reading before each.

    A person's new value goes unseen for as long.
    """
    schedule: tuple[ScheduleSection, ...] = ()
    """[Another share](limits.md#another-share-at-some-hours) at some hours of the week.

    By the clock on the portal's wall; `days` are all where they are left out. Every entry begins with
    `[[limits.schedule]]`.

    Example:
    [[limits.schedule]]
    days = ["mon", "tue", "wed", "thu", "fri"]
    from = "08:00"
    to = "19:00"
    share = 0.4
    """

    @property
    def mean_share(self) -> float:
        """The share over a whole week."""
        return self.share + sum(entry.part_of_a_week * (entry.share - self.share) for entry in self.schedule)

    @property
    def least_share(self) -> float:
        """The smallest share at any hour."""
        return min([self.share, *(entry.share for entry in self.schedule)])

    @field_validator("schedule")
    @classmethod
    def _says_one_thing_at_a_time(cls, schedule: tuple[ScheduleSection, ...]) -> tuple[ScheduleSection, ...]:
        refuse_overlaps(schedule)
        return schedule

    @model_validator(mode="after")
    def _leaves_room_for_one_request(self) -> Self:
        entries = {f"limits.schedule[{number}].share": entry.share for number, entry in enumerate(self.schedule)}
        for key, share in {"limits.share": self.share, **entries}.items():
            if share * self.burst < 1:
                refuse(
                    f"a share of {share} of a burst of {self.burst} leaves no room for a single request",
                    f"raise {key} or limits.burst until their product is at least 1",
                )
        return self


class Changes(Section):
    """`[changes]`: how the daemon follows the portal."""

    source: Literal["polling", "events"] = "polling"
    """Who tells what changed: lists, or the portal's [events](events.md); the latter takes an application."""
    interval_seconds: PositiveSeconds = 30.0
    """How often `run` asks what changed."""
    poll_seconds: PositiveSeconds = 900.0
    """With events: how often everything is polled all the same, for what no event tells."""
    overlap_seconds: Annotated[float, Key(ge=0)] = 120.0
    """How far back it looks each time, for changes that become visible late."""
    sweep_hours: Annotated[float, Key(ge=0)] = 24.0
    """How long `run` takes to look at the payments of all deals once more; 0: never.

    Paying or cancelling need not touch the deal.
    """


class SafetySection(Section):
    """`[safety]`."""

    exclude: frozenset[Annotated[EntityRef, BeforeValidator(_excluded)]] = frozenset()
    """Items never to be touched, as `["contact:17"]`; `b24syncd exclude` adds to them at any time."""
    canary: Annotated[int, Key(ge=0)] = 100
    """[Stop](safety.md) after so many corrections, until a person says `--continue`; 0: never. Left out: once, after
    the first of a new state; set: for each set of rules.

    Example:
    canary = 100
    """
    max_changed_share: Annotated[float, Key(gt=0, le=1)] = 1.0
    """Stop when a run would change a larger share of the items that it looks at; 1.0: never."""
    flips: Annotated[int, Key(ge=0)] = 3
    """Leave an item alone, and ask a person, that another program has changed back so often; 0: never."""


class Log(Section):
    """`[log]`."""

    format: Literal["auto", "json", "console"] = "auto"
    """`console` for people, `json` for machines, `auto` by whether stderr is a terminal: [logs](logs.md)."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """`debug` shows people's data: keep such logs to yourself."""


_job_sections: Final[Mapping[str, type[JobSection]]] = {
    **{name: job_section(name, rules) for name, rules in JOB_RULES.items()},
    BINDINGS: BindingsSection,
    PAYMENT_DATES: PaymentsSection,
    FIELDS: FieldsSection,
}
_job_keys: dict[str, Any] = {name: (_job_sections[name], Key(default_factory=_job_sections[name])) for name in JOBS}
JobsSection: type[Section] = create_model("JobsSection", __base__=Section, **_job_keys)


class Document(Section):
    """The whole configuration, before secrets and derived defaults are filled in."""

    portal: PortalSection = Key(default_factory=PortalSection)
    """The portal, and the way to it."""
    state: StateSection = Key(default_factory=StateSection)
    """Where everything is kept."""
    limits: Limits = Key(default_factory=Limits)
    """What the portal allows, and how much of it is used: [limits](limits.md)."""
    changes: Changes = Key(default_factory=Changes)
    """How `run` follows the portal."""
    safety: SafetySection = Key(default_factory=SafetySection)
    """What stops the work, or keeps it from items: [safety limits](safety.md)."""
    jobs: JobsSection = Key(default_factory=JobsSection)  # type: ignore[valid-type]  # made from JOB_RULES
    notify: NotifySection = Key(default_factory=NotifySection)
    """Who is told when a person is needed: [notices](notices.md). Without a user and a command nobody is."""
    http: HttpSection = Key(default_factory=HttpSection)
    """Where health, metrics and the [console](console.md) are served."""
    log: Log = Key(default_factory=Log)
    """What is written to stderr: [logs](logs.md)."""


def with_all_tables(written: Mapping[str, object]) -> dict[str, object]:
    """Return a document with every table that nobody wrote, empty: each is judged in one go with the whole."""
    jobs = written.get("jobs", {})
    filled = {name: {} for name in _job_sections} | jobs if isinstance(jobs, dict) else jobs
    return {name: {} for name in Document.model_fields} | dict(written) | {"jobs": filled}


def sections() -> dict[str, type[BaseModel]]:
    """Return the tables of the configuration by their full names, `limits` or `jobs.phones`."""
    top: dict[str, Any] = {name: field.annotation for name, field in Document.model_fields.items() if name != "jobs"}
    top["portal.oauth"] = OAuthSection
    return top | {f"jobs.{name}": section for name, section in _job_sections.items()}


def nested_sections() -> dict[str, type[BaseModel]]:
    """Return the tables inside of those, such as a job's rules, by their full names without numbers."""
    return {**schedule.NESTED, **binding_rules.NESTED, **field_rules.NESTED}


def known_keys() -> dict[str, object]:
    """Return every key by its full name, `limits.share`, with its type."""
    tables = sections()
    return {
        f"{name}.{key}": field.annotation
        for name, section in tables.items()
        for key, field in section.model_fields.items()
        if f"{name}.{key}" not in tables
    }
