"""A case: what is examined, and what was learnt of it on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from b24syncd.errors import SecretExposed
from b24syncd.portal.words.vocabulary import Api, Vocabulary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AsyncExitStack

    from b24syncd.clock import Clock
    from b24syncd.domain.entities import EntityType
    from b24syncd.engine.subjects import Kind
    from b24syncd.errors import Problem, Rejected
    from b24syncd.portal.client import PortalClient
    from b24syncd.reports.doctor import Finding
    from b24syncd.settings import Settings


class Need(Enum):
    """What a check cannot do without."""

    NOTHING = auto()
    SETTINGS = auto()
    CONNECTION = auto()
    TIME = auto()
    """The portal has told its time, whatever it lets this webhook do."""
    ACCESS = auto()
    JOBS = auto()
    """Access, and settings of the jobs that are in order."""


@dataclass(slots=True)
class Case:
    """The settings, or what is wrong with them, and the environment that they came from.

    Where something is wrong with them, `given` may still tell the way to the portal and to the state, but of jobs only
    where secrets are the problem.
    `client` is there once the portal was asked for the first time; `about` is what it then told of itself.
    `unreachable` and `refused` tell why the portal cannot be asked, or not any more. `kinds` are what fits the portal
    of the jobs, `types` how each type was read. What is opened is closed with the `stack`.
    """

    environ: Mapping[str, str]
    clock: Clock
    stack: AsyncExitStack
    problems: tuple[Problem, ...] = ()
    given: Settings | None = None
    asked: PortalClient | None = None
    about: Mapping[str, object] = field(default_factory=dict)
    unreachable: str = ""
    refused: str = ""
    kinds: tuple[Kind, ...] = ()
    types: dict[EntityType, int | Rejected] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The settings, for checks that need them."""
        if self.given is None:
            message = "this check needs settings"
            raise LookupError(message)
        return self.given

    @property
    def client(self) -> PortalClient:
        """The portal's client, for checks that need it."""
        if self.asked is None:
            message = "this check needs the portal"
            raise LookupError(message)
        return self.asked

    @property
    def vocabulary(self) -> Vocabulary:
        """The words in which the portal is asked."""
        return Vocabulary(Api(self.settings.portal.api))

    def lacks(self, need: Need) -> str:
        """Return why a check cannot be made; empty where it can."""
        if need is not Need.NOTHING and self.given is None:
            return "the settings cannot be used as they are"
        if need is Need.JOBS and not all(isinstance(problem, SecretExposed) for problem in self.problems):
            return "the configuration has problems"
        if need in {Need.CONNECTION, Need.ACCESS, Need.JOBS} and self.unreachable:
            return self.unreachable
        if need in {Need.ACCESS, Need.JOBS} and (self.refused or self.asked is None):
            return self.refused or "the portal was not asked"
        if need is Need.TIME and (self.asked is None or not self.asked.knows_time):
            return self.unreachable or "the portal has not told its time"
        return ""


@dataclass(frozen=True, slots=True)
class Look:
    """One check: what it is called, what it needs, and what tells its findings as they come."""

    name: str
    need: Need
    findings: Callable[[Case], AsyncIterator[Finding]]
