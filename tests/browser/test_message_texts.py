"""An operator edits the text of a message in Chromium, also without JavaScript."""

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


def test_the_list_of_texts_and_the_editor_can_be_used_by_everybody(screen, look):
    page = screen()
    as_operator(page)
    page.goto("/operations/templates")
    look(page, "texts", pictures=("light", "phone"))
    page.goto(f"{EDIT}/zh-Hant")
    frame = page.frame_locator("iframe[name=mail-preview]")
    frame.locator(".card").wait_for()
    look(page, "text-editor", pictures=("light", "dark", "phone"))


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
