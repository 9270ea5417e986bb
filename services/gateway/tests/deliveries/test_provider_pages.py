"""The operators' page of providers: their state in words, a chart and a table that say the same."""

import pytest
from gateway.deliveries.charts import HEIGHT, WIDTH, bars
from gateway.rpc.client import Refused

from ..conftest import Browser, a_provider, a_session

PAGE = "/operations/providers"


@pytest.mark.parametrize("role", ["member", "reviewer"])
def test_only_operators_see_the_providers(portal, everything, role):
    everything.answers["accounts.resume_session"] = a_session(role)
    assert Browser(portal).cookie("sid", "s" * 43).get(PAGE).status_code == 403


def test_what_takes_nothing_is_told_apart_and_each_chart_has_its_table(portal, everything):
    asked = []
    answer = everything.answers["notify.providers"]
    everything.answers["accounts.resume_session"] = a_session("operator")
    everything.answers["notify.providers"] = lambda request: asked.append(request) or answer
    browser = Browser(portal).cookie("sid", "s" * 43)
    browser.get(f"{PAGE}?days=30")
    assert asked == [{"days": 30}]
    mail, sms = browser.page.select(".portal-provider")
    assert "運作正常" in mail.get_text()
    assert "503" in sms.get_text()
    assert "一秒內 75.0 %、10 秒內 25.0 %" in mail.get_text()
    assert " 0.0 %" not in mail.get_text(), "what there was nothing of is left out"
    assert len(mail.select("rect.portal-chart__sent")) == 2
    assert mail.find("svg")["aria-label"]
    assert [row.get_text(" ", strip=True) for row in mail.select("tbody tr")] == [
        "115-11-26 0 0",
        "115-11-25 40 2",
    ]


@pytest.fixture
def operator(portal, everything):
    everything.answers["accounts.resume_session"] = a_session("operator")
    return Browser(portal).cookie("sid", "s" * 43)


def test_pace_shares_quota_and_today_by_hour_are_shown(everything, operator):
    at = "2026-11-26T09:25:24+00:00"
    hours = [{"hour": hour, "sent": 7 * (hour == 9), "failed": int(hour == 23)} for hour in range(24)]
    companies = [
        {"name": "first", "share": 0, "failing_since": at, "is_lost": True},
        {"name": "second", "share": 100, "failing_since": None, "is_lost": False},
    ]
    everything.answers["notify.providers"] = {
        "items": [
            a_provider(channel="line", quota={"allowed": 200, "used": 180, "left": 20, "at": at}),
            a_provider(channel="sms", per_second=20, companies=companies, hours=hours),
        ]
    }
    operator.get(PAGE)
    line, sms = (
        " ".join(each.get_text(" ", strip=True).split()) for each in operator.page.select(".portal-provider")
    )
    assert "200 則中已用 180 則，剩 20 則" in line
    assert "每秒最多 20 則" in sms
    assert "業者 1：0 %" in sms
    assert "業者 2：100 %" in sms
    rows = operator.page.select(".portal-hours tbody tr")
    assert [row.get_text(" ", strip=True) for row in rows] == ["09:00 7 0", "23:00 0 1"]


def test_a_paused_provider_says_by_whom_and_why(everything, operator):
    paused = {
        "paused_at": "2026-11-26T09:25:24+00:00",
        "paused_by": "operator1",
        "pause_reason": "業者今晚維護",
    }
    everything.answers["notify.providers"] = {"items": [a_provider(channel="sms", **paused)]}
    operator.get(PAGE)
    (sms,) = operator.page.select(".portal-provider")
    assert "operator1" in sms.get_text()
    assert "業者今晚維護" in sms.get_text()
    assert sms.select(f"a[href='{PAGE}/sms/resume']")


@pytest.mark.parametrize("act", ["pause", "resume"])
def test_a_provider_is_paused_and_let_go_on_with_a_reason(everything, operator, act):
    everything.answers[f"notify.{act}_provider"] = {"items": []}
    operator.get(f"{PAGE}/sms/{act}")
    assert operator.post(f"{PAGE}/sms/{act}", reason=" ").status_code == 422
    assert everything.requests_to(f"notify.{act}_provider") == []
    answer = operator.post(f"{PAGE}/sms/{act}", reason="業者通知")
    assert answer.status_code == 303
    assert everything.requests_to(f"notify.{act}_provider") == [{"channel": "sms", "reason": "業者通知"}]


def test_who_comes_second_is_told_and_keeps_what_was_typed(everything, operator):
    everything.answers["notify.pause_provider"] = Refused("PROVIDER_PAUSED")
    operator.get(f"{PAGE}/sms/pause")
    answer = operator.post(f"{PAGE}/sms/pause", reason="業者通知")
    assert answer.status_code == 409
    assert "業者通知" in operator.page.find("textarea").get_text()


@pytest.mark.parametrize("path", ["pigeon/pause", "sms/stop"])
def test_other_providers_and_acts_are_none(operator, path):
    assert operator.get(f"{PAGE}/{path}").status_code == 404


def test_bars_stay_in_their_frame_and_a_single_failure_can_be_seen():
    days = [{"sent": 100_000, "failed": 1}, {"sent": 0, "failed": 0}, {"sent": 1, "failed": 0}]
    found = bars(days)
    assert all(bar.failed_y >= 0 and bar.x + bar.width <= WIDTH for bar in found)
    assert all(bar.sent_y + bar.sent_height == pytest.approx(HEIGHT) for bar in found)
    assert found[0].failed_height >= 2
    assert found[1].sent_height == found[1].failed_height == 0
    assert bars([]) == []
