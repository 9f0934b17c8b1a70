"""The pulse as it is told: how the loops of a daemon are, with times of this machine's clock.

Who only asks imports nothing else for it.
"""

# No `from __future__ import annotations`: pydantic reads the annotations.
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

PULSE_PATH: Final = "/v1/pulse"


class _Told(BaseModel):
    """Whoever asks may be older than who answers: what it does not know is no harm."""

    model_config = ConfigDict(frozen=True)


class Waiting(_Told):
    """What is waited for, since when, and until when it takes where that is known."""

    what: str
    since: datetime
    until: datetime | None = None


class LoopTold(_Told):
    """How one loop is; `failures` are those in a row, `detail` why it failed last."""

    name: str
    last_success: datetime | None
    failures: int
    failing_since: datetime | None
    detail: str | None
    waiting: Waiting | None


class ConditionTold(_Told):
    """Something that is not as it should be."""

    kind: str
    about: str
    since: datetime
    detail: str


class PulseTold(_Told):
    """How the daemon is at this moment, what it waits for as a whole, and when the portal answered it last.

    A daemon of an older release tells less.
    """

    at: datetime
    is_alive: bool
    last_sign: datetime
    waiting: Waiting | None
    loops: tuple[LoopTold, ...]
    last_contact: datetime | None = None
    conditions: tuple[ConditionTold, ...] = ()
