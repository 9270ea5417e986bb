"""Those on duty at the desk in Chromium: an incident from record to solution, handing over, and the other pages."""

import re

import pytest

from .test_desk_story import agent

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def test_an_incident_is_recorded_announced_seen_by_everybody_and_solved(screen, look):
    page = agent(screen, "helpdesk1")
    page.goto("/desk/faults/new")
    page.get_by_role("button", name="儲存").click()
    assert "請填寫" in page.inner_text(".govuk-error-summary")
    page.fill("#title_zh", "船舶證書無法下載")
    page.fill("#title_en", "Vessel certificates cannot be downloaded")
    page.select_option("#affected_system", "vessels")
    page.fill("#workaround_zh", "請改至服務窗口領取。")
    page.fill("#workaround_en", "Fetch them at the counter.")
    look(page, "fault-form", pictures=("light", "phone"))
    page.get_by_role("button", name="儲存").click()
    page.fill("#text_zh", "證書下載功能異常，處理中。")
    page.fill("#text_en", "Certificates cannot be downloaded. We are working on it.")
    page.get_by_role("button", name="發布").click()
    page.get_by_text("已完成").wait_for()
    look(page, "fault", pictures=("light", "phone"))
    address = page.url.partition("?")[0]
    everybody = screen(locale="en-GB", javascript=False)
    everybody.goto("/status")
    assert "Vessel certificates cannot be downloaded" in everybody.inner_text("main")
    # axe needs JavaScript; the pages are the same without.
    look(everybody, "status", check=False, pictures=("light", "phone"))
    for path, picture in (
        ("/status", "status-zh"),
        ("/desk/shifts", "shifts-zh"),
        ("/desk/faults", "faults"),
        ("/desk/incidents", "incidents"),
        ("/desk/reactivations", "reactivations"),
        ("/desk/reactivations/new", "reactivation-new"),
    ):
        page.goto(path)
        look(page, picture, pictures=("light", "phone"), appearances=("light", "phone"))
    page.goto(address)
    page.fill("#solution_zh", "已修復，請重新下載。")
    page.fill("#solution_en", "It is mended. Please download them again.")
    page.get_by_role("button", name="排除並通知所有申告人").click()
    page.get_by_text("已完成").wait_for()


def test_a_shift_is_taken_and_handed_over_in_english_without_javascript(screen, look):
    page = agent(screen, "helpdesk2", locale="en-GB", javascript=False)
    page.goto("/desk/shifts")
    page.get_by_role("button", name="Put on the roster").click()
    assert "The roster is changed." in page.inner_text("main")
    page.get_by_role("textbox", name=re.compile("What the next shift has to know")).fill(
        "Two calls back at ten."
    )
    page.get_by_role("button", name="Hand over").click()
    assert "A colleague has to take over." in page.inner_text("main")
    look(page, "shifts", check=False, pictures=("light", "phone"))
