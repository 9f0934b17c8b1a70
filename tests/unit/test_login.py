"""What a person pastes when an application is to be let in."""

from __future__ import annotations

import pytest

from b24syncd.app.login import code_from, invitation_to
from b24syncd.errors import UsageInvalid
from b24syncd.settings.application import Application
from b24syncd.settings.web_address import WebAddress

SERVER = WebAddress("oauth.bitrix.info", "https://oauth.bitrix.info")
APPLICATION = Application("acme.bitrix24.ru", "https://acme.bitrix24.ru", "local.1", "s", "k", SERVER)
REST = "domain=acme.bitrix24.ru&member_id=1&scope=crm%2Ctask&server_domain=oauth.bitrix.info"


def test_an_invitation_is_of_the_portal_and_of_one_attempt() -> None:
    first, second = invitation_to(APPLICATION), invitation_to(APPLICATION)
    assert first.address == f"https://acme.bitrix24.ru/oauth/authorize/?client_id=local.1&state={first.state}"
    assert first.state != second.state


@pytest.mark.parametrize(
    "text", ["abc123\n", f" https://localhost/?code=abc123&state=mine&{REST}", "code=abc123&state=mine"]
)
def test_the_code_is_found(text: str) -> None:
    assert code_from(text, APPLICATION, "mine") == "abc123"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "write the code"),
        ("two words", "write the code"),
        ("https://localhost/?error=denied", "no code"),
        (f"https://localhost/?code=abc123&state=other&{REST}", "not made for this attempt"),
        ("https://localhost/?code=abc123", "not made for this attempt"),
        ("https://localhost/?code=abc123&state=mine&domain=other.bitrix24.ru", "of the portal other.bitrix24.ru"),
        ("https://localhost/?code=abc123&state=mine&server_domain=oauth.bitrix24.tech", "portal.oauth.server"),
    ],
)
def test_what_is_of_something_else_is_refused_without_its_code(text: str, told: str) -> None:
    with pytest.raises(UsageInvalid, match=told) as caught:
        code_from(text, APPLICATION, "mine")
    assert "abc123" not in str(caught.value)
