"""What the tables of the configuration have in common."""

# No `from __future__ import annotations`: pydantic reads the annotations.
from abc import abstractmethod
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from b24syncd.domain.job_settings import JobSettings
from b24syncd.domain.rules import Rules
from b24syncd.errors import Problem

OWN_PROBLEM: Final = "b24syncd"
"""The type of pydantic's errors that bring their own cure."""

TOML_DATE: Final = "a date of TOML"
"""The only key of the table that stands for a date or time of TOML, which JSON does not have."""

_Value = TypeVar("_Value")


class Section(BaseModel):
    """A table of the configuration: strict about types, and without unknown keys."""

    # Built when it is first judged by itself, which most never are: the whole document has them inside.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


class JobSection(Section):
    """`[jobs.NAME]`: whether it is enabled, and what is to be done."""

    enabled: bool = True
    """Whether the job runs."""

    @property
    def has_work(self) -> bool:
        """Whether there is anything to do; a job that is made of rules has nothing to do without any."""
        return True

    @property
    def needs_region(self) -> bool:
        """Whether the job must know in which region numbers are written, and was told of none."""
        return getattr(self, "region", "") is None


class RulesSection(JobSection):
    """The table of a job whose rules it tells by itself."""

    @abstractmethod
    def as_rules(self, region: str | None) -> Rules:
        """Return the job's rules as its planner takes them, for a portal in this region."""


class LookedUpSection(JobSection):
    """The table of a job whose rules only the portal completes."""

    @abstractmethod
    def as_settings(self, base: Path | None) -> tuple[JobSettings, tuple[Problem, ...]]:
        """Return what the job's preflight takes, and what is wrong with files; they are looked for in `base`."""

    def without_methods(self) -> tuple[str, ...]:
        """Return the types that this names and that have no classic methods."""
        return ()


def refuse(message: str, cure: str) -> NoReturn:
    """Refuse the value of a key."""
    raise PydanticCustomError(OWN_PROBLEM, "{message}", {"message": message, "cure": cure})


def once_each(values: tuple[_Value, ...]) -> tuple[_Value, ...]:
    """Return values without repetitions."""
    return tuple(dict.fromkeys(values))
