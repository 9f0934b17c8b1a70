"""Settings of the job `fields`: what rules mean, and every fault of a rule by its full name."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from b24syncd.app import chosen_jobs
from b24syncd.cli.config import as_toml
from b24syncd.domain.entities import EntityType
from b24syncd.domain.field_settings import MEANING_NOTHING, FieldRuleSettings, FieldSettings, named_entity
from b24syncd.domain.job_names import FIELDS
from b24syncd.domain.rules import FieldRule, LetterCase
from b24syncd.errors import Problem, SettingsInvalid
from b24syncd.jobs.fields.evaluation import Known, evaluate
from b24syncd.settings import Settings, load_settings

ENVIRON = {"B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/"}
ROOT = Path(__file__).parents[2]
KEY = "jobs.fields.rules"


def loaded(folder: Path, text: str, **environ: str) -> Settings:
    file = folder / "b24syncd.toml"
    file.write_text(f'[portal]\nregion = "RU"\n{text}', encoding="utf-8")
    return load_settings(file, ENVIRON | environ)


def rule(**keys: str) -> str:
    """Return a rule that is right, with some keys as they are written in TOML; an empty one is left out."""
    written = {"name": '"titles"', "entity": '"deal"', "field": '"title"', "trim": "true"} | keys
    return f"[[{KEY}]]\n" + "\n".join(f"{key} = {value}" for key, value in written.items() if value) + "\n"


def rules(folder: Path, text: str) -> tuple[FieldRuleSettings, ...]:
    found = loaded(folder, text).looked_up.get(FIELDS)
    assert isinstance(found, FieldSettings)
    return found.rules


def problems(folder: Path, text: str, **environ: str) -> dict[str, Problem]:
    with pytest.raises(SettingsInvalid) as caught:
        loaded(folder, text, **environ)
    found = {problem.key: problem for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    return found


def test_without_rules_there_is_nothing_to_do(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "")
    assert not settings.looked_up
    assert settings.idle["fields"] == "jobs.fields has no rules"
    assert "fields" not in settings.enabled
    assert "fields" in loaded(tmp_path, rule()).enabled
    assert chosen_jobs(loaded(tmp_path, rule()), ("fields",)) == ("fields",)
    off = loaded(tmp_path, f"[jobs.fields]\nenabled = false\n{rule()}")
    assert not off.looked_up
    assert off.idle["fields"] == "jobs.fields.enabled is false"


def test_a_rule_has_defaults(tmp_path: Path) -> None:
    plain = FieldRuleSettings(number=0, name="titles", entity="deal", field="title", trim=True)
    assert loaded(tmp_path, rule()).looked_up.get(FIELDS) == FieldSettings(rules=(plain,))
    assert plain.key == f'{KEY}[0] "titles"'


def test_everything_of_a_rule_can_be_set(tmp_path: Path) -> None:
    text = rule(
        entity='"Contracts"',
        where='{ categoryId = 5, ">=createdTime" = 2026-01-31 }',
        field='" UF_CRM_5_CITY "',
        trim="false",
        squeeze="true",
        strip_html="true",
        case='"sentence"',
        abbreviations='["ГАЗ", "ГАЗ"]',
        replace='{ "мск" = "Москва" }',
        match='"words"',
        clear='["-", 0, false, 2026-01-31]',
        copy_from='"City"',
        default="2026-01-31T09:00:00Z",
    )
    wanted = FieldRuleSettings(
        number=0,
        name="titles",
        entity="Contracts",
        where=((">=createdTime", '"2026-01-31"'), ("categoryId", "5")),
        field="UF_CRM_5_CITY",
        squeeze=True,
        strip_html=True,
        case=LetterCase.SENTENCE,
        abbreviations=("ГАЗ",),
        replace=(("мск", "Москва"),),
        replaces_words=True,
        clear=("-", Decimal(0), False, date(2026, 1, 31)),
        copy_from="City",
        default=datetime(2026, 1, 31, 9, tzinfo=UTC),
    )
    assert rules(tmp_path, text) == (wanted,)


def test_values_keep_their_types(tmp_path: Path) -> None:
    assert rules(tmp_path, rule(clear="true", default="1.10"))[0].default == Decimal("1.1")
    assert rules(tmp_path, rule(clear="true"))[0].clear == MEANING_NOTHING
    assert rules(tmp_path, rule(default="false", trim=""))[0].default is False
    assert rules(tmp_path, rule(replace='{ "1" = 2 }'))[0].replace == (("1", Decimal(2)),)


def test_a_table_may_be_a_file_beside_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "cities.csv"
    for text in ("from,to\nмск,Москва\n\nспб,Санкт-Петербург,\n", "From;To\nмск; Москва \n спб;Санкт-Петербург"):
        file.write_bytes(text.encode("utf-8-sig"))
        found = rules(tmp_path, rule(replace='"cities.csv"'))[0].replace
        assert found == (("мск", "Москва"), ("спб", "Санкт-Петербург"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", "has no rows below its header"),
        ("from,to\n", "has no rows below its header"),
        ("city,town\na,b\n", "is not from,to"),
        ("from,to\na\n", "line 2 of"),
        ("from,to\na,b,c\n", "line 2 of"),
        ('from,to\na,"b\n', "is no CSV from line 2 on"),
        ("from,to\na,b\nA,c\n", "are the same"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, text: str | None, message: str) -> None:
    if text is not None:
        (tmp_path / "cities.csv").write_text(text, encoding="utf-8")
    found = problems(tmp_path, rule(replace='"cities.csv"'))
    assert message in found[f'{KEY}[0] "titles".replace'].message


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_bytes("from,to\nмск,Москва".encode("cp1251"))
    assert "UTF-8" in problems(tmp_path, rule(replace='"cities.csv"'))[f'{KEY}[0] "titles".replace'].message


@pytest.mark.parametrize(
    ("key", "written", "message", "cure"),
    [
        ("entity", '"Lead"', "no type of items", '"lead"'),
        ("entity", '"smart invoice"', "no type of items", '"smart_invoice"'),
        ("entity", '"activity"', "no type of items", "smart process"),
        ("entity", '"type 5"', "no smart process", "from 128 on"),
        ("field", '" "', "cannot be a field's name", "UF_CRM_"),
        ("copy_from", '""', "cannot be a field's name", "UF_CRM_"),
        ("trim", '"yes"', "neither true nor false", "without quotes"),
        ("case", '"Title"', "none of the possible words", "'title', 'sentence', 'upper' or 'lower'"),
        ("match", '"letters"', "none of the possible words", "'value' or 'words'"),
        ("replace", "5", "no table", "CSV"),
        ("replace", "{}", "empty", "Москва"),
        ("replace", "{ a = [1] }", "no value of a field", "a number"),
        ("clear", '"-"', "no list of values", "clear = true"),
        ("clear", "[]", "no list of values", "clear = true"),
        ("default", '" "', "nothing", "leave the key out"),
        ("default", "[1]", "no value of a field", "a number"),
        ("where", "5", "no table", "categoryId"),
        ("where", '{ "~title" = "x" }', "", ""),
        ("nam", '"x"', "unknown key", "did you mean name?"),
        ("name", '" "', "cannot be a rule's name", "one line"),
    ],
)
def test_faults_of_single_keys(tmp_path: Path, key: str, written: str, message: str, cure: str) -> None:
    text = rule(**{key: written})
    if key == "where" and "~" in written:
        assert rules(tmp_path, text)[0].where == (
            ("~title", '"x"'),
        )  # no prefix: the portal tells that it has no such field
        return
    found = problems(tmp_path, text)
    (problem,) = [one for place, one in found.items() if place.endswith(f".{key}")]
    assert message in problem.message
    assert cure in problem.cure


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"trim": "false"}, "the rule does nothing"),
        ({"trim": ""}, "the rule does nothing"),
        ({"abbreviations": '["ГАЗ"]'}, "abbreviations are for case only"),
        ({"match": '"words"'}, "nothing whose words"),
        ({"copy_from": '"title"'}, "copied from itself"),
        ({"replace": '{ "a" = "b", " A" = "c" }'}, "are the same"),
        ({"replace": '{ "a" = "b", "B" = "c" }'}, "in the place of another"),
        ({"replace": '{ "a" = "" }'}, "replaced by nothing"),
        ({"replace": '{ " " = "a" }'}, "cannot replace nothing"),
        ({"replace": '{ "a" = 1 }', "match": '"words"'}, "is no text"),
        ({"abbreviations": '["a b"]', "case": '"title"'}, "no word"),
    ],
)
def test_faults_of_a_whole_rule(tmp_path: Path, keys: dict[str, str], message: str) -> None:
    (problem,) = problems(tmp_path, rule(**keys)).values()
    assert problem.key.startswith(f'{KEY}[0] "titles"')
    assert message in problem.message


def test_what_is_missing_is_named_with_an_example(tmp_path: Path) -> None:
    found = problems(tmp_path, f"[[{KEY}]]\ntrim = true\n")
    assert {key.rpartition(".")[2]: "for example" in problem.cure for key, problem in found.items()} == {
        "name": True,
        "entity": True,
        "field": True,
    }


def test_names_are_each_of_one_rule_of_the_job(tmp_path: Path) -> None:
    other = '[[jobs.bindings.rules]]\nname = "titles"\nfrom = "lead"\nto = "company"\n'
    assert len(rules(tmp_path, rule() + other)) == 1
    (key,) = problems(tmp_path, rule() + rule())
    assert key == f'{KEY}[1] "titles".name'


def test_rules_may_come_from_the_environment(tmp_path: Path) -> None:
    written = [{"name": "titles", "entity": "deal", "field": "title", "case": "titel"}]
    found = problems(tmp_path, "", B24SYNCD_JOBS__FIELDS__RULES=json.dumps(written))
    assert list(found) == ['B24SYNCD_JOBS__FIELDS__RULES[0] "titles".case']


def test_what_is_in_effect_can_be_used_as_a_configuration(tmp_path: Path) -> None:
    first = loaded(tmp_path, rule(default="1.5", clear="[0]", replace='{ "1" = 2, x = "y" }', case='"title"'))
    shown = tomllib.loads("\n".join(as_toml(first.effective)))["jobs"]["fields"]["rules"][0]
    assert (shown["default"], shown["clear"], shown["replace"]) == (1.5, [0], {"1": 2, "x": "y"})


@pytest.mark.parametrize(
    ("text", "entity_type"),
    [("lead", EntityType.LEAD), ("smart_invoice", EntityType.SMART_INVOICE), ("type130", EntityType("type130"))]
    + [(text, None) for text in ("activity", "type7", "Contracts", "type0130")],
)
def test_types_by_name(text: str, entity_type: EntityType | None) -> None:
    assert named_entity(text) is entity_type


def test_the_recipes_of_the_example_are_right(tmp_path: Path) -> None:
    lines = (ROOT / "config" / "b24syncd.example.toml").read_text(encoding="utf-8").splitlines()
    own = lines[lines.index("[jobs.fields]") : lines.index("[http]")]
    keys = [line.removeprefix("# ") for line in own if re.match(r"# (\[\[|(?!rules)[a-z_]+ = )", line)]
    assert [one.name for one in rules(tmp_path, "\n".join(keys))] == ["names of companies", "sources", "cities"]


@pytest.mark.parametrize("document", ["README.md", "docs/field-rules.md"])
def test_the_recipes_of_the_documents_are_right(tmp_path: Path, document: str) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    recipes = [block for block in blocks if "[[jobs.fields.rules]]" in block]
    assert recipes
    for recipe in recipes:
        assert rules(tmp_path, recipe)


TOLD = (ROOT / "docs/field-rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `([^`]*)` \| (?:`([^`]*)`|stays: [^|]*) \|$", TOLD, re.MULTILINE)


@pytest.mark.parametrize(("before", "after"), EXAMPLES)
def test_what_the_documents_tell_of_rules_is_done(tmp_path: Path, before: str, after: str) -> None:
    block = re.findall(r"```toml\n(.*?)```", TOLD, re.DOTALL)[0]
    (told,) = rules(tmp_path, block)
    rule_ = FieldRule(
        name=told.name,
        entity=EntityType.COMPANY,
        field="title",
        trim=told.trim,
        squeeze=told.squeeze,
        strip_html=told.strip_html,
        case=told.case,
    )
    assert evaluate((rule_,), Known({"title": before})).fields["title"] == (after or before)
