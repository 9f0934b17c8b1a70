"""`[[limits.schedule]]`: another share of the portal's limits at some hours of the week."""

# No `from __future__ import annotations`: pydantic reads the annotations.
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, model_validator
from pydantic import Field as Key

from .sections import TOML_DATE, Section, once_each, refuse

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)
_DAY_MINUTES: Final = 24 * 60
_WEEK_MINUTES: Final = 7 * _DAY_MINUTES

Span = tuple[int, int]
"""From one minute of the week until another, counted from the beginning of Monday."""


def _time(value: object) -> str:
    """Return a time of day; one of TOML is written without quotes."""
    text = value.get(TOML_DATE) if isinstance(value, dict) else value
    text = text.removesuffix(":00") if isinstance(text, str) and text.count(":") > 1 else text
    if not isinstance(text, str) or _TIME.fullmatch(text) is None:
        refuse("this is no time of day", 'write hours and minutes, for example "22:00"; the end of a day is "24:00"')
    return text


def _some(days: tuple[Day, ...]) -> tuple[Day, ...]:
    if not days:
        refuse(
            "there is no day on which it would hold", f"name at least one of {', '.join(DAYS)}, or leave the key out"
        )
    return once_each(days)


Time = Annotated[str, BeforeValidator(_time)]


class ScheduleSection(Section):
    """`[[limits.schedule]]`: the share at some hours of some days, by the clock on the portal's wall."""

    days: Annotated[tuple[Day, ...], AfterValidator(_some)] = DAYS
    """The days on which it begins; left out: all of them."""
    begins: Annotated[Time, Key(alias="from")] = "00:00"
    """When it begins, in hours and minutes."""
    ends: Annotated[Time, Key(alias="to")] = "24:00"
    """When it ends; where that is not after `from`, on the next day: from Friday 22:00 to Saturday 06:00 is one of
    `"fri"`.
    """
    share: Annotated[float, Key(gt=0, le=1)]
    """What holds instead of `limits.share`."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if _minute(self.begins) % _DAY_MINUTES == _minute(self.ends) % _DAY_MINUTES and not self._is_whole_day:
            refuse(
                f"it would begin and end at {self.begins}",
                "write another time in from or to, or leave both out for whole days",
            )
        return self

    @property
    def _is_whole_day(self) -> bool:
        return (self.begins, self.ends) == ("00:00", "24:00")

    @property
    def part_of_a_week(self) -> float:
        """For how much of a week it holds, of 1."""
        return sum(ends - begins for begins, ends in self.spans()) / _WEEK_MINUTES

    def spans(self) -> Iterator[Span]:
        """Yield when it holds; what goes over midnight belongs to the day on which it begins."""
        begins, ends = _minute(self.begins), _minute(self.ends)
        length = ends - begins if ends > begins else ends + _DAY_MINUTES - begins
        for day in self.days:
            first = DAYS.index(day) * _DAY_MINUTES + begins
            last = first + length
            yield first % _WEEK_MINUTES, min(last, _WEEK_MINUTES)
            if last > _WEEK_MINUTES:
                yield 0, last - _WEEK_MINUTES


def refuse_overlaps(schedule: Sequence[ScheduleSection]) -> None:
    """Refuse entries of which two say something else of the same minute."""
    for (number, one), (other_number, other) in combinations(enumerate(schedule), 2):
        common = [
            max(begins, other_begins)
            for begins, ends in one.spans()
            for other_begins, other_ends in other.spans()
            if max(begins, other_begins) < min(ends, other_ends)
        ]
        if common:
            day, minute = divmod(min(common), _DAY_MINUTES)
            refuse(
                f"[{number}] and [{other_number}] both hold on {DAYS[day]} at {minute // 60:02}:{minute % 60:02}",
                "let one end where the other begins, or give them different days",
            )


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


NESTED: Final[Mapping[str, type[BaseModel]]] = {"limits.schedule": ScheduleSection}
"""The tables inside of `[limits]`, by their full names without numbers."""
