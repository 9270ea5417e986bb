"""Who is here: asked only where it is shown or needed, once, and never of a token that nobody handed out."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from gateway.api.operation import SIGNED
from gateway.cache.sessions import MOST_KEPT, RecentSessions, fingerprint
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.seal import Seal
from gateway.topics import OPERATIONS
from mtnet_chassis.testing.pytest_plugin import eventually

from ..conftest import Browser, a_session, fields_of, sealed

TOKEN = "s" * 43
ASKED = "accounts.resume_session"
INVENTED = [
    TOKEN,
    f"{TOKEN}.",
    f"{TOKEN}.{'A' * 22}",
    f".{sealed('')[1:]}",
    "x" * 5000,
    "小明.小明",
    f"{sealed(TOKEN)}x",
]


@pytest.fixture
def with_memory(portal):
    """Sessions are remembered for a minute."""
    portal.extensions["recent_sessions"] = RecentSessions(seconds=60)
    return portal


def as_header(text):
    """As it would come over the wire: WSGI has bytes as Latin-1."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize("invented", INVENTED)
@pytest.mark.parametrize("path", ["/", "/news", "/account", "/review/", "/nowhere", "/apply/", "/case"])
def test_an_invented_session_is_asked_of_nobody(portal, everything, path, invented):
    answer = portal.test_client(use_cookies=False).get(path, headers={"Cookie": as_header(f"sid={invented}")})
    assert answer.status_code in (200, 302, 303, 404)
    assert everything.requests_to(ASKED) == []


@pytest.mark.slow  # every operation
@pytest.mark.parametrize("invented", INVENTED)
def test_an_invented_bearer_is_asked_of_nobody(portal, everything, invented):
    for operation in OPERATIONS:
        if operation.proof in ("session", *SIGNED):
            headers = {"Authorization": as_header(f"Bearer {invented}")}
            answer = portal.test_client(use_cookies=False).open(
                address_of(operation), method=operation.method, headers=headers, json={}
            )
            assert answer.status_code in (401, 422), operation.name
    assert everything.asked == []


WORDS_OF_ADDRESSES = {
    "kind": "account_frozen",
    "locale": "en",
    "number": "HD2026-000123",
    "channel": "email",
}


def address_of(operation):
    path = operation.path
    path = re.sub(r"<uuid:[a-z_]+>", "00000000-0000-0000-0000-000000000001", path)
    path = re.sub(r"<any\(\W*([\w-]+)[^>]*>", r"\1", path)
    path = re.sub(r"<(?:string[^>]*:)?(\w+)>", lambda part: WORDS_OF_ADDRESSES.get(part[1], "x"), path)
    return "/api/v1" + re.sub(r"<int[^>]*>", "1", path)


def needs_a_query(operation):
    """Whether its address alone is no whole question."""
    known = {name for name, _ in operation.fixed} | set(re.findall(r"(\w+)>", operation.path))
    return any(
        field.required for name, field in fields_of(operation.call.request).items() if name not in known
    )


def test_the_seal_of_another_portal_is_worth_nothing():
    assert Seal("one key").opened(Seal("another key").sealed(TOKEN)) is None
    assert Seal("one key").opened(Seal("one key").sealed(TOKEN)) == TOKEN


@pytest.mark.slow  # every operation
@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.proof in SIGNED], ids=lambda o: o.name)
def test_a_program_whose_session_cannot_be_asked_for_is_not_logged_out(portal, everything, operation):
    everything.answers[ASKED] = ServiceUnavailable("accounts", "away")
    answer = portal.test_client(use_cookies=False).open(
        address_of(operation),
        method=operation.method,
        headers={"Authorization": f"Bearer {sealed(TOKEN)}"},
        json={"version": 1, "note": "", "reason": "x", "reasons": [{"field": "form", "code": "WRONG"}]},
    )
    if operation.method == "GET" and not needs_a_query(operation):
        assert answer.status_code == 503
    assert answer.status_code in (503, 422)
    assert [name for name, *_ in everything.asked if name != ASKED] == []


def test_a_program_gets_and_gives_back_the_same_token(portal, everything):
    everything.answers["accounts.log_in"] = a_session("reviewer", unit="north") | {"session_token": TOKEN}
    api = portal.test_client(use_cookies=False)
    given = api.post("/api/v1/sessions", json={"account_name": "x", "password": "x"}).get_json()[
        "session_token"
    ]
    assert given != TOKEN
    assert api.get("/api/v1/reviews", headers={"Authorization": f"Bearer {given}"}).status_code == 200
    assert everything.requests_to(ASKED)[0]["session_token"] == TOKEN


@pytest.mark.parametrize(
    "path", ["/nowhere", "/static/portal.css", "/healthz", "/readyz", "/preferences?size=l"]
)
def test_what_shows_nobody_asks_for_nobody(browser, everything, path):
    with browser.cookie("sid", TOKEN).http.get(path) as answer:
        assert answer.status_code < 500
    assert everything.requests_to(ASKED) == []


def test_an_address_that_leads_nowhere_offers_the_way_to_the_account(browser, everything):
    assert browser.cookie("sid", TOKEN).get("/nowhere").status_code == 404
    tools = browser.page.find(class_="portal-tools")
    assert [a["href"] for a in tools.find_all("a")][-1] == "/account"


@pytest.mark.parametrize(
    ("language", "words"), [("zh-Hant", "目前無法確認您的登入狀態"), ("en", "We cannot tell just now")]
)
def test_pages_for_everybody_say_that_they_cannot_tell_who_is_here(portal, everything, language, words):
    everything.answers[ASKED] = ServiceUnavailable("accounts", "away")
    for path in ("/", "/news", "/services", "/login", "/apply/"):
        http = portal.test_client()
        http.set_cookie("sid", sealed(TOKEN))
        answer = http.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 200, path
        page = BeautifulSoup(answer.text, "html.parser")
        assert words in page.get_text(), path
        assert "sid=" not in str(answer.headers.getlist("Set-Cookie"))


def test_a_page_asks_once(browser, everything):
    browser.cookie("sid", TOKEN).get("/review/")
    assert len(everything.requests_to(ASKED)) == 1


def test_reading_again_at_once_asks_nobody(with_memory, browser, everything):
    browser.cookie("sid", TOKEN)
    for path in ("/account", "/review/", "/", "/nowhere"):
        browser.get(path)
        assert browser.page.find(class_="portal-who"), path
    assert len(everything.requests_to(ASKED)) == 1


def test_writing_asks_anew(with_memory, browser, everything):
    case = "/review/00000000-0000-0000-0000-000000000001"
    browser.cookie("sid", TOKEN).get(case)
    everything.answers[ASKED] = a_session("member")
    answer = browser.http.post(f"{case}/claim", data={"csrf_token": browser.token})
    assert answer.status_code == 403
    assert everything.requests_to("review.claim_case") == []


def test_another_address_asks_anew(with_memory, browser, everything):
    """The address goes into the signed actor, and from there into the records."""
    browser.cookie("sid", TOKEN).get("/account")
    browser.get("/account", environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert [asked["ip"] for asked in everything.requests_to(ASKED)] == ["127.0.0.1", "198.51.100.7"]


@pytest.mark.parametrize("path", ["/logout", "/session"])
def test_a_session_that_changed_is_forgotten_and_every_gateway_told(with_memory, browser, everything, path):
    browser.cookie("sid", TOKEN).get("/account")
    form = browser.page.find("form", action=path)
    browser.http.post(path, data={i["name"]: i["value"] for i in form.find_all("input")})
    browser.cookie("sid", TOKEN)
    everything.answers[ASKED] = Refused("SESSION_ENDED")
    assert urlsplit(browser.get("/account").headers["Location"]).path == "/login"
    (told,) = everything.told
    assert TOKEN not in str(told), "only the token's fingerprint travels"


def test_an_answer_from_before_the_end_is_not_kept():
    recent = RecentSessions(seconds=60)
    asked_at = time.monotonic()
    recent.end(fingerprint(TOKEN))
    recent.keep(TOKEN, None, {"name": 1}, asked_at=asked_at)
    assert recent.of(TOKEN, None) is None
    recent.keep(TOKEN, None, {"name": 2}, asked_at=time.monotonic() + 0.001)
    assert recent.of(TOKEN, None) == {"name": 2}


def test_no_more_sessions_are_kept_than_there_is_room_for():
    recent = RecentSessions(seconds=60)
    for number in range(MOST_KEPT + 5):
        recent.keep(f"token {number}", None, {}, asked_at=time.monotonic())
        recent.end(f"name {number}")
    assert len(recent._kept) <= MOST_KEPT
    assert len(recent._ended) <= 2 * MOST_KEPT


def logged_in():
    return a_session("member") | {"session_token": "n" * 43, "device_token": "d" * 43}


def test_a_login_brings_the_session_that_it_ends_and_every_gateway_is_told(browser, everything):
    everything.answers["accounts.log_in"] = logged_in()
    browser.cookie("sid", TOKEN).get("/account")
    form = browser.page.find("form", action="/logout")
    token = form.find("input", {"name": "csrf_token"})["value"]
    answer = browser.http.post(
        "/login", data={"csrf_token": token, "account_name": "demomember", "password": "x"}
    )
    assert answer.status_code == 303
    assert everything.requests_to("accounts.log_in")[0]["former_session_token"] == TOKEN
    assert everything.told == [{"session_changed": fingerprint(TOKEN)}]


@pytest.mark.parametrize("hours", [1, 12, 30])
def test_the_cookie_lives_as_long_as_the_session_can(browser, everything, hours):
    latest_at = datetime.now(UTC) + timedelta(hours=hours)
    everything.answers["accounts.log_in"] = logged_in() | {"latest_at": latest_at.isoformat()}
    answer = browser.post("/login", account_name="demomember", password="x")
    (cookie,) = (c for c in answer.headers.getlist("Set-Cookie") if c.startswith("sid="))
    seconds = int(cookie.partition("Max-Age=")[2].partition(";")[0])
    assert hours * 3600 - 60 <= seconds <= hours * 3600


@pytest.mark.parametrize("cookie", [None, "invented", "n" * 43])
def test_a_login_without_a_session_of_ours_ends_none(portal, everything, cookie):
    everything.answers["accounts.log_in"] = logged_in()
    browser = Browser(portal)
    if cookie:
        browser.http.set_cookie("sid", cookie)
    browser.post("/login", account_name="demomember", password="x")
    assert everything.requests_to("accounts.log_in")[0]["former_session_token"] is None
    assert everything.told == []


@pytest.mark.parametrize(
    ("header", "former"), [({}, None), ({"Authorization": f"Bearer {sealed(TOKEN)}"}, TOKEN)]
)
def test_a_program_that_logs_in_again_ends_its_session(browser, everything, header, former):
    everything.answers["accounts.log_in"] = logged_in()
    answer = browser.http.post(
        "/api/v1/sessions", json={"account_name": "demomember", "password": "x"}, headers=header
    )
    assert answer.status_code == 201
    assert everything.requests_to("accounts.log_in")[0]["former_session_token"] == former
    assert everything.told == ([{"session_changed": fingerprint(former)}] if former else [])


def test_a_program_cannot_name_a_session_that_is_not_its_own(browser, everything):
    everything.answers["accounts.log_in"] = logged_in()
    browser.http.post(
        "/api/v1/sessions",
        json={"account_name": "demomember", "password": "x", "former_session_token": "t" * 43},
    )
    assert everything.requests_to("accounts.log_in")[0]["former_session_token"] is None


def test_the_page_says_the_seconds_and_no_instant_of_the_clock(browser, everything):
    session = everything.answers[ASKED]
    browser.cookie("sid", TOKEN).get("/account")
    shown = browser.page.find(attrs={"data-remaining": True})
    assert 3 * 3600 + 57 * 60 < int(shown["data-remaining"]) <= 3 * 3600 + 58 * 60 + 30
    assert session["expires_at"] not in str(browser.page.header)


def test_looking_at_the_time_left_prolongs_nothing(browser, everything):
    answer = browser.cookie("sid", TOKEN).http.get("/session/left")
    assert 3 * 3600 + 57 * 60 < answer.get_json()["remaining"] <= 3 * 3600 + 58 * 60 + 30
    (asked,) = everything.requests_to(ASKED)
    assert asked["touch"] is False
    everything.answers[ASKED] = Refused("SESSION_ENDED")
    assert browser.http.get("/session/left").status_code == 401
    everything.answers[ASKED] = ServiceUnavailable("accounts", "away")
    assert browser.http.get("/session/left").status_code == 503


def test_a_stranger_has_no_time_left_and_nobody_is_asked(portal, everything):
    assert portal.test_client().get("/session/left").status_code == 401
    assert everything.asked == []


def test_extending_by_script_says_the_seconds(browser, everything):
    browser.cookie("sid", TOKEN).get("/account")
    form = browser.page.find("form", action="/session")
    sent = {i["name"]: i["value"] for i in form.find_all("input")}
    everything.answers["accounts.extend_session"] = a_session("member")
    answer = browser.http.post("/session", data=sent, headers={"Accept": "application/json"})
    assert 3 * 3600 + 57 * 60 < answer.get_json()["remaining"] <= 3 * 3600 + 58 * 60 + 30


class Accounts:
    """Answers one question at a time, when it is told to."""

    def __init__(self):
        self.asked, self.answers = 0, threading.Event()

    def __call__(self):
        self.asked += 1
        number = self.asked
        assert self.answers.wait(10)
        if number == 13:
            raise Refused("SESSION_ENDED")
        return {"number": number}


@pytest.fixture
def accounts():
    return Accounts()


def together(recent, accounts, many):
    """Many threads ask at the same time; what each was told."""
    with ThreadPoolExecutor(many) as threads:
        told = [threads.submit(recent.asked_once, TOKEN, "192.0.2.1", accounts, 5) for _ in range(many)]
        eventually(lambda: accounts.asked > 0)
        time.sleep(0.05)
        accounts.answers.set()
        return [each.exception() or each.result() for each in told]


def test_who_asks_at_the_same_time_gets_one_answer(accounts):
    assert together(RecentSessions(), accounts, 8) == [{"number": 1}] * 8
    assert RecentSessions().asked_once(TOKEN, "192.0.2.1", accounts, 5) == {"number": 2}


def test_a_refusal_is_everybodys(accounts):
    accounts.asked = 12
    told = together(RecentSessions(), accounts, 4)
    assert [type(each) for each in told] == [Refused] * 4
    assert accounts.asked == 13


def test_nobody_waits_for_an_answer_that_was_asked_for_too_long_ago_or_before_the_end(accounts):
    recent = RecentSessions(seconds=0.05)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(recent.asked_once, TOKEN, None, accounts, 5)
        eventually(lambda: accounts.asked == 1)
        time.sleep(0.06)
        second = threads.submit(recent.asked_once, TOKEN, None, accounts, 5)
        eventually(lambda: accounts.asked == 2)
        recent.end(fingerprint(TOKEN))
        third = threads.submit(recent.asked_once, TOKEN, None, accounts, 5)
        eventually(lambda: accounts.asked == 3)
        accounts.answers.set()
        assert [each.result()["number"] for each in (first, second, third)] == [1, 2, 3]


def test_whoever_waits_for_anothers_answer_has_patience_of_its_own(accounts):
    recent = RecentSessions()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(recent.asked_once, TOKEN, None, accounts, 5)
        eventually(lambda: accounts.asked == 1)
        with pytest.raises(TimeoutError):
            recent.asked_once(TOKEN, None, accounts, 0.05)
        accounts.answers.set()


def test_what_was_typed_into_any_page_of_an_account_is_there_again_after_the_login(portal, everything):
    """The operator's session ended while the reason was being written."""
    browser = Browser(portal, "en").cookie("sid", TOKEN)
    everything.answers[ASKED] = a_session("operator")
    browser.get("/operations/close-account")
    token = browser.token
    everything.answers[ASKED] = Refused("SESSION_ENDED")
    reason = "Written request of 2026-11-20"
    typed = {"csrf_token": token, "account_name": "carrier2026", "reason": reason}
    ended = browser.http.post("/operations/close-account", data=typed, headers=browser.headers)
    assert ended.status_code == 401
    login = BeautifulSoup(ended.text, "html.parser")
    carried = {i["name"]: i["value"] for i in login.find(id="page-form").find_all("input", type="hidden")}
    assert carried["kept-reason"] == reason
    everything.answers["accounts.log_in"] = a_session("operator") | {"session_token": TOKEN}
    everything.answers[ASKED] = a_session("operator")
    entered = browser.http.post(
        "/login", data=carried | {"account_name": "operator1", "password": "x"}, headers=browser.headers
    )
    page = BeautifulSoup(entered.text, "html.parser")
    assert reason in page.find(id="page-form").find("textarea").get_text()
    assert "You have logged in again. What you typed is still there" in page.get_text()
    assert "sid=" in entered.headers["Set-Cookie"]


def test_while_accounts_is_slow_one_public_page_waits_for_it_and_the_others_do_not(portal, everything):
    browser = Browser(portal, "en").cookie("sid", TOKEN)
    everything.answers[ASKED] = ServiceUnavailable("accounts", "no answer in time")
    for _ in range(3):
        assert browser.get("/news").status_code == 200
        assert "We cannot tell just now" in browser.page.get_text()
    assert len(everything.requests_to(ASKED)) == 1
    # A page that needs to know who is here asks all the same.
    assert browser.get("/account").status_code == 503
    assert len(everything.requests_to(ASKED)) == 2
    portal.extensions["slow_accounts"]["until"] = 0.0
    everything.answers[ASKED] = a_session("member")
    browser.get("/news")
    assert "Hello, " in browser.page.get_text()


def test_the_login_says_when_it_is_away_and_keeps_what_it_carries(portal, everything):
    browser = Browser(portal, "en")
    browser.get("/login")
    assert "Logging in is not possible" not in browser.page.get_text()
    everything.away.add("accounts")
    assert browser.get("/login").status_code == 200
    assert "Logging in is not possible" in browser.page.get_text()
    everything.answers["accounts.log_in"] = ServiceUnavailable("accounts", "away")
    answer = browser.post("/login", account_name="operator1", password="x", **{"kept-reason": "typed before"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "Logging in is not possible" in browser.page.get_text()
    assert browser.page.find("input", {"name": "kept-reason"})["value"] == "typed before"
    assert browser.page.find(id="account_name")["value"] == "operator1"
