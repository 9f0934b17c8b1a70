"""Which other regions would settle a value that a person must decide about."""

from __future__ import annotations

from b24syncd.domain.rules import PhoneRules
from b24syncd.jobs.phones.numbers import regions_that_would_read

RU = PhoneRules(region="RU")


def test_what_is_read_already_needs_no_other_region() -> None:
    assert regions_that_would_read("8 916 234-56-78", RU) == ()
    assert regions_that_would_read("+49 30 1234567", RU) == ()


def test_a_country_that_would_settle_it_is_told() -> None:
    assert regions_that_would_read("49 30 1234567", RU) == ("DE",)
    assert regions_that_would_read("436641234567", PhoneRules(region="DE")) == ("AT",)
    assert regions_that_would_read("436641234567", PhoneRules(region="DE", other_regions=("AT",))) == ()
    assert regions_that_would_read("8 916 234-56-78; 49 30 1234567", RU) == ("DE",)


def test_what_no_country_reads_needs_a_person() -> None:
    assert regions_that_would_read("8 916 234-56-78 Иван", RU) == ()
    assert regions_that_would_read("нет", RU) == ()
    assert regions_that_would_read("", RU) == ()
