"""Read the file and the environment, judge everything, and tell all problems at once."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from pydantic import ValidationError

from b24syncd.domain.job_names import BINDINGS, JOBS
from b24syncd.errors import Problem, SecretExposed, SettingsInvalid

from .application import Application
from .aside import problems_aside
from .environment import CONFIG_VARIABLE, Overrides, overridden, read_overrides
from .http import find_http
from .naming import name_of, state_of
from .problems import problems_of, repeated_names
from .route import RouteSettings, find_route
from .schema import Document, SafetySection, with_all_tables
from .secret_files import open_to_others
from .secrets import find_credentials
from .sections import TOML_DATE, JobSection, LookedUpSection, RulesSection, Section
from .values import Portal, Safety, Settings, State
from .webhook import Webhook, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from b24syncd.domain.job_settings import JobSettings
    from b24syncd.domain.rules import BindingRules

    from .binding_rules import BindingsSection

DEFAULT_PATH: Final = Path("/etc/b24syncd/b24syncd.toml")
_NEVER_ALL: Final = frozenset({"portal.webhook", "portal.webhook_file", "portal.oauth.client_secret"})
"""Who sets no more than these in the environment means to have a file beside it."""

_Table = dict[str, object]


def load_settings(path: Path | None, environ: Mapping[str, str], *, in_full: bool = False) -> Settings:
    """Return the settings of the file at `path` as overridden by `environ`; raise `SettingsInvalid` with all problems.

    Without a path, `B24SYNCD_CONFIG` names the file, else it is `DEFAULT_PATH`; that last one may be missing where
    the environment says everything. What it is to judge `in_full`, see `load`.
    """
    return load(path, environ, in_full=in_full)


def load(
    path: Path | None,
    environ: Mapping[str, str],
    *,
    keep: Callable[[_Table], _Table] = dict,
    though_exposed: bool = False,
    in_full: bool = False,
) -> Settings:
    """Load settings as `load_settings` does, of what is to be kept of the document, and `though_exposed` to others.

    Judged `in_full`, also what only keeps health from being served, or notices from going out, is a problem.
    """
    overrides = read_overrides(environ)
    named = path or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    namer = "--config" if path else CONFIG_VARIABLE if named else ""
    source = (named or DEFAULT_PATH).absolute()
    said = overrides.values.keys() - (frozenset() if though_exposed else _NEVER_ALL)
    if named is None and said and not source.exists():
        return _settings(keep({}), overrides, environ, None, though_exposed=though_exposed, in_full=in_full)
    try:
        content = source.read_bytes()
        table = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise SettingsInvalid((_unread(source, error, namer), *overrides.problems)) from None
    except UnicodeDecodeError:
        problem = Problem(_shown(source), "the configuration is no text in UTF-8", "save it as UTF-8")
        raise SettingsInvalid((problem, *overrides.problems)) from None
    except tomllib.TOMLDecodeError as error:
        # From None: the exception keeps the whole document in some versions of Python.
        problem = Problem(_shown(source), f"this is not TOML: {_sentence(error)}", "mend this line")
        raise SettingsInvalid((problem, *overrides.problems)) from None
    return _settings(keep(table), overrides, environ, source, though_exposed=though_exposed, in_full=in_full)


def of_table(table: _Table, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a document that is in no file; raise `SettingsInvalid` with all problems."""
    return _settings(table, read_overrides(environ), environ, None, though_exposed=False, in_full=False)


def _unread(source: Path, error: OSError, namer: str) -> Problem:
    """Return what is wrong with a file that is not there, or not to be read, by whoever named it."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        others = {"--config": "name another file", CONFIG_VARIABLE: "let it name another file, or name one by --config"}
        by_default = f"name another file by --config or {CONFIG_VARIABLE}"
        cure = f"let `b24syncd setup` make one, or {others.get(namer, by_default)}"
        return Problem(namer, f"there is no configuration at {_shown(source)}", cure)
    cure = "name a file that this user may read, or run as root or as the user of the service"
    return Problem(namer, f"the configuration {_shown(source)} cannot be read: {error.strerror}", cure)


def _settings(  # noqa: PLR0913 # where all of it comes from, and how it is judged
    table: _Table,
    overrides: Overrides,
    environ: Mapping[str, str],
    source: Path | None,
    *,
    though_exposed: bool,
    in_full: bool,
) -> Settings:
    problems = [*overrides.problems, *(() if though_exposed else _exposed(table, source))]
    portal = table.get("portal")
    base = source.parent if source else None
    own = portal if isinstance(portal, dict) else {}
    found = find_credentials(own, overrides, environ, source, though_exposed=though_exposed)
    credentials = found if isinstance(found, Webhook | Application) else None
    problems += found if isinstance(found, tuple) else ()
    document: Document | None = None
    looked_up: dict[str, JobSettings] = {}
    written = overridden(table, overrides)
    problems += repeated_names(written, overrides.variables)
    try:
        document = Document.model_validate_json(json.dumps(with_all_tables(written), default=_not_in_json))
        problems += _missing(document)
        problems += _no_file(document, base, overrides)
        looked_up, faults = _looked_up(document, base)
        problems += faults
    except ValidationError as error:
        problems += problems_of(error, overrides.variables, written)
    host = None if credentials is None else credentials.host
    route = find_route(_ca_file(written), host, base, overrides, environ)
    problems += route.problems
    if in_full:
        problems += problems_aside(written, overrides, environ, base)
    if problems or document is None or credentials is None:
        raise SettingsInvalid(tuple(problems))
    listens = dict(document.http)
    http = None if document.http.listen is None else find_http(listens, overrides, environ, base)
    settings = _resolved(document, credentials, source, _runtime_directory(environ), route)
    return replace(settings, looked_up=looked_up, http=http)


def _ca_file(written: _Table) -> str | None:
    """Return the file as it is written, also in a document that has other problems: all are told at once."""
    portal = written.get("portal")
    named = portal.get("ca_file") if isinstance(portal, dict) else None
    return named if isinstance(named, str) and named else None


def _not_in_json(value: object) -> object:
    # TOML's dates and times; the keys that take one know this table, elsewhere it is refused as one.
    return {TOML_DATE: value.isoformat() if isinstance(value, date | time) else str(value)}


def _safety(section: SafetySection) -> Safety:
    return Safety(**dict(section), canary_is_set="canary" in section.model_fields_set)


def _exposed(table: _Table, source: Path | None) -> Iterator[Problem]:
    """Yield a problem where the file itself holds a secret and others may read the file."""
    portal = table.get("portal")
    if source is None or not isinstance(portal, dict) or not open_to_others(source.stat()):
        return
    oauth = portal.get("oauth")
    held = {"webhook": portal, "oauth.client_secret": oauth if isinstance(oauth, dict) else {}}
    for key, own in held.items():
        if isinstance(own.get(key.rpartition(".")[2]), str):
            message = "others may read or change the file that holds this secret"
            cure = f"chmod 600 {source}, or move the secret to a portal.{key}_file"
            yield SecretExposed(f"portal.{key}", message, cure)


def _jobs(document: Document) -> dict[str, JobSection]:
    return {name: cast("JobSection", getattr(document.jobs, name)) for name in JOBS}


def _binding_rules(document: Document) -> BindingRules:
    section = cast("BindingsSection", _jobs(document)[BINDINGS])
    return section.as_rules(document.portal.region)


def _looked_up(document: Document, base: Path | None) -> tuple[dict[str, JobSettings], list[Problem]]:
    """Return the settings of the enabled jobs that need the portal, and what is wrong with the files they name."""
    settings: dict[str, JobSettings] = {}
    problems: list[Problem] = []
    for name, section in _jobs(document).items():
        if isinstance(section, LookedUpSection) and section.enabled and section.has_work:
            settings[name], faults = section.as_settings(base)
            problems += faults
    return settings, problems


def _missing(document: Document) -> Iterator[Problem]:
    jobs = _jobs(document)
    idle = _idle(jobs)
    for name, section in jobs.items():
        if document.portal.region is None and name not in idle and section.needs_region:
            message = f"the job {name} needs to know the region in which numbers are written"
            yield Problem("portal.region", message, 'set it to two letters, for example region = "RU"')
        strange = section.without_methods() if isinstance(section, LookedUpSection) and section.enabled else ()
        if document.portal.api == "classic" and strange:
            message = f"there are no classic methods for {', '.join(strange)}"
            yield Problem(f"jobs.{name}.entities", message, 'leave entities = ["deal"], or portal.api = "universal"')


def _no_file(document: Document, base: Path | None, overrides: Overrides) -> Iterator[Problem]:
    """Yield a problem where the state cannot be a file, which SQLite would tell in other words at every command."""
    key = "state.path"
    if document.state.path is None:
        return
    path = _state_path(document.state.path, base)
    if os.path.isdir(path):  # noqa: PTH112  # which does not raise where this user may not look
        yield Problem(overrides.variables.get(key, key), f"{_shown(path)} is a directory", "name a file")


def _state_path(written: str, base: Path | None) -> Path:
    return (base or Path.cwd()) / Path(os.path.expanduser(written))  # noqa: PTH111  # an unknown ~user is no failure


def _idle(jobs: Mapping[str, JobSection]) -> dict[str, str]:
    """Return why jobs are not enabled, by their names."""
    return {
        name: f"jobs.{name}.enabled is false" if not section.enabled else f"jobs.{name} has no rules"
        for name, section in jobs.items()
        if not (section.enabled and section.has_work)
    }


def _resolved(
    document: Document,
    credentials: Webhook | Application,
    source: Path | None,
    runtime: Path | None,
    route: RouteSettings,
) -> Settings:
    base = source.parent if source else None
    name = name_of(document.portal.name, source, credentials.host)
    written = document.state.path
    path = state_of(name, credentials.host) if written is None else _state_path(written, base)
    jobs = {job: _with_region(section, document.portal.region) for job, section in _jobs(document).items()}
    idle = _idle(jobs)
    with_regions = cast("Section", document.jobs).model_copy(update=jobs)
    effective = document.model_copy(update={"jobs": with_regions}).model_dump(mode="json", by_alias=True)
    portal = document.portal
    effective["portal"] = {"name": name, **credentials.shown, "region": portal.region, "api": portal.api}
    effective["portal"] |= {} if route.ca_file is None else {"ca_file": str(route.ca_file)}
    effective["state"] = {"path": str(path), "keep_journal_days": document.state.keep_journal_days}
    safety = _safety(document.safety)
    effective["safety"] = {**effective["safety"], "exclude": sorted(map(str, safety.exclude))}
    if not safety.canary_is_set:  # written down, the same number would be another limit
        effective["safety"]["canary"] = None
    return Settings(
        portal=Portal(name, credentials, portal.region, portal.api, route.proxy, route.ca_file, route.authorities),
        state=State(path, document.state.keep_journal_days, runtime),
        limits=document.limits,
        changes=document.changes,
        safety=safety,
        jobs={
            job: section.as_rules(portal.region)
            for job, section in jobs.items()
            if job not in idle and isinstance(section, RulesSection)
        },
        idle=idle,
        bindings=_binding_rules(document),
        log=document.log,
        notify=document.notify.as_settings(),
        source=source,
        effective=effective,
    )


def _runtime_directory(environ: Mapping[str, str]) -> Path | None:
    """Return the first directory that systemd made for this service (`RuntimeDirectory=`)."""
    first = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(first) if first else None


def _with_region(section: JobSection, region: str | None) -> JobSection:
    return section.model_copy(update={"region": region}) if getattr(section, "region", "") is None else section


def _shown(path: Path) -> str:
    return without_secrets(str(path))


def _sentence(error: tomllib.TOMLDecodeError) -> str:
    return without_secrets(str(error))
