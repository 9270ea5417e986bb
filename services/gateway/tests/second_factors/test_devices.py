"""The page behind "this was not me", and the list of devices."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import Browser, a_session

TOKEN = "n" * 43
NOTICE = {
    "account_name": "carrier2026",
    "device": "Safari, iPhone",
    "logged_in_at": "2026-11-26T04:00:00+00:00",
}
DEVICE = "5b1c2f0e-2d0c-4f1e-9d5f-0b7f6f3a1c11"


@pytest.fixture
def visitor(portal, everything):
    everything.answers["accounts.login_notice"] = NOTICE
    return Browser(portal)


def test_opening_the_link_changes_nothing_and_its_button_protects_the_account(visitor, everything):
    visitor.get(f"/not-me/{TOKEN}?lang=en")
    assert "carrier2026" in visitor.words
    assert "Safari, iPhone" in visitor.words
    assert everything.requests_to("accounts.disown_login") == []
    visitor.get(visitor.post(f"/not-me/{TOKEN}").headers["Location"] + "?lang=en")
    (request,) = everything.requests_to("accounts.disown_login")
    assert request["notice_token"] == TOKEN
    assert "Set a new password by e-mail" in visitor.words


@pytest.mark.parametrize("refused", ["NOTICE_NOT_VALID", "INVALID"])
def test_an_old_or_invented_link_leads_on(visitor, everything, refused):
    everything.answers["accounts.login_notice"] = Refused(refused)
    everything.answers["accounts.disown_login"] = Refused(refused)
    assert visitor.get(f"/not-me/{TOKEN}?lang=en").status_code == 404
    assert "This link no longer works" in visitor.words
    assert visitor.page.find("a", href="/forgot-password")
    everything.answers["accounts.login_notice"] = NOTICE
    visitor.get(f"/not-me/{TOKEN}")
    assert visitor.post(f"/not-me/{TOKEN}").status_code == 404


def test_devices_are_listed_and_forgotten(portal, everything):
    everything.answers["accounts.resume_session"] = a_session("member")
    everything.answers["accounts.devices"] = {
        "devices": [
            {"device_id": DEVICE, "label": "Safari, iPhone", "proved_at": "2026-11-26T04:00:00+00:00"}
        ]
    }
    member = Browser(portal).cookie("sid", "s" * 43)
    member.get("/account/security")
    assert "Safari, iPhone" in member.words
    assert (
        member.post(f"/account/security/devices/{DEVICE}/forget", page="/account/security").status_code == 303
    )
    (request,) = everything.requests_to("accounts.forget_device")
    assert request["device_id"] == DEVICE
