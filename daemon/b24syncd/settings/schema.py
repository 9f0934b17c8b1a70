"""The sections and keys of the configuration, with their types, ranges and defaults."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, Final, Literal, Self, cast, get_type_hints

from pydantic import AfterValidator, BaseModel, BeforeValidator, create_model, field_validator, model_validator
from pydantic import Field as Key

from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.job_names import BINDINGS, EMAILS, FIELDS, JOBS, PAYMENT_DATES, PHONES
from b24syncd.domain.rules import EmailRules, PhoneRules, Rules

from . import binding_rules, field_rules, schedule
from .binding_rules import BindingsSection
from .field_tables import FieldsSection
from .listen import check_host, check_listen, check_proxy
from .notify import NotifySection
from .payment_dates import PaymentsSection
from .regions import REGIONS
from .schedule import ScheduleSection, refuse_overlaps
from .sections import JobSection, RulesSection, Section, once_each, refuse

JOB_RULES: Final[Mapping[str, type[Rules]]] = {
    PHONES: PhoneRules,
    EMAILS: EmailRules,
}
"""The jobs whose sections are made of their rules: the name of the section, and the rules whose fields are its keys."""


def _region(text: str) -> str:
    region = text.upper()
    if region not in REGIONS:
        refuse("no such region", "write the two letters of ISO 3166-1, for example RU, DE or GB")
    return region


def _excluded(text: object) -> EntityRef:
    try:
        return EntityRef.parse(str(text))
    except ValueError:
        known = ", ".join(entity_type.value for entity_type in EntityType)
        refuse("not an item", f"write TYPE:ID with TYPE one of {known}, for example contact:17")


Region = Annotated[str, AfterValidator(_region)]
PositiveSeconds = Annotated[float, Key(gt=0)]


class PortalSection(Section):
    """`[portal]`; the webhook itself is judged by `webhook.parse_webhook`."""

    name: Annotated[str, Key(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")] | None = None
    webhook: str | None = None
    webhook_file: str | None = None
    ca_file: Annotated[str, Key(min_length=1)] | None = None
    region: Region | None = None
    api: Literal["universal", "classic"] = "universal"


class StateSection(Section):
    """`[state]`."""

    path: Annotated[str, Key(min_length=1)] | None = None
    keep_journal_days: Annotated[int, Key(ge=0, le=36500)] = 0


class Limits(Section):
    """`[limits]`: what the portal allows, and how much of it is ours."""

    burst: Annotated[int, Key(ge=1)] = 50
    per_second: Annotated[float, Key(gt=0)] = 2.0
    operating_seconds: PositiveSeconds = 480.0
    operating_window_seconds: PositiveSeconds = 600.0
    share: Annotated[float, Key(gt=0, le=1)] = 0.9
    in_flight: Annotated[int, Key(ge=1, le=50)] = 4
    request_timeout_seconds: PositiveSeconds = 70.0
    request_cut_seconds: PositiveSeconds = 60.0
    witness_seconds: Annotated[float, Key(ge=0, le=10)] = 0.25
    schedule: tuple[ScheduleSection, ...] = ()

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

    interval_seconds: PositiveSeconds = 30.0
    overlap_seconds: Annotated[float, Key(ge=0)] = 120.0
    sweep_hours: Annotated[float, Key(ge=0)] = 24.0


class SafetySection(Section):
    """`[safety]`."""

    exclude: frozenset[Annotated[EntityRef, BeforeValidator(_excluded)]] = frozenset()
    canary: Annotated[int, Key(ge=0)] = 100
    max_changed_share: Annotated[float, Key(gt=0, le=1)] = 1.0
    flips: Annotated[int, Key(ge=0)] = 3


class HttpSection(Section):
    """`[http]`; where the token comes from is judged by `http.find_http`."""

    listen: Annotated[str, AfterValidator(check_listen)] | None = None
    token_file: Annotated[str, Key(min_length=1)] | None = None
    console: bool = False
    tls_certificate: Annotated[str, Key(min_length=1)] | None = None
    tls_key: Annotated[str, Key(min_length=1)] | None = None
    behind_proxy: tuple[Annotated[str, AfterValidator(check_proxy)], ...] = ()
    allowed_hosts: tuple[Annotated[str, AfterValidator(check_host)], ...] = ()

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.console and self.listen is None:
            refuse("the console needs an address", 'set http.listen, for example "127.0.0.1:8324"')
        return self


class Log(Section):
    """`[log]`."""

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


def _entities_among(allowed: tuple[EntityType, ...]) -> object:
    def among(values: tuple[EntityType, ...]) -> tuple[EntityType, ...]:
        names = ", ".join(entity_type.value for entity_type in allowed)
        if not values:
            refuse("the job would look at nothing", f"name at least one of {names}, or set enabled = false")
        strange = [entity_type.value for entity_type in values if entity_type not in allowed]
        if strange:
            refuse(f"this job does not know {', '.join(strange)}", f"choose among {names}")
        return once_each(values)

    return Annotated[tuple[EntityType, ...], AfterValidator(among)]


def _key_of(rule: "Field[Any]", hint: object) -> tuple[object, object]:
    """Return type and default of the key that configures one field of a job's rules."""
    default: object = ... if rule.default is MISSING else rule.default
    match rule.name:
        case "region":  # filled in from [portal] where it is left out
            return Region | None, None
        case "other_regions":
            return Annotated[tuple[Region, ...], AfterValidator(once_each)], default
        case "entities":
            return _entities_among(cast("tuple[EntityType, ...]", rule.default)), default
        case _:
            return hint, default


def _job_section(name: str, rules: type[Rules]) -> type[JobSection]:
    """Return the section of a job whose keys are the fields of its rules."""
    hints = get_type_hints(rules)
    keys: dict[str, Any] = {rule.name: _key_of(rule, hints[rule.name]) for rule in fields(rules)}

    class OwnRules(RulesSection):
        def as_rules(self, region: str | None) -> Rules:  # noqa: ARG002 # it was filled in already
            return rules(**{key: getattr(self, key) for key in keys})

    section: type[JobSection] = create_model(f"jobs.{name}", __base__=OwnRules, **keys)
    return section


_job_sections: Final[Mapping[str, type[JobSection]]] = {
    **{name: _job_section(name, rules) for name, rules in JOB_RULES.items()},
    BINDINGS: BindingsSection,
    PAYMENT_DATES: PaymentsSection,
    FIELDS: FieldsSection,
}
_job_keys: dict[str, Any] = {name: (_job_sections[name], Key(default_factory=_job_sections[name])) for name in JOBS}
JobsSection: type[Section] = create_model("JobsSection", __base__=Section, **_job_keys)


class Document(Section):
    """The whole configuration, before secrets and derived defaults are filled in."""

    portal: PortalSection = Key(default_factory=PortalSection)
    state: StateSection = Key(default_factory=StateSection)
    limits: Limits = Key(default_factory=Limits)
    changes: Changes = Key(default_factory=Changes)
    safety: SafetySection = Key(default_factory=SafetySection)
    jobs: JobsSection = Key(default_factory=JobsSection)  # type: ignore[valid-type]  # made from JOB_RULES
    notify: NotifySection = Key(default_factory=NotifySection)
    http: HttpSection = Key(default_factory=HttpSection)
    log: Log = Key(default_factory=Log)


def with_all_tables(written: Mapping[str, object]) -> dict[str, object]:
    """Return a document with every table that nobody wrote, empty: each is judged in one go with the whole."""
    jobs = written.get("jobs", {})
    filled = {name: {} for name in _job_sections} | jobs if isinstance(jobs, dict) else jobs
    return {name: {} for name in Document.model_fields} | dict(written) | {"jobs": filled}


def sections() -> dict[str, type[BaseModel]]:
    """Return the tables of the configuration by their full names, `limits` or `jobs.phones`."""
    top: dict[str, Any] = {name: field.annotation for name, field in Document.model_fields.items() if name != "jobs"}
    return top | {f"jobs.{name}": section for name, section in _job_sections.items()}


def nested_sections() -> dict[str, type[BaseModel]]:
    """Return the tables inside of those, such as a job's rules, by their full names without numbers."""
    return {**schedule.NESTED, **binding_rules.NESTED, **field_rules.NESTED}


def known_keys() -> dict[str, object]:
    """Return every key by its full name, `limits.share`, with its type."""
    return {
        f"{name}.{key}": field.annotation
        for name, section in sections().items()
        for key, field in section.model_fields.items()
    }
