"""The leads' page of figures: periods, charts with tables that say the same, a file."""

import csv
import io
from datetime import date, timedelta

import pytest
from gateway.charts import HEIGHT, WIDTH, stacked
from gateway.helpdesk.figures import duration, share
from gateway.rpc.client import Refused

from ..conftest import a_session
from .conftest import FIGURES, SUMS


@pytest.fixture
def lead(desk):
    desk.services.answers |= {
        "accounts.resume_session": a_session("helpdesk_lead"),
        "helpdesk.desk_figures": FIGURES,
    }
    return desk


def asked(lead):
    return lead.services.requests_to("helpdesk.desk_figures")[-1]


@pytest.mark.parametrize("path", ["/desk/figures", "/desk/figures/days.csv"])
@pytest.mark.parametrize("role", ["member", "operator", "helpdesk_agent"])
def test_figures_are_for_those_who_lead_the_desk(desk, path, role):
    desk.services.answers["accounts.resume_session"] = a_session(role)
    assert desk.get(path).status_code == 403


def test_an_agent_is_shown_no_way_there(desk):
    desk.get("/desk/")
    assert not desk.page.find("a", href="/desk/figures")


@pytest.mark.parametrize(("period", "days"), [("1", 1), ("7", 7), ("30", 30), ("90", 90), ("nonsense", 30)])
def test_a_period_ends_today(lead, period, days):
    lead.get(f"/desk/figures?period={period}&channel=fax&category=none&team=technical&x=1")
    first, last = (date.fromisoformat(asked(lead)[name]) for name in ("from_day", "to_day"))
    assert last - first == timedelta(days=days - 1)
    assert (asked(lead)["channel"], asked(lead)["category"], asked(lead)["team"]) == (
        "fax",
        "none",
        "technical",
    )
    assert lead.page.find("a", href="/desk/figures")


def test_days_of_ones_own_are_asked_for_as_typed_and_faults_stand_at_their_field(lead):
    lead.get("/desk/figures?period=own&from_day=2026-11-01&to_day=2026-11-26")
    assert (asked(lead)["from_day"], asked(lead)["to_day"]) == ("2026-11-01", "2026-11-26")
    before = len(lead.services.requests_to("helpdesk.desk_figures"))
    assert lead.get("/desk/figures?period=own&from_day=2026-13-01").status_code == 422
    assert lead.page.find(id="from_day-error")
    assert lead.page.find(id="from_day")["value"] == "2026-13-01"
    assert len(lead.services.requests_to("helpdesk.desk_figures")) == before
    lead.services.answers["helpdesk.desk_figures"] = Refused("INVALID", fields={"to_day": ["DAYS_NOT_VALID"]})
    for path in ("/desk/figures", "/desk/figures/sums.csv"):
        assert lead.get(f"{path}?period=own&from_day=2026-11-26&to_day=2026-11-01").status_code == 422
        assert "迄日不得早於起日" in lead.page.find(id="to_day-error").get_text()


def test_each_chart_has_its_table_and_its_words(lead):
    lead.get("/desk/figures?period=7")
    assert [svg["role"] for svg in lead.page.select("svg.portal-chart")] == ["img"] * 3
    assert all(svg["aria-label"] for svg in lead.page.select("svg.portal-chart"))
    words = " ".join(lead.page.find("dl", class_="portal-figures").get_text(" ", strip=True).split())
    for shown in (
        "進線 8",
        "尚未回覆 2 （逾期 2）",
        "38 %",
        "25 分",
        "2 小時 0 分",
        "80 %",
        "25 小時 0 分",
        "4 天 15 小時",
        "4.5",
    ):
        assert shown in words
    rows = [" ".join(row.get_text(" ", strip=True).split()) for row in lead.page.select("tbody tr")]
    assert "09:00 2 2 2 2 2" in rows
    assert "115-11-26 8 6 4" in rows
    assert any(row.startswith("尚未分類") or row.startswith("未分類") for row in rows) or "8 38 %" in str(
        rows
    )
    assert len(lead.page.select("rect.portal-chart__5")) == 2


def test_nothing_is_said_in_words(lead):
    nothing = (
        SUMS | dict.fromkeys(SUMS, 0) | {name: None for name in SUMS if name.endswith(("median", "most"))}
    )
    lead.services.answers["helpdesk.desk_figures"] = FIGURES | {
        "total": nothing, "current": False, "ratings": [0] * 5,
    }  # fmt: skip
    lead.get("/desk/figures")
    assert "這段期間沒有新案件" in lead.words
    assert "最近一分鐘的異動尚未計入" in lead.words


TOTAL = ["8", "6", "3", "4", "4", "1500", "7200", "90000", "400000", "2", "4.5", "2", "1"]


@pytest.mark.parametrize(
    ("table", "length", "line"),
    [
        ("sums", 1 + 4, ["合計", "", *TOTAL]),
        ("days", 2, ["2026-11-26", "8", "6", "4"]),
        ("hours", 5 * 24, ["電話", "09:00", "2"]),
        ("answers", 1, ["忘記帳號名稱", "12"]),
        ("ratings", 5, ["4", "1"]),
    ],
)
def test_each_table_is_a_file_with_columns_of_its_own(lead, table, length, line):
    lead.get("/desk/figures?period=7&channel=fax")
    link = lead.page.select_one(f"a[href^='/desk/figures/{table}.csv?']")
    answer = lead.get(link["href"])
    headings, *rows = csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")))
    assert f"desk-figures-{table}.csv" in answer.headers["Content-Disposition"]
    assert asked(lead)["channel"] == "fax"
    assert len(rows) == length
    assert line in rows
    assert {len(row) for row in rows} == {len(headings)}


def test_what_is_asked_most_leads_to_its_answer(lead):
    lead.get("/desk/figures")
    link = lead.page.find("a", string="忘記帳號名稱")
    assert link["href"].startswith("/desk/answers/")
    assert lead.page.find("a", href="/desk/answers/missing")


def test_a_phone_is_shown_a_few_and_the_rest_folded(lead):
    lead.get("/desk/figures")
    open_ones = [table for table in lead.page.find_all("table") if table.find_parent("details") is None]
    assert len(open_ones) == 1, "the ratings, five short rows"


def test_bars_stand_on_each_other_within_their_frame():
    found = stacked([(3, 0, 1), (0, 0, 0), (1000, 1000, 0)])
    assert [len(pieces) for pieces in found] == [3, 3, 3]
    assert all(piece.y >= 0 and piece.y + piece.height <= HEIGHT for pieces in found for piece in pieces)
    assert all(piece.x + piece.width <= WIDTH for pieces in found for piece in pieces)
    first, _, third = found[0]
    assert (first.height, third.y + third.height) == (2.0, first.y)
    assert stacked([]) == []


def test_times_and_shares_in_words(portal):
    with portal.test_request_context("/?lang=en"):
        assert [duration(each) for each in (None, 59, 60, 3_600, 48 * 3_600)] == [
            "–", "under 1 min", "1 min", "1 h 0 min", "2 d 0 h",
        ]  # fmt: skip
    assert (share(1, 3), share(0, 0)) == ("33 %", "–")
