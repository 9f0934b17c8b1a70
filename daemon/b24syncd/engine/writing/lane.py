"""A lane: the engine's parts for one kind of subjects. Lanes share the portal, the state and the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pipeline import Pipeline
from .recovery import Recovery
from .settlement import Settlement
from .writer import Writer

if TYPE_CHECKING:
    from b24syncd.engine.context import RunContext


class Lane:
    """Plans, writes and settles one kind of subjects; what is swept meanwhile has an order of its own."""

    def __init__(self, run: RunContext) -> None:
        """Put the parts together for `run`."""
        self.run = run
        self.kind = run.kind
        self.settlement = Settlement(run)
        self.writer = Writer(run, self.settlement)
        self.pipeline = Pipeline(run, self.writer, self.settlement)
        self.sweeping = Pipeline(run, self.writer, self.settlement)
        self.recovery = Recovery(run, self.pipeline, self.settlement)
