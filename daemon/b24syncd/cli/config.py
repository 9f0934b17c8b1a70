"""`b24syncd config`: whether the configuration is right, and what it amounts to."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from b24syncd.errors import Problem, SettingsInvalid

from .invocation import settings_of, usable_of
from .output import print_sentence

if TYPE_CHECKING:
    from b24syncd.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Check the configuration, or show what it amounts to.")

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@app.command()
def check(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Tell every problem of the configuration. Ends with 2 where there is one.

    The portal is asked for one thing only: whether [notify] may tell the user whom it names.
    """
    settings, problems = _judged(context)
    unproved = ""
    if settings is not None and settings.notify.user:  # nothing of the portal's is loaded for anything else
        from b24syncd.app.notify_check import prove_user  # noqa: PLC0415 # what speaks to the portal takes its time

        proof = asyncio.run(prove_user(settings))
        problems, unproved = (*problems, *proof.problems), proof.unproved
    if settings is None or problems:
        error = SettingsInvalid(problems)
        if not as_json:
            raise error
        typer.echo(json.dumps({"valid": False, "problems": [asdict(problem) for problem in problems]}))
        raise typer.Exit(error.exit_code)
    if as_json:
        typer.echo(json.dumps({"valid": True, "problems": [], **({"unproved": unproved} if unproved else {})}))
        return
    print_sentence(f"{settings.source or 'the environment'}: no problems")
    through = "" if settings.portal.proxy is None else f" through the proxy {settings.portal.proxy}"
    jobs = ", ".join(settings.enabled)
    print_sentence(f"portal {settings.portal.credentials.redacted}{through}, state {settings.state.path}, jobs {jobs}")
    if settings.notify.user and not unproved:
        print_sentence(f"notify.user: the webhook may tell the user {settings.notify.user}")
    elif unproved:
        print_sentence(f"notify.user: not proved, {unproved}")


def _judged(context: typer.Context) -> tuple["Settings | None", tuple[Problem, ...]]:
    """Return the settings, or all that is wrong with them and as much of them as leads to the portal."""
    try:
        return settings_of(context, in_full=True), ()
    except SettingsInvalid as error:
        return usable_of(context), error.problems


@app.command()
def show(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Print the settings in effect. Defaults are included, secrets are not."""
    settings = settings_of(context)
    if as_json:
        typer.echo(json.dumps(settings.effective, ensure_ascii=False, indent=2))
        return
    for line in as_toml(settings.effective):
        typer.echo(line)
        if line == "[safety]" and not settings.safety.canary_is_set:
            typer.echo(f"# canary is {settings.safety.canary} by default, for the first corrections of a new state;")
            typer.echo("# one that is set counts for each set of rules")


def as_toml(tables: Mapping[str, object], parent: str = "") -> Iterator[str]:
    """Yield the lines of a TOML document; a key without a value is left out."""
    for name, value in tables.items():
        if not isinstance(value, Mapping):
            continue
        full = f"{parent}{name}"
        keys = {key: inner for key, inner in value.items() if not isinstance(inner, Mapping) or not inner}
        rows = {key: keys.pop(key) for key in list(keys) if _is_rows(keys[key])}
        if keys:
            yield f"[{full}]"
            yield from _toml_keys(keys)
        for key, row in ((key, row) for key, several in rows.items() for row in several):
            yield f"[[{full}.{key}]]"
            yield from _toml_keys(row)
        yield from as_toml(value, f"{full}.")


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _toml_keys(keys: Mapping[str, object]) -> Iterator[str]:
    yield from (f"{_toml_key(key)} = {_toml_value(inner)}" for key, inner in keys.items() if inner is not None)
    yield ""


def _toml_value(value: object) -> str:
    if isinstance(value, Mapping):
        keys = (f"{_toml_key(key)} = {_toml_value(inner)}" for key, inner in value.items() if inner is not None)
        return f"{{{', '.join(keys)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml_value, value))}]"
    # JSON's numbers, booleans and strings are TOML's, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_key(key: str) -> str:
    is_bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if is_bare else _toml_value(key)
