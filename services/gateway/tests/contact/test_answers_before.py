"""Questions that fit are shown before one writes, and never keep anybody from writing."""

import pytest
from gateway.rpc.client import Refused, ServiceUnavailable
from mtnet_contracts.calls.content import searching

from ..conftest import a_session, example


def a_hit(slug="forgotten-password", near=False):
    title = [{"text": "忘記", "marked": False}, {"text": "密碼", "marked": True}]
    return example(searching.FoundPage) | {"slug": slug, "title": title, "text": title, "near": near}


@pytest.fixture
def visitor(browser, services):
    services.answers["content.search_pages"] = {"items": [a_hit(), a_hit("another", near=True)]}
    browser.services = services
    return browser


@pytest.mark.parametrize("path", ["/contact?q=密碼", "/questions?q=密碼"])
def test_what_fits_is_shown_marked_and_what_is_near_apart(visitor, path):
    assert visitor.get(path).status_code == 200
    links = [a["href"] for a in visitor.page.select("main article a")]
    assert links == ["/questions/forgotten-password", "/questions/another"]
    assert visitor.page.select_one("main article mark").text == "密碼"
    assert visitor.page.select_one("input[name=q]")["value"] == "密碼"


@pytest.mark.parametrize("away", [Refused("SEARCH_NOT_READY"), ServiceUnavailable("content", "away")])
def test_without_the_search_one_writes_all_the_same(visitor, away):
    visitor.services.answers["content.search_pages"] = away
    assert visitor.get("/contact?q=密碼").status_code == 200
    assert visitor.page.find("textarea", id="text")
    assert visitor.http.get("/contact/answers?q=密碼").json == {"items": []}


def test_while_one_types_the_subject_titles_and_addresses_come(visitor):
    answer = visitor.http.get("/contact/answers", query_string={"q": "密碼" * 200})
    assert answer.json["items"][0] == {"title": "忘記密碼", "address": "/questions/forgotten-password"}
    assert answer.headers["Cache-Control"] == "no-store"
    (asked,) = visitor.services.requests_to("content.search_pages")
    assert len(asked["text"]) == 200
    visitor.http.get("/contact/answers?q=")
    assert len(visitor.services.requests_to("content.search_pages")) == 1


@pytest.mark.parametrize("path", ["/login", "/forgot-password", "/nowhere"])
def test_where_people_get_stuck_a_link_leads_to_the_desk(visitor, path):
    visitor.get(path)
    assert visitor.page.select("main a[href^='/contact']")


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        (("member",), "/account"),
        (("reviewer",), "/review/"),
        (("operator",), "/operations"),
        (("helpdesk_agent", "helpdesk_lead"), "/desk/"),
        (("editor",), "/editing/questions"),
    ],
)
def test_a_login_leads_to_where_one_s_work_is(visitor, roles, home):
    visitor.services.answers["accounts.resume_session"] = a_session(*roles)
    visitor.cookie("sid", "s" * 43)
    assert visitor.http.get("/login").headers["Location"].rstrip("/") == home.rstrip("/")
