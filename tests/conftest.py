"""What all tests share."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import settings
from tests.variants import IS_LONG

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same examples every time: a test that fails by chance hides the one that fails for a reason.
# HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=100 if IS_LONG else 60)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# Thousands of databases are written and synced: in memory, where there is plenty, that is no matter of a disk.
_MEMORY = Path("/dev/shm")  # noqa: S108 # pytest makes a folder of its own in there
_PLENTY = 8 << 30
if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _PLENTY:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

# Begun in the background of a script, tests ignore Ctrl-C, and so would all programs that they start on a terminal.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_HERE = Path(__file__).parent
_ATTACKS = _HERE / "attack"
_ENGINE = _HERE / "engine"
_WAITING, _WORKING = (_HERE / "console", _HERE / "acceptance"), (_ATTACKS, _ENGINE)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Choose which run, and in what order."""
    left_out = set(_left_out(items))
    items[:] = [item for item in items if item not in left_out]
    _interleave(items)


def pytest_collection_finish() -> None:
    """Spare what all tests are made of the looking for garbage: there is none, and it takes long to find that out.

    What they leave themselves is looked for as seldom as in the program.
    """
    if not IS_LONG:  # the soak asks for all that there is
        gc.freeze()
        gc.set_threshold(20_000)


def _left_out(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the variants that only the long form tries: of a test marked `every(n)`, n - 1 of n."""
    if IS_LONG:
        return
    met: Counter[str] = Counter()
    for item in items:
        marker = item.get_closest_marker("every")
        if marker is not None:
            name = item.nodeid.partition("[")[0]
            if met[name] % marker.args[0]:
                yield item
            met[name] += 1


def _interleave(items: list[pytest.Item]) -> None:
    """Spread those that wait for real processes among those that work: so no processor has nothing to do."""
    waiting = [item for item in items if item.path.parent in _WAITING]
    working = [item for item in items if item.path.parent in _WORKING]
    others = [item for item in items if item.path.parent not in {*_WAITING, *_WORKING}]
    share = len(working) / max(1, len(waiting))
    places = [(number * share, 0, item) for number, item in enumerate(waiting)]
    places += [(float(number), 1, item) for number, item in enumerate(working)]
    items[:] = [*(item for *_, item in sorted(places, key=lambda place: place[:2])), *others]


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Leave the process's logging as it was: whoever calls the program in it sets that up."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
