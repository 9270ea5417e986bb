"""How one is told, and what one was told: with JavaScript and without, in both languages, on a phone too."""

import pytest
from playwright.sync_api import expect

from .test_passwords import log_in
from .test_profile import member as member

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", False), ("en", True)])
def test_a_member_chooses_channels_adds_a_fax_number_and_reads_messages(
    screen, system, look, member, locale, javascript
):
    def seen(page, what):
        # axe needs JavaScript; the pages are the same without.
        look(page, f"told-{locale}-{what}", check=javascript, pictures=("light", "phone"))

    def send(page):
        page.locator("main #page-form button.govuk-button").first.click()

    page = screen(locale=locale, javascript=javascript)
    log_in(page, member["name"], "Mtnet!2026demo")
    page.wait_for_url("**/account")
    page.locator("main .portal-card a[href='/account/notifications']").click()
    expect(page.locator("#legal-email")).to_be_disabled()
    seen(page, "1-choices")
    page.locator("label[for='legal-fax']").click()
    page.locator("label[for='reminder-email']").click()
    send(page)
    page.wait_for_url("**/account/notifications?done=choices")
    expect(page.locator("#legal-fax")).to_be_checked()
    expect(page.locator("#reminder-email")).not_to_be_checked()
    expect(page.locator("#legal-email")).to_be_checked()
    seen(page, "2-saved")

    page.locator("a[href='/account/notifications/fax']").first.click()
    page.fill("#number", "33436768")
    send(page)
    expect(page.locator("#number-error")).to_be_visible()
    seen(page, "3-no-area-code")
    before = system.newest_message_id()
    number = "023343676" + ("8" if javascript else "7")
    page.fill("#number", number)
    send(page)
    page.wait_for_url("**/account/notifications/fax/code")
    system.wait_for_message(to=f"+886{number[1:]}", channel="fax", after=before)
    page.fill("#code", "12")
    seen(page, "4-code")
    send(page)
    expect(page.locator("#code-error")).to_be_visible()
    page.goto("/account/notifications")
    expect(page.locator(".portal-mark")).to_be_visible()
    seen(page, "5-waits-for-its-code")

    page.locator("a[href='/account/messages']").first.click()
    seen(page, "6-messages")
