"""What a sabotage is: one small edit that breaks one facet of a promise, and the test that has to notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = Path("daemon/b24syncd")
PROMISES = {
    1: "nothing is lost",
    2: "a person's edit wins",
    3: "intent before effect",
    4: "an answer is not a success",
    5: "no write without a change",
    6: "inside the limits",
    7: "one write at a time, one writer",
    8: "can be stopped at any moment",
    9: "secrets stay secret",
    10: "seen, previewed, undone",
}


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One edit of the program: in `file`, which lies in the package, `text` becomes `instead`.

    `test`, a path under `tests/` and the test's name, must fail because of it.
    """

    promise: int
    broken: str
    file: str
    text: str
    instead: str
    test: str

    @property
    def path(self) -> Path:
        """Where the file lies in the tree."""
        return PACKAGE / self.file

    @property
    def node(self) -> str:
        """The test as pytest names it."""
        return f"tests/{self.test}"

    def applied_to(self, source: str) -> str:
        """Return a file's source with the edit made; it must fit exactly one place."""
        assert source.count(self.text) == 1, f"{self.file} holds {source.count(self.text)} times: {self.text}"
        return source.replace(self.text, self.instead)
