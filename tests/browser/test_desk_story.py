"""A call, the ticket it becomes, a note, an answer that is kept ready, and the list: with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from tests.authenticator import code_for

from .test_passwords import log_in

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


@pytest.fixture
def seen(look):
    def at(page, name):
        # axe needs JavaScript; the pages are the same without. Colours are judged once, on the fullest page.
        look(page, f"desk-{name}", pictures=("light", "phone"), appearances=("light", "phone", "dark"))

    return at


def agent(screen, name, **options):
    page = screen(**options)
    log_in(page, name, "Mtnet!2026demo")
    page.locator("[name=code]").fill(code_for(name))
    page.locator("#page-form button.govuk-button").first.click()
    page.wait_for_url(lambda url: "second-step" not in url and "login" not in url)
    return page


def test_a_call_is_logged_by_keys_and_a_colleague_sees_what_is_new(screen, seen):
    page = agent(screen, "helpdesk1", locale="en")
    page.goto("/desk/")
    page.keyboard.press("n")
    page.wait_for_url("**/desk/calls/new")
    # Under fifteen seconds of typing: the number, what it is about, the system, save.
    page.locator("#phone").focus()
    page.keyboard.type("02-24201234")
    page.keyboard.press("Tab")
    page.keyboard.type("AA-01 cannot be uploaded")
    page.keyboard.press("Tab")
    page.keyboard.type("MTNet")
    seen(page, "1-call")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/tickets/**")
    address = page.url.partition("?")[0]
    expect(page.locator("h1")).to_contain_text("AA-01 cannot be uploaded")

    colleague = agent(screen, "helpdesklead")
    colleague.goto(address)
    page.locator("h1").click()
    page.keyboard.press("n")
    page.keyboard.type("已請技術組查看")
    page.locator("#note-part button").click()
    page.wait_for_url("**done=noted")
    # The page that is open elsewhere says so; what is being written there stays.
    colleague.fill("#text", "寫到一半")
    link = colleague.locator("#ticket-news a")
    expect(link).to_be_visible(timeout=60_000)
    link.click()
    expect(colleague.locator("#ticket-thread")).to_contain_text("已請技術組查看")
    expect(colleague.locator("#text")).to_have_value("寫到一半")
    # From the first letter on others see who is answering.
    page.goto(address)
    expect(page.locator(".portal-answer .portal-mark")).to_be_visible()
    seen(page, "2-ticket")
    # A lead takes over by a button alone. Whoever was writing reads who has it now, and keeps the words.
    colleague.locator("button[name=release]").click()
    page.fill("#text", "我來回覆")
    taking = colleague.locator("button[name=take_over]")
    expect(taking).to_be_visible(timeout=60_000)
    colleague.fill("#text", "我也在寫")
    expect(taking).to_be_visible()
    taking.click()
    expect(colleague.locator("button[name=release]")).to_be_visible()
    expect(page.locator("#ticket-lease-holder")).to_contain_text("has taken", timeout=60_000)
    expect(page.locator("#text")).to_have_value("我來回覆")

    page.goto("/desk/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    seen(page, "3-keys")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("tr[data-row] a").first).to_be_focused()
    # What was said on the telephone a moment ago is found, and marked where it stands.
    page.fill("#q", "aa01 uploaded")
    page.locator("form[role=search] button").click()
    page.wait_for_url("**q=aa01**")
    expect(page.locator("tr[data-row] mark").first).to_have_text("AA-01")
    seen(page, "4-list")

    colleague.goto("/desk/figures?period=7")
    expect(colleague.locator("svg.portal-chart").first).to_be_visible()
    for summary in colleague.locator("summary.govuk-details__summary").all():
        summary.click()
    seen(colleague, "6-figures")


def test_the_desk_and_the_form_to_it_need_no_javascript(screen, seen, look):
    page = agent(screen, "helpdesklead", javascript=False)
    page.goto("/desk/calls/new")
    page.fill("#phone", "0912345678")
    page.fill("#text", "忘記密碼，無法登入")
    page.locator("#page-form > button.govuk-button").click()
    page.wait_for_url("**/desk/tickets/**")
    number = page.locator(".govuk-caption-l").inner_text().split()[0]
    page.select_option("#priority", "urgent")
    page.locator(".portal-panel form button.govuk-button").first.click()
    page.wait_for_url("**done=changed")
    page.goto("/desk/?view=live&priority=urgent")
    page.locator("tr[data-row]", has_text=number).locator("input[type=checkbox]").check()
    page.select_option("#change", "mine")
    page.locator(".portal-bulk button").click()
    expect(page.locator("section[aria-labelledby=results]")).to_contain_text(number)
    look(page, "desk-5-bulk", check=False, pictures=("light", "phone"))
