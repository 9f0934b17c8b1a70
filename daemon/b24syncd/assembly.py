"""Assembly: the parts of the program for one portal, put together as the settings say."""

from __future__ import annotations

import random
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from b24syncd.domain.rules import BindingRules
from b24syncd.engine.context import RunContext
from b24syncd.engine.kinds import Fields, kinds_for, listed_for
from b24syncd.engine.lane import Lane
from b24syncd.engine.planning import Guard
from b24syncd.engine.runs import Beginning
from b24syncd.engine.startup import check_access
from b24syncd.engine.undoing import UndoPlanner, settling_only
from b24syncd.engine.upkeep import Upkeep
from b24syncd.errors import RetryLater, SettingsInvalid, StateUnusable
from b24syncd.jobs.bindings import NAME as BINDINGS
from b24syncd.jobs.catalogue import jobs_for
from b24syncd.jobs.contact_values import says
from b24syncd.jobs.payment_dates import NAME as PAYMENT_DATES
from b24syncd.memory import StoredMemory
from b24syncd.portal.client import PortalClient
from b24syncd.portal.commands import Priority
from b24syncd.portal.limits import Limits
from b24syncd.portal.move_check import check_moves
from b24syncd.portal.payment_check import CheckedPayments, check_payments, recheck_payments
from b24syncd.portal.rule_check import check_rules
from b24syncd.portal.vocabulary import Api, Vocabulary
from b24syncd.store import holds, meta
from b24syncd.store.database import open_for_writing
from b24syncd.store.reading import open_for_reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Mapping
    from pathlib import Path

    from b24syncd.clock import Clock
    from b24syncd.domain.bindings import Binding
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.rules import BindingRule, Rules
    from b24syncd.engine.kinds import KnowsBefore, Listed
    from b24syncd.engine.subjects import Kind
    from b24syncd.engine.tally import Tally
    from b24syncd.errors import Problem
    from b24syncd.portal.limits import LimitsMemory
    from b24syncd.settings import Settings
    from b24syncd.store.database import Database
    from b24syncd.store.runs import Run

    Held = Mapping[tuple[EntityRef, str], int]
    """What was undone, with the job that leaves it alone and the run that undid it."""

    Moves = Mapping[Binding, tuple[BindingRule, ...]]
    """The items that activities leave, each with the rules made of a list's lines."""


@asynccontextmanager
async def holding(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Database, PortalClient]]:
    """Hold the state of the portal as its one writer, and a client of that portal."""
    async with open_for_writing(settings.state.path) as database:
        host = settings.portal.webhook.host
        await database.read(lambda db: meta.require_portal(db, host))
        async with connected(settings, StoredMemory(database), clock) as client:
            await database.write(lambda db: meta.bind_portal(db, host))  # not before a portal has answered there
            yield database, client


@asynccontextmanager
async def connected(settings: Settings, memory: LimitsMemory, clock: Clock) -> AsyncIterator[PortalClient]:
    """Give a client whose access is checked; its clock and limits are those of the portal."""
    client = PortalClient(
        settings.portal.webhook,
        Limits(**settings.limits.model_dump()),
        clock=clock,
        random=random.Random(),  # noqa: S311 # jitter
        memory=memory,
    )
    async with client:
        await check_access(client)
        yield client


@dataclass(frozen=True, slots=True)
class Fitted:
    """Jobs that fit the portal: their rules, as the planners take them, and the kinds of subjects that they need."""

    rules: Mapping[str, Rules]
    kinds: tuple[Kind, ...]


async def fit(  # noqa: PLR0913 # everything comes together here
    settings: Settings, client: PortalClient, chosen: Collection[str], past: KnowsBefore, held: Held, *, create: bool
) -> Fitted:
    """Check the chosen jobs against the portal; with `create`, make the fields that they need and may make.

    Raises `SettingsInvalid` for what does not fit, and `CredentialsRefused` where a right is missing.
    """
    rules: dict[str, Rules] = {name: rules for name, rules in settings.jobs.items() if name in chosen}
    problems: list[Problem] = []
    for of_job in rules.values():
        if isinstance(of_job, BindingRules):
            problems += await check_rules(client, of_job, priority=Priority.LIVE)
    fields, check = None, None
    if settings.payments is not None and PAYMENT_DATES in chosen and not problems:
        checked = await check_payments(client, settings.payments, priority=Priority.LIVE, create=create)
        if isinstance(checked, CheckedPayments):
            rules[PAYMENT_DATES] = checked.rules
            fields = Fields({**checked.fields, **checked.missing}, frozenset(checked.missing))
            check = partial(recheck_payments, client, checked, priority=Priority.LIVE)
        else:
            problems += checked
    if problems:
        raise SettingsInvalid(tuple(problems))
    kinds = kinds_for(
        client,
        client.clock,
        jobs_for(rules),
        Guard(settings.safety.exclude, held),
        past,
        vocabulary=Vocabulary(Api(settings.portal.api)),
        fields=fields,
        check=check,
        left_out=[rules for name, rules in settings.jobs.items() if name not in chosen],
        sweep_hours=settings.changes.sweep_hours,
    )
    return Fitted(rules, kinds)


async def listed_of(settings: Settings, client: PortalClient, moves: Moves, held: Held) -> Listed:
    """Return what works through a list of moves; raise `SettingsInvalid` for lines that do not fit the portal."""
    (job,) = jobs_for(rules_of_list(settings))
    found = listed_for(client, client.clock, moves, job, Guard(settings.safety.exclude, held))
    problems = await check_moves(client, found.activities, moves, priority=Priority.LIVE)
    if problems:
        raise SettingsInvalid(problems)
    return found


async def undoing_of(
    settings: Settings, client: PortalClient, past: KnowsBefore
) -> tuple[tuple[Kind, ...], UndoPlanner]:
    """Return the kinds of subjects as an undo works with them, and what plans it."""
    needed = {PAYMENT_DATES} & set(settings.enabled)  # it tells the fields; no other rules are asked for
    fitted = await fit(settings, client, needed, past, {}, create=False)
    planner = UndoPlanner(Guard(settings.safety.exclude), says(settings.jobs, settings.portal.region))
    return tuple(settling_only(fitted.kinds, planner)), planner


def upkeep_of(settings: Settings, database: Database, client: PortalClient) -> Upkeep:
    """Return what keeps the journal as short as the settings say."""
    return Upkeep(database, client, client.clock, settings.state.keep_journal_days)


def held_in(path: Path) -> Held:
    """Return what was undone and not released, from a state that is only looked into; nothing where there is none."""
    try:
        with open_for_reading(path) as db:
            return holds.standing(db)
    except (StateUnusable, RetryLater):
        return {}


def rules_of_list(settings: Settings) -> dict[str, Rules]:
    """Return the rules under which a list is worked through: its lines are the only ones."""
    return {BINDINGS: BindingRules(include_tasks=settings.bindings.include_tasks, region=settings.bindings.region)}


def lanes_of(  # noqa: PLR0913, PLR0917 # everything comes together here
    settings: Settings, client: PortalClient, database: Database, run: Run, tally: Tally, kinds: Iterable[Kind]
) -> tuple[Lane, ...]:
    """Return a lane for every kind, all of them for one run."""
    allowed = settings.limits
    context = partial(
        RunContext,
        run_id=run.id,
        client=client,
        database=database,
        tally=tally,
        clock=client.clock,
        batch_ids=lambda: uuid.uuid4().hex,
        request_cut_seconds=allowed.request_cut_seconds,
        workers=max(1, allowed.in_flight - 1),
        longest_turn_seconds=2 / (allowed.per_second * allowed.share),
    )
    return tuple(Lane(context(kind=kind)) for kind in kinds)


def beginning_of(
    settings: Settings, rules: Mapping[str, Rules], client: PortalClient, kinds: Iterable[Kind]
) -> Beginning:
    """Return what a run begins with."""
    feeds = tuple(feed.name for kind in kinds for feed in kind.feeds)
    return Beginning(rules, settings.safety.exclude, feeds, client.server_now(), client.clock.now())
