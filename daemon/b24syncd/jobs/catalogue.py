"""The catalogue of jobs: a job is a rules class, a planner, and a line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from b24syncd.domain.plans import Plan
from b24syncd.domain.rules import BindingRules, EmailRules, PaymentRules, PhoneRules, Rules

from . import bindings, emails, payment_dates, phones

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from b24syncd.domain.states import AnySnapshot

RulesT = TypeVar("RulesT", bound=Rules)

_NOTHING = Plan()


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of correction with the rules that a person gave it."""

    name: str
    rules: Rules
    planner: Callable[[AnySnapshot], Plan]

    def plan(self, snapshot: AnySnapshot) -> Plan:
        """Return what is to be done with the item; nothing for an entity type that the rules leave out."""
        if snapshot.ref.type not in self.rules.entities:
            return _NOTHING
        return self.planner(snapshot)


@dataclass(frozen=True, slots=True)
class JobKind(Generic[RulesT]):
    """A line of the catalogue: the rules class of a job and its planner."""

    rules: type[RulesT]
    planner: Callable[[Any, RulesT], Plan]

    def job(self, name: str, rules: Rules) -> Job:
        """Return the job under these rules; raise `TypeError` for rules of another job."""
        if not isinstance(rules, self.rules):
            message = f"job {name!r} takes {self.rules.__name__}, not {type(rules).__name__}"
            raise TypeError(message)
        own_rules = rules
        return Job(name, own_rules, lambda snapshot: self.planner(snapshot, own_rules))


CATALOGUE: Mapping[str, JobKind[Any]] = {
    phones.NAME: JobKind(PhoneRules, phones.plan),
    emails.NAME: JobKind(EmailRules, emails.plan),
    bindings.NAME: JobKind(BindingRules, bindings.plan),
    payment_dates.NAME: JobKind(PaymentRules, payment_dates.plan),
}
"""Every job by its name, in the order in which an item is planned."""


def jobs_for(rules_by_name: Mapping[str, Rules]) -> tuple[Job, ...]:
    """Return the jobs that these rules are for, in the catalogue's order; raise `KeyError` for an unknown name."""
    for name in rules_by_name:
        if name not in CATALOGUE:
            raise KeyError(name)
    return tuple(kind.job(name, rules_by_name[name]) for name, kind in CATALOGUE.items() if name in rules_by_name)
