"""The files that are written for a new portal: all of them or none, with their modes, and never over others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from b24syncd.settings import load_settings
from b24syncd.settings.new_portal import SERVICE_FOLDER, NewPortal, Secret, taken

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "https://acme.bitrix24.ru/rest/1/s3cr3tw0rd00/"
SECRET = Secret(".webhook", ADDRESS)


def portal(folder: Path, *jobs: str, ca_file: str = "") -> NewPortal:
    return NewPortal("acme", folder, "RU", jobs or ("phones", "emails"), ca_file)


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_the_modes_are_what_they_have_to_be_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        portal(tmp_path / "new").write(SECRET)
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"new": 0o755, "acme.toml": 0o644, "acme.webhook": 0o600}


def test_what_is_written_is_what_was_chosen(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    one = portal(folder, "emails", "payment_dates")
    one.write(SECRET)
    settings = load_settings(one.configuration, {})
    found = (settings.portal.name, settings.portal.region, settings.portal.webhook.base_url, settings.state.path)
    assert found == ("acme", "RU", ADDRESS, folder / "acme.db")
    assert settings.enabled == ("emails", "payment_dates")
    assert "s3cr3tw0rd00" not in one.text()


def test_a_service_keeps_its_state_where_systemd_says() -> None:
    assert "[state]" not in portal(SERVICE_FOLDER).text()


def test_an_authority_of_ones_own_is_named() -> None:
    assert 'ca_file = "/etc/ssl/acme \\"own\\".pem"' in portal(SERVICE_FOLDER, ca_file='/etc/ssl/acme "own".pem').text()


@pytest.mark.parametrize("name", ["acme.toml", "acme.webhook"])
def test_what_is_there_stays_and_nothing_is_written_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("nowhere")
    assert taken("acme", tmp_path, ".webhook") == tmp_path / name
    with pytest.raises(FileExistsError):
        portal(tmp_path).write(SECRET)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_was_made_for_it_goes_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    broken = NewPortal("nowhere/acme", folder, "RU", ("phones",))
    with pytest.raises(FileNotFoundError):
        broken.write(SECRET)
    assert not folder.exists()
