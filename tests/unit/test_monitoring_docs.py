"""Alert rules, dashboard and table of metrics name what there is."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.unit.test_readme import rows

from b24syncd.domain.conditions import ConditionKind
from b24syncd.web.monitoring.methods import KNOWN
from b24syncd.web.monitoring.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "monitoring"
RULES = FOLDER / "b24syncd.rules.yml"
FAMILIES = list(Metrics("acme", datetime(2026, 1, 1, tzinfo=UTC)).collect())
OWN = re.compile(r"\b(?:b24syncd|process)_[a-z_]+")
PROMETHEUS = {"up"}
"""The metrics that Prometheus makes itself."""

LABELS = {"portal", "instance", "job", "le"}
"""Those of every metric, those that Prometheus adds, and that of a histogram's buckets."""


def samples() -> dict[str, set[str]]:
    """Return the names of all samples, with their labels."""
    ends = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    return {f"{family.name}{end}": set(family._labelnames) for family in FAMILIES for end in ends[family.type]}  # type: ignore[attr-defined]  # noqa: SLF001 # no sample tells it yet


def expressions() -> Iterator[tuple[str, str]]:
    """Yield every expression, with where it stands."""
    for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("place", "expression"), list(expressions()))
def test_an_expression_asks_for_what_there_is(place: str, expression: str) -> None:
    known = samples()
    selected = re.findall(r"\b([a-z0-9_]+)\{([^}]*)\}", expression)
    named = set(OWN.findall(expression))
    assert named | {name for name, _ in selected}, place
    assert named - known.keys() == set()
    for name, selectors in selected:
        assert name in known or name in PROMETHEUS
        asked = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", selectors))
        assert asked <= known.get(name, set()) | LABELS
    kinds = {kind for found in re.findall(r'kind=~?"([^"]+)"', expression) for kind in found.split("|")}
    assert kinds <= set(ConditionKind)


def test_every_metric_is_in_the_table_with_its_type_and_labels() -> None:
    told = {
        name.strip("`"): (kind, re.findall(r"`(\w+)`", labels))
        for name, kind, labels, _ in rows("docs/monitoring/README.md", "metric | type | labels | what it tells")
    }
    there = {
        f"{family.name}_total" if family.type == "counter" else family.name: (
            family.type,
            [label for label in family._labelnames if label != "portal"],  # type: ignore[attr-defined]  # noqa: SLF001
        )
        for family in FAMILIES
    }
    assert told == there


def test_every_alert_is_in_the_table_and_says_what_to_do() -> None:
    [group] = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    told = rows("docs/monitoring/README.md", "alert | when | what to do")
    assert [name.strip("`") for name, _, _ in told] == [rule["alert"] for rule in group["rules"]]
    for rule in group["rules"]:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert {"summary", "description"} == set(rule["annotations"])


def test_promtool_has_nothing_to_say() -> None:
    promtool = shutil.which("promtool")
    if promtool is not None:  # the other tests here hold everywhere
        answer = subprocess.run(
            [promtool, "check", "rules", str(RULES)], capture_output=True, text=True, check=False, timeout=300
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_dashboard_can_be_imported() -> None:
    dashboard: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {one["name"] for one in dashboard["templating"]["list"]} == {"datasource", "portal"}
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}"
            assert panel["description"]
    for place, expression in expressions():
        if place in {panel["title"] for panel in panels}:
            assert 'portal=~"$portal"' in expression


def test_the_documents_scrape_configuration_is_one() -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", (FOLDER / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert yaml.safe_load(block)["scrape_configs"][0]["job_name"] == "b24syncd"


def test_metrics_know_the_methods_that_are_called() -> None:
    """What the portal is asked for elsewhere than by these names would be `other`."""
    called = set()
    for path in (ROOT / "daemon" / "b24syncd").rglob("*.py"):
        if {"simulator", "web", "cli"}.isdisjoint(path.parts):
            texts = (
                node.value
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Constant)
            )
            called |= {
                text
                for text in texts
                if isinstance(text, str) and re.fullmatch(r"(crm|tasks|sale|im)\.[a-z.]+[a-z]", text)
            }
    assert "crm.item.update" in called
    assert called - KNOWN == set()
