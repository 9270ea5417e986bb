"""The page behind the link that stops mails, and the one click of mail programs."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import Browser

TOKEN = "AAECAwQFBgcICQoLDA0ODxARAAECAwQFBgcICQ"


@pytest.fixture
def linked(everything):
    everything.answers |= {
        "notify.unsubscribe_link": {"category": "information"},
        "notify.unsubscribe": {"category": "information"},
    }
    return everything


def test_whoever_follows_the_link_sees_what_it_stops_and_a_button(portal, linked):
    for language, words in (("zh-Hant", "不再寄送"), ("en", "Stop these mails")):
        browser = Browser(portal, language)
        assert browser.get(f"/unsubscribe/{TOKEN}").status_code == 200
        assert words in browser.words
        assert browser.page.find("form", method="post")["action"] == f"/unsubscribe/{TOKEN}"
    assert linked.requests_to("notify.unsubscribe") == [], (
        "programs that look through mails follow every link"
    )


def test_the_button_stops_the_mails(browser, linked):
    answer = browser.http.post(f"/unsubscribe/{TOKEN}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/unsubscribed")
    browser.get("/unsubscribed")
    assert linked.requests_to("notify.unsubscribe") == [{"unsubscribe_token": TOKEN}]
    assert "已停止寄送" in browser.words


def test_a_mail_program_does_it_with_one_click_without_cookies(portal, linked):
    program = portal.test_client(use_cookies=False)
    answer = program.post(
        f"/unsubscribe/{TOKEN}",
        data={"List-Unsubscribe": "One-Click"},
        headers={"User-Agent": "Mail-Unsubscriber", "Origin": "https://mail.example"},
    )
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert len(linked.requests_to("notify.unsubscribe")) == 1


@pytest.mark.parametrize(
    "refused", [Refused("LINK_NOT_VALID"), Refused("INVALID", {"unsubscribe_token": ["x"]})]
)
def test_a_link_that_was_cut_says_so(browser, linked, refused):
    linked.answers |= {"notify.unsubscribe_link": refused, "notify.unsubscribe": refused}
    assert browser.get("/unsubscribe/abc").status_code == 404
    assert "這個連結無法使用" in browser.words
    assert browser.http.post("/unsubscribe/abc").status_code == 404


def test_other_forms_still_need_their_token(browser, linked):
    assert browser.http.post("/case", data={}).status_code == 400
