"""Settings of the job `bindings`: what rules mean, and every fault of a rule by its full name."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from b24syncd.app import chosen_jobs
from b24syncd.cli.config import as_toml
from b24syncd.domain.entities import EntityType
from b24syncd.domain.rules import (
    ActivityFilter,
    ActivityStatus,
    BindingRule,
    BindingRules,
    LinkedItem,
    LinkField,
    RebindMode,
    SharedContactPoint,
)
from b24syncd.errors import Problem, SettingsInvalid, UsageInvalid
from b24syncd.settings import Settings, load_settings

ENVIRON = {"B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/"}
ROOT = Path(__file__).parents[2]
RULES_OF_THE_EXAMPLE = 3


def loaded(folder: Path, text: str, *, region: str | None = "RU", **environ: str) -> Settings:
    file = folder / "b24syncd.toml"
    portal = f'[portal]\nregion = "{region}"\n' if region else "[jobs.phones]\nenabled = false\n"
    file.write_text(portal + text, encoding="utf-8")
    return load_settings(file, ENVIRON | environ)


def rules(folder: Path, text: str) -> BindingRules:
    found = loaded(folder, text).jobs["bindings"]
    assert isinstance(found, BindingRules)
    return found


def rule(**keys: str) -> str:
    """Return a rule that is right, with some keys as they are written in TOML; an empty one is left out."""
    written = {"name": '"old leads"', "from": '"lead"', "to": '"company"'} | keys
    return "[[jobs.bindings.rules]]\n" + "\n".join(f"{key} = {value}" for key, value in written.items() if value) + "\n"


def problems(folder: Path, text: str, **environ: str) -> dict[str, Problem]:
    with pytest.raises(SettingsInvalid) as caught:
        loaded(folder, text, **environ)
    found = {problem.key: problem for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    return found


def test_a_rule_has_defaults(tmp_path: Path) -> None:
    plain = BindingRule(name="old leads", source=EntityType.LEAD, to=LinkedItem(EntityType.COMPANY))
    assert rules(tmp_path, rule()) == BindingRules(rules=(plain,), region="RU")


def test_everything_of_a_rule_can_be_set(tmp_path: Path) -> None:
    text = """
        [jobs.bindings]
        include_tasks = false
        [[jobs.bindings.rules]]
        name = "old mails"
        from = "lead"
        where = { "@stageId" = ["CONVERTED", "JUNK"], ">=createdTime" = 2026-01-31, opened = "Y" }
        to = "same_contact_point:contact"
        mode = "copy"
        [jobs.bindings.rules.activities]
        provider = "CRM_EMAIL"
        type = ["email", "call", 9]
        direction = "incoming"
        status = "completed"
        created_since = 2025-12-31
    """
    wanted = BindingRule(
        name="old mails",
        source=EntityType.LEAD,
        to=SharedContactPoint(EntityType.CONTACT),
        where=((">=createdTime", '"2026-01-31"'), ("@stageId", '["CONVERTED", "JUNK"]'), ("opened", '"Y"')),
        activities=ActivityFilter(
            providers=frozenset({"CRM_EMAIL"}),
            types=frozenset({4, 2, 9}),
            direction=1,
            status=ActivityStatus.COMPLETED,
            created_since=date(2025, 12, 31),
        ),
        mode=RebindMode.COPY,
    )
    assert rules(tmp_path, text) == BindingRules(rules=(wanted,), include_tasks=False, region="RU")


def test_conditions_can_be_grouped(tmp_path: Path) -> None:
    groups = '{ "0" = { logic = "OR", opened = "Y", "%title" = "old" }, "!stageId" = "NEW" }'
    assert rules(tmp_path, rule(where=groups)).rules[0].where == (
        ("!stageId", '"NEW"'),
        ("0", '{"%title": "old", "logic": "OR", "opened": "Y"}'),
    )
    assert rules(tmp_path, rule(where='{ logic = "OR", opened = "Y", stageId = "NEW" }')).rules[0].where == (
        ("logic", '"OR"'),
        ("opened", '"Y"'),
        ("stageId", '"NEW"'),
    )


@pytest.mark.parametrize(
    ("source", "to", "target"),
    [
        ("lead", "deal", LinkedItem(EntityType.DEAL)),
        ("lead", "contact", LinkedItem(EntityType.CONTACT)),
        ("deal", "contact", LinkedItem(EntityType.CONTACT)),
        ("deal", "company", LinkedItem(EntityType.COMPANY)),
        ("contact", "company", LinkedItem(EntityType.COMPANY)),
        ("company", "field:UF_CRM_OWNER", LinkField("UF_CRM_OWNER")),
        ("deal", "field:UF_CRM_5_1639669411830", LinkField("UF_CRM_5_1639669411830")),
        ("contact", "same_contact_point:company", SharedContactPoint(EntityType.COMPANY)),
        ("company", "same_contact_point:contact", SharedContactPoint(EntityType.CONTACT)),
    ],
)
def test_where_activities_can_go(tmp_path: Path, source: str, to: str, target: object) -> None:
    assert rules(tmp_path, rule(**{"from": f'"{source}"', "to": f'"{to}"'})).rules[0].to == target


@pytest.mark.parametrize(
    ("source", "to", "message", "cure"),
    [
        ("lead", "lead", "the target is the source", "deal, contact, company"),
        ("contact", "contact", "the target is the source", "company"),
        ("company", "same_contact_point:company", "the target is the source", "rebind --map"),
        ("company", "deal", "a company has no link to a deal", "same_contact_point:contact"),
        ("contact", "deal", "a contact has no link to a deal", "company"),
        ("deal", "lead", "a deal has no link to a lead", "contact, company"),
        ("deal", "same_contact_point:company", "no phones or e-mails", "contact, company"),
        ("lead", "same_contact_point:deal", "shared with", "same_contact_point:company"),
        ("lead", "same_contact_point", "no target", "same_contact_point:company"),
        ("lead", "field:CARD", "no custom field", "field:UF_CRM_"),
        ("lead", "field:ufCrmCard", "no custom field", "field:UF_CRM_"),
        ("lead", "activity", "no target", "field:UF_CRM_"),
        ("lead", "", "no target", "field:UF_CRM_"),
    ],
)
def test_a_target_that_cannot_be_is_refused(tmp_path: Path, source: str, to: str, message: str, cure: str) -> None:
    found = problems(tmp_path, rule(**{"from": f'"{source}"', "to": f'"{to}"'}))
    assert found.keys() == {'jobs.bindings.rules[0] "old leads".to'}
    [problem] = found.values()
    assert message in problem.message
    assert cure in problem.cure


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ('{ ">=" = 1 }', "names no field"),
        ('{ "" = 1 }', "names no field"),
        ('{ "7" = 1 }', "names no field"),
        ('{ "0" = {} }', "the group '0' is empty"),
        ('{ "0" = { logic = "OR" } }', "the group '0' is empty"),
        ('{ "0" = { "=" = 1 } }', "names no field"),
        ('{ "=>opened" = 1 }', "=> before opened is no comparison"),
        ("{ opened = { a = 1 } }", "the value of 'opened' is a table"),
        ('{ "@opened" = [] }', "the list of '@opened' is empty"),
        ('{ "@opened" = [[1]] }', "none that can be compared"),
        ("{ opportunity = nan }", "none that can be compared"),
        ('{ logic = "XOR", opened = 1 }', "neither AND nor OR"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(tmp_path: Path, where: str, message: str) -> None:
    found = problems(tmp_path, rule(where=where))
    assert found.keys() == {'jobs.bindings.rules[0] "old leads".where'}
    assert all(message in problem.message and problem.cure for problem in found.values())


def test_all_faults_of_all_rules_are_told_at_once(tmp_path: Path) -> None:
    text = "".join(
        (
            "[jobs.bindings]\ninclude_task = true\n",
            rule(to='"person"', mode='"mve"', activities='{ type = "sms", directon = "any" }'),
            rule(name='"b"', where="3", frm='"lead"', activities="[]"),
            rule(name='"b"', activities='{ created_since = 2026-01-01T00:00:00, provider = "" }'),
            rule(name="", to=""),
            rule(name='" "', **{"from": '"order"'}),
        )
    )
    assert problems(tmp_path, text).keys() == {
        "jobs.bindings.include_task",
        'jobs.bindings.rules[0] "old leads".to',
        'jobs.bindings.rules[0] "old leads".mode',
        'jobs.bindings.rules[0] "old leads".activities.type[0]',
        'jobs.bindings.rules[0] "old leads".activities.directon',
        'jobs.bindings.rules[1] "b".where',
        'jobs.bindings.rules[1] "b".frm',
        'jobs.bindings.rules[1] "b".activities',
        'jobs.bindings.rules[2] "b".name',
        'jobs.bindings.rules[2] "b".activities.created_since',
        'jobs.bindings.rules[2] "b".activities.provider[0]',
        "jobs.bindings.rules[3].name",
        "jobs.bindings.rules[3].to",
        "jobs.bindings.rules[4].name",
        "jobs.bindings.rules[4].from",
    }


@pytest.mark.parametrize(
    ("text", "key", "cure"),
    [
        (rule(frm='"lead"'), 'jobs.bindings.rules[0] "old leads".frm', "did you mean from?"),
        (rule(zzz="1"), 'jobs.bindings.rules[0] "old leads".zzz', "known here: name, from, where, to, mode"),
        (
            rule(activities="{ providr = 'X' }"),
            'jobs.bindings.rules[0] "old leads".activities.providr',
            "mean provider?",
        ),
        ("[jobs.bindings]\nrule = []", "jobs.bindings.rule", "did you mean jobs.bindings.rules?"),
        ("[jobs.bindings]\nregion = 'RU'", "jobs.bindings.region", "did you mean"),
        ("[jobs.bindings.rules]\nname = 'a'", "jobs.bindings.rules", "[[jobs.bindings.rules]]"),
        ("[jobs.bindings]\nrules = ['a']", "jobs.bindings.rules[0]", "[[jobs.bindings.rules]]"),
    ],
)
def test_a_key_at_the_wrong_place_is_told_with_its_cure(tmp_path: Path, text: str, key: str, cure: str) -> None:
    found = problems(tmp_path, text)
    assert found.keys() == {key}
    assert cure in found[key].cure


def test_rules_that_would_hand_activities_to_and_fro_are_refused(tmp_path: Path) -> None:
    up = rule(**{"from": '"contact"'})
    down = rule(name='"back"', **{"from": '"company"', "to": '"same_contact_point:contact"'})
    assert "to and fro" in problems(tmp_path, up + down)["jobs.bindings"].message
    assert len(rules(tmp_path, up + down + 'mode = "copy"').rules) == 2


def test_without_rules_the_job_is_not_enabled(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "")
    assert list(settings.jobs) == ["phones", "emails"]
    assert settings.idle["bindings"] == "jobs.bindings has no rules"
    assert settings.bindings == BindingRules(region="RU")
    off = loaded(tmp_path, "[jobs.bindings]\nenabled = false\ninclude_tasks = false\n" + rule())
    assert off.idle["bindings"] == "jobs.bindings.enabled is false"
    assert (off.bindings.include_tasks, len(off.bindings.rules)) == (False, 1)


def test_rules_alone_are_a_job(tmp_path: Path) -> None:
    others_off = "[jobs.emails]\nenabled = false\n"
    assert list(loaded(tmp_path, others_off + rule(), region=None).jobs) == ["bindings"]
    none = loaded(tmp_path, others_off, region=None)  # enough for a list of moves
    assert none.enabled == ()
    with pytest.raises(UsageInvalid, match=r"no job is enabled.*jobs\.bindings has no rules"):
        chosen_jobs(none, ())


def test_a_region_is_needed_only_where_contact_points_are_compared(tmp_path: Path) -> None:
    assert "bindings" in loaded(tmp_path, rule(), region=None).jobs
    with pytest.raises(SettingsInvalid, match=r"portal\.region: the job bindings needs to know"):
        loaded(tmp_path, rule(to='"same_contact_point:company"'), region=None)


def test_the_environment_can_give_rules(tmp_path: Path) -> None:
    variable = "B24SYNCD_JOBS__BINDINGS__RULES"
    given = [{"name": "a", "from": "lead", "to": "deal", "activities": {"created_since": "2026-01-31"}}]
    settings = loaded(tmp_path, rule(), **{variable: json.dumps(given), "B24SYNCD_JOBS__BINDINGS__INCLUDE_TASKS": "no"})
    found = settings.jobs["bindings"]
    assert isinstance(found, BindingRules)
    assert ([one.name for one in found.rules], found.include_tasks) == (["a"], False)
    assert found.rules[0].activities.created_since == date(2026, 1, 31)
    given[0]["to"] = "lead"
    assert problems(tmp_path, "", **{variable: json.dumps(given)}).keys() == {f'{variable}[0] "a".to'}
    assert problems(tmp_path, "", **{variable: "a, b"}).keys() == {f"{variable}[0]", f"{variable}[1]"}


def test_what_is_shown_is_the_settings_again(tmp_path: Path) -> None:
    where = '{ "@stageId" = ["A", "Ы"], "0" = { logic = "OR", ">=createdTime" = 2026-01-31, opened = true } }'
    text = rule(where=where, activities='{ type = ["email", 2], created_since = 2026-01-01 }') + rule(name='"б"')
    first = loaded(tmp_path, text)
    shown = "\n".join(as_toml({"jobs": first.effective["jobs"]}))
    assert [one["name"] for one in tomllib.loads(shown)["jobs"]["bindings"]["rules"]] == ["old leads", "б"]
    again = loaded(tmp_path, shown)
    assert (again.jobs, again.effective["jobs"]) == (first.jobs, first.effective["jobs"])


def test_the_recipes_of_the_example_are_true(tmp_path: Path) -> None:
    lines = (ROOT / "config" / "b24syncd.example.toml").read_text(encoding="utf-8").splitlines()
    section = lines[lines.index("[jobs.bindings]") : lines.index("[jobs.payment_dates]")]
    keys = [line.removeprefix("# ") for line in section if re.match(r"# (\[\[|[a-z]+ = [^[])", line)]
    assert len(rules(tmp_path, "\n".join(keys)).rules) == RULES_OF_THE_EXAMPLE


@pytest.mark.parametrize("document", ["README.md", "docs/rebinding.md"])
def test_the_recipes_of_the_documents_are_true(tmp_path: Path, document: str) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    recipes = [block for block in blocks if "[[jobs.bindings.rules]]" in block]
    assert recipes
    for recipe in recipes:
        assert rules(tmp_path, recipe).rules
