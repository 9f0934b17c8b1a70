"""The arrows of the design: who may import whom."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2] / "daemon"
PACKAGE = "b24syncd"
MOST_LINES = 300
MOST_PARAMETERS = 6

LEAVES = {"clock", "errors", "observe", "task_group"}
ARROWS: dict[str, set[str]] = {
    "domain": set(),
    "jobs": {"domain"},
    "settings": {"domain"},
    "portal": {"domain"},
    "store": {"domain"},
    "reports": {"store", "jobs", "domain"},  # jobs: which reviews are of points, countries and regions of phones
    "feeders": {"portal", "store", "domain"},
    "engine": {"feeders", "jobs", "portal", "store", "domain"},
    "tokens": {"portal", "store", "domain"},  # the same, for the tokens of an application
    "memory": {"tokens", "portal", "store", "domain"},  # a piece of the composition: portal itself never imports store
    "telling": {"engine", "portal", "store", "settings", "domain"},
    "session": {"telling", "memory", "tokens", "engine", "portal", "store", "settings", "domain"},
    "assembly": {"session", "memory", "engine", "feeders", "jobs", "portal", "store", "settings", "domain"},
    "app": {
        *("reports", "assembly", "session", "memory", "tokens", "telling"),
        *("engine", "feeders", "jobs", "portal", "store", "settings", "domain", "local_socket"),
    },
    "web": {
        *("app", "reports", "session", "local_socket"),
        *("engine", "portal", "store", "settings", "domain"),  # store: where a daemon says that it can be asked
    },
    "__main__": {"cli"},
    "cli": {
        *("web", "app", "reports"),
        *("engine", "feeders", "jobs", "portal", "store", "settings", "domain", "simulator"),
    },
    "local_socket": set(),
    "simulator": set(),
    **{leaf: set() for leaf in LEAVES},
    "task_group": {"errors"},
}
WITHOUT_LEAVES = {"domain", "jobs", "simulator"} | LEAVES
"""Units that may not even import the leaves."""

ONLY_THERE = {
    "aiohttp": {"portal", "app", "web", "simulator"},
    "sqlite3": {"store"},
    "sqlite_utils": {"store"},
    "structlog": {"observe"},
    "cryptography": {"store", "simulator"},
    "typer": {"cli"},
    "rich": {"cli"},
    "prometheus_client": {"web"},
    "jinja2": {"web"},
    "aiohttp_jinja2": {"web"},
    "markupsafe": {"web"},
    "babel": {"web"},
}
"""Libraries that only one part of the program uses; others may name their types."""


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported_names(module: str, tree: ast.AST, *, is_package: bool) -> Iterator[str]:
    """Yield the full names of all modules that are imported anywhere in `tree`."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=base, names=names, level=level):
                parents = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                origin = ".".join([*parents, *([base] if base else [])])
                for name in names:
                    full = f"{origin}.{name.name}"
                    yield full if full in MODULES else origin


class WithoutTypes(ast.NodeTransformer):
    """Removes what is imported only to write down types."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        is_for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if is_for_types else self.generic_visit(node)


@cache
def imports_of(module: str, *, types_too: bool = True) -> list[str]:
    path = MODULES[module]
    tree: ast.AST = ast.parse(path.read_text(encoding="utf-8"))
    if not types_too:
        tree = WithoutTypes().visit(tree)
    return sorted(set(imported_names(module, tree, is_package=path.name == "__init__.py")))


def unit_of(module: str) -> str:
    """Return the part of the program that a module is in; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def ours_of(module: str) -> set[str]:
    return {name for name in imports_of(module) if name.partition(".")[0] == PACKAGE}


def against_the_arrows(module: str) -> set[str]:
    """Return what a module imports, but may not."""
    unit = unit_of(module)
    allowed = ARROWS[unit] | {unit} | (set() if unit in WITHOUT_LEAVES else LEAVES | {""})
    return {name for name in ours_of(module) if unit_of(name) not in allowed}


def test_imports_follow_the_arrows() -> None:
    found = {module: against_the_arrows(module) for module in MODULES if unit_of(module)}
    assert {module: wrong for module, wrong in found.items() if wrong} == {}


def test_the_arrows_of_the_table_have_no_circle() -> None:
    assert list(TopologicalSorter(ARROWS).static_order())


def test_every_part_has_its_arrows() -> None:
    assert {unit_of(module) for module in MODULES} - {""} <= ARROWS.keys()


def test_no_module_imports_itself_by_a_detour() -> None:
    graph: defaultdict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        graph[module] = ours_of(module) - {module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' → '.join(error.args[1])}")


def test_the_domain_needs_the_standard_library_only() -> None:
    roots = {name.partition(".")[0] for module in MODULES if unit_of(module) == "domain" for name in imports_of(module)}
    assert roots - set(sys.stdlib_module_names) <= {PACKAGE}


def test_a_library_is_hidden_by_the_part_that_speaks_its_language() -> None:
    users: defaultdict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        for name in imports_of(module, types_too=False):
            users[name.partition(".")[0]].add(unit_of(module))
    assert {library for library, allowed in ONLY_THERE.items() if users[library] - allowed} == set()


def test_modules_stay_small() -> None:
    lines = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in MODULES.items()}
    assert {module: number for module, number in lines.items() if number > MOST_LINES} == {}


def folder_of(module: str) -> str:
    """Return the folder of a part that a module is in, `portal.wire`; empty for what lies in the part itself."""
    parts = module.split(".")[1:]
    is_package = MODULES[module].name == "__init__.py"
    return ".".join(parts[:2]) if len(parts) > (1 if is_package else 2) else ""


def test_what_belongs_together_is_handed_over_together() -> None:
    # options of commands, and how the portal's tables are made, have their own measure
    long = [
        (str(path.relative_to(ROOT)), node.name)
        for path in (ROOT / PACKAGE).rglob("*.py")
        if path.relative_to(ROOT / PACKAGE).parts[0] not in {"cli", "simulator"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _parameters(node) > MOST_PARAMETERS
    ]
    assert long == []


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    told = function.args
    named = [each.arg for each in (*told.posonlyargs, *told.args, *told.kwonlyargs)]
    return len(named) - (named[:1] in (["self"], ["cls"]))


def test_the_folders_of_a_part_import_each_other_in_one_direction() -> None:
    graph: defaultdict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        folder = folder_of(module)
        if folder and unit_of(module) != "simulator":
            others = {folder_of(name) for name in ours_of(module) if unit_of(name) == unit_of(module)}
            graph[folder] |= others - {folder, ""}
    assert {"portal.wire", "engine.writing"} <= graph.keys()
    assert list(TopologicalSorter(graph).static_order())


def named_in(document: Path) -> Iterator[tuple[str, str]]:
    """Yield the modules that a document names, as they are written and by their paths; one goes on from the last."""
    folder = ""
    for written in re.findall(r"`([\w/]+\.py)`", document.read_text(encoding="utf-8")):
        folder = written.rpartition("/")[0] or folder
        yield written, f"{folder}/{written.rpartition('/')[2]}" if folder else written


@pytest.mark.parametrize("document", sorted((ROOT.parent / "docs").rglob("*.md")), ids=lambda path: path.stem)
def test_documents_name_modules_that_are_there(document: Path) -> None:
    there = {str(path.relative_to(ROOT / PACKAGE)) for path in MODULES.values()}
    top = ROOT.parent
    missing = {
        written
        for written, path in named_in(document)
        if not {path, written} & there and not (top / written).exists() and not list(top.glob(f"tests/**/{written}"))
    }
    assert missing == set()
