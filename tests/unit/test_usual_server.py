"""Which authorisation server is suggested for a portal, by its name."""

import pytest

from b24syncd.settings.oauth import AUTHORISATION_SERVER, usual_server


@pytest.mark.parametrize(
    ("host", "server"),
    [
        ("acme.bitrix24.ru", "https://oauth.bitrix24.tech"),
        ("crm.acme.KZ", "https://oauth.bitrix24.tech"),
        ("acme.bitrix24.de", AUTHORISATION_SERVER),
        ("ru.acme.com", AUTHORISATION_SERVER),
        ("", AUTHORISATION_SERVER),
    ],
)
def test_it_is_told_by_the_country_of_the_name(host: str, server: str) -> None:
    assert usual_server(host) == server
