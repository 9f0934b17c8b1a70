"""A real state of an older release tells the same once it is brought up to date.

`state_m008.sql` is the state that the release before typed values left when it was killed while it walked a simulated
portal with all its jobs; `state_m008.json` is what that release itself read in it (`readings.py`), but for deal 4 in
the undos of runs 1 and 4: that release would have written again what its own undo had taken back, of both at once.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.store.readings import LONG_AGO, readings

from b24syncd.domain.corrections import only_fields
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.refused import Ground, Refusal
from b24syncd.domain.rules import field_review_id
from b24syncd.domain.snapshots import ItemState
from b24syncd.store import approvals, conditions, history, journal, meta, past, portal_facts, reviews, runs
from b24syncd.store.approvals import Stop
from b24syncd.store.check import check
from b24syncd.store.database import open_for_writing
from b24syncd.store.journal import open_intents
from b24syncd.store.migrations.schema import Schema, schema_of
from b24syncd.store.reading import open_for_reading
from b24syncd.store.retention import shorten_journal

if TYPE_CHECKING:
    import sqlite_utils

OLDER = Path(__file__).with_name("state_m008.sql")
_BASES = "SELECT base FROM intents WHERE entity_type = 'deal'"
READ = json.loads(OLDER.with_suffix(".json").read_text(encoding="utf-8"))


def fill(path: Path, more: str = "") -> Path:
    """Make a state of the older release, and change it."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLDER.read_text(encoding="utf-8") + more)
    return path


@pytest.fixture
async def older(path: Path) -> Path:
    return fill(path)


async def read_of(path: Path) -> dict[str, Any]:
    async with open_for_writing(path) as database:
        found = await database.read(readings)
    return dict(json.loads(json.dumps(found)))  # as it was stored: lists, no tuples


async def test_there_is_something_of_everything_in_the_older_state() -> None:
    assert {entry[6] for entry in READ["journal"]} == {
        *("intent", "done", "unverified", "refused", "not_sent", "overtaken"),
    }
    whats = {"ChangePoint", "AddPoint", "DeletePoint", "MoveBinding", "AddBinding", "RemoveBinding", "SetTaskLinks"}
    assert {entry[-1][0] for entry in READ["journal"]} == {*whats, "SetField"}
    assert {correction[0] for one in READ["open"] for correction in one[6:]} == {*whats, "SetField"}
    assert {run[1] for run in READ["runs"]} == {"backfill", "undo", "rebind", "review"}
    assert {review[-1] for review in READ["reviews"]} == {"open", "dismissed", "closed", "accepted"}
    assert {hold[3] for hold in READ["holds"]} == {"undone", "alternates"}
    for name in ("refused", "pasts", "flips", "accepted", "undo", "cursors"):
        assert READ[name], name


@pytest.mark.parametrize("name", sorted(READ.keys() - {"check", "retention"}))
async def test_it_tells_the_same(older: Path, name: str) -> None:
    assert (await read_of(older))[name] == READ[name]


async def test_it_is_sound(older: Path) -> None:
    with open_for_reading(older, may_be_older=True) as db:
        assert schema_of(db, "it") is Schema.OLDER
    async with open_for_writing(older) as database:
        assert [str(each) for each in await database.read(check)] == READ["check"] == []
        assert await database.read(lambda db: schema_of(db, "it")) is Schema.CURRENT


@pytest.mark.parametrize("number", [0, 1])
async def test_as_much_of_it_is_forgotten(older: Path, number: int) -> None:
    before, forgotten, left = READ["retention"][number]
    async with open_for_writing(older) as database:
        assert await shorten_journal(database, datetime.fromisoformat(before)) == forgotten
        assert [entry.id for entry in await database.read(lambda db: list(history.iterate(db)))] == left


async def test_what_fields_hold_has_its_type(path: Path) -> None:
    fill(path, """UPDATE intents SET base = '{"field":"x","value":"2026-02-01"}' WHERE entity_id = 9;""")

    def stored(db: sqlite_utils.Database) -> set[tuple[str, str]]:
        return set(db.execute("SELECT before, after FROM journal WHERE entity_id IN (3, 9) AND what = 'field'"))

    async with open_for_writing(path) as database:
        assert await database.read(stored) >= {
            ('{"date":"2025-12-15"}', '{"date":"2026-02-01"}'),
            ("null", '{"time":"2026-02-22T12:00:02+03:00"}'),
        }
        bases = await database.read(lambda db: [base for (base,) in db.execute(_BASES)])
        assert '{"points":null,"fields":{"x":{"date":"2026-02-01"}}}' in bases
        opened = {one.intent.ref.id: one.intent.base for one in await database.read(open_intents)}
        assert opened[9] == ItemState(fields={"x": date(2026, 2, 1)})


_CLASSIC = """
UPDATE journal SET value_type = 'BEGINDATE' WHERE value_type = 'ufCrm_1721244707107' AND entity_id = 4;
UPDATE journal SET value_type = 'UF_CRM_DAY_2' WHERE value_type = 'ufCrm_1721244707108';
UPDATE intents SET base = '{"field":"UF_CRM_DAY_2","value":null}' WHERE entity_id = 9 AND entity_type = 'deal';
INSERT INTO meta VALUES ('field_titles', '{"deal":{"BEGINDATE":"Old","begindate":"Begins","UF_CRM_DAY_2":"Day"}}');
INSERT INTO reviews VALUES
(70,'deal',4,'fields',1,'BEGINDATE: ?','restored_by_hand',NULL,'dismissed',{first},{first}),
(71,'deal',5,'fields',2,'BEGINDATE: new','restored_by_hand',NULL,'open',{first},{later}),
(72,'deal',5,'fields',1084563168,'begindate: old','restored_by_hand',NULL,'open',{first},{first}),
(73,'deal',6,'fields',3,'BEGINDATE: old','restored_by_hand',NULL,'open',{first},{first}),
(74,'deal',6,'fields',1084563168,'begindate: new','restored_by_hand',NULL,'open',{first},{later});
"""


async def test_fields_of_classic_methods_have_the_names_of_universal_ones(path: Path) -> None:
    assert field_review_id("begindate") == 1084563168
    first, later = (f"'2026-03-0{day}T09:00:00.000+00:00'" for day in (1, 2))
    fill(path, _CLASSIC.replace("{first}", first).replace("{later}", later))
    async with open_for_writing(path) as database:
        pasts = await database.read(lambda db: past.fields_of(db, [EntityRef(EntityType.DEAL, 4)]))
        assert {name: one.last and one.last.after for ref in pasts for name, one in pasts[ref].items()} == {
            "begindate": None
        }
        opened = {str(one.intent.ref): one.intent for one in await database.read(open_intents)}["deal:9"]
        assert opened.base == ItemState(fields={"ufCrm_DAY_2": None})
        assert [one.field for one in only_fields(opened.corrections)] == ["ufCrm_DAY_2"]
        assert await database.read(portal_facts.titles) == {"deal": {"begindate": "Begins", "ufCrm_DAY_2": "Day"}}
        stored = await database.read(lambda db: [*reviews.each_review(db, all_states=True)])
        asked = [one for one in stored if one.job == "fields"]
        assert [(one.id, one.value, one.state.value) for one in asked] == [
            (70, "begindate: ?", "dismissed"),
            (71, "begindate: new", "open"),
            (74, "begindate: new", "open"),
        ]
        assert {one.point_id for one in asked} == {1084563168}
        assert not await database.read(check)


_MALFORMED = "the portal saves nothing of an item with a malformed phone or e-mail: mend that first"
GROUNDS = {
    "ACCESS_DENIED: Access denied": Ground.STATED,
    'crm_field_error_value_not_valid: "Price": wrong': Ground.STATED,
    "MY_OWN: it is so": Ground.UNSTATED,
    "no code: Wrong e-mail": Ground.UNSTATED,
    f"no code: Wrong e-mail; {_MALFORMED}": Ground.MALFORMED,
    "the portal answered that it was done, but the item does not show it": None,
    None: None,
}
"""What the older release told of refusals, and what it took from it."""


@pytest.mark.parametrize("detail", GROUNDS, ids=str)
async def test_why_something_was_refused_is_taken_from_its_words_once(path: Path, detail: str | None) -> None:
    fill(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE journal SET detail = ? WHERE outcome = 'refused'", (detail,))
    async with open_for_writing(path) as database:
        found = await database.read(lambda db: journal.refused_since(db, LONG_AGO, [*EntityType]))
        assert {refusal for _, refusal, _ in found} == {Refusal(detail or "", GROUNDS[detail])}
        others = await database.read(lambda db: db.table("journal").count_where("outcome != 'refused' AND ground"))
        assert others == 0
        assert not await database.read(check)


async def test_which_share_stopped_a_run_is_taken_from_its_sentence_once(path: Path) -> None:
    told = "safety.max_changed_share = 0.25: 50 of 100 items would be changed by this run; look"
    stored = {"f": (told, "share"), "g": ("safety.canary = 7: the first corrections", "canary")}
    rows = [
        (f"safety_stop/{name}", json.dumps({"run_id": 1, "reason": reason, "limit": limit}))
        for name, (reason, limit) in stored.items()
    ]
    fill(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO meta VALUES (?, ?)", [*rows, ("safety_stop/h", "{}")])
    async with open_for_writing(path) as database:
        found = await database.read(lambda db: [approvals.stop_of(db, name) for name in "fgh"])
    assert found == [Stop(1, told, "share", 0.25), Stop(1, stored["g"][0], "canary"), None]


async def test_what_was_in_the_way_of_an_older_release_is_met_again(path: Path) -> None:
    fill(path, """INSERT INTO meta VALUES ('obstacles', '[{"jobs":"phones","where":"contact","detail":"no"}]');""")
    async with open_for_writing(path) as database:
        assert await database.read(conditions.standing) == ()
        assert await database.read(lambda db: meta.get(db, "obstacles")) is None


async def test_numbers_of_runs_and_reviews_are_not_given_twice(path: Path, now: datetime) -> None:
    fill(path, "UPDATE sqlite_sequence SET seq = 77 WHERE name IN ('runs', 'reviews');")
    async with open_for_writing(path) as database:
        number = await database.write(
            lambda db: runs.start_run(db, runs.NewRun(kind=runs.RunKind.RUN, jobs=[], fingerprint="f", now=now))
        )
        assert number == 78
        rows = await database.read(lambda db: set(db.execute("SELECT name, seq FROM sqlite_sequence")))
        assert rows == {("runs", 78), ("reviews", 77)}


async def test_what_cannot_be_read_stays_for_the_check_to_tell(path: Path) -> None:
    fill(path, """UPDATE intents SET base = '{"field"' WHERE entity_type = 'deal' AND entity_id = 9;""")
    async with open_for_writing(path) as database:
        findings = await database.read(check)
    assert [(each.table, each.problem, each.rows) for each in findings] == [
        ("intents", "has no readable state of its item", 1)
    ]


async def test_it_is_brought_up_to_date_as_a_whole_or_not_at_all(path: Path) -> None:
    fill(path, "CREATE TABLE new_reviews (a) STRICT;".replace("(a)", "(a TEXT)"))
    with closing(sqlite3.connect(path)) as connection:
        before = list(connection.iterdump())
    with pytest.raises(sqlite3.OperationalError, match="new_reviews already exists"):
        async with open_for_writing(path):
            pass
    with closing(sqlite3.connect(path)) as connection:
        assert list(connection.iterdump()) == before


async def test_more_kinds_and_states_need_no_other_tables(older: Path) -> None:
    def use(db: sqlite_utils.Database) -> None:
        db.execute("UPDATE runs SET kind = 'dream'")
        db.execute("UPDATE reviews SET state = 'pondered'")
        db.execute("UPDATE queue SET state = 'asleep'")

    async with open_for_writing(older) as database:
        await database.write(use)
        assert {(each.table, each.problem) for each in await database.read(check)} >= {
            ("runs", "has an unknown kind"),
            ("reviews", "has an unknown state"),
        }
