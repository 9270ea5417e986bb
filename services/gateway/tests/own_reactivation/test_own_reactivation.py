"""A frozen account: after the right password, by a code, and back with a new password."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from gateway.rpc.client import Refused

from ..conftest import NOW, Browser

CHALLENGE = str(uuid4())
NEW = "Ebb&Flow-7391"


@pytest.fixture
def frozen(everything):
    everything.answers["accounts.log_in"] = Refused("ACCOUNT_FROZEN")
    everything.answers["accounts.request_reactivation_code"] = {
        "challenge_id": CHALLENGE,
        "sent_at": datetime.now(NOW.tzinfo).isoformat(),
        "resend_at": (datetime.now(NOW.tzinfo) + timedelta(seconds=60)).isoformat(),
        "expires_at": (datetime.now(NOW.tzinfo) + timedelta(minutes=10)).isoformat(),
    }
    everything.answers["accounts.reactivate_account"] = {"account_name": "demomember"}
    return everything


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_from_the_login_to_an_active_account(portal, frozen, language):
    browser = Browser(portal, language)
    browser.post("/login", account_name="demomember", password="ZAs145@1")
    form = browser.page.find("form", id="page-form")
    assert form["action"] == "/reactivate"
    answer = browser.post("/reactivate", page="/reactivate", account_name="demomember", channel="sms")
    assert frozen.requests_to("accounts.request_reactivation_code")[-1] == {
        "account_name": "demomember",
        "channel": "sms",
        "ip": "127.0.0.1",
    }
    where = answer.headers["Location"]
    assert where.startswith(f"/reactivate/{CHALLENGE}?times=")
    browser.get(where)
    name = browser.page.find("input", autocomplete="username")
    assert (name["value"], name.has_attr("readonly")) == ("demomember", True)
    answer = browser.post(where, code="123456", password=NEW, again=NEW)
    browser.get(answer.headers["Location"])
    assert "demomember" in browser.page.find("main").get_text()
    assert frozen.requests_to("accounts.reactivate_account") == [
        {"challenge_id": CHALLENGE, "code": "123456", "password": NEW, "ip": "127.0.0.1"}
    ]


def test_what_is_missing_or_differs_is_said_at_its_field(browser, frozen):
    where = f"/reactivate/{CHALLENGE}"
    answer = browser.post(where, code=" ", password="", again="")
    assert answer.status_code == 422
    assert {e["id"] for e in browser.page.find_all(class_="govuk-error-message")} == {
        "code-error",
        "password-error",
        "again-error",
    }
    browser.post(where, code="123456", password=NEW, again="other")
    assert {e["id"] for e in browser.page.find_all(class_="govuk-error-message")} == {"again-error"}
    assert browser.page.find(id="code")["value"] == "123456"
    assert not browser.page.find(id="password").get("value")
    assert frozen.requests_to("accounts.reactivate_account") == []


@pytest.mark.parametrize(
    ("refused", "field"),
    [
        (Refused("CODE_WRONG", {"code": ["CODE_WRONG"]}), "code"),
        (Refused("INVALID", {"code": ["TOO_LONG"]}), "code"),
        (Refused("INVALID", {"password": ["PASSWORD_TOO_SHORT", "PASSWORD_NEEDS_DIGIT"]}), "password"),
    ],
)
def test_what_accounts_finds_wrong_is_said_at_its_field(browser, frozen, refused, field):
    frozen.answers["accounts.reactivate_account"] = refused
    answer = browser.post(f"/reactivate/{CHALLENGE}", code="123456", password="abcdefgh", again="abcdefgh")
    assert answer.status_code == 422
    assert {e["id"] for e in browser.page.find_all(class_="govuk-error-message")} == {f"{field}-error"}


def test_too_many_codes_and_an_empty_name_are_said_at_the_name(browser, frozen):
    assert browser.post("/reactivate", account_name=" ").status_code == 422
    assert browser.page.find(id="account_name-error")
    frozen.answers["accounts.request_reactivation_code"] = Refused("TOO_MANY_CODES")
    assert browser.post("/reactivate", account_name="demomember").status_code == 429
    assert browser.page.find(id="account_name")["value"] == "demomember"
    assert browser.page.find(id="account_name-error")


def test_a_name_in_the_address_is_a_name_or_nothing(browser, frozen):
    for name, shown in (("demomember", True), ('"><script>', False), ("x" * 41, False)):
        browser.get(f"/reactivate/{CHALLENGE}", query_string={"name": name})
        assert bool(browser.page.find("input", autocomplete="username")) is shown


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_a_disabled_account_is_told_what_to_send_and_where(portal, everything, language):
    everything.answers["accounts.log_in"] = Refused("ACCOUNT_DISABLED")
    browser = Browser(portal, language)
    assert browser.post("/login", account_name="demomember", password="x").status_code == 403
    said = browser.page.find("main").get_text(" ", strip=True)
    for place in ("service@mtnet.gov.tw", "02-8192-7019", "0800-022-120"):
        assert place in said
    assert not browser.page.find("form", id="page-form")
