"""How the controllers take their parameters: by exact names, all of them before anything is done.

Sources: php modules/main/lib/engine/autowire/binder.php `getParameterValue` (a null that was sent counts as a value)
and typedeclarationchecker.php (a number may be text, a text may be nothing else, null only goes where it is allowed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from b24syncd.simulator import php
from b24syncd.simulator.errors import missing_parameter, unmatched_parameter

if TYPE_CHECKING:
    from .calls import Answer, Call, Handler, Unfinished


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as a controller declares it."""

    name: str
    kind: Literal["int", "string", "array"]
    required: bool = True
    nullable: bool = False


def bound(handler: Handler, *declared: Parameter) -> Handler:
    """Return the handler behind a check of its parameters, in the order of their declaration."""

    def bind(call: Call) -> Answer | Unfinished:
        for parameter in declared:
            _check(call, parameter)
        return handler(call)

    return bind


def number(call: Call, name: str) -> int:
    """Return a whole number that has to be sent."""
    _check(call, Parameter(name, "int"))
    return php.integer(call.parameters[name])


def _check(call: Call, parameter: Parameter) -> None:
    name = parameter.name
    if name not in call.parameters:
        if parameter.required:
            raise missing_parameter(name)
        return
    sent = call.parameters[name]
    if not _satisfies(sent, parameter):
        raise unmatched_parameter(name, php.string(sent), parameter.kind)


def _satisfies(sent: Any, parameter: Parameter) -> bool:  # noqa: ANN401 - whatever was sent
    if sent is None:
        return parameter.nullable
    match parameter.kind:
        case "int":
            return php.numeric(sent)
        case "string":
            return isinstance(sent, str)
        case _:
            return isinstance(sent, dict)
