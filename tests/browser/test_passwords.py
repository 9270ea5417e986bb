"""Forget the password, log in elsewhere and end that login, change the password: with JavaScript and without."""

import re
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

SECOND, THIRD = "Buoy?7tide-moor", "Hawser%4reef-Lee"
COPY = """
WITH made AS (
INSERT INTO account (account_id, account_name, name, state, identity_type, roles, person_key, systems, email, mobile,
    locale, password_hash, approved_at, active_on, freeze_on, remind_on, disable_on)
SELECT gen_random_uuid(), %(name)s, name, state, identity_type, roles, person_key, systems, %(email)s, mobile, locale,
    password_hash, approved_at, active_on, freeze_on, remind_on, disable_on
FROM account WHERE account_name = 'demomember'
RETURNING account_id)
INSERT INTO account_consent (account_id, notice_version, agreed_at, how)
SELECT made.account_id, notice_version, agreed_at, how FROM made, account_consent
WHERE account_consent.account_id = (SELECT account_id FROM account WHERE account_name = 'demomember')
"""


@pytest.fixture
def member(system):
    """A member of one's own: the demonstration's is also others'."""
    name = f"sailor{uuid4().hex[:8]}"
    told = {"name": name, "email": f"{name}@example.com"}
    with psycopg.connect(system.administrator_dsn("mtnet_accounts"), autocommit=True) as connection:
        connection.execute(COPY, told)
    return told


def log_in(page, name, password):
    page.goto("/login")
    page.fill("#account_name", name)
    page.fill("#password", password)
    page.locator("#page-form button").first.click()


def set_password(page, password, **others):
    for field, value in {**others, "password": password, "again": password}.items():
        page.fill(f"#{field}", value)
    page.locator("#page-form button").first.click()


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", False), ("en", True)])
def test_a_password_is_forgotten_replaced_and_changed(screen, system, look, member, locale, javascript):
    def seen(page, what):
        # axe needs JavaScript; the pages are the same without.
        look(page, f"passwords-{locale}-{what}", check=javascript, pictures=("light", "phone"))

    page = screen(locale=locale, javascript=javascript)
    page.goto("/login")
    page.locator("main a[href='/forgot-password']").click()
    seen(page, "1-forgotten")
    page.fill("#account_name", member["name"])
    page.fill("#email", member["email"].upper())
    page.locator("#page-form button").first.click()
    page.wait_for_url("**/forgot-password/sent")
    seen(page, "2-sent")
    mail = system.wait_for_message(to=member["email"])
    link = re.search(r"/reset-password/[\w-]+", mail["text"])[0]
    page.goto(link)
    expect(page.locator("#username")).to_have_value(member["name"])
    if javascript:
        page.fill("#password", "tide")
        expect(page.locator("[data-rule]").nth(1)).to_contain_text("still missing")
        expect(page.locator("#password-strength")).to_contain_text("weak")
    set_password(page, "mtnet2026")
    seen(page, "3-broken-rules")
    assert page.locator("#password-error br").count() >= 2
    set_password(page, SECOND)
    page.wait_for_url("**/login?password=1")
    page.goto(link)
    seen(page, "4-used")

    log_in(page, member["name"], SECOND)
    elsewhere = screen(locale=locale)
    log_in(elsewhere, member["name"], SECOND)
    page.goto("/account/sessions")
    seen(page, "5-sessions")
    page.locator("main .portal-card form button").first.click()
    expect(page.locator(".govuk-notification-banner")).to_be_visible()
    elsewhere.goto("/account")
    assert "/login" in elsewhere.url

    page.goto("/account/password")
    seen(page, "6-change")
    set_password(page, SECOND, current_password=SECOND)
    expect(page.locator("#password-error")).to_be_visible()
    set_password(page, THIRD, current_password=SECOND)
    page.wait_for_url("**/account/password?changed=1")
    seen(page, "7-changed")
    log_in(elsewhere, member["name"], SECOND)
    expect(elsewhere.locator("#account_name-error")).to_be_visible()
    log_in(elsewhere, member["name"], THIRD)
    elsewhere.goto("/account/sessions")
    assert "/login" not in elsewhere.url
