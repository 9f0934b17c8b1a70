"""Texts that only who has the key reads, about what they were sealed for, as they were."""

import pytest

from b24syncd.errors import CredentialsRefused
from b24syncd.portal.wire.tokens import TokenPair
from b24syncd.store.sealing import seal, unseal
from b24syncd.tokens import Vault

KEY, ABOUT = "a key of which nobody knows", "acme.bitrix24.ru local.1"
PAIR = TokenPair("access", "refresh", "crm", "https://acme.bitrix24.ru/rest/", 7)


def test_a_text_is_opened_by_its_key_alone_and_for_what_it_is_about() -> None:
    sealed = seal("секрет", KEY, ABOUT)
    assert "секрет" not in sealed
    assert sealed != seal("секрет", KEY, ABOUT)
    assert unseal(sealed, KEY, ABOUT) == "секрет"
    assert unseal(sealed, f"{KEY}!", ABOUT) is None
    assert unseal(sealed, KEY, "other.bitrix24.ru local.1") is None


@pytest.mark.parametrize("damaged", ["", "1.", "1.AAAA", "1.no base64", "2.AAAA", "ё"])
def test_what_is_no_sealed_text_is_not_opened(damaged: str) -> None:
    assert unseal(damaged, KEY, ABOUT) is None


@pytest.mark.parametrize(
    ("sealed", "told"),
    [(None, "nobody has authorised"), (Vault("acme.bitrix24.ru", "local.1", "another key").close(PAIR), "key_file")],
)
def test_without_tokens_that_can_be_opened_it_is_told_what_to_do(sealed: str | None, told: str) -> None:
    with pytest.raises(CredentialsRefused, match=rf"{told}.*auth login"):
        Vault("acme.bitrix24.ru", "local.1", KEY).open(sealed)


def test_a_pair_is_kept_whole() -> None:
    vault = Vault("Acme.bitrix24.ru", "local.1", KEY)
    assert vault.open(Vault("acme.bitrix24.ru", "local.1", KEY).close(PAIR)) == PAIR
