"""A list of decisions, as a person filled it in: every line is checked before anything is done.

It is what `review export` writes, with a column `decision`: `accept`, `edit` (to what stands in `new_value`),
`dismiss`, `reopen`, `exclude`, or nothing.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from b24syncd.domain.decisions import Decision
from b24syncd.errors import UsageInvalid
from b24syncd.reports.decision_lists import DECISIONS, ListProblem, Wrong
from b24syncd.store import reviews
from b24syncd.store.stored_reviews import ReviewState

from .decisions import write_decisions
from .requests import DecideRequest, ImportRequest
from .results import Imported
from .review_decisions import given, hindrance_of, typed
from .review_states import carry_out_in_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import sqlite_utils

    from b24syncd.domain.entities import EntityRef
    from b24syncd.session import Session
    from b24syncd.settings import Settings
    from b24syncd.store.stored_reviews import StoredReview

    from .runs import Execution

_Problem = tuple[str, Wrong] | tuple[str, Wrong, str]

_DELIMITERS = ";\t,"
_GUARDS = ("'=", "'+", "'-", "'@", "'＝", "'＋", "'－", "'＠")
_ONE_OF = f"write one of {', '.join(DECISIONS)}"
_NEEDS = {"reopen": ReviewState.DISMISSED, "exclude": None}


@dataclass(slots=True)
class DecisionList:
    """What a list comes to: what is to be done, or all `problems` with their lines."""

    decisions: list[Decision] = field(default_factory=list)
    dismissed: list[int] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    excluded: list[EntityRef] = field(default_factory=list)
    problems: list[ListProblem] = field(default_factory=list)

    def request(self, by: str = "") -> ImportRequest:
        """Return what has it done; raise `UsageInvalid` with the problems where there are any."""
        if self.problems:
            raise UsageInvalid("\n".join(map(str, self.problems)))
        return ImportRequest(
            decisions=tuple(self.decisions),
            dismissed=tuple(self.dismissed),
            reopened=tuple(self.reopened),
            excluded=tuple(self.excluded),
            by=by,
        )

    def counts(self) -> dict[str, int]:
        """Return how much of each is to be done."""
        edited = sum(not one.is_suggestion for one in self.decisions)
        numbers = {
            "accept": len(self.decisions) - edited,
            "edit": edited,
            "dismiss": len(self.dismissed),
            "reopen": len(self.reopened),
            "exclude": len(self.excluded),
        }
        return {name: number for name, number in numbers.items() if number}


@dataclass(frozen=True, slots=True)
class FilledList:
    """A list as it stands in a file: what is decided, by lines, and what of it cannot be read."""

    rows: tuple[tuple[int, str, Mapping[str, str]], ...]
    problems: tuple[ListProblem, ...]

    @property
    def numbers(self) -> list[int | None]:
        """Return which reviews are decided, line by line; None for what is no number."""
        return [_number(row.get("id", "")) for _, _, row in self.rows]

    def named(self, db: sqlite_utils.Database) -> tuple[StoredReview, ...]:
        """Return those of them that there are."""
        return reviews.get_reviews(db, [each for each in self.numbers if each])


def read_list(content: bytes) -> FilledList:
    """Read a list; whether it can be carried out is not looked at."""
    problems: list[ListProblem] = []
    rows = []
    for line, row in _rows(content, problems):
        word = row.get("decision", "").strip().lower()
        if word and word not in DECISIONS:
            problems.append(ListProblem(line, f"{word!r} is no decision: {_ONE_OF}", Wrong.NO_DECISION, word))
        elif word:
            rows.append((line, word, row))
    return FilledList(tuple(rows), tuple(problems))


def check_list(settings: Settings, listed: FilledList, named: Iterable[StoredReview]) -> DecisionList:
    """Check a list line by line against the rules and the reviews that it names; it takes long where these are many."""
    found = DecisionList(problems=list(listed.problems))
    stored = {review.id: review for review in named}
    numbers = listed.numbers
    seen = Counter(numbers)
    for (line, word, row), number in zip(listed.rows, numbers, strict=True):
        review = stored.get(number or 0)
        if review is None:
            problem: _Problem | None = (f"no review has the number {row.get('id', '')!r}", Wrong.NO_REVIEW)
        elif seen[number] > 1:
            problem = f"review {number} is decided more than once", Wrong.TWICE
        else:
            problem = _problem(review, row) or _take(found, settings, review, word, row)
        if problem is not None:
            found.problems.append(ListProblem(line, *problem))
    found.problems.sort(key=lambda one: one.line)
    return found


def read_decisions(settings: Settings, db: sqlite_utils.Database, content: bytes) -> DecisionList:
    """Read a list and check it; nothing is done."""
    listed = read_list(content)
    return check_list(settings, listed, listed.named(db))


async def carry_out_list(session: Session, request: ImportRequest, execution: Execution) -> Imported:
    """Do what a list says: what changes the state alone all at once, or nothing at all; then write the values."""
    now = session.client.clock.now()
    await session.database.write(lambda db: carry_out_in_state(db, request, now))
    await session.refresh_guards()
    number = len(request.dismissed) + len(request.reopened) + len(request.excluded)
    if not request.decisions:
        return Imported(None, number)
    decide = DecideRequest(decisions=request.decisions, by=request.by)
    return Imported(await write_decisions(session, decide, execution), number)


def _rows(content: bytes, problems: list[ListProblem]) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append(ListProblem(1, "this is no text in UTF-8; save it as “CSV UTF-8”", Wrong.NO_TEXT))
        return
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=first.count), strict=True)
    columns: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            row_line, line = line, reader.line_num + 1
            if columns is None:
                columns = [cell.strip().lower() for cell in cells]
                if not {"id", "decision"} <= set(columns):
                    message = "the first line has to name the columns id and decision"
                    problems.append(ListProblem(row_line, message, Wrong.NO_COLUMNS))
                    return
            elif any(cell.strip() for cell in cells):
                yield row_line, dict(zip(columns, cells, strict=False))
    except csv.Error as error:
        message = f"the rest cannot be read as CSV ({error}); mend the quotes in this line"
        problems.append(ListProblem(line, message, Wrong.NO_CSV))
    if columns is None:
        problems.append(ListProblem(1, "the list is empty", Wrong.EMPTY))


def _problem(review: StoredReview, row: Mapping[str, str]) -> _Problem | None:
    """Tell what in a row is of another review, or of another time, than the one that is stored."""
    for name, stored in (("item", str(review.ref)), ("job", review.job)):
        if (told := row.get(name, "").strip()) and told != stored:
            return f"review {review.id} is of {stored}, not of {told}", Wrong.OTHER_REVIEW
    told = row.get("value", "")
    if told and _letters(told) != _letters(review.value):
        return f"review {review.id} asks about another value since the list was written", Wrong.OTHER_VALUE
    return None


def _take(
    found: DecisionList, settings: Settings, review: StoredReview, word: str, row: Mapping[str, str]
) -> _Problem | None:
    """Take a decision into the list; return what keeps it from that."""
    needed = _NEEDS.get(word, ReviewState.OPEN)
    if needed is not None and review.state is not needed:
        return f"review {review.id} is {review.state.value}", Wrong.OTHER_STATE, review.state.value
    match word:
        case "accept":
            start = (review.id, review.ref, review.job, review.point_id, review.value)
            decision = Decision(*start, review.suggestion or "")
            if (hindrance := hindrance_of(settings, review, decision)) is not None:
                return f"review {review.id} {hindrance.value[0].format(review.id)}", Wrong.NOT_TO_BE_ACCEPTED
            found.decisions.append(decision)
        case "edit":
            value = _unguarded(row.get("new_value", ""))
            try:
                decision = given(settings, review, value, as_is=False)
            except UsageInvalid as error:
                reason = typed(settings, review, value).reason or ""
                return f"review {review.id}: {error}", Wrong.NOT_CERTAIN, reason
            found.decisions.append(decision)
        case "dismiss":
            found.dismissed.append(review.id)
        case "reopen":
            found.reopened.append(review.id)
        case _:
            found.excluded.append(review.ref)
    return None


def _number(text: str) -> int | None:
    stripped = text.strip()
    return int(stripped) if stripped.isascii() and stripped.isdigit() and len(stripped) < len(str(1 << 62)) else None


def _letters(text: str) -> list[str]:
    """Return of a value what survives a spreadsheet and its guards: letters and digits."""
    return [character for character in text.encode("unicode_escape").decode() if character.isalnum()]


def _unguarded(cell: str) -> str:
    """Return a value without the apostrophe that guards it in a file."""
    return cell[1:] if cell.startswith(_GUARDS) else cell
