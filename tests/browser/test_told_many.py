"""An operator writes to many, pauses it, finds each attempt and sends one again; the page of providers."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_message_texts import as_operator

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

WORDS = {
    "zh-TW": {"title": "系統維護通知", "reason": "收件人表示沒有收到"},
    "en-GB": {"title": "Maintenance", "reason": "They say nothing came"},
}


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", False), ("en-GB", True)])
def test_an_operator_writes_to_many_pauses_it_and_sends_one_message_again(screen, look, locale, javascript):
    def seen(what):
        # axe needs JavaScript; the pages are the same without.
        look(page, f"many-{locale[:2]}-{what}", check=javascript, pictures=("light", "phone"))

    def press(button="main #page-form button.govuk-button"):
        page.locator(button).first.click()

    page = screen(locale=locale, javascript=javascript)
    words = WORDS[locale]
    as_operator(page)
    page.goto("/operations/broadcasts/new")
    page.fill("#title_zh", WORDS["zh-TW"]["title"])
    page.fill("#title_en", WORDS["en-GB"]["title"])
    page.fill("#body_zh", "本平臺週日 02:00 至 04:00 維護。")
    press()
    expect(page.locator("#body_en-error")).to_be_visible()
    assert page.input_value("#title_zh") == WORDS["zh-TW"]["title"], "what was typed stays"
    seen("1-text")
    page.fill("#body_en", "The portal is maintained on Sunday from 02:00 to 04:00.")
    page.locator("input[name=segment][value=everybody]").check()
    press()
    expect(page.locator("#people")).to_be_visible()
    seen("2-draft")
    page.fill("#per_second", "1")
    page.fill("#people", "0")
    press()
    expect(page.locator("#people-error")).to_be_visible()
    people = re.search(r"\d+", page.inner_text("#people-hint")).group()
    page.fill("#people", people)
    press()
    press("main form[action$='/pause'] button")
    expect(page.locator("main form[action$='/resume'] button")).to_be_visible()
    seen("3-paused")
    press("main form[action$='/resume'] button")
    expect(page.locator("main form[action$='/pause'] button")).to_be_visible()
    press("main form[action$='/cancel'] button")
    expect(page.locator("main form[action$='/cancel'] button")).to_have_count(0)
    seen("4-cancelled")
    page.goto("/operations/broadcasts")
    expect(page.locator("main table a").first).to_have_text(words["title"])
    seen("5-list")

    page.goto("/operations/messages?state=delivered")
    item = page.locator(".portal-sent > li", has=page.locator("form[action*='/again']")).first
    item.locator("summary").click()
    seen("6-attempts")
    item.locator("form button").click()
    expect(page.locator(".govuk-error-message").first).to_be_visible()
    page.locator(".portal-sent details[open] input[name=reason]").fill(words["reason"])
    page.locator(".portal-sent details[open] form button").click()
    expect(page.locator(".portal-good")).to_be_visible()
    seen("7-sent-again")

    page.goto("/operations/providers")
    page.locator(".portal-provider details summary").first.click()
    seen("8-providers")
    page.goto("/operations/providers/fax/pause")
    press()
    expect(page.locator("#reason-error")).to_be_visible()
    seen("9-pause")
