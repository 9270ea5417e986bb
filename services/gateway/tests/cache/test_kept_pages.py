"""Kept pages: the same for everybody, never mixed, at most a second old, and nobody's own."""

import re
import threading
import time

import pytest
from bs4 import BeautifulSoup
from gateway.cache import pages as kept
from gateway.cache.published import Published
from gateway.rpc.client import ServiceUnavailable
from werkzeug.test import EnvironBuilder

from ..conftest import a_session, sealed

KEPT = [
    "/",
    "/announcements",
    "/news",
    "/questions",
    "/questions?category=crew",
    "/questions?page=2&category=crew",
    "/news?page=2",
    "/news/harbour",
    "/services",
    "/affairs",
    "/sitemap",
    "/accessibility",
    "/privacy",
    "/api/docs",
    "/api/docs/applications",
    "/api/docs/desk",
]
NOT_KEPT = [
    "/news?page=02",
    "/news?page=2&page=2",
    "/news?page=99999",
    "/news?page=%32",
    "/news?utm_source=mail",
    "/news?lang=en",
    "/questions?category=nonsense",
    "/?page=2",
    "/login",
    "/apply/",
    "/case",
    "/nowhere",
    "/healthz",
]


class Clock:
    now = 0.0

    def monotonic(self):
        return time.monotonic() + self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("gateway.cache.pages.time", clock)
    monkeypatch.setattr("gateway.cache.published.time", clock)
    return clock


@pytest.fixture
def site(portal, everything, monkeypatch, clock):
    """The portal as it runs, with pages kept; a page stays fresh for a minute, so that no test is too slow for it."""
    for module in ("gateway.cache.pages", "gateway.cache.published"):
        monkeypatch.setattr(f"{module}.RENEW_SECONDS", 30)
        monkeypatch.setattr(f"{module}.OLDEST_SECONDS", 60)
    pages = portal.extensions["kept"]
    portal.extensions["published"] = Published(lambda call, asked: everything.call(call, asked))
    pages.keeps = True
    yield portal
    pages.keeps = False
    pages.forget()


def get(site, path, cookies="", language="zh-Hant", **headers):
    headers = {"Accept-Language": language, "Cookie": cookies} | headers
    return site.test_client(use_cookies=False).get(path, headers=headers)


def is_kept(site, path, cookies="", language="zh-Hant"):
    """Whether it would be answered without the application."""
    environ = EnvironBuilder(path, headers={"Cookie": cookies, "Accept-Language": language}).get_environ()
    return site.extensions["kept"].at_once(environ) is not None


def without_tokens(text):
    return re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", text)


@pytest.mark.parametrize("path", KEPT)
def test_a_page_for_everybody_is_made_once(site, everything, path):
    assert not is_kept(site, path)
    first = get(site, path)
    assert first.status_code == 200
    calls = len(everything.asked)
    again = get(site, path, cookies="_ga=GA1.2.3")
    assert is_kept(site, path)
    assert without_tokens(again.text) == without_tokens(first.text)
    assert len(everything.asked) == calls
    assert site.extensions["kept"].placeholder not in first.text + again.text
    for header in (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Vary",
        "Cache-Control",
        "Content-Type",
    ):
        assert again.headers[header] == first.headers[header]


@pytest.mark.parametrize("path", NOT_KEPT)
def test_what_a_stranger_can_vary_without_end_is_not_kept(site, path):
    for _ in range(2):
        get(site, path)
    assert not is_kept(site, path)


@pytest.mark.parametrize("path", KEPT)
def test_languages_and_sizes_are_never_mixed(site, path):
    variants = [
        ("", "zh-Hant"),
        ("", "en"),
        ("lang=en", "zh-Hant"),
        ("size=l", "zh-Hant"),
        ("size=s; lang=en", "zh-TW"),
    ]
    for _ in range(2):
        for cookies, language in variants:
            first_tag, _, _ = get(site, path, cookies, language).text.partition("<head")
            page = BeautifulSoup(first_tag, "html.parser").html
            english = "lang=en" in cookies or (language == "en" and "lang" not in cookies)
            assert page["lang"] == ("en" if english else "zh-Hant-TW")
            assert page["data-size"] == (cookies[5] if cookies.startswith("size") else "m")


@pytest.mark.parametrize("path", KEPT)
def test_a_kept_page_names_no_host_and_no_query_of_anybody(site, path):
    text = get(site, path, **{"Host": "192.168.7.7:8080"}).text
    assert "192.168.7.7" not in text
    assert get(site, path, **{"Host": "localhost"}).text.count("utm") == 0


@pytest.mark.parametrize("path", KEPT)
def test_whoever_is_logged_in_gets_a_page_of_their_own(site, everything, path):
    everything.answers["accounts.resume_session"] = a_session("member")
    mine = f"sid={sealed('s' * 43)}"
    assert "審核員" in get(site, path, mine).text
    assert not is_kept(site, path), "it was not kept for others"
    get(site, path)
    own = get(site, path, mine)
    assert "審核員" in own.text
    assert own.headers["Cache-Control"] == "no-store"
    assert "ETag" not in own.headers
    assert "審核員" not in get(site, path).text


def test_whoever_has_a_case_open_here_is_answered_by_the_application(site):
    get(site, "/")
    assert is_kept(site, "/")
    assert not is_kept(site, "/", "case-PTAPPLY936EC90162340=" + "t" * 43)
    assert not is_kept(site, "/", "sid=anything")


def test_each_visitor_of_a_kept_form_gets_a_token_that_works(site, everything):
    everything.answers["accounts.log_in"] = a_session("member") | {"session_token": "n" * 43}
    get(site, "/")
    tokens = []
    for _ in range(3):
        visitor = site.test_client()
        assert is_kept(site, "/")
        page = visitor.get("/", headers={"Accept-Language": "zh-Hant"})
        assert page.headers["Cache-Control"] == "private, no-store"
        tokens.append(BeautifulSoup(page.text, "html.parser").find("input", {"name": "csrf_token"})["value"])
        entered = visitor.post(
            "/login", data={"csrf_token": tokens[-1], "account_name": "x", "password": "x"}
        )
        assert entered.status_code == 303, entered.text[:300]
    assert len(set(tokens)) == 3
    stranger = site.test_client()
    stranger.get("/")
    refused = stranger.post("/login", data={"csrf_token": tokens[0], "account_name": "x", "password": "x"})
    assert refused.status_code == 400, "a token is worth nothing with another's cookie"


def test_a_browser_that_has_the_page_is_told_so(site):
    for _ in range(2):
        first = get(site, "/news")
        assert first.headers["Cache-Control"] == "public, no-cache"
        assert first.headers["Vary"] == "Cookie, Accept-Language"
    answer = get(site, "/news", **{"If-None-Match": first.headers["ETag"]})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == first.headers["ETag"]
    assert get(site, "/news", **{"If-None-Match": '"another"'}).status_code == 200
    assert get(site, "/news", language="en").headers["ETag"] != first.headers["ETag"]
    head = site.test_client(use_cookies=False).head("/news", headers={"Accept-Language": "zh-Hant"})
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(first.data)))


def change(everything, **facts):
    everything.answers["content.published"] = everything.answers["content.published"] | facts


def test_what_was_published_is_shown_at_once(site, everything):
    get(site, "/news")
    change(everything, items=[], total=0)
    assert "文字" in get(site, "/news").text
    assert "Words" in get(site, "/news", language="en").text
    site.extensions["published"].drop()
    assert not is_kept(site, "/news")
    assert "Words" not in get(site, "/news", language="en").text


def test_a_page_older_than_a_second_is_not_shown(site, everything, clock):
    get(site, "/news")
    change(everything, items=[], total=0)
    clock.now += 61
    assert not is_kept(site, "/news")
    assert "文字" not in get(site, "/news").text


def test_one_of_many_renews_a_page_that_grows_old(site, clock):
    get(site, "/services")
    clock.now += 31
    assert not is_kept(site, "/services"), "looking alone renews nothing"
    pages = site.extensions["kept"]
    environ = EnvironBuilder("/services", headers={"Accept-Language": "zh-Hant"}).get_environ()
    assert pages._fresh(pages.key_of(environ), renew=True) is None, "the first goes"
    assert is_kept(site, "/services"), "the others do not"
    clock.now += 30
    assert not is_kept(site, "/services")


def test_while_content_is_away_pages_are_shown_as_they_were(site, everything, clock):
    before = get(site, "/news").text
    everything.answers["content.published"] = ServiceUnavailable("content", "away")
    clock.now += 3600
    assert get(site, "/news").text == before
    assert is_kept(site, "/news"), "and nobody asks for each of them"
    assert get(site, "/announcements").status_code == 503, "never seen before"


def test_a_home_page_without_news_is_not_kept(site, everything):
    everything.answers["content.published"] = ServiceUnavailable("content", "away")
    assert get(site, "/").status_code == 200
    assert not is_kept(site, "/")


def test_the_memory_for_pages_is_bounded(site, monkeypatch):
    size = len(get(site, "/services").data)
    monkeypatch.setattr(kept, "MOST_BYTES", size * 4)
    for path in KEPT:
        for language in ("zh-Hant", "en"):
            get(site, path, language=language)
    pages = site.extensions["kept"]
    assert pages._bytes == sum(len(page.body) for page in pages._pages.values()) <= size * 4
    assert len(pages._paths) <= len(pages._pages)


def test_a_hundred_at_once_are_one_call(site, everything):
    slow = threading.Event()
    answer = everything.answers["content.published"]

    def published(_):
        slow.wait(10)
        return answer

    everything.answers["content.published"] = published
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(get(site, "/news").status_code)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    slow.set()
    for thread in threads:
        thread.join()
    assert found == [200] * 8
    assert len(everything.requests_to("content.published")) == 1


def test_the_home_page_of_whoever_is_logged_in_and_the_kept_one_never_meet(site, everything):
    everything.answers["accounts.resume_session"] = a_session("member", "reviewer", unit="north")
    mine = f"sid={sealed('s' * 43)}"
    for _ in range(2):
        for language, welcome in (("zh-Hant", "歡迎回來"), ("en", "Welcome back")):
            public = get(site, "/", language=language)
            own = get(site, "/", mine, language)
            assert 'type="password"' in public.text
            assert welcome not in public.text
            assert welcome in own.text
            assert 'type="password"' not in own.text
            assert (own.headers["Cache-Control"], "ETag" in own.headers) == ("no-store", False)
            assert is_kept(site, "/", language=language)
            assert not is_kept(site, "/", mine, language)
            assert is_kept(site, "/", "lang=" + language)
    everything.answers["accounts.resume_session"] = a_session("member")
    everything.answers["accounts.resume_session"]["account"]["account_name"] = "another2026"
    another = get(site, "/", f"sid={sealed('n' * 43)}").text
    assert "another2026" in another


def test_a_visitor_without_a_session_who_reads_a_case_gets_the_page_for_everybody(site):
    own = get(site, "/", "case-PTAPPLY936EC90162340=" + "t" * 43)
    assert own.headers["Cache-Control"] == "no-store"
    assert without_tokens(own.text) == without_tokens(get(site, "/").text)
