"""My account: its sections, one's own data and contacts, and the link that undoes a change."""

from uuid import uuid4

import pytest
from gateway.navigation import ACCOUNT_SECTIONS
from gateway.rpc.client import Refused, ServiceUnavailable
from mtnet_contracts.calls import accounts, notify

from ..conftest import NOW, Browser, a_session, example

FIRST, SECOND, CHANGE = str(uuid4()), str(uuid4()), str(uuid4())


def a_contact(contact_id, value, *, kind="email", is_primary=True):
    return {
        "contact_id": contact_id,
        "kind": kind,
        "value": value,
        "is_primary": is_primary,
        "verified_at": NOW.isoformat(),
    }


def waiting(value="new@example.com"):
    return {
        "change_id": CHANGE,
        "kind": "email",
        "value": value,
        "contact_id": None,
        "expires_at": NOW.isoformat(),
    }


@pytest.fixture
def member(browser, services):
    services.answers["accounts.resume_session"] = a_session("member")
    services.answers["accounts.own_profile"] = example(accounts.profile.ProfileView) | {
        "account_name": "carrier2026",
        "masked_id_number": "A123***",
        "identity_type": "company",
        "phone": "+886233436767#12",
        "fax": None,
        "locale": "zh-Hant",
        "version": 3,
    }
    services.answers["accounts.own_contacts"] = {
        "contacts": [
            a_contact(FIRST, "clerk@example.com"),
            a_contact(SECOND, "office@example.com", is_primary=False),
        ],
        "waiting": [],
    }
    return browser.cookie("sid", "s" * 43)


def current(page):
    nav = page.find("nav", class_="portal-area__sections")
    return [a.get_text(strip=True) for a in nav.find_all("a", attrs={"aria-current": True})]


class TestTheFrame:
    def test_every_section_stands_beside_each_page_and_on_the_overview(self, member, portal):
        member.get("/account")
        assert current(member.page) == ["總覽"]
        cards = [h.a["href"] for h in member.page.select(".portal-card h2") if h.a]
        with portal.test_request_context():
            from flask import url_for

            assert cards == [url_for(section.endpoint) for section in ACCOUNT_SECTIONS]

    @pytest.mark.parametrize(
        ("path", "title"),
        [
            ("/account/profile", "我的資料"),
            ("/account/profile/fax", "我的資料"),
            ("/account/contacts", "電子郵件及行動電話"),
            ("/account/contacts/new/mobile", "電子郵件及行動電話"),
        ],
    )
    def test_a_page_belongs_to_the_section_its_address_begins_with(self, member, path, title):
        member.get(path)
        assert current(member.page) == [title]

    def test_a_stranger_logs_in_first(self, browser, services):
        for path in ("/account", "/account/profile", "/account/contacts", "/account/contacts/new/email"):
            answer = browser.get(path)
            assert answer.status_code == 303
            assert "/login" in answer.location


class TestAnExpiringPassword:
    def test_is_told_with_its_day_and_the_way_to_change_it(self, member, services):
        account = services.answers["accounts.resume_session"]["account"]
        account["password_expires_at"] = "2026-12-09T17:00:00+00:00"
        member.get("/account")
        assert "您的密碼將於 115-12-10 到期" in member.words
        assert member.page.select_one(".govuk-inset-text a")["href"] == "/account/password"

    def test_is_not_mentioned_before(self, member):
        member.get("/account")
        assert "到期，屆時" not in member.words


class TestOwnData:
    def test_says_what_is_fixed_and_why_and_offers_a_change_for_the_rest(self, member):
        member.get("/account/profile")
        assert "A123***" in member.words
        assert "不能在此變更" in member.words
        assert "02-3343-6767 #12" in member.words
        changes = [a["href"] for a in member.page.select(".govuk-summary-list__actions a")]
        assert changes == [
            f"/account/profile/{item}" for item in ("phone", "fax", "department", "title", "locale")
        ]

    def test_saves_one_answer_with_the_version_that_was_shown(self, member, services):
        services.answers["accounts.save_profile"] = services.answers["accounts.own_profile"]
        answer = member.post("/account/profile/title", title="經理", version="3", key="k")
        assert answer.status_code == 303
        assert services.requests_to("accounts.save_profile") == [{"version": 3, "title": "經理"}]
        assert services.keys_to("accounts.save_profile")[0]
        member.get(answer.location)
        assert "您的變更已儲存" in member.words

    def test_a_bad_number_stays_and_is_explained_at_the_field(self, member, services):
        services.answers["accounts.save_profile"] = Refused("INVALID", {"phone": ["PHONE_NEEDS_AREA_CODE"]})
        assert member.post("/account/profile/phone", phone="33436767", version="3").status_code == 422
        assert member.page.find("input", id="phone")["value"] == "33436767"
        assert "區碼" in member.page.find(id="phone-error").get_text()

    def test_another_window_was_faster(self, member, services):
        services.answers["accounts.save_profile"] = Refused("ANSWERS_CHANGED")
        assert member.post("/account/profile/title", title="經理", version="2").status_code == 409
        assert member.page.find("input", id="title")["value"] == "經理"
        assert member.page.find("input", {"name": "version"})["value"] == "3"


class TestContacts:
    def test_the_last_address_has_no_way_to_be_removed(self, member, services):
        member.get("/account/contacts")
        assert member.page.find("a", href=f"/account/contacts/{FIRST}/remove")
        only = {"contacts": [a_contact(FIRST, "clerk@example.com")], "waiting": [waiting()]}
        services.answers["accounts.own_contacts"] = only
        member.get("/account/contacts")
        assert not member.page.find("a", href=f"/account/contacts/{FIRST}/remove")
        assert member.page.find("a", href="/account/contacts/new/email")
        assert member.page.find("a", href=f"/account/contacts/code/{CHANGE}")
        assert "尚未生效" in member.words

    def test_one_from_which_mails_come_back_says_so_and_how_to_mend_it(self, member, services):
        point = example(notify.preferences.ContactPointView) | {"channel": "email", "own": False}
        silent = point | {
            "address": "office@example.com", "unreachable_since": "2026-11-20T02:00:00+00:00"
        }  # fmt: skip
        services.answers["notify.own_notifications"] = example(notify.preferences.NotificationsView) | {
            "contact_points": [point | {"address": "clerk@example.com", "unreachable_since": None}, silent]
        }
        member.get("/account/contacts")
        (told,) = member.page.select(".portal-contacts .govuk-error-message")
        assert "115-11-20" in told.text
        again = f"/account/contacts/new/email?again=1&for={SECOND}"
        (row,) = [row for row in member.page.select(".portal-contacts li") if row.find("a", href=again)]
        assert "office@example.com" in row.text
        member.get(again)
        assert member.page.find("input", id="value")["value"] == "office@example.com"
        services.answers["notify.own_notifications"] = ServiceUnavailable("notify", "away")
        assert member.get("/account/contacts").status_code == 200

    def test_a_code_is_asked_for_and_entered(self, member, services):
        services.answers["accounts.request_contact_change"] = example(accounts.verification.CodeSent) | {
            "challenge_id": CHANGE
        }
        path = f"/account/contacts/new/email?for={FIRST}"
        answer = member.post(path, value="new@example.com", key="k")
        assert answer.status_code == 303
        assert f"/account/contacts/code/{CHANGE}" in answer.location
        (asked,) = services.requests_to("accounts.request_contact_change")
        assert asked == {"kind": "email", "value": "new@example.com", "replaces": FIRST}
        own = services.answers["accounts.own_contacts"]
        services.answers["accounts.own_contacts"] = own | {"waiting": [waiting()]}
        services.answers["accounts.confirm_contact_change"] = Refused("CODE_WRONG", {"code": ["CODE_WRONG"]})
        assert member.post(f"/account/contacts/code/{CHANGE}", code="000000").status_code == 422
        assert "驗證碼" in member.page.find(id="code-error").get_text()
        # Chinese and what is not Chinese stand a space apart.
        assert member.page.h1.get_text() == f"驗證 {waiting()['value']}"
        services.answers["accounts.confirm_contact_change"] = own
        assert member.post(f"/account/contacts/code/{CHANGE}", code="123456").location.startswith(
            "/account/contacts"
        )

    @pytest.mark.parametrize(
        ("refused", "status", "words"),
        [
            (Refused("INVALID", {"value": ["EMAIL_INVALID"]}), 422, "name@example.com"),
            (Refused("CONTACT_KNOWN", {"value": ["CONTACT_KNOWN"]}), 422, "已有此聯絡方式"),
            (Refused("TOO_MANY_CODES"), 429, "索取次數過多"),
        ],
    )
    def test_what_was_typed_stays_beside_the_reason(self, member, services, refused, status, words):
        services.answers["accounts.request_contact_change"] = refused
        answer = member.post("/account/contacts/new/email", value="clerk@example.com")
        assert answer.status_code == status
        assert member.page.find("input", id="value")["value"] == "clerk@example.com"
        assert words in member.page.find(id="value-error").get_text()

    def test_nothing_typed_asks_no_service(self, member, services):
        assert member.post("/account/contacts/new/mobile", value=" ").status_code == 422
        assert not services.requests_to("accounts.request_contact_change")

    def test_somebody_elses_contact_in_the_address_is_not_found(self, member):
        assert member.get(f"/account/contacts/new/email?for={uuid4()}").status_code == 404
        assert member.get(f"/account/contacts/{uuid4()}/remove").status_code == 404

    def test_a_change_that_waits_no_more_leads_back(self, member):
        assert member.get(f"/account/contacts/code/{uuid4()}").location == "/account/contacts"

    def test_the_last_address_is_refused_in_words(self, member, services):
        services.answers["accounts.remove_contact"] = Refused("LAST_EMAIL")
        assert member.post(f"/account/contacts/{FIRST}/remove").status_code == 409
        assert "最後一個電子郵件地址" in member.words


class TestUndo:
    def test_works_without_a_login_in_both_languages(self, portal, services):
        services.answers["accounts.contact_change_to_undo"] = example(accounts.profile.UndoView) | {
            "contacts_before": ["c•••@example.com"]
        }
        services.answers["accounts.undo_contact_change"] = {}
        for language, words in (("zh-Hant", "已復原變更"), ("en", "The change has been undone")):
            browser = Browser(portal, language)
            browser.get("/contacts/undo/" + "t" * 43)
            assert "c•••@example.com" in browser.words
            browser.get(browser.post("/contacts/undo/" + "t" * 43).headers["Location"])
            assert words in browser.words

    def test_a_link_that_is_over_says_where_to_call(self, browser, services):
        services.answers["accounts.contact_change_to_undo"] = Refused("UNDO_LINK_INVALID")
        assert browser.get("/contacts/undo/" + "t" * 43).status_code == 404
        assert "0800-022-120" in browser.words
