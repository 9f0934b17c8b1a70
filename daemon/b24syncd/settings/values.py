"""What the rest of the program gets: frozen values without a trace of where they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from b24syncd.domain.job_names import JOBS
from b24syncd.domain.rules import BindingRules

from .notify import Notify
from .webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from b24syncd.domain.entities import EntityRef, EntityType
    from b24syncd.domain.job_settings import JobSettings
    from b24syncd.domain.rules import Rules

    from .application import Application
    from .http import Http
    from .proxy import Proxy
    from .schema import Changes, Limits, Log


@dataclass(frozen=True, slots=True)
class Portal:
    """The portal to work on, and what lets this program in.

    `region` is None only where no enabled job needs one, `api` which methods are used. `authorities` are the
    certificates in `ca_file`, trusted besides the system's.
    """

    name: str
    credentials: Webhook | Application
    region: str | None
    api: Literal["universal", "classic", "both"] = "universal"
    proxy: Proxy | None = None
    ca_file: Path | None = None
    authorities: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The portal's host, with its port where one is written."""
        return self.credentials.host

    @property
    def webhook(self) -> Webhook:
        """The webhook; raises `LookupError` where an application is what lets the program in."""
        if isinstance(self.credentials, Webhook):
            return self.credentials
        message = "there is no webhook"
        raise LookupError(message)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (*self.credentials.secrets, *(() if self.proxy is None else self.proxy.secrets))


@dataclass(frozen=True, slots=True)
class State:
    """Where the memory of this portal is kept, and for how long; the path is absolute, 0 days are for ever.

    `runtime_directory` is systemd's, for the socket of a service; None elsewhere.
    """

    path: Path
    keep_journal_days: int = 0
    runtime_directory: Path | None = None

    @property
    def socket(self) -> Path:
        """Where a process that follows the portal can be spoken to."""
        return (self.runtime_directory or self.path.parent) / f"{self.path.name}.sock"

    @property
    def files(self) -> tuple[Path, ...]:
        """Everything that is written beside the database and for it, whether it is there just now or not."""
        path = self.path.resolve()  # SQLite and the lock put theirs where the database really is
        beside = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal", ".lock", ".sock"))
        return (path, *beside, self.socket)


@dataclass(frozen=True, slots=True)
class Safety:
    """What must never be touched, and when to stop and ask (`engine/safety.py`); 0 is never, as is a share of 1.

    A canary that nobody set is for the first corrections of a state, whatever the rules; one that `canary_is_set` is
    for those of each set of rules.
    """

    exclude: frozenset[EntityRef]
    canary: int = 0
    max_changed_share: float = 1.0
    flips: int = 3
    canary_is_set: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a person configured, checked.

    `jobs` holds the rules of the enabled jobs by name, `looked_up` the settings of those that need the portal to become
    rules, and `idle` why each other job is not enabled. `http` is where health and metrics are served, None where
    nowhere. `bindings` are the rules of that job whether it is enabled or not, for a list of moves. `source` is the
    file that was read, None where the environment said everything. `effective` is what `config show` prints: plain
    values, defaults included, secrets redacted.
    """

    portal: Portal
    state: State
    limits: Limits
    changes: Changes
    safety: Safety
    jobs: Mapping[str, Rules]
    log: Log
    notify: Notify = field(default_factory=Notify)
    http: Http | None = None
    looked_up: Mapping[str, JobSettings] = field(default_factory=dict)
    idle: Mapping[str, str] = field(default_factory=dict)
    bindings: BindingRules = field(default_factory=BindingRules)
    source: Path | None = None
    effective: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        token = None if self.http is None else self.http.token
        return (*self.portal.secrets, *(() if token is None else (token,)))

    @property
    def types_of_jobs(self) -> dict[str, frozenset[EntityType]]:
        """The types of the enabled jobs, as far as the settings alone tell them."""
        types = {name: frozenset(rules.entities) for name, rules in self.jobs.items()}
        return types | {name: settings.types for name, settings in self.looked_up.items()}

    @property
    def enabled(self) -> tuple[str, ...]:
        """The names of all enabled jobs, in the order in which an item is planned."""
        return tuple(name for name in JOBS if name in self.jobs or name in self.looked_up)
