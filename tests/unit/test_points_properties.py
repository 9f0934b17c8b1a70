"""What holds for all entries, whatever people wrote: planning ends, nothing is lost, nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from b24syncd.domain.corrections import AddPoint, ChangePoint, DeletePoint, only_points, values_after
from b24syncd.domain.entities import EntityRef, EntityType
from b24syncd.domain.rules import EmailRules, PhoneRules
from b24syncd.domain.snapshots import ContactPoint, PointKind, Snapshot
from b24syncd.jobs.emails import addresses as email_addresses
from b24syncd.jobs.emails import planner as emails
from b24syncd.jobs.phones import numbers as phone_numbers
from b24syncd.jobs.phones import planner as phones
from b24syncd.simulator.methods.entry_checks import refusal_of
from b24syncd.simulator.tables.model import PointChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24syncd.domain.plans import Plan
    from b24syncd.jobs.reading import Reading

REF = EntityRef(EntityType.LEAD, 7)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
PHONE_PIECES = (
    *("+7", "8", "7", "00", "810", "+", "(", ")", "(0)", "0", "1", "9", "49", "44", "495", "(495)", "916", "2345678"),
    *("123-45-67", "89162345678", "+74951234567", "84951234567", "030", "1234567", "+84951234567", "68", "12"),
    *(" ", "-", ".", ",", ";", "/", "|", "\n", ", ", "; ", " / ", "доб. ", "вн.", "x", "#", "ext ", ";12", ";ext=3"),
    *("тел. ", "моб.", "факс ", "Иван", "O", "или", " or ", " und ", "\u200b", "\u00a0", "＋", "８", "٣", "–", "т."),
    *(
        " и ",
        " & ",
        " e ",
        "~",
        "·",
        "_",
        "•",
        "wa.me/",
        "tel:",
        ";phone-context=+7",
        ";isub=1",
        ",123",
        "добавочный номер ",
        "p",
        "%2B",
    ),
)
EMAIL_PIECES = (
    *("ivan", "Petr.", "@", "@", "x.ru", "Gmail.com", "gmial.com", "пример.рф", "gооgle.com", "xn--e1afmkfd.xn--p1ai"),
    *(
        "ivan@x.ru",
        "IVAN@X.RU",
        "petr@x.ru",
        "mailto:",
        "?subject=",
        "%40",
        "<",
        ">",
        '"',
        "'",
        "(",
        ")",
        ".",
        "İ",
        "ß",
    ),
    *(
        " ",
        ",",
        ";",
        "/",
        "|",
        "\n",
        ", ",
        "или",
        " or ",
        "Иван ",
        "\u200b",
        "\u00a0",
        "é",
        "е\u0301",
        "किरण",
        "＠",
        "test.local",
    ),
    *(
        "firm.con",
        "Gmail.ru",
        "gmailcom",
        "%20",
        "E-mail:",
        "и",
        " & ",
        "„",
        "“",
        "ı",
        "•",
        "-",
        "<br>",
        "；",
        "=?utf-8?q?a=40x.ru?=",
    ),
)
PHONES = st.one_of(ANY_TEXT, st.lists(st.sampled_from(PHONE_PIECES), max_size=12).map("".join))
EMAILS = st.one_of(ANY_TEXT, st.lists(st.sampled_from(EMAIL_PIECES), max_size=10).map("".join))
PHONE_RULES = st.builds(
    PhoneRules,
    region=st.sampled_from(["RU", "KZ", "BY", "UA", "DE", "GB", "US", "IT", "FR", "JP", "AR", "BR", "MX"]),
    other_regions=st.lists(st.sampled_from(["RU", "KZ", "DE", "US", "IT"]), max_size=2, unique=True).map(tuple),
    split=st.booleans(),
)
EMAIL_RULES = st.builds(EmailRules, lowercase_local_part=st.booleans(), split=st.booleans())
TYPES = st.sampled_from(["WORK", "MOBILE", "HOME"])


def item(kind: PointKind, entries: list[tuple[str, str]]) -> Snapshot:
    points = (ContactPoint(place, kind, value, value_type) for place, (value, value_type) in enumerate(entries, 1))
    return Snapshot(REF, datetime(2026, 1, 1, tzinfo=UTC), tuple(points))


def applied(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """Return the item as the portal has it once the plan is carried out."""
    points = {point.id: point for point in snapshot.entries}
    fresh = max(points, default=0)
    for correction in plan.corrections:
        match correction:
            case ChangePoint():
                assert points[correction.point_id].value == correction.before
                points[correction.point_id] = ContactPoint(
                    correction.point_id, correction.kind, correction.after, correction.value_type
                )
            case DeletePoint():
                assert points.pop(correction.point_id).value == correction.before
            case AddPoint():
                fresh += 1
                points[fresh] = ContactPoint(fresh, correction.kind, correction.after, correction.value_type)
    return Snapshot(snapshot.ref, snapshot.updated_at, tuple(points.values()))


def held(snapshot: Snapshot, read: Callable[[str], Reading]) -> set[str]:
    """Return every value that the item's entries hold; of those that cannot be read, the raw one."""
    return {value for point in snapshot.entries for value in (read(point.value).values or (point.value,))}


def check(snapshot: Snapshot, plan: Callable[[Snapshot], Plan], read: Callable[[str], Reading]) -> None:
    first = plan(snapshot)
    after = applied(snapshot, first)

    # Nothing is lost: neither a value nor an entry that a person must decide about.
    assert held(after, read) == held(snapshot, read)
    untouched = {(point.id, point.value) for point in after.entries}
    assert {(review.point_id, review.value) for review in first.reviews} <= untouched

    # Planning the result again plans nothing, and asks for the same reviews.
    again = plan(after)
    assert again.corrections == ()
    assert again.reviews == first.reviews

    # Every value that can be read is canonical now, and stands once.
    canonical = [value for point in after.entries for value in read(point.value).values]
    assert len(canonical) == len(set(canonical))
    assert all(read(value).values == (value,) for value in canonical)

    # Every correction changes something, and tells the engine the same result.
    assert all(not isinstance(change, ChangePoint) or change.before != change.after for change in first.corrections)
    assert values_after(snapshot.entries, only_points(first.corrections)) == values_after(after.entries, ())


@given(entries=st.lists(st.tuples(PHONES, TYPES), max_size=5), rules=PHONE_RULES)
@example(entries=[("89162345678, 84951234567", "WORK"), ("84951234567", "HOME")], rules=PhoneRules(region="RU"))
def test_phones(entries: list[tuple[str, str]], rules: PhoneRules) -> None:
    def read(value: str) -> Reading:
        return phone_numbers.read(value, rules)

    check(item(PointKind.PHONE, entries), lambda snapshot: phones.plan(snapshot, rules), read)


@given(entries=st.lists(st.tuples(EMAILS, TYPES), max_size=5), rules=EMAIL_RULES)
@example(entries=[("a@x.ru, b@x.ru", "WORK"), ("B@x.ru", "HOME")], rules=EmailRules())
def test_emails(entries: list[tuple[str, str]], rules: EmailRules) -> None:
    def read(value: str) -> Reading:
        return email_addresses.read(value, rules)

    check(item(PointKind.EMAIL, entries), lambda snapshot: emails.plan(snapshot, rules), read)


@given(value=PHONES, rules=PHONE_RULES, others=PHONE_RULES)
def test_a_canonical_phone_is_canonical_under_all_rules(value: str, rules: PhoneRules, others: PhoneRules) -> None:
    for canonical in phone_numbers.read(value, rules).values:
        assert phone_numbers.read(canonical, others).values == (canonical,)


@given(value=EMAILS, rules=EMAIL_RULES)
def test_a_suggested_address_is_canonical_unless_it_is_for_a_person_to_split(value: str, rules: EmailRules) -> None:
    suggestion = email_addresses.read(value, rules).suggestion
    if suggestion is not None and "," not in suggestion:
        assert email_addresses.read(suggestion, rules).values == (suggestion,)


@given(value=EMAILS, rules=EMAIL_RULES)
def test_the_portal_stores_every_address_that_is_planned(value: str, rules: EmailRules) -> None:
    for canonical in email_addresses.read(value, rules).values:
        assert refusal_of(PointChange(None, "EMAIL", "WORK", canonical), "letters") is None


@given(value=PHONES, rules=PHONE_RULES)
def test_a_suggested_number_is_canonical(value: str, rules: PhoneRules) -> None:
    suggestion = phone_numbers.read(value, rules).suggestion
    assert suggestion is None or phone_numbers.read(suggestion, rules).values == (suggestion,)
