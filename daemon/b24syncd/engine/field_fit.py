"""Rules for fields as they fit a portal, and each other."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.errors import CredentialsRefused, Problem
from b24syncd.jobs.fields.circles import circles
from b24syncd.jobs.fields.planner import NAME
from b24syncd.portal.fields.check import CheckedFields, check_fields
from b24syncd.portal.wire.commands import Priority

from .subjects import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from b24syncd.domain.entities import EntityType
    from b24syncd.domain.field_settings import FieldSettings
    from b24syncd.errors import B24SyncError
    from b24syncd.portal.client import PortalClient
    from b24syncd.portal.item_rows import WantedField
    from b24syncd.portal.words.vocabulary import Vocabulary

    from .kinds import Work

    AnsweredBatch = Mapping[EntityType, tuple[WantedField, ...]]
    """Fields that another job writes."""


async def permitted_fields(
    client: PortalClient, settings: FieldSettings, vocabulary: Vocabulary, taken: AnsweredBatch, *, priority: Priority
) -> CheckedFields | tuple[Problem, ...] | B24SyncError:
    """Check the rules for fields against the portal; where a right is missing, return the error that tells it."""
    try:
        return await fit_fields(client, settings, vocabulary, taken, priority=priority)
    except CredentialsRefused as error:
        return error


def with_fields(
    work: Work, client: PortalClient, settings: FieldSettings, vocabulary: Vocabulary, checked: CheckedFields
) -> Work:
    """Return a run's work with the fields that the rules need, and with what they need of the portal."""
    types = dict.fromkeys((*work.fields, *checked.fields))
    fields = {kind: (*work.fields.get(kind, ()), *_others(work, checked, kind)) for kind in types}
    still_fits = partial(recheck_fields, client, settings, vocabulary, checked, priority=Priority.LIVE)
    return replace(work, fields=fields, requirements=(*work.requirements, Requirement((NAME,), still_fits)))


def _others(work: Work, checked: CheckedFields, kind: EntityType) -> tuple[WantedField, ...]:
    known = {field.name for field in work.fields.get(kind, ())}
    return tuple(field for field in checked.fields.get(kind, ()) if field.name not in known)


async def fit_fields(
    client: PortalClient, settings: FieldSettings, vocabulary: Vocabulary, taken: AnsweredBatch, *, priority: Priority
) -> CheckedFields | tuple[Problem, ...]:
    """Look rules up at the portal, and see that they change neither each other's values back nor what is `taken`.

    Raises as `check_fields` does.
    """
    checked = await check_fields(client, settings, vocabulary, priority=priority)
    if not isinstance(checked, CheckedFields):
        return checked
    problems = (*_of_others(settings, checked, taken), *_in_circles(settings, checked))
    return problems or checked


async def recheck_fields(
    client: PortalClient, settings: FieldSettings, vocabulary: Vocabulary, checked: CheckedFields, *, priority: Priority
) -> tuple[Problem, ...]:
    """Tell what of the rules does not fit the portal any more, or means something else there by now."""
    now = await check_fields(client, settings, vocabulary, priority=priority)
    if not isinstance(now, CheckedFields):
        return now
    meant = dict(zip((rule.name for rule in now.rules.rules), now.rules.rules, strict=True))
    return tuple(
        Problem(
            of_settings.key, "this means something else at the portal than before", "start again, to work with that"
        )
        for of_settings, rule in zip(settings.rules, checked.rules.rules, strict=True)
        if meant.get(rule.name) != rule
    )


def _of_others(settings: FieldSettings, checked: CheckedFields, taken: AnsweredBatch) -> Iterator[Problem]:
    for rule, looked_up in zip(settings.rules, checked.rules.rules, strict=True):
        field = next(one for one in checked.fields[looked_up.entity] if one.name == looked_up.field)
        if field.upper_name in {other.upper_name for other in taken.get(looked_up.entity, ())}:
            message = "payment_dates writes this field"
            yield Problem(f"{rule.key}.field", message, "name another one here or there", rule.field)


def _in_circles(settings: FieldSettings, checked: CheckedFields) -> Iterator[Problem]:
    keys = {rule.name: rule.key for rule in settings.rules}
    for circle in circles(checked.rules):
        cure = "change one of them, or let their filters exclude each other"
        yield Problem(keys[circle.second.name], f"the rules go in a circle: {circle}", cure)
