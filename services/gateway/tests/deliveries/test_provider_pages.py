"""The operators' page of providers: their state in words, a chart and a table that say the same."""

import pytest
from gateway.deliveries.charts import HEIGHT, WIDTH, bars

from ..conftest import Browser, a_session

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
    assert "一秒內 75.0 %" in mail.get_text()
    assert len(mail.select("rect.portal-chart__sent")) == 2
    assert mail.find("svg")["aria-label"]
    assert [row.get_text(" ", strip=True) for row in mail.select("tbody tr")] == [
        "115-11-26 0 0",
        "115-11-25 40 2",
    ]


def test_bars_stay_in_their_frame_and_a_single_failure_can_be_seen():
    days = [{"sent": 100_000, "failed": 1}, {"sent": 0, "failed": 0}, {"sent": 1, "failed": 0}]
    found = bars(days)
    assert all(bar.failed_y >= 0 and bar.x + bar.width <= WIDTH for bar in found)
    assert all(bar.sent_y + bar.sent_height == pytest.approx(HEIGHT) for bar in found)
    assert found[0].failed_height >= 2
    assert found[1].sent_height == found[1].failed_height == 0
    assert bars([]) == []
