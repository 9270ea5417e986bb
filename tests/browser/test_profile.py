"""See and change what is one's own: details, a second address, history and rights, with JavaScript and without."""

import re
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import expect

from .test_passwords import COPY, log_in

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

CONTACT = """
INSERT INTO account_contact (contact_id, account_id, kind, value, compared, is_primary, verified_at)
SELECT gen_random_uuid(), account_id, 'email', email, email, true, approved_at
FROM account WHERE account_name = %(name)s
"""


@pytest.fixture
def member(system):
    name = f"seaman{uuid4().hex[:8]}"
    told = {"name": name, "email": f"{name}@example.com"}
    with psycopg.connect(system.administrator_dsn("mtnet_accounts"), autocommit=True) as connection:
        connection.execute(COPY, told)
        connection.execute(CONTACT, told)
    return told


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", False), ("en", True)])
def test_a_member_changes_details_adds_an_address_and_asks_for_a_right(
    screen, system, look, member, locale, javascript
):
    def seen(page, what):
        # axe needs JavaScript; the pages are the same without.
        look(page, f"profile-{locale}-{what}", check=javascript, pictures=("light", "phone"))

    def send(page):
        page.locator("main #page-form button.govuk-button").first.click()

    page = screen(locale=locale, javascript=javascript)
    log_in(page, member["name"], "Mtnet!2026demo")
    page.wait_for_url("**/account")
    seen(page, "1-overview")
    page.locator("main .portal-card a[href='/account/profile']").click()
    page.locator("a[href='/account/profile/title']").click()
    page.fill("#title", "船務經理")
    send(page)
    page.wait_for_url("**/account/profile?saved=profile")
    expect(page.locator("main")).to_contain_text("船務經理")
    seen(page, "2-details")

    second = f"second.{member['email']}"
    page.goto("/account/contacts")
    page.locator("a[href='/account/contacts/new/email']").click()
    page.fill("#value", "no address")
    send(page)
    expect(page.locator("#value-error")).to_be_visible()
    seen(page, "3-not-an-address")
    page.fill("#value", second)
    send(page)
    page.wait_for_url("**/account/contacts/code/**")
    code = re.search(r"\b\d{6}\b", system.wait_for_message(to=second)["text"])[0]
    page.fill("#code", code)
    seen(page, "4-code")
    send(page)
    page.wait_for_url("**/account/contacts?saved=contact")
    expect(page.locator("main")).to_contain_text(second)
    seen(page, "5-contacts")

    page.goto("/account/history")
    expect(page.locator("main tbody tr")).to_have_count(4)
    seen(page, "6-history")

    page.goto("/account/privacy/ask")
    page.check("input[value='correct']")
    page.fill("#words", "姓名第二字有誤")
    seen(page, "7-ask")
    send(page)
    page.wait_for_url("**/account/privacy?saved=asked")
    seen(page, "8-rights")
    page.locator("main a[href*='/account/privacy/']", has_text=re.compile("更正|correct")).first.click()
    expect(page.locator("main")).to_contain_text("姓名第二字有誤")
    seen(page, "9-request")
