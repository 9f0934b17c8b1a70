"""What goes between a command and the daemon that carries it out: a request, and lines of JSON until its end.

Both ends are the same program: another release, or other settings, are refused instead of guessed at.
"""

# No `from __future__ import annotations`: pydantic reads the annotations.
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter

from b24syncd import __version__
from b24syncd.engine.how_far import HowFar
from b24syncd.errors import B24SyncError, ExitCode, UsageInvalid, gravest, leaves_of
from b24syncd.settings import Settings

from .requests import AnyRequest, Message, Request

COMMANDS_PATH: Final = "/v1/commands"
"""Where the daemon takes requests: `POST`, an `Envelope`; the answer is lines, each a `Told`."""

LONGEST: Final = 1 << 28
"""Bytes of a request, and of a line of its answer: a list of moves, or what an undo left as it is, is one."""

OTHER_RELEASE: Final = "the service is another release of b24syncd than this command; restart it"

_OWN_SECTIONS = frozenset({"http", "log", "state"})
"""What a command may have otherwise than the daemon: where it serves and says what, and where it finds the state."""


class Envelope(Message):
    """A request with what it was written for: the release, and the settings in effect, without secrets."""

    release: str
    settings: dict[str, Any]
    request: AnyRequest


class Progressed(Message):
    """How far the daemon has come with a command."""

    kind: Literal["progress"] = "progress"
    how_far: HowFar


class Finished(Message):
    """What a command came to: a result of the request's type."""

    kind: Literal["finished"] = "finished"
    result: Any


class Failed(Message):
    """A command that could not be carried out to its end: what is to be said, and the exit code."""

    kind: Literal["failed"] = "failed"
    exit_code: int
    lines: tuple[str, ...]

    @classmethod
    def of(cls, error: Exception) -> "Failed":
        """Return what a command says that failed with this error; of an unexpected one only that it was."""
        decisive = gravest(error)
        if not isinstance(decisive, B24SyncError):
            lines = ("unexpected failure of the service; its log tells more",)
            return cls(exit_code=ExitCode.UNEXPECTED, lines=lines)
        told = dict.fromkeys(line for leaf in leaves_of(error) for line in str(leaf).splitlines())
        return cls(exit_code=decisive.exit_code, lines=tuple(told))


Told = Progressed | Finished | Failed
TOLD: TypeAdapter[Told] = TypeAdapter(Annotated[Told, Field(discriminator="kind")])


def sealed(settings: Settings, request: Request[Any]) -> bytes:
    """Return a request as it is sent."""
    written = Envelope.model_construct(release=__version__, settings=_common(settings), request=request)
    return written.model_dump_json().encode()


def opened(received: bytes, settings: Settings) -> AnyRequest:
    """Return the request that was received; raise `UsageInvalid` where it was not written for these settings."""
    try:
        found = Envelope.model_validate_json(received)
    except ValueError:
        raise UsageInvalid(OTHER_RELEASE) from None
    if found.release != __version__:
        message = f"the service is b24syncd {__version__}, this command {found.release}; restart the service"
        raise UsageInvalid(message)
    own = TypeAdapter(dict[str, Any]).dump_python(_common(settings), mode="json")
    differing = _differing(own, found.settings)
    if differing:
        keys = ", ".join(differing)
        message = f"the service works with other settings than this command ({keys}); reload it, or use its file"
        raise UsageInvalid(message)
    return found.request.model_copy(update={"by": ""})  # who comes through the socket is the shell


def _common(settings: Settings) -> dict[str, Any]:
    return {name: dict(keys) for name, keys in settings.effective.items() if name not in _OWN_SECTIONS}


def _differing(ours: Mapping[str, Any], theirs: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return the keys by their full names whose values are not the same."""
    found: list[str] = []
    for key in sorted({*ours, *theirs}):
        one, other = ours.get(key), theirs.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            found += _differing(one, other, f"{prefix}{key}.")
        elif one != other:
            found.append(f"{prefix}{key}")
    return found
