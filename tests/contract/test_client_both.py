"""What one family of methods tells of an item is what the other tells, wherever an update may be written in either."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.contract.test_client_classic import CLOCK, NOW, POINTS, ROOMY

from b24syncd.domain.entities import EntityType
from b24syncd.portal.client import PortalClient
from b24syncd.portal.fields.descriptions import parse_fields
from b24syncd.portal.item_rows import Wanted, item_row
from b24syncd.portal.pace.limits import VolatileMemory
from b24syncd.portal.wire.commands import Answered, Priority
from b24syncd.portal.words.classic import ClassicWords
from b24syncd.portal.words.universal import UniversalWords
from b24syncd.portal.words.vocabulary import BESIDE_TYPES, Api, Vocabulary
from b24syncd.settings.webhook import parse_webhook
from b24syncd.simulator.http.server import serve
from b24syncd.simulator.portal import Options, Portal
from b24syncd.simulator.tables.fields import COMPANY, CONTACT, LEAD, CustomField, FieldType

if TYPE_CHECKING:
    from b24syncd.domain.snapshots import Snapshot
    from b24syncd.portal.words.vocabulary import Words

CUSTOM = tuple(
    field
    for type_id in (LEAD, CONTACT, COMPANY)
    for field in (
        CustomField(type_id, "UF_CRM_FLAG", "Flag", FieldType.BOOLEAN),
        CustomField(type_id, "UF_CRM_DAY", "Day", FieldType.DATE),
        CustomField(type_id, "UF_CRM_SHARE", "Share", FieldType.DOUBLE),
        CustomField(type_id, "UF_CRM_WORDS", "Words"),
        CustomField(type_id, "UF_CRM_SIZE", "Size", FieldType.ENUMERATION, items=("Small", "Large")),
    )
)
FULL = {"ufCrmDay": "2026-03-01", "ufCrmShare": 1.5, "ufCrmWords": " two  words ", "title": "Acme"}


@pytest.mark.parametrize("kind", BESIDE_TYPES)
async def test_an_item_is_the_same_snapshot_in_both_families(kind: EntityType) -> None:
    portal = Portal(Options(burst=10_000, per_second=2000.0, custom_fields=CUSTOM), clock=lambda: NOW)
    for _ in range(2):
        portal.create(kind.type_id, {}, POINTS, "generator", NOW - 60)
    async with serve(portal) as server:
        webhook = parse_webhook(server.webhook_url, "portal.webhook")
        random = Random(1)  # noqa: S311 # has to be repeatable
        async with PortalClient(webhook, ROOMY, clock=CLOCK, random=random, memory=VolatileMemory()) as client:
            universal, classic = UniversalWords(kind), ClassicWords(kind)
            (told,) = await client.read([universal.about()], priority=Priority.LIVE)
            assert isinstance(told, Answered)
            fields = tuple(
                one for one in parse_fields(kind, told, is_classic=False) if one.has_one_form and not one.is_read_only
            )
            (row,) = await client.read([classic.write(1, {})[0]], priority=Priority.LIVE)
            assert isinstance(row, Answered)
            assert isinstance(row.result, dict)
            shown = row.result.keys()
            wanted = Wanted(
                points=True, fields=tuple(one for one in fields if one.as_classic(kind).upper_name in shown)
            )
            assert {"ufCrmDay", "ufCrmShare", "ufCrmWords", "ufCrmSize"} <= {one.name for one in wanted.fields}

            async def seen(words: Words, item_id: int, what: Wanted) -> Snapshot:
                (answer,) = await client.read([words.write(item_id, {})[0]], priority=Priority.LIVE)
                assert isinstance(answer, Answered)
                row = answer.result if words is classic else answer.result["item"]  # type: ignore[index] # JSON
                return item_row(words, kind, row, what, 0.0).snapshot  # type: ignore[arg-type] # JSON

            values = {one.name: FULL[one.name] for one in wanted.fields if one.name in FULL}
            await client.write([universal.write(2, values)[1]], priority=Priority.LIVE)
            for item_id in (1, 2):
                assert await seen(universal, item_id, wanted) == await seen(classic, item_id, wanted.as_classic(kind))


def test_what_has_no_second_family_has_no_words_for_it() -> None:
    both = Vocabulary(Api.BOTH)
    others = (EntityType.DEAL, EntityType.SMART_INVOICE, EntityType.from_type_id(180))
    assert [both.beside(kind) for kind in others] == [None] * 3
    assert all(isinstance(both.of(kind), UniversalWords) for kind in (*BESIDE_TYPES, *others))
    assert [Vocabulary(api).beside(EntityType.CONTACT) for api in (Api.UNIVERSAL, Api.CLASSIC)] == [None, None]
