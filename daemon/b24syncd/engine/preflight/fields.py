"""Rules for fields as they fit a portal, each other, and what other jobs write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from b24syncd.engine.subjects import Requirement
from b24syncd.errors import CredentialsRefused, Problem
from b24syncd.jobs.fields.circles import circles
from b24syncd.portal.fields.check import CheckedFields, check_fields
from b24syncd.portal.wire.commands import Priority

from .protocol import Passed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24syncd.domain.field_settings import FieldSettings
    from b24syncd.engine.checks import NotFitting

    from .protocol import Asking


async def fields(name: str, written: FieldSettings, asking: Asking) -> Passed | NotFitting:
    """See `Preflight`. The rules change neither each other's values back nor what other jobs write."""
    try:
        checked = await check_fields(asking.client, written, asking.vocabulary, priority=Priority.LIVE)
    except CredentialsRefused as error:
        return error
    if not isinstance(checked, CheckedFields):
        return checked
    if problems := (*_of_others(written, checked, asking), *_in_circles(written, checked)):
        return problems
    still_fits = partial(_recheck, written, checked, asking)
    by_name = {(kind, one.name): one.upper_name for kind, of_type in checked.fields.items() for one in of_type}
    return Passed(
        checked.rules,
        checked.fields,
        frozenset((rule.entity, by_name[rule.entity, rule.field]) for rule in checked.rules.rules),
        requirements=(Requirement((name,), still_fits),),
    )


async def _recheck(written: FieldSettings, checked: CheckedFields, asking: Asking) -> tuple[Problem, ...]:
    """Tell what of the rules does not fit the portal any more, or means something else there by now."""
    now = await check_fields(asking.client, written, asking.vocabulary, priority=Priority.LIVE)
    if not isinstance(now, CheckedFields):
        return now
    meant = dict(zip((rule.name for rule in now.rules.rules), now.rules.rules, strict=True))
    return tuple(
        Problem(
            of_settings.key, "this means something else at the portal than before", "start again, to work with that"
        )
        for of_settings, rule in zip(written.rules, checked.rules.rules, strict=True)
        if meant.get(rule.name) != rule
    )


def _of_others(written: FieldSettings, checked: CheckedFields, asking: Asking) -> Iterator[Problem]:
    for rule, looked_up in zip(written.rules, checked.rules.rules, strict=True):
        field = next(one for one in checked.fields[looked_up.entity] if one.name == looked_up.field)
        if (job := asking.writes.get((looked_up.entity, field.upper_name))) is not None:
            message = f"{job} writes this field"
            yield Problem(f"{rule.key}.field", message, "name another one here or there", rule.field)


def _in_circles(written: FieldSettings, checked: CheckedFields) -> Iterator[Problem]:
    keys = {rule.name: rule.key for rule in written.rules}
    for circle in circles(checked.rules):
        cure = "change one of them, or let their filters exclude each other"
        yield Problem(keys[circle.second.name], f"the rules go in a circle: {circle}", cure)
