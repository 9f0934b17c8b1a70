"""The demonstration's chapter on field rules: a preview, the fields, and what people write into them meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from b24syncd.domain.corrections import SetField
from b24syncd.jobs.fields.planner import NAME
from b24syncd.simulator.people.person import Action, PersonEdit
from b24syncd.store import history, reviews
from b24syncd.store.reading import open_for_reading

from .live_edits import LiveEdit, follow_edits
from .text import Check, fields_table, heading

if TYPE_CHECKING:
    from pathlib import Path

    from b24syncd.domain.entities import EntityRef

    from .portal import DemoPortal
    from .programs import Programs

SETTINGS = """
[[jobs.fields.rules]]
name = "names of customers"
entity = "deal"
field = "title"
strip_html = true
trim = true
squeeze = true
case = "title"

[[jobs.fields.rules]]
name = "remarks that mean nothing"
entity = "deal"
where = { categoryId = 0 }
field = "additionalInfo"
clear = true

[[jobs.fields.rules]]
name = "cities"
entity = "deal"
where = { categoryId = 0 }
field = "sourceDescription"
replace = { "мск" = "Москва", "спб" = "Санкт-Петербург" }
"""

_TYPED = '  ООО  "НОВЫЙ КЛИЕНТ" '
_CORRECTED = 'ООО "Новый Клиент"'
_SHOWN = 6


class FieldRulesChapter:
    """The chapter, in the order in which it is told: `preview`, `fill`, `follow`, `checks`."""

    def __init__(self, programs: Programs, portal: DemoPortal, state: Path) -> None:
        """Look at the deals whose fields are messy."""
        self._programs = programs
        self._portal = portal
        self._state = state
        self._deals = portal.messy_deals()
        self._previewed = 0
        self._kept: dict[EntityRef, tuple[str, str]] = {}
        self.edits_made = 0

    def preview(self, configuration: Path) -> None:
        """Write the rules down, and show what they would do."""
        heading(f"Field rules: {len(self._deals)} deals with spaces, HTML, capitals and dashes in their fields")
        typer.echo(SETTINGS.strip())
        with configuration.open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        before = self._portal.stats()["saves"]
        self._programs.run("backfill", NAME, "--dry-run")
        self._previewed = self._portal.stats()["saves"] - before

    def fill(self) -> None:
        """Let the fields be corrected, all of a deal at once, and show some."""
        heading("All rules for a deal make one update of it")
        self._programs.run("backfill", NAME)
        fields_table(self._corrections()[:_SHOWN])

    def follow(self) -> None:
        """Let people write into fields, while changes are followed."""
        self.edits_made += follow_edits(self._portal, self._live_edits())

    @property
    def lost(self) -> int:
        """How many of the values that people wrote are not as they were meant."""
        return sum(self._portal.field(ref, name) != value for ref, (name, value) in self._kept.items())

    def checks(self) -> list[Check]:
        """Return what has to hold at the end, by what the portal knows to be meant."""
        wrong = self._portal.wrong_fields()
        return [
            Check("preview of fields", f"{self._previewed} writes", self._previewed == 0),
            Check("wrong fields", f"{wrong} in {len(self._deals)} deals, by what was meant", wrong == 0),
        ]

    def _corrections(self) -> list[SetField]:
        with open_for_reading(self._state) as db:
            made = (entry.correction for entry in history.iterate(db))
            return [each for each in made if isinstance(each, SetField) and each.job == NAME]

    def _live_edits(self) -> list[LiveEdit]:
        """Choose a deal that gets a new name, one whose name a person restores, and one where they insist on a city."""
        made = self._corrections()
        restored = next(each for each in made if each.field == "title")
        city = next(each for each in made if each.field == "sourceDescription" and each.ref != restored.ref)
        new = next(ref for ref in self._deals if ref not in (restored.ref, city.ref))
        before, insisted = str(restored.before), str(city.before)
        self._kept = {
            new: ("title", _CORRECTED),
            restored.ref: ("title", before),
            city.ref: ("sourceDescription", insisted),
        }
        return [
            LiveEdit(
                new,
                _edit(new, "title", _TYPED),
                f"a person enters “{_TYPED}”",
                lambda: self._portal.field(new, "title") == _CORRECTED,
                lambda: f"it is “{_CORRECTED}”",
            ),
            LiveEdit(
                restored.ref,
                _edit(restored.ref, "title", before),
                "a person puts back the name that a rule had corrected",
                lambda: self._has_review(restored.ref),
                lambda: "it stays, and a review asks for a decision",
            ),
            LiveEdit(
                city.ref,
                _edit(city.ref, "sourceDescription", insisted),
                f"a person writes “{insisted}” again, where a rule had replaced it",
                lambda: self._portal.field(city.ref, "sourceDescription") == insisted,
                lambda: "it stays: what people write over a replacement is theirs",
            ),
        ]

    def _has_review(self, ref: EntityRef) -> bool:
        with open_for_reading(self._state) as db:
            return any(review.job == NAME for review in reviews.reviews_open_for(db, [ref]))


def _edit(ref: EntityRef, name: str, value: str) -> PersonEdit:
    return PersonEdit(action=Action.SET_FIELD, entity_type_id=ref.type.type_id, item_id=ref.id, name=name, value=value)
