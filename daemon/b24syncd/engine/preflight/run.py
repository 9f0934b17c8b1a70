"""Running the preflights of jobs, in the catalogue's order, and what a run works on when they have passed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from b24syncd.domain.field_settings import FieldSettings
from b24syncd.domain.payment_settings import PaymentSettings
from b24syncd.domain.rules import BindingRules
from b24syncd.engine.kinds import Work
from b24syncd.jobs.catalogue import CATALOGUE

from .bindings import bindings
from .fields import fields
from .payments import payments
from .protocol import Passed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.engine.checks import Checks
    from b24syncd.engine.planning import Guard
    from b24syncd.portal.item_rows import WantedField

    from .protocol import Asking, Preflight

PREFLIGHTS: Mapping[type, Preflight[Any]] = {
    BindingRules: bindings,
    PaymentSettings: payments,
    FieldSettings: fields,
}
"""How each class of settings is looked up that the catalogue says is `asked`."""


async def preflight(checks: Checks, written: Mapping[str, object], asking: Asking) -> tuple[Passed, ...]:
    """Look up what was `written` about jobs, and note in `checks` the rules, or what is wrong.

    Where anything is wrong, what comes after is not looked up: it may make fields.
    """
    passed: list[Passed] = []
    for name, kind in CATALOGUE.items():
        if kind.asked is None or name not in written or checks.problems:
            continue
        found = await PREFLIGHTS[kind.asked](name, written[name], asking)
        if not isinstance(found, Passed):
            checks.refuse(name, found)
            continue
        checks.rules[name] = found.rules
        passed.append(found)
        asking = replace(asking, writes={**dict.fromkeys(found.writes, name), **asking.writes})
    return tuple(passed)


def work_of(passed: Iterable[Passed], guard: Guard) -> Work:
    """Return what a run works on, before its jobs are known; of a field that several need the first tells how."""
    work = Work((), guard)
    for one in passed:
        work = replace(
            work,
            fields=_merged(work.fields, one.fields),
            promised=work.promised | one.promised,
            requirements=(*work.requirements, *one.requirements),
        )
    return work


def _merged(
    known: Mapping[EntityType, tuple[WantedField, ...]], more: Mapping[EntityType, tuple[WantedField, ...]]
) -> dict[EntityType, tuple[WantedField, ...]]:
    merged = {kind: {one.name: one for one in of_type} for kind, of_type in known.items()}
    for kind, of_type in more.items():
        own = merged.setdefault(kind, {})
        for one in of_type:
            own.setdefault(one.name, one)
    return {kind: tuple(own.values()) for kind, own in merged.items()}
