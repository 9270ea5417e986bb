"""The home page of somebody who is logged in: theirs, never cached, and shown whatever service is away."""

import pytest
from gateway.rpc.client import Refused, ServiceUnavailable

from ..conftest import Browser, a_queue, a_session, an_application

NUMBER = "PTAPPLY936EC90162340"
COUNTS = {"all": 26, "mine": 3, "unclaimed": 17, "returned": 4, "overdue": 2}


@pytest.fixture
def visitor(portal, everything):
    """Makes a browser in which somebody with these roles is logged in."""

    def visit(*roles, language="zh-Hant", unit=None, **account):
        found = a_session(*roles, unit=unit)
        found["account"] |= {"name": "陳小華", "account_name": "carrier2026"} | account
        everything.answers["accounts.resume_session"] = found
        return Browser(portal, language).cookie("sid", "s" * 43)

    return visit


@pytest.fixture
def counted(everything):
    everything.answers["review.queue"] = a_queue() | {
        "counts": [{"tab": tab, "count": count} for tab, count in COUNTS.items()]
    }


def section(browser, name):
    return browser.page.find("section", {"aria-labelledby": name})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "zh-Hant",
            ["歡迎回來，陳小華", "carrier2026", "115-11-23 17:25:24", "MTNet 入口網", "船舶管理系統"],
        ),
        (
            "en",
            [
                "Welcome back, 陳小華",
                "carrier2026",
                "2026-11-23 17:25:24",
                "MTNet portal",
                "Vessel management",
            ],
        ),
    ],
)
def test_a_member_sees_account_and_systems_and_news(visitor, everything, language, words):
    browser = visitor("member", language=language, systems=["mtnet", "vessels"])
    assert browser.get("/").status_code == 200
    for one in words:
        assert one in browser.words
    assert ("文字" if language == "zh-Hant" else "Words") in browser.words
    links = {a["href"] for a in browser.page.main.find_all("a")}
    assert {"/account", "/case", "/announcements", "/news"} <= links
    assert "/review/" not in links
    assert everything.requests_to("review.queue") == []


@pytest.mark.parametrize("roles", [["member"], ["member", "reviewer"], ["editor"], []])
def test_whoever_is_logged_in_is_not_asked_to_log_in_or_to_apply(visitor, counted, roles):
    browser = visitor(*roles, unit="north")
    browser.get("/")
    assert browser.page.find("input", {"type": "password"}) is None
    assert browser.page.find(class_="portal-hero") is None
    assert not browser.page.main.find("a", href="/apply/")


def test_a_first_login_is_welcomed_as_one(visitor):
    browser = visitor("member", previous_login_at=None)
    browser.get("/")
    assert browser.page.h1.get_text() == "歡迎，陳小華"
    # Of an account that was used again after a long time nobody knows: it need not be the first one.
    assert "沒有先前的登入紀錄" in browser.words
    assert "第一次" not in browser.words


def test_an_account_without_systems_is_told_so(visitor):
    browser = visitor("member", systems=[])
    browser.get("/")
    assert "尚未開通任何系統" in section(browser, "systems").get_text()


def test_a_name_cannot_write_into_the_page(visitor):
    browser = visitor("member", name="<b>x</b>", organisation_name="<script>1</script>")
    browser.get("/")
    assert "<b>x</b>" in browser.page.h1.get_text()
    assert browser.page.main.find("script") is None


def test_a_reviewer_sees_the_queue_in_numbers_by_one_call(visitor, counted, everything):
    browser = visitor("member", "reviewer", unit="north")
    browser.get("/")
    queue = section(browser, "queue")
    assert "北部航務中心" in queue.h2.get_text()
    shown = {a["href"]: a.strong.get_text() for a in queue.ul.find_all("a")}
    assert shown == {
        "/review/?tab=unclaimed": "17",
        "/review/?tab=mine": "3",
        "/review/?tab=overdue": "2",
        "/review/?tab=all": "26",
    }
    assert queue.find("a", href="/review/")
    assert len(everything.requests_to("review.queue")) == 1
    assert queue.find(class_="portal-numbers__late").a["href"] == "/review/?tab=overdue"


def test_nothing_overdue_is_no_warning(visitor, everything):
    everything.answers["review.queue"] = a_queue() | {"counts": [{"tab": "overdue", "count": 0}]}
    browser = visitor("reviewer", unit="north")
    browser.get("/")
    assert browser.page.find(class_="portal-numbers__late") is None
    assert section(browser, "queue").ul.get_text(" ", strip=True) == "0 逾期"


@pytest.mark.parametrize("problem", [ServiceUnavailable("review", "away"), Refused("NOT_ALLOWED")])
@pytest.mark.parametrize(("language", "words"), [("zh-Hant", "目前無法顯示件數"), ("en", "cannot be shown")])
def test_without_review_the_rest_of_the_page_stands(visitor, everything, problem, language, words):
    everything.answers["review.queue"] = problem
    browser = visitor("reviewer", unit="north", language=language)
    assert browser.get("/").status_code == 200
    assert words in section(browser, "queue").get_text()
    assert section(browser, "queue").find("a", href="/review/")
    assert "carrier2026" in browser.words


def test_the_cases_open_in_this_browser_are_a_press_away(visitor, everything):
    everything.answers["accounts.application"] = an_application(status="returned")
    browser = visitor("member").cookie(f"case-{NUMBER}", "t" * 43)
    browser.get("/")
    cases = section(browser, "cases")
    assert cases.find("a", href=f"/case/{NUMBER}")
    assert "退件待補正" in cases.get_text()


def test_without_a_case_nobody_is_asked_for_any(visitor, everything):
    browser = visitor("member")
    browser.get("/")
    assert "沒有已開啟的案件" in section(browser, "cases").get_text()
    assert everything.requests_to("accounts.opened_applications") == []


def test_cases_that_cannot_be_had_cost_their_own_part_only(visitor, everything):
    everything.answers["accounts.opened_applications"] = ServiceUnavailable("accounts", "away")
    browser = visitor("member").cookie(f"case-{NUMBER}", "t" * 43)
    answer = browser.get("/")
    assert answer.status_code == 200
    assert "目前無法顯示案件" in section(browser, "cases").get_text()
    assert f"case-{NUMBER}" not in str(answer.headers.getlist("Set-Cookie")), "the key is kept for later"


def test_news_that_are_away_cost_their_own_part_only(visitor, everything):
    everything.answers["content.published"] = ServiceUnavailable("content", "away")
    browser = visitor("member")
    assert browser.get("/").status_code == 200
    assert "目前無法顯示公告" in browser.words
    assert "carrier2026" in browser.words


def test_while_nobody_knows_who_is_here_no_password_is_asked_for(visitor, everything):
    browser = visitor("member")
    everything.answers["accounts.resume_session"] = ServiceUnavailable("accounts", "away")
    assert browser.get("/").status_code == 200
    assert browser.page.find("input", {"type": "password"}) is None
    assert "carrier2026" not in browser.words


def test_a_session_that_ended_leads_back_to_the_page_for_everybody(visitor, everything):
    browser = visitor("member")
    everything.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    browser.get("/")
    assert browser.page.find("input", {"type": "password"})
    assert "carrier2026" not in browser.words


@pytest.mark.parametrize(("slug", "links"), [("fault-f2026-000001", 2), ("new-forms", 1)])
def test_beside_an_announced_fault_and_at_every_foot_is_the_way_to_the_status(
    browser, everything, slug, links
):
    listed = everything.answers["content.published"]
    item = listed["items"][0] | {"slug": slug}
    everything.answers["content.published"] = lambda request: (
        listed | {"items": [item] if request["kind"] == "announcement" else []}
    )
    browser.get("/")
    assert len(browser.page.find_all("a", href="/status")) == links
    assert browser.page.footer.find("a", href="/status")
