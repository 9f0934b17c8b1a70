"""A test holds a promise only if it fails once the code that keeps the promise is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from tests.attack.sabotage import SABOTAGES, table
from tests.attack.sabotaged import PROMISES, ROOT
from tests.variants import IS_LONG, some

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.attack.sabotaged import Sabotage

COPIED = ("daemon", "tests", "docs", "config", "systemd", "pyproject.toml", "README.md", "CHANGELOG.md")
OURS_NOT_TO_SEE = ("COV", "PYTEST", "ATTACK")
"""Begin the variables that would let a run inside a run be measured, or be another than the short one."""

MISTAKES = ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError")
"""What a test fails with where the edit only makes no sense."""


def copied(tree: Path) -> Path:
    """Copy all that tests need into a new folder."""
    tree.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name)
        else:
            shutil.copy2(ROOT / name, tree / name)
    return tree


def run_in(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run tests of a tree against the program in it."""
    kept = {name: os.environ[name] for name in os.environ if not name.startswith(OURS_NOT_TO_SEE)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-cov", *arguments],
        cwd=tree,
        env=kept | {"PYTHONPATH": f"{tree / 'daemon'}{os.pathsep}{tree}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.broken)
def test_it_fits_one_place_and_can_be_compiled(sabotage: Sabotage) -> None:
    broken = sabotage.applied_to((ROOT / sabotage.path).read_text(encoding="utf-8"))
    compile(broken, sabotage.file, "exec")


def test_every_promise_is_broken_in_several_ways() -> None:
    broken = [sabotage.promise for sabotage in SABOTAGES]
    assert set(broken) == set(PROMISES)
    assert min(map(broken.count, PROMISES)) >= 3
    assert len({sabotage.broken for sabotage in SABOTAGES}) == len(SABOTAGES)


def test_the_tests_that_are_named_pass_where_nothing_is_broken(tmp_path: Path) -> None:
    """In the suite they are only looked for: they are run by it anyway."""
    how = () if IS_LONG else ("--collect-only",)
    ended = run_in(copied(tmp_path / "tree"), *how, *dict.fromkeys(sabotage.node for sabotage in SABOTAGES))
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("sabotage", some(SABOTAGES), ids=lambda sabotage: sabotage.broken)
def test_a_test_notices_it(sabotage: Sabotage, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    tree = copied(tmp_path / "tree")
    path = tree / sabotage.path
    path.write_text(sabotage.applied_to(path.read_text(encoding="utf-8")), encoding="utf-8")
    report = tmp_path / "report.xml"
    ended = run_in(tree, f"--junitxml={report}", sabotage.node)
    assert ended.returncode == 1, ended.stdout
    found = ET.parse(report).getroot()  # noqa: S314 # written by the line before
    failures = [f"{failure.get('message')}\n{failure.text}" for failure in found.iter("failure")]
    assert failures, ended.stdout
    assert not list(found.iter("error")), ended.stdout
    assert not [name for name in MISTAKES if any(f"{name}: " in failure for failure in failures)], ended.stdout
    record_property("figures", {"sabotages tried": 1})


def test_the_document_shows_what_is_tried() -> None:
    """`python -m tests.attack.sabotage` prints the table."""
    assert f"\n{table()}\n" in (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
