"""Settings of the job `payment_dates`: types by name, number or title, a field for each, and every fault."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from b24syncd.app import chosen_jobs
from b24syncd.cli.config import as_toml
from b24syncd.domain.entities import EntityType
from b24syncd.domain.job_names import PAYMENT_DATES
from b24syncd.domain.payment_settings import PaymentSettings, named_type
from b24syncd.domain.rules import PaymentRules, Pick
from b24syncd.errors import Problem, SettingsInvalid, UsageInvalid
from b24syncd.settings import Settings, load_settings

ENVIRON = {"B24SYNCD_PORTAL__WEBHOOK": "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/"}
SECTION = "jobs.payment_dates"
ROOT = Path(__file__).parents[2]


def loaded(folder: Path, text: str, **environ: str) -> Settings:
    file = folder / "b24syncd.toml"
    file.write_text(f'[portal]\nregion = "RU"\n{text}', encoding="utf-8")
    return load_settings(file, ENVIRON | environ)


def payments(folder: Path, text: str, **environ: str) -> PaymentSettings:
    found = loaded(folder, f"[{SECTION}]\nenabled = true\n{text}", **environ).looked_up.get(PAYMENT_DATES)
    assert isinstance(found, PaymentSettings)
    return found


def problems(folder: Path, text: str, **environ: str) -> dict[str, Problem]:
    with pytest.raises(SettingsInvalid) as caught:
        loaded(folder, text, **environ)
    found = {problem.key: problem for problem in caught.value.problems}
    assert len(found) == len(caught.value.problems)
    return found


def test_the_job_is_enabled_on_demand_only(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "")
    assert not settings.looked_up
    assert settings.idle["payment_dates"] == "jobs.payment_dates.enabled is false"
    assert settings.enabled == ("phones", "emails")
    on = loaded(tmp_path, f"[{SECTION}]\nenabled = true")
    assert on.looked_up.get(PAYMENT_DATES) == PaymentSettings(fields=(("deal", "Payment date"),))
    assert on.enabled == ("phones", "emails", "payment_dates")
    assert "payment_dates" not in on.idle


def test_it_is_a_job_without_others_and_needs_no_region(tmp_path: Path) -> None:
    file = tmp_path / "b24syncd.toml"
    off = "[jobs.phones]\nenabled = false\n[jobs.emails]\nenabled = false\n"
    file.write_text(f"{off}[{SECTION}]\nenabled = true", encoding="utf-8")
    settings = load_settings(file, ENVIRON)
    assert settings.jobs == {}
    assert settings.enabled == ("payment_dates",)
    file.write_text(off, encoding="utf-8")
    with pytest.raises(UsageInvalid, match=r"no job is enabled.*one of phones, emails, .*payment_dates"):
        chosen_jobs(load_settings(file, ENVIRON), ())


def test_everything_can_be_set(tmp_path: Path) -> None:
    text = """
        entities = ["deal", "smart_invoice", "type1030", " Договоры ", "deal"]
        field = "Оплачено"
        fields = { smart_invoice = "Paid on", "Договоры" = "UF_CRM_5_PAID" }
        create_field = false
        field_type = "datetime"
        pick = "fully_paid"
        clear_when_unpaid = false
    """
    assert payments(tmp_path, text) == PaymentSettings(
        fields=(
            ("deal", "Оплачено"),
            ("smart_invoice", "Paid on"),
            ("type1030", "Оплачено"),
            ("Договоры", "UF_CRM_5_PAID"),
        ),
        own=("smart_invoice", "Договоры"),
        pick=Pick.FULLY_PAID,
        clear_when_unpaid=False,
        create_field=False,
        field_type="datetime",
    )


def test_titles_that_were_looked_up_become_rules() -> None:
    settings = PaymentSettings(fields=(("deal", "A"), ("Contracts", "B")), pick=Pick.FIRST, field_type="datetime")
    rules = settings.resolved({"Contracts": EntityType("type140"), "deal": EntityType.DEAL})
    fields = ((EntityType.DEAL, "A"), (EntityType("type140"), "B"))
    assert rules == PaymentRules(fields=fields, pick=Pick.FIRST, field_type="datetime")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deal", EntityType.DEAL),
        ("smart_invoice", EntityType.SMART_INVOICE),
        ("type128", EntityType("type128")),
        ("Contracts", None),
        ("lead", None),
        ("type31", None),
        ("type7", None),
        ("Type128", None),
    ],
)
def test_what_names_a_type_whatever_the_portal(text: str, expected: EntityType | None) -> None:
    assert named_type(text) is expected


@pytest.mark.parametrize(
    ("entity", "cure"),
    [
        ("", "the title of one"),
        (" ", "the title of one"),
        ("two\\nlines", "the title of one"),
        ("lead", '"smart_invoice"'),
        ("activity", '"deal"'),
        ("Deal", 'did you mean "deal"?'),
        ("Smart invoice", 'did you mean "smart_invoice"?'),
        ("smart-invoice", 'did you mean "smart_invoice"?'),
        ("Type128", 'did you mean "type128"?'),
        ("type 128", 'did you mean "type128"?'),
        ("type0128", 'did you mean "type128"?'),
        ("type2", 'did you mean "deal"?'),
        ("type31", 'did you mean "smart_invoice"?'),
        ("type7", "from 128 on"),
        ("type0", "from 128 on"),
    ],
)
def test_what_is_no_type_is_told_with_the_nearest(tmp_path: Path, entity: str, cure: str) -> None:
    found = problems(tmp_path, f'[{SECTION}]\nentities = ["deal", "{entity}"]')
    assert found.keys() == {f"{SECTION}.entities[1]"}
    assert cure in found[f"{SECTION}.entities[1]"].cure


@pytest.mark.parametrize(
    ("text", "key", "cure"),
    [
        ("entities = []", "entities", "enabled = false"),
        ("entities = 'deal'", "entities", "["),
        ("field = ''", "field", "its title or its code"),
        ("field = ' '", "field", "its title or its code"),
        ("field = 3", "field", "quotes"),
        ("fields = 'UF_CRM_A'", "fields", 'fields = {smart_invoice = "Paid on"}'),
        ("fields = { deal = '' }", "fields.deal", "its title or its code"),
        ("fields = { smart_invoice = 'A' }", "fields", "add it to entities"),
        ("entities = ['smart_invoice']\nfields = { smart_invoces = 'A' }", "fields", "did you mean 'smart_invoice'?"),
        ("pick = 'latest'", "pick", "'last' or 'fully_paid'"),
        ("field_type = 'time'", "field_type", "'date' or 'datetime'"),
        ("create_field = 'no'", "create_field", "true or false"),
        ("feild = 'A'", "feild", "jobs.payment_dates.field?"),
        ("region = 'RU'", "region", "did you mean"),
    ],
)
def test_a_wrong_value_is_a_problem_with_its_cure(tmp_path: Path, text: str, key: str, cure: str) -> None:
    found = problems(tmp_path, f"[{SECTION}]\n{text}")
    assert found.keys() == {f"{SECTION}.{key}"}
    assert cure in found[f"{SECTION}.{key}"].cure


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = """
        [changes]
        sweep_hours = -1
        [jobs.payment_dates]
        entities = ["Deal", "lead"]
        fields = { x = " " }
        pick = "any"
        clear_when_paid = true
    """
    assert problems(tmp_path, f"api = 'rest'\n{text}").keys() == {
        "portal.api",
        "changes.sweep_hours",
        f"{SECTION}.entities[0]",
        f"{SECTION}.entities[1]",
        f"{SECTION}.fields.x",
        f"{SECTION}.pick",
        f"{SECTION}.clear_when_paid",
    }


@pytest.mark.parametrize("entity", ["smart_invoice", "type128", "Contracts"])
def test_the_classic_methods_know_deals_only(tmp_path: Path, entity: str) -> None:
    text = f"api = 'classic'\n[{SECTION}]\nentities = ['deal', '{entity}']\n"
    problem = problems(tmp_path, f"{text}enabled = true")[f"{SECTION}.entities"]
    assert problem.message == f"there are no classic methods for {entity}"
    assert loaded(tmp_path, text).portal.api == "classic"
    assert loaded(tmp_path, f"api = 'classic'\n[{SECTION}]\nenabled = true").looked_up


def test_how_portal_and_sweep_are_set(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "")
    assert (settings.portal.api, settings.changes.sweep_hours) == ("universal", 24)
    assert loaded(tmp_path, "[changes]\nsweep_hours = 0").changes.sweep_hours == 0


def test_the_environment_can_say_all_of_it(tmp_path: Path) -> None:
    prefix = "B24SYNCD_JOBS__PAYMENT_DATES__"
    environ = {
        f"{prefix}ENABLED": "yes",
        f"{prefix}ENTITIES": "deal, Contracts",
        f"{prefix}FIELDS": json.dumps({"Contracts": "Paid"}),
    }
    found = loaded(tmp_path, "", **environ).looked_up.get(PAYMENT_DATES)
    assert isinstance(found, PaymentSettings)
    assert found.fields == (("deal", "Payment date"), ("Contracts", "Paid"))
    [key] = problems(tmp_path, "", **environ | {f"{prefix}FIELDS": "Paid"})
    assert key == f"{prefix}FIELDS"


def test_what_is_shown_is_the_settings_again(tmp_path: Path) -> None:
    text = f'[{SECTION}]\nenabled = true\nentities = ["Договоры"]\nfields = {{ "Договоры" = "Дата \\"2\\"" }}\n'
    first = loaded(tmp_path, text)
    shown = "\n".join(as_toml({"jobs": first.effective["jobs"]}))
    assert tomllib.loads(shown)["jobs"]["payment_dates"]["fields"] == {"Договоры": 'Дата "2"'}
    again = loaded(tmp_path, shown)
    assert (again.looked_up, again.effective["jobs"]) == (first.looked_up, first.effective["jobs"])


def test_the_recipes_of_the_documentation_are_true(tmp_path: Path) -> None:
    document = ROOT / "docs" / "payment-dates.md"
    blocks = re.findall(r"```toml\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    recipes = [block for block in blocks if f"[{SECTION}]" in block]
    assert recipes
    for recipe in recipes:
        assert loaded(tmp_path, recipe).looked_up


@pytest.mark.parametrize("name", ["", "Europe/Berlin", "UTC", "Asia/Kathmandu"])
def test_a_zone_is_named_as_in_the_database_of_zones(tmp_path: Path, name: str) -> None:
    assert payments(tmp_path, f'time_zone = "{name}"').time_zone == name


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("europe/berlin", 'did you mean "Europe/Berlin"?'),
        ("Europe/Berlim", 'did you mean "Europe/Berlin"?'),
        ("+03:00", "an IANA name"),
        ("../etc/passwd", "an IANA name"),
        ("MSK", "an IANA name"),
    ],
)
def test_what_is_no_zone_is_told(tmp_path: Path, name: str, cure: str) -> None:
    found = problems(tmp_path, f'[{SECTION}]\ntime_zone = "{name}"')
    assert cure in found[f"{SECTION}.time_zone"].cure


def test_the_zone_reaches_the_rules_and_makes_them_others() -> None:
    settings = PaymentSettings(fields=(("deal", "A"),), time_zone="Asia/Tokyo")
    rules = settings.resolved({"deal": EntityType.DEAL})
    assert rules.time_zone == "Asia/Tokyo"
    assert repr(rules) != repr(replace(rules, time_zone=""))  # which is what a run's digest is made of
