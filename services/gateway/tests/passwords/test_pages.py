"""Change a password, forget it, and set a new one by a link."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import Browser

TOKEN = "0123456789abcdef0123"
NEW = "Buoy?7tide-moor"
CHANGE = {"current_password": "Quay!2026side", "password": NEW, "again": NEW}


@pytest.fixture
def member(portal, everything):
    return Browser(portal, "en").cookie("sid", "s" * 43)


@pytest.fixture
def visitor(portal, everything):
    return Browser(portal, "en")


def errors(browser):
    return {
        each["id"].removesuffix("-error"): each.get_text("\n", strip=True).removeprefix("Error:").strip()
        for each in browser.page.find_all(class_="govuk-error-message")
    }


def test_a_changed_password_says_what_happened_elsewhere(member, everything):
    done = member.post("/account/password", **CHANGE)
    assert (done.status_code, done.headers["Location"]) == (303, "/account/password?changed=1")
    (asked,) = everything.requests_to("accounts.change_password")
    assert (asked["current_password"], asked["password"]) == (CHANGE["current_password"], NEW)
    member.get(done.headers["Location"])
    assert "Your password is changed." in member.page.get_text()


def test_whoever_is_not_logged_in_changes_no_password(visitor, everything):
    assert visitor.get("/account/password").headers["Location"] == "/login?next=/account/password"
    assert everything.requests_to("accounts.change_password") == []


def test_everything_that_is_missing_is_said_at_its_field_and_nothing_is_asked(member, everything):
    assert member.post("/account/password").status_code == 422
    assert set(errors(member)) == {"current_password", "password", "again"}
    assert member.post("/account/password", **CHANGE | {"again": "other"}).status_code == 422
    assert errors(member) == {"again": "The two passwords differ; enter them again"}
    assert everything.requests_to("accounts.change_password") == []


def test_every_broken_rule_is_a_sentence_beside_the_field(member, everything):
    codes = ["PASSWORD_TOO_SHORT", "PASSWORD_NEEDS_UPPER", "PASSWORD_CONTAINS_MOBILE"]
    everything.answers["accounts.change_password"] = Refused("INVALID", fields={"password": codes})
    assert member.post("/account/password", **CHANGE).status_code == 422
    assert errors(member)["password"].split("\n") == [
        "The password needs at least 8 characters.",
        "The password needs an upper-case letter.",
        "The password must not contain your mobile number.",
    ]
    assert member.page.find(id="error-summary").find("a", href="#password")
    assert NEW not in member.page.decode()


@pytest.mark.parametrize(
    ("refused", "status", "words"),
    [
        (
            Refused("INVALID", fields={"current_password": ["CURRENT_PASSWORD_WRONG"]}),
            422,
            "not your current",
        ),
        (Refused("TOO_MANY_PASSWORDS"), 429, "Wait 15 minutes"),
    ],
)
def test_a_wrong_current_password_is_said_at_its_field(member, everything, refused, status, words):
    everything.answers["accounts.change_password"] = refused
    assert member.post("/account/password", **CHANGE).status_code == status
    assert words in errors(member)["current_password"]


def test_a_password_manager_finds_the_name_and_which_password_is_which(member, visitor):
    def kinds(browser):
        form = browser.page.find(id="page-form")
        return [(each["name"], each["autocomplete"]) for each in form.find_all("input", autocomplete=True)]

    member.get("/account/password")
    new = [("password", "new-password"), ("again", "new-password")]
    assert kinds(member) == [("username", "username"), ("current_password", "current-password"), *new]
    visitor.get(f"/reset-password/{TOKEN}")
    assert kinds(visitor) == [("username", "username"), *new]


def test_the_answer_to_a_forgotten_password_is_one_page_for_all(visitor, everything):
    sent = visitor.post("/forgot-password", account_name="carrier2026", email="clerk@example.com")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/forgot-password/sent")
    (asked,) = everything.requests_to("accounts.request_password_reset")
    assert (asked["account_name"], asked["email"]) == ("carrier2026", "clerk@example.com")
    visitor.get("/forgot-password/sent")
    assert "If account name and e-mail address belong together" in visitor.page.get_text()


def test_a_forgotten_password_needs_name_and_address(visitor, everything):
    assert visitor.post("/forgot-password", account_name=" ").status_code == 422
    assert set(errors(visitor)) == {"account_name", "email"}
    everything.answers["accounts.request_password_reset"] = Refused(
        "INVALID", fields={"email": ["EMAIL_INVALID"]}
    )
    assert visitor.post("/forgot-password", account_name="carrier2026", email="clerk").status_code == 422
    assert "name@example.com" in errors(visitor)["email"]
    assert visitor.page.find(id="account_name")["value"] == "carrier2026"


def test_who_asks_too_often_is_told_what_to_do(visitor, everything):
    everything.answers["accounts.request_password_reset"] = Refused("TOO_MANY_RESETS")
    asked = visitor.post("/forgot-password", account_name="carrier2026", email="clerk@example.com")
    assert asked.status_code == 429
    assert "try again in an hour" in errors(visitor)["account_name"]


def test_a_link_sets_a_new_password_and_leads_to_the_login(visitor, everything):
    visitor.get(f"/reset-password/{TOKEN}")
    done = visitor.post(f"/reset-password/{TOKEN}", password=NEW, again=NEW)
    assert (done.status_code, done.headers["Location"]) == (303, "/login?password=1")
    visitor.get(done.headers["Location"])
    assert "Your new password is set" in visitor.page.get_text()


@pytest.mark.parametrize(
    ("code", "status", "leads_to"),
    [("RESET_LINK_USED", 410, "/login"), ("RESET_LINK_INVALID", 404, "/forgot-password")],
)
def test_an_old_link_says_what_to_do(visitor, everything, code, status, leads_to):
    everything.answers["accounts.password_reset"] = Refused(code)
    everything.answers["accounts.reset_password"] = Refused(code)
    for answer in (
        visitor.get(f"/reset-password/{TOKEN}"),
        visitor.post(f"/reset-password/{TOKEN}", page="/forgot-password", password=NEW, again=NEW),
    ):
        assert answer.status_code == status
        assert visitor.page.find(id="main-content").find("a", class_="govuk-button")["href"] == leads_to


def test_the_login_leads_to_the_forgotten_password(visitor):
    visitor.get("/login")
    assert visitor.page.find(id="main-content").find("a", href="/forgot-password")


@pytest.mark.parametrize("code", ["NEW_PASSWORD_REQUIRED", "PASSWORD_EXPIRED"])
def test_a_password_that_others_may_know_or_that_is_old_is_answered_with_the_way(visitor, everything, code):
    everything.answers["accounts.log_in"] = Refused(code)
    assert visitor.post("/login", account_name="carrier2026", password="x").status_code == 422
    assert "Forgotten password" in errors(visitor)["account_name"]
