"""What the tables of the configuration have in common."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from typing import Final, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

OWN_PROBLEM: Final = "b24syncd"
"""The type of pydantic's errors that bring their own cure."""

TOML_DATE: Final = "a date of TOML"
"""The only key of the table that stands for a date or time of TOML, which JSON does not have."""

_Value = TypeVar("_Value")


class Section(BaseModel):
    """A table of the configuration: strict about types, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class JobSection(Section):
    """`[jobs.NAME]`: whether it is enabled; the other keys are the fields of the job's rules."""

    enabled: bool = True


def refuse(message: str, cure: str) -> NoReturn:
    """Refuse the value of a key."""
    raise PydanticCustomError(OWN_PROBLEM, "{message}", {"message": message, "cure": cure})


def once_each(values: tuple[_Value, ...]) -> tuple[_Value, ...]:
    """Return values without repetitions."""
    return tuple(dict.fromkeys(values))
