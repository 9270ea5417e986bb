"""Link LINE on a phone and on a desk, with JavaScript and without: the portal's pages and the chat."""

import pytest
from playwright.sync_api import expect

from .test_passwords import log_in
from .test_profile import member as member

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", False), ("en", True)])
def test_a_member_adds_mtnet_as_a_friend_and_links_line(screen, system, look, member, locale, javascript):
    def seen(page, what):
        # axe needs JavaScript; the pages are the same without.
        look(page, f"line-{locale}-{what}", check=javascript, pictures=("light", "phone"))

    page = screen(locale=locale, javascript=javascript)
    log_in(page, member["name"], "Mtnet!2026demo")
    page.wait_for_url("**/account")
    page.goto("/account/line")
    expect(page.locator("main svg[role=img]")).to_be_visible()
    seen(page, "1-how")
    page.locator("main a.govuk-button").click()
    page.wait_for_url("**/line")
    seen(page, "2-who-one-is")
    page.locator("form[action='/line/people'] button.big").first.click()
    page.locator("form[action='/line/follow'] button").click()
    page.wait_for_url("**/line*")
    for _ in range(20):
        if page.locator("a.tap").count():
            break
        page.wait_for_timeout(500)
        page.goto(f"{system.inbox_url}/line")
    seen(page, "3-welcome")
    page.locator("a.tap").last.click()
    page.wait_for_url("**/line/link?**")
    expect(page.locator("main")).to_contain_text(member["name"])
    seen(page, "4-both-sides")
    page.locator("#page-form button.govuk-button").click()
    page.wait_for_url("**/line/dialog/accountLink?**")
    seen(page, "5-line-asks")
    page.locator("button.big").click()
    for _ in range(20):
        page.goto(f"{system.url}/account/line")
        if page.locator("form[action='/account/line/unlink']").count():
            break
        page.wait_for_timeout(500)
    seen(page, "6-linked")
    page.locator("form[action='/account/line/unlink'] button").click()
    page.wait_for_url("**/account/line?unlinked=1")
    expect(page.locator("main svg[role=img]")).to_be_visible()
