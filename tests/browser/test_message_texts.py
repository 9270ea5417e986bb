"""An operator edits a text in Chromium: previewed as it is typed, published, compared, taken back."""

import re

import pytest

from tests.authenticator import code_for
from tests.browser.test_story import DEMO_PASSWORD

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

EDIT = "/operations/templates/account_activated"


def as_operator(page):
    page.goto("/login")
    page.locator("[name=account_name]").fill("operator1")
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    page.get_by_role("button", name=re.compile("^(登入|Log in)$")).first.click()
    page.locator("[name=code]").fill(code_for("operator1"))
    page.get_by_role("button", name=re.compile("^(確認|Confirm|登入|Log in|繼續|Continue)$")).first.click()
    page.wait_for_url(lambda url: "second-step" not in url)


def test_a_text_is_edited_previewed_published_compared_and_taken_back(screen, look):
    page = screen()
    as_operator(page)
    page.goto("/operations/templates")
    look(page, "texts", pictures=("light", "phone"))
    page.goto(f"{EDIT}/zh-Hant")
    frame = page.frame_locator("iframe[name=mail-preview]")
    frame.locator(".card").wait_for()
    look(page, "text-editor", pictures=("light", "dark", "phone"))
    page.fill("#part-body", "{{ name }} 您好：\n\n帳號 **{{ account_name }}** 好了。\n\n[登入](login_url)")
    frame.get_by_text("好了").wait_for()
    page.locator("#other-previews").get_by_text("好了").first.wait_for()
    page.fill("#part-body", "{{ nmae }}")
    page.locator("#other-previews").get_by_text("nmae：這則訊息沒有這個欄位").wait_for()
    page.fill("#reason", "更簡單")
    page.get_by_role("button", name="發布").click()
    assert "請修正標示的內容" in page.inner_text(".govuk-error-summary")
    look(page, "text-editor-faulty", pictures=("light",), appearances=("light", "phone"))
    page.fill("#part-body", "{{ name }} 您好：\n\n帳號 **{{ account_name }}** 好了。\n\n[登入](login_url)")
    page.get_by_role("button", name="發布").click()
    page.wait_for_url("**done=published**")
    page.goto(f"{EDIT}/zh-Hant/versions")
    assert "好了" in page.inner_text(".portal-diff ins, .portal-diff__new")
    look(page, "text-versions", pictures=("light", "phone"))
    page.goto(f"{EDIT}/zh-Hant/versions?older=0&newer=1000&view=inline")
    page.fill("#reason", "原文較好")
    page.select_option("#version", "0")
    page.get_by_role("button", name="恢復").click()
    page.wait_for_url("**done=restored**")


def test_a_text_is_edited_in_english_without_javascript(screen, look):
    page = screen(locale="en-GB", javascript=False)
    as_operator(page)
    page.goto(f"{EDIT}/en")
    page.fill("#part-subject", "Your account {{ account_name }} works")
    page.get_by_role("button", name="Save and preview").click()
    page.wait_for_url("**done=saved**")
    assert "Saved." in page.inner_text("main")
    assert "Your account" in page.inner_text(".portal-chat")
    page.get_by_role("button", name="Send a test to myself").click()
    page.goto("/operations/messages")
    assert page.get_by_role("heading", level=1).inner_text() == "Messages sent"
