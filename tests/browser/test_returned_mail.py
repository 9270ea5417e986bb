"""A mail comes back: an operator takes the address off the list. And the link that stops optional mails."""

from base64 import b64decode
from uuid import uuid4

import pytest
from mtnet_contracts.vocabulary.notices import Category
from notify.channels.email.unsubscribing import UnsubscribeLinks
from notify.contact_points.rules import account
from playwright.sync_api import expect

from tests.authenticator import code_for
from tests.browser.test_lifecycle_story import WORDS as COMMON
from tests.browser.test_lifecycle_story import Unused
from tests.browser.test_story import DEMO_PASSWORD

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

BOTH = {"pictures": ("light", "phone")}
WORDS = {
    "zh-TW": {"take off": "自名單移除", "lifted": "已自名單移除", "reason": "信箱已恢復", "why": "信箱不存在",
              "listed": "這個地址已在名單中", "stop": "不再寄送", "stopped": "已停止寄送"},
    "en-GB": {"take off": "Take off the list", "lifted": "Taken off the list", "reason": "It works again",
              "why": "No such mailbox", "listed": "on the list already", "stop": "Stop these mails",
              "stopped": "These mails are stopped"},
}  # fmt: skip


@pytest.fixture
def bounces(system):
    """`bounces(address)`: mails there come back from now on."""
    yield lambda address: system.set_fault("email", "bounce", only=address)
    system.set_fault("email", "none")


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", False), ("en-GB", True)])
def test_an_operator_finds_an_address_whose_mail_came_back_and_takes_it_off(
    system, screen, look, bounces, locale, javascript
):
    words = WORDS[locale]
    page = screen(locale=locale, javascript=javascript)
    name = f"returned-{locale[:2]}"
    person = Unused(system, page, look, name, javascript, COMMON[locale])
    bounces(person.email)
    page.goto("/forgot-password")
    person.fill(account_name=person.account, email=person.email)
    page.locator("main #page-form button.govuk-button").first.click()

    page.goto("/login?next=/operations/suppressions")
    person.fill(account_name="operator1", password=DEMO_PASSWORD)
    person.press(COMMON[locale]["log in"])
    person.fill(code=code_for("operator1"))
    person.press(COMMON[locale]["log in"])
    page.wait_for_url("**/operations/suppressions")
    for _ in range(100):
        page.goto(f"/operations/suppressions?address={person.email}")
        if words["why"] in person.main() and "5.1.1" in person.main():
            break
        page.wait_for_timeout(200)
    assert "5.1.1" in person.main()
    assert person.email not in person.main(), "an operator sees it masked"
    person.look("list", **BOTH)

    page.goto("/operations/suppressions/add")
    person.fill(address=person.email.upper(), note=words["reason"])
    page.locator("main #page-form button.govuk-button").click()
    assert words["listed"] in page.inner_text("#address-error")
    assert page.input_value("#address") == person.email.upper(), "what was typed stays"
    person.look("add", **BOTH)

    page.goto(f"/operations/suppressions?address={person.email}&state=active")
    page.locator("main table a", has_text=words["take off"]).click()
    person.look("take-off", **BOTH)
    page.locator("main #page-form button.govuk-button").click()
    expect(page.locator("#note-error")).to_be_visible()
    person.fill(note=words["reason"])
    page.locator("main #page-form button.govuk-button").click()
    page.wait_for_url("**/operations/suppressions?saved=lifted")
    page.goto(f"/operations/suppressions?address={person.email}")
    assert words["lifted"] in person.main()
    assert words["reason"] in person.main()
    person.look("lifted", **BOTH)
    with page.expect_download() as downloading:
        page.locator("main a[href*='.csv']").click()
    assert words["reason"] in downloading.value.path().read_text("utf-8")


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", True), ("en-GB", False)])
def test_whoever_has_the_link_of_a_mail_stops_such_mails(system, screen, look, locale, javascript):
    words = WORDS[locale]
    page = screen(locale=locale, javascript=javascript)
    key = b64decode(system.environment("notify")["NOTIFY_SIGNING_KEY"])
    links = UnsubscribeLinks(system.url, key)
    page.goto(links.of(account(uuid4()), Category.INFORMATION))
    look(page, f"unsubscribe-{locale[:2]}", check=javascript, **BOTH)
    page.get_by_role("button", name=words["stop"], exact=True).click()
    assert words["stopped"] in page.inner_text("main")
    look(page, f"unsubscribed-{locale[:2]}", check=javascript, **BOTH)
    page.goto("/unsubscribe/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    look(page, f"unsubscribe-cut-{locale[:2]}", check=javascript, pictures=("phone",))
