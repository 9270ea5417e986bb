"""My personal data: a copy, requests and what became of them; and the operators' desk."""

import json
from uuid import uuid4

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls import accounts

from ..conftest import NOW, Browser, a_session, example

REQUEST = str(uuid4())
VIEWS = accounts.privacy_rights


def a_request(**changes):
    return {
        "request_id": REQUEST,
        "request_number": "PD20261123-0001",
        "kind": "correct",
        "state": "open",
        "words": "姓名有誤",
        "received_at": NOW.isoformat(),
        "due_on": "2026-12-23",
        "extended": False,
        "closed_at": None,
        "steps": [{"at": NOW.isoformat(), "what": "received", "note": ""}],
    } | changes


def a_case(**changes):
    return (
        example(VIEWS.PrivacyCaseView)
        | a_request()
        | {
            "account_name": "carrier2026",
            "account_state": "active",
            "days_left": 30,
            "version": 4,
            "may_extend": True,
            "may_carry_out": True,
            "own": False,
        }
        | changes
    )


@pytest.fixture
def member(browser, services):
    services.answers["accounts.resume_session"] = a_session("member")
    services.answers["accounts.own_privacy_requests"] = {"requests": [a_request()]}
    return browser.cookie("sid", "s" * 43)


@pytest.fixture
def operator(browser, services):
    services.answers["accounts.resume_session"] = a_session("operator")
    services.answers["accounts.privacy_case"] = a_case()
    services.answers["accounts.privacy_desk"] = {
        "page": 1,
        "page_size": 25,
        "total": 1,
        "overdue": 1,
        "requests": [{n: v for n, v in a_case(days_left=-2).items() if n in VIEWS.PrivacyDeskItem().fields}],
    }
    return browser.cookie("sid", "s" * 43)


class TestThePerson:
    @pytest.mark.parametrize(
        ("language", "words"),
        [("zh-Hant", ["請求補充或更正", "115-12-23"]), ("en", ["Supplement or correct", "2026-12-23"])],
    )
    def test_sees_requests_with_the_day_they_are_answered_by(self, portal, member, language, words):
        browser = Browser(portal, language).cookie("sid", "s" * 43)
        browser.get("/account/privacy")
        for each in words:
            assert each in browser.words
        assert browser.get(f"/account/privacy/{REQUEST}").status_code == 200
        assert browser.page.find("form", action=f"/account/privacy/{REQUEST}/withdraw")

    def test_downloads_a_copy_that_nothing_keeps(self, member, services):
        services.answers["accounts.copy_of_own_data"] = {"data": {"account": [{"name": "陳"}]}}
        answer = member.get("/account/privacy/copy.json")
        assert json.loads(answer.text) == {"account": [{"name": "陳"}]}
        assert answer.headers["Cache-Control"] == "no-store"
        assert "attachment" in answer.headers["Content-Disposition"]

    def test_asks_and_keeps_what_was_typed_when_refused(self, member, services):
        services.answers["accounts.ask_for_privacy_right"] = Refused("REQUEST_OPEN")
        assert member.post("/account/privacy/ask", kind="correct", words="請更正").status_code == 422
        assert member.page.find("textarea", id="words").get_text(strip=True) == "請更正"
        assert "尚未答復" in member.page.find(id="kind-error").get_text()
        services.answers["accounts.ask_for_privacy_right"] = a_request()
        answer = member.post("/account/privacy/ask", kind="correct", words="請更正", key="k")
        assert answer.location == "/account/privacy?saved=asked"
        assert services.keys_to("accounts.ask_for_privacy_right")[-1]

    def test_nothing_chosen_and_nothing_said_ask_no_service(self, member, services):
        assert member.post("/account/privacy/ask", words=" ").status_code == 422
        assert member.page.find(id="kind-error")
        assert member.page.find(id="words-error")
        assert not services.requests_to("accounts.ask_for_privacy_right")

    def test_a_request_of_somebody_else_is_not_found(self, member):
        assert member.get(f"/account/privacy/{uuid4()}").status_code == 404

    def test_withdraws_and_is_told_when_it_was_too_late(self, member, services):
        services.answers["accounts.withdraw_privacy_request"] = Refused("REQUEST_CLOSED")
        path = f"/account/privacy/{REQUEST}"
        assert member.post(f"{path}/withdraw", path).status_code == 409
        services.answers["accounts.withdraw_privacy_request"] = a_request(state="withdrawn")
        assert member.post(f"{path}/withdraw", path).status_code == 303


class TestTheDesk:
    def test_is_not_for_members(self, member):
        assert member.get("/operations/privacy-requests").status_code == 403
        assert member.get(f"/operations/privacy-requests/{REQUEST}").status_code == 403

    def test_names_what_is_late(self, operator, services):
        operator.get("/operations/privacy-requests?state=all&kind=correct")
        assert "1 件請求已逾期" in operator.words
        (asked,) = services.requests_to("accounts.privacy_desk")
        assert asked == {"state": None, "kind": "correct", "overdue": False, "page": 1}

    def test_decides_with_the_version_that_was_shown(self, operator, services):
        services.answers["accounts.carry_out_privacy_request"] = a_case()
        path = f"/operations/privacy-requests/{REQUEST}"
        answer = operator.post(path, decision="carry_out", note="已更正", name="陳大文", version="4", key="k")
        assert answer.status_code == 303
        assert services.requests_to("accounts.carry_out_privacy_request") == [
            {"request_id": REQUEST, "version": 4, "note": "已更正", "name": "陳大文"}
        ]

    def test_what_was_written_stays_when_somebody_was_faster(self, operator, services):
        services.answers["accounts.refuse_privacy_request"] = Refused("STALE_VERSION")
        path = f"/operations/privacy-requests/{REQUEST}"
        assert operator.post(path, decision="refuse", note="依第 10 條", version="3").status_code == 409
        assert operator.page.find("textarea", id="note").get_text(strip=True) == "依第 10 條"
        assert operator.page.find("input", {"name": "version"})["value"] == "4"

    def test_a_decision_without_words_is_none(self, operator, services):
        path = f"/operations/privacy-requests/{REQUEST}"
        assert operator.post(path, version="4").status_code == 422
        assert operator.page.find(id="decision-error")
        assert operator.page.find(id="note-error")

    def test_offers_only_what_can_be_done(self, operator, services):
        services.answers["accounts.privacy_case"] = a_case(may_extend=False, may_carry_out=False, kind="view")
        operator.get(f"/operations/privacy-requests/{REQUEST}")
        offered = [i["value"] for i in operator.page.find_all("input", {"name": "decision"})]
        assert offered == ["answer", "refuse"]
        services.answers["accounts.privacy_case"] = a_case(own=True)
        operator.get(f"/operations/privacy-requests/{REQUEST}")
        assert not operator.page.find_all("input", {"name": "decision"})
