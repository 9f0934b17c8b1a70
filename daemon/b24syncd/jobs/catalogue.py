"""The catalogue of jobs: a job is a rules class, a planner, and a line here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from b24syncd.domain.field_settings import FieldSettings
from b24syncd.domain.payment_settings import PaymentSettings
from b24syncd.domain.plans import Plan
from b24syncd.domain.rules import BindingRules, EmailRules, FieldRules, PaymentRules, PhoneRules, Rules
from b24syncd.domain.snapshots import Parts, PointKind, Snapshot
from b24syncd.jobs.fields import planner as fields
from b24syncd.jobs.fields.decisions import decide_fields

from . import payment_dates
from .bindings import planner as bindings
from .emails import planner as emails
from .phones import planner as phones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from b24syncd.domain.decisions import Deciding, Decision
    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.rules import FieldRule
    from b24syncd.domain.states import AnySnapshot

    from .reading import PointReader

RulesT = TypeVar("RulesT", bound=Rules)

NOTHING = Parts()
_POINTS = Parts(points=True)


class Subject(Enum):
    """What a job plans for."""

    ITEMS = auto()
    ACTIVITIES = auto()


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of correction with the rules that a person gave it; `needs` tells what it needs read of an item."""

    name: str
    rules: Rules
    planner: Callable[[AnySnapshot], Plan]
    needs: Callable[[EntityType], Parts] = lambda _: NOTHING
    subject: Subject = Subject.ITEMS

    def plan(self, snapshot: AnySnapshot) -> Plan:
        """Return what is to be done with the item, and that the job `ran`; it does not where a part was not read.

        For an entity type that the rules leave out nothing is to be done.
        """
        ran = frozenset({self.name})
        if snapshot.ref.type not in self.rules.entities:
            return Plan(ran=ran)
        if isinstance(snapshot, Snapshot) and not self.needs(snapshot.ref.type).are_in(snapshot):
            return Plan()
        planned = self.planner(snapshot)
        return Plan(planned.corrections, planned.reviews, ran)


@dataclass(frozen=True, slots=True)
class JobKind(Generic[RulesT]):
    """A line of the catalogue: the rules class of a job, its planner, what it needs read of an item of a type.

    `asked` is the class of what a person writes about the job, where the portal has to be asked before the job runs:
    the engine's preflight of that class makes the rules. `reviews_of` is the kind of the contact points that its
    reviews are each of one of, and `reader` how these are read; `decide` returns what writes decisions about reviews of
    another sort.
    """

    rules: type[RulesT]
    planner: Callable[[Any, RulesT], Plan]
    needs: Callable[[RulesT, EntityType], Parts]
    subject: Subject = Subject.ITEMS
    reviews_of: PointKind | None = None
    reader: Callable[[RulesT], PointReader] | None = None
    asked: type | None = None
    decide: Callable[[Snapshot, Sequence[Decision], RulesT], Deciding] | None = None

    def job(self, name: str, rules: Rules) -> Job:
        """Return the job under these rules; raise `TypeError` for rules of another job."""
        if not isinstance(rules, self.rules):
            message = f"job {name!r} takes {self.rules.__name__}, not {type(rules).__name__}"
            raise TypeError(message)
        own_rules = rules
        return Job(
            name,
            own_rules,
            lambda snapshot: self.planner(snapshot, own_rules),
            lambda entity_type: self.needs(own_rules, entity_type),
            self.subject,
        )


def _points(_: Rules, __: EntityType) -> Parts:
    return _POINTS


def _nothing(_: Rules, __: EntityType) -> Parts:
    return NOTHING


CATALOGUE: Mapping[str, JobKind[Any]] = {
    phones.NAME: JobKind(PhoneRules, phones.plan, _points, reviews_of=PointKind.PHONE, reader=phones.reader),
    emails.NAME: JobKind(EmailRules, emails.plan, _points, reviews_of=PointKind.EMAIL, reader=emails.reader),
    bindings.NAME: JobKind(BindingRules, bindings.plan, _nothing, Subject.ACTIVITIES, asked=BindingRules),
    payment_dates.NAME: JobKind(
        PaymentRules, payment_dates.plan, payment_dates.needs, asked=PaymentSettings, decide=payment_dates.decide
    ),
    fields.NAME: JobKind(FieldRules, fields.plan, fields.needs, asked=FieldSettings, decide=decide_fields),
}
"""Every job by its name, in the order in which an item is planned."""

OF_POINTS: Mapping[str, PointKind] = {
    name: kind.reviews_of for name, kind in CATALOGUE.items() if kind.reviews_of is not None
}
"""The jobs whose reviews are each of one contact point."""


def reader_of(name: str, rules: Rules | None) -> PointReader | None:
    """Return how a job reads contact points under these rules; None without any, and for a job of something else."""
    of_job = CATALOGUE[name].reader if name in CATALOGUE else None
    return None if of_job is None or rules is None else of_job(rules)


def phone_rules_in(jobs: Iterable[Job]) -> PhoneRules | None:
    """Return the rules by which phones are read, where a job reads any."""
    return next((job.rules for job in jobs if isinstance(job.rules, PhoneRules)), None)


def binding_rules_in(jobs: Iterable[Job]) -> dict[str, BindingRules]:
    """Return the rules for activities, by the names of their jobs."""
    return {job.name: job.rules for job in jobs if isinstance(job.rules, BindingRules)}


def field_rules_in(jobs: Iterable[Job], entity_type: EntityType) -> tuple[FieldRule, ...]:
    """Return the rules for fields of the items of one type."""
    return tuple(rule for job in jobs if isinstance(job.rules, FieldRules) for rule in job.rules.of(entity_type))


def jobs_for(rules_by_name: Mapping[str, Rules]) -> tuple[Job, ...]:
    """Return the jobs that these rules are for, in the catalogue's order; raise `KeyError` for an unknown name."""
    for name in rules_by_name:
        if name not in CATALOGUE:
            raise KeyError(name)
    return tuple(kind.job(name, rules_by_name[name]) for name, kind in CATALOGUE.items() if name in rules_by_name)
