"""What was done is shown by GET: loading it again sends nothing, and its address tells nothing."""

from urllib.parse import urlsplit

import pytest
from gateway.extensions import confirmation_seal
from gateway.rpc.client import Refused
from mtnet_contracts.calls import CALLS
from mtnet_contracts.calls.accounts import sessions
from werkzeug.datastructures import MultiDict

from .conftest import Browser, a_session, example, sealed
from .helpdesk.conftest import NUMBER
from .test_pages import CASE, KEY, PAGES
from .test_switches import typed_into

TOKEN = "AAECAwQFBgcICQoLDA0ODxARAAECAwQFBgcICQ"
PASSWORDS = {"password": "Quay!2026side", "again": "Quay!2026side"}
# The form, what is typed, the call, where the confirmation stands, its words, and where it leads who did nothing.
CONFIRMED = {
    "activated": (f"/activate/{TOKEN}", PASSWORDS, "accounts.activate_account", "/activated", "carrier2026"),
    "reactivated": (
        f"/reactivate/{CASE}",
        PASSWORDS | {"code": "123456"},
        "accounts.reactivate_account",
        "/reactivated",
        "carrier2026",
    ),
    "undone": (
        f"/contacts/undo/{TOKEN}",
        {},
        "accounts.undo_contact_change",
        "/contacts/undone",
        "已復原變更",
    ),
    "protected": (f"/not-me/{TOKEN}", {}, "accounts.disown_login", "/account-protected", "帳號已保護"),
    "stopped": (f"/unsubscribe/{TOKEN}", {}, "notify.unsubscribe", "/unsubscribed", "已停止寄送"),
}
INSTEAD = {
    "/activated": "/login",
    "/reactivated": "/login",
    "/contacts/undone": "/forgot-password",
    "/account-protected": "/forgot-password",
    "/unsubscribed": "/account/notifications",
}


@pytest.fixture
def visitor(portal, everything):
    everything.answers |= {
        "accounts.activate_account": example(sessions.ActivationView) | {"account_name": "carrier2026"},
        "accounts.reactivate_account": {"account_name": "carrier2026"},
        "accounts.resume_session": Refused("SESSION_ENDED"),
        "notify.unsubscribe_link": {"category": "information"},
        "notify.unsubscribe": {"category": "information"},
    }
    return Browser(portal)


@pytest.mark.parametrize("kind", CONFIRMED)
def test_a_confirmation_has_an_address_of_its_own_that_may_be_loaded_again(visitor, everything, kind):
    path, typed, call, where, words = CONFIRMED[kind]
    visitor.get(path)
    form = {field["name"]: field.get("value", "") for field in visitor.page.main.find_all("input")} | typed
    for press in (1, 2):
        answer = visitor.http.post(path, data=form, headers=visitor.headers)
        assert (answer.status_code, answer.headers["Location"]) == (303, where)
        for _ in range(2):
            assert visitor.get(where).status_code == 200
            assert words in visitor.words
            assert TOKEN not in visitor.page.decode()
        assert len(everything.requests_to(call)) == press
    # The second press carries the key of the first, where the call takes one.
    assert len(set(everything.keys_to(call))) == 1
    assert TOKEN not in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("where", INSTEAD)
def test_nothing_is_confirmed_to_whoever_did_nothing(portal, visitor, where):
    assert visitor.get(where).headers["Location"] == INSTEAD[where]
    with portal.test_request_context():
        forged = "x." + confirmation_seal().sealed("sessions.login:")
    for value in ("sessions.activated:mallory", forged):
        visitor.http.set_cookie("done", value)
        assert visitor.get(where).headers["Location"] == INSTEAD[where]


# What is shown once and kept nowhere cannot be asked for again by GET; sent again, it comes with its key.
SHOWN_ONCE = {
    "/account/security/app": "recovery codes",
    "/account/security/recovery-codes": "recovery codes",
    "/login/second-step": "recovery codes",
    "/operations/subscribers/new_system": "a secret",
    "/operations/subscribers/text/rotate": "a secret",
    "/operations/subscribers/text/webhook/secret": "a secret",
    "/operations/subscribers/on_the_broker": "what was done on the broker; done once, nothing is left",
    "/operations/templates/application_returned/zh-Hant": "a test of what was typed and is saved nowhere yet",
    "/desk/": "what became of each ticket",
    f"/desk/tickets/{NUMBER}/addresses": "addresses, for a reason that was given",
}
WROTE_AT_LEAST = 80


@pytest.mark.slow  # sends every form of every page
def test_no_form_that_wrote_something_is_answered_by_a_page(portal, everything):
    """All forms of all pages, filled in: a page that answers a post would be sent again by each reload."""
    everything.answers["accounts.take_second_step"] = a_session("operator") | {
        "session_token": "s" * 43,
        "device_token": None,
        "recovery_codes": ["one", "two"],
    }
    for name in ("review.unit_cases", "accounts.segment_accounts"):
        everything.answers[name]["next_after"] = None
    pages, wrote = {}, set()
    for path in PAGES:
        for number, form in enumerate(_seen(portal, path).page.main.find_all("form", method="post")):
            for pressed in _buttons(form):
                browser = _seen(portal, path)
                form = browser.page.main.find_all("form", method="post")[number]
                everything.asked.clear()
                where = form.get("action") or path
                sent = MultiDict([*_sent(form).items(multi=True), *pressed.items()])
                answer = browser.http.post(where, data=sent, headers=browser.headers)
                written = {name for name, *_ in everything.asked if CALLS[name].writes}
                wrote |= written
                if written and answer.status_code == 200 and answer.mimetype == "text/html":
                    pages[urlsplit(where).path] = written
    assert {where: by for where, by in pages.items() if where not in SHOWN_ONCE} == {}
    assert set(SHOWN_ONCE) - set(pages) == set()
    assert len(wrote) >= WROTE_AT_LEAST, wrote


def _seen(portal, path):
    browser = Browser(portal).cookie(KEY, "t" * 43).cookie("sid", "s" * 43).cookie("login", sealed("l" * 43))
    browser.get(path)
    return browser


def _buttons(form):
    named = [b for b in form.find_all("button") if b.get("name")]
    return [{}, *({b["name"]: b.get("value", "")} for b in named)]


def _sent(form):
    fields = form.find_all(["input", "textarea", "select"])
    here = form.get("id")
    if here:
        page = form.find_parent("html")
        fields += page.find_all(["input", "textarea", "select"], attrs={"form": here})
    return typed_into(fields)
