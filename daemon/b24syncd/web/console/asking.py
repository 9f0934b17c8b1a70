"""Asking the daemon for whatever changes something: the same requests that the shell hands over."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from b24syncd.app.command_table import command_for
from b24syncd.app.control_messages import Finished
from b24syncd.errors import HandedOverFailed

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from b24syncd.app.requests import Request

    from .visit import Console

Result = TypeVar("Result")


async def carried_out(console: Console, request: Request[Result]) -> Result:
    """Have a command carried out, and return what it came to; raise `HandedOverFailed` with what it says otherwise."""
    submitted = await console.commands.submit(request)
    await submitted.ended.wait()
    adapter: TypeAdapter[Result] = command_for(request).result
    outcome = submitted.outcome
    if isinstance(outcome, Finished):
        return adapter.validate_python(outcome.result)
    assert outcome is not None  # noqa: S101 # it has ended
    raise HandedOverFailed("\n".join(outcome.lines), outcome.exit_code)
