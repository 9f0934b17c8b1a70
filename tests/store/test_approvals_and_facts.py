"""What is remembered of the portal, and what a person approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.store import approvals, portal_facts

if TYPE_CHECKING:
    import sqlite_utils

    from b24syncd.store.database import Database


async def test_types_and_fields_are_kept_one_by_one(database: Database) -> None:
    def use(db: sqlite_utils.Database) -> None:
        assert (portal_facts.types(db), portal_facts.fields(db)) == ({}, {})
        portal_facts.remember_types(db, {"contact": 7, "lead": 0})
        portal_facts.remember_types(db, {"lead": 3})
        portal_facts.remember_fields(db, {"deal/Paid": "UF_CRM_1 (date)"})
        portal_facts.remember_fields(db, {"type128/Paid": "UF_CRM_2 (date)"})
        assert portal_facts.types(db) == {"contact": 7, "lead": 3}
        assert portal_facts.fields(db) == {"deal/Paid": "UF_CRM_1 (date)", "type128/Paid": "UF_CRM_2 (date)"}

    await database.write(use)


async def test_titles_of_fields_are_kept_one_by_one_and_written_only_where_one_is_new(database: Database) -> None:
    def use(db: sqlite_utils.Database) -> None:
        assert portal_facts.titles(db) == {}
        portal_facts.remember_titles(db, {"deal": {"ufCrm_1": "Paid", "title": "Title"}})
        portal_facts.remember_titles(db, {"deal": {"ufCrm_1": "Дата оплаты"}, "lead": {"name": "Name"}})
        titles = {"deal": {"ufCrm_1": "Дата оплаты", "title": "Title"}, "lead": {"name": "Name"}}
        assert portal_facts.titles(db) == titles
        changes = db.conn.total_changes
        portal_facts.remember_titles(db, titles)
        assert db.conn.total_changes == changes

    await database.write(use)


async def test_an_approval_is_of_its_rules_only(database: Database) -> None:
    def use(db: sqlite_utils.Database) -> None:
        assert approvals.approved(db, "a") == frozenset()
        approvals.approve(db, "a", ["share"])
        approvals.approve(db, "a", ["canary", "share"])
        assert approvals.approved(db, "a") == {"canary", "share"}
        assert approvals.approved(db, "b") == frozenset()

    await database.write(use)
