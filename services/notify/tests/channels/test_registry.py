"""Every channel has its folder, and the page that describes them is current."""

import pytest
from mtnet_contracts.vocabulary.channels import CHANNELS
from notify.channels.cli import main
from notify.channels.registry import channel_plans


def test_every_registered_channel_has_a_plan():
    assert list(channel_plans()) == list(CHANNELS)


def test_a_line_without_a_folder_is_noticed(monkeypatch):
    monkeypatch.setitem(CHANNELS, "pigeon", CHANNELS["sms"])
    with pytest.raises(ModuleNotFoundError, match="pigeon"):
        channel_plans()


def test_no_two_settings_share_a_name():
    names = [
        name
        for plan in channel_plans().values()
        for name in (*(s.name for s in plan.settings), plan.per_second.name, plan.connections.name)
    ]
    assert len(names) == len(set(names))


def test_the_page_of_channels_is_current(monkeypatch, request):
    page = request.config.rootpath / "docs" / "channels.md"
    monkeypatch.setattr("sys.argv", ["cli", str(page), "--check"])
    assert main() == 0


def test_a_page_that_is_not_current_is_noticed(monkeypatch, tmp_path):
    (tmp_path / "channels.md").write_text("old")
    monkeypatch.setattr("sys.argv", ["cli", str(tmp_path / "channels.md"), "--check"])
    assert main() == 1
