"""Assembly: the parts of the program for one portal, put together as the settings say."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from b24syncd.domain.item_judge import ItemJudge
from b24syncd.domain.rules import BindingRules
from b24syncd.engine.checks import Checks
from b24syncd.engine.context import RunContext, WholeRun
from b24syncd.engine.decisions import DecidingPlanner
from b24syncd.engine.edits import NO_EDITS, EditedFields, edits_left_open
from b24syncd.engine.kinds import AtPortal, kinds_for, listed_for
from b24syncd.engine.planning import Guard
from b24syncd.engine.preflight.protocol import Asking
from b24syncd.engine.preflight.run import preflight, work_of
from b24syncd.engine.runs import Beginning
from b24syncd.engine.safety import Limit
from b24syncd.engine.selection import settling_only
from b24syncd.engine.undo import UndoPlanner
from b24syncd.engine.upkeep import Upkeep
from b24syncd.engine.writing.lane import Lane
from b24syncd.jobs.bindings.planner import NAME as BINDINGS
from b24syncd.jobs.catalogue import jobs_for
from b24syncd.jobs.contact_values import says
from b24syncd.memory import Remembered, remembered
from b24syncd.portal.activities.move_check import check_moves
from b24syncd.portal.wire.commands import Priority
from b24syncd.portal.words.vocabulary import Api, Vocabulary
from b24syncd.store import portal_facts

from .errors import UsageInvalid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from b24syncd.domain.bindings import Binding
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.rules import BindingRule, Rules
    from b24syncd.engine.kinds import Listed
    from b24syncd.engine.safety import Safety
    from b24syncd.engine.subjects import Kind
    from b24syncd.engine.writing.in_flight import Claim
    from b24syncd.portal.before import KnowsBefore
    from b24syncd.portal.client import PortalClient
    from b24syncd.store.runs import Run

    from .session import Session
    from .settings import Settings

    Moves = Mapping[Binding, tuple[BindingRule, ...]]
    """The items that activities leave, each with the rules made of a list's lines."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Jobs that fit the portal: their rules, as the planners take them, and the kinds of subjects that they need.

    `guard` tells all planners what to leave alone; `fields` are those that jobs write into, by entity type. `lifted` is
    the limit that would have kept them from it, had a person not let it pass. Jobs whose right is missing are
    `resting`, each with the reason. `titles` are what people call the fields that jobs work with.
    """

    rules: Mapping[str, Rules]
    kinds: tuple[Kind, ...]
    guard: Guard
    fields: Mapping[str, str] = field(default_factory=dict)
    lifted: frozenset[Limit] = frozenset()
    resting: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


async def fit(  # noqa: PLR0913 # everything comes together here
    settings: Settings,
    portal: AtPortal,
    chosen: Collection[str],
    memory: Remembered,
    *,
    create: bool,
    edits: EditedFields = NO_EDITS,
) -> Fitted:
    """Check the chosen jobs against the portal; with `create`, make the fields that they need and may make.

    A job whose right is missing rests where others have theirs. Raises `SettingsInvalid` for what does not fit,
    `SafetyStop` for a field that was there before and is not any more, and where no job is left, why. Fields of `edits`
    are read besides those of the jobs: what people changed in them is to be judged, or taken back.
    """
    guard = guard_of(settings, memory)
    checks = Checks({name: rules for name, rules in settings.jobs.items() if name in chosen})
    written: Mapping[str, object] = {**settings.jobs, **settings.looked_up}
    asking = Asking(portal.client, portal.vocabulary, memory.fields, create=create)
    passed = await preflight(checks, {name: one for name, one in written.items() if name in chosen}, asking)
    told = checks.finish()
    work = work_of(passed, guard)
    left_out = {name: types for name, types in settings.types_of_jobs.items() if name not in checks.rules}
    work = replace(work, jobs=jobs_for(checks.rules), left_out=left_out, edits=edits)
    kinds = kinds_for(portal, work)
    named = {name: told_as for one in passed for name, told_as in one.known.items()}
    return Fitted(checks.rules, kinds, guard, named, resting=told, titles=work.titles)


def at_portal(
    settings: Settings, client: PortalClient, before: KnowsBefore, judge: ItemJudge | None = None
) -> AtPortal:
    """Return the portal as the settings let a run work with it; who only looks needs no `judge` that knows it."""
    vocabulary = Vocabulary(Api(settings.portal.api))
    return AtPortal(client, vocabulary, before, judge or ItemJudge(), settings.changes.sweep_hours)


async def listed_of(settings: Settings, client: PortalClient, moves: Moves, guard: Guard) -> Listed:
    """Return what works through a list of moves; raise `UsageInvalid` for lines that do not fit the portal."""
    (job,) = jobs_for(rules_of_list(settings, {}))
    found = listed_for(client, moves, job, guard)
    problems = await check_moves(client, found.activities, moves, priority=Priority.LIVE)
    if problems:
        raise UsageInvalid("\n".join(map(str, problems)))
    return found


def guard_of(settings: Settings, memory: Remembered) -> Guard:
    """Return what keeps off what is excluded or held."""
    return Guard(settings.safety.exclude, memory.holds, memory.excluded)


async def undoing_of(
    settings: Settings, portal: AtPortal, excluded: Collection[EntityRef], edits: EditedFields = NO_EDITS
) -> tuple[Fitted, UndoPlanner]:
    """Return what an undo works with, with the kinds of subjects as it needs them, and what plans it."""
    needed = settings.looked_up  # they tell the fields; no other rules are asked for
    fitted = await fit(settings, portal, needed, Remembered(), create=False, edits=edits)
    planner = UndoPlanner(Guard(settings.safety.exclude, (), excluded), says(settings.jobs, settings.portal.region))
    return replace(fitted, kinds=tuple(settling_only(fitted.kinds, planner))), planner


async def deciding_of(
    settings: Settings, portal: AtPortal, jobs: Collection[str], excluded: Collection[EntityRef]
) -> tuple[Fitted, DecidingPlanner]:
    """Return what decisions about reviews of these jobs work with, the kinds as they need them, and what plans them."""
    needed = settings.looked_up.keys() & set(jobs)  # the rules of others need nothing of the portal
    fitted = await fit(settings, portal, needed, Remembered(), create=False)
    rules: dict[str, Rules] = {**settings.jobs, **fitted.rules}
    planner = DecidingPlanner(rules, Guard(settings.safety.exclude, (), excluded))
    return replace(fitted, kinds=tuple(settling_only(fitted.kinds, planner))), planner


def portal_of(session: Session) -> AtPortal:
    """Return the portal as a session works with it."""
    return at_portal(session.settings, session.client, session.memory, session.judge)


def upkeep_of(session: Session) -> Upkeep:
    """Return what keeps the journal as short as the settings say, and the status quick."""
    client, settings = session.client, session.settings
    return Upkeep(session.database, client, client.clock, settings.state.keep_journal_days, settings.jobs)


async def fitted(session: Session, chosen: Collection[str], *, goes_on: bool = False) -> Fitted:
    """Check the chosen jobs against the portal as `fit` does, and remember the fields that they write into."""
    memory = await session.database.read(lambda db: remembered(db, goes_on=goes_on))
    edits = await edits_left_open(session.database, session.references)
    jobs = await fit(session.settings, portal_of(session), chosen, memory, create=True, edits=edits)
    session.guards.add(jobs.guard)
    before = await session.database.read(portal_facts.fields)
    if jobs.fields:
        await session.database.write(lambda db: portal_facts.remember_fields(db, jobs.fields))
    await session.database.write(lambda db: portal_facts.remember_titles(db, jobs.titles))
    if any(before.get(name, now) != now for name, now in jobs.fields.items()):
        return replace(jobs, lifted=frozenset({Limit.FIELD}))
    return jobs


def rules_of_list(settings: Settings, moves: Moves) -> dict[str, Rules]:
    """Return the rules under which a list is worked through: its lines are the only ones."""
    lines = tuple(rule for rules in moves.values() for rule in rules)
    common = settings.bindings
    return {BINDINGS: BindingRules(include_tasks=common.include_tasks, region=common.region, rules=lines)}


def lanes_of(
    session: Session, run: Run, safety: Safety, kinds: Iterable[Kind], claim: Claim | None = None
) -> tuple[WholeRun, tuple[Lane, ...]]:
    """Return a run, and a lane of it for every kind; with a `claim` it passes what else goes on."""
    client, allowed = session.client, session.settings.limits
    whole = WholeRun(
        run_id=run.id,
        client=client,
        vocabulary=Vocabulary(Api(session.settings.portal.api)),
        database=session.database,
        tally=safety.tally,
        safety=safety,
        clock=client.clock,
        batch_ids=lambda: uuid.uuid4().hex,
        request_cut_seconds=allowed.request_cut_seconds,
        workers=max(1, allowed.in_flight - 1),
        longest_turn_seconds=client.turn_seconds,
        in_flight=session.in_flight,
        claim=claim,
    )
    parts = {one.name: getattr(whole, one.name) for one in fields(whole)}
    return whole, tuple(Lane(RunContext(**parts, kind=kind)) for kind in kinds)


def beginning_of(
    settings: Settings, rules: Mapping[str, Rules], client: PortalClient, kinds: Iterable[Kind], *, by: str = ""
) -> Beginning:
    """Return what a run begins with."""
    feeds = tuple(feed.name for kind in kinds for feed in kind.feeds)
    return Beginning(rules, settings.safety.exclude, feeds, client.server_now(), client.clock.now(), by)
