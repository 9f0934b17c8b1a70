"""Who may ask at a TCP door is told from two headers, whatever stands in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24syncd.web.guard import bears, names_this_machine

TOKEN = "0123456789abcdef0123456789abcdef"
BYTES = st.binary(max_size=80).map(lambda sent: sent.decode("utf-8", "surrogateescape"))  # as aiohttp reads headers


@given(BYTES | st.text())
def test_only_the_token_itself_is_it(sent: str) -> None:
    assert not bears(sent, TOKEN)
    assert not bears(f"Bearer {TOKEN}{sent.strip()}", TOKEN) or not sent.strip()
    assert bears(f"Bearer {TOKEN}", TOKEN)


@given(BYTES | st.text() | st.from_regex(r"[\w.-]+(:[0-9]+)?", fullmatch=True))
def test_only_names_of_this_machine_are_its_own(host: str) -> None:
    if names_this_machine(host, "127.0.0.1"):
        assert host.strip().lower().startswith(("localhost", "127.", "[::1", "[0", "[::"))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:8324", "[::1]", "[0:0::1]:80"])
def test_names_of_this_machine(host: str) -> None:
    assert names_this_machine(host, "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    ["", "localhost.", "localhost:x", "localhost@evil.example", "localhost.evil.example", "127.0.0.1.evil.example"],
)
def test_names_of_others(host: str) -> None:
    assert not names_this_machine(host, "127.0.0.1")


def test_a_name_that_is_configured_is_its_own() -> None:
    assert names_this_machine("acme.localhost:8324", "acme.localhost")
    assert not names_this_machine("acme.localhost:8324", "127.0.0.1")
