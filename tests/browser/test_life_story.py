"""The life of an account in one piece, on a phone; and the desk that answers requests for personal data."""

import re

import pytest
from playwright.sync_api import expect

from tests.authenticator import code_for
from tests.browser.conftest import draw, violations
from tests.browser.test_lifecycle_story import WORDS, Unused
from tests.browser.test_story import DEMO_PASSWORD, a_mobile

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

PHONE = {"width": 390, "height": 844}
FIRST, SECOND = "Quay!7side-ebb", "Buoy?4tide-moor"
CONTACT = """
INSERT INTO account_contact (contact_id, account_id, kind, value, compared, is_primary, verified_at)
SELECT gen_random_uuid(), account_id, 'email', email, email, true, approved_at
FROM account WHERE account_name = %(account)s
"""


def seen(person, what):
    """A picture at 390 px; nothing leaves the screen, and axe finds nothing where it can run."""
    person.place += 1
    draw(person.page, f"{person.name}-{person.place:02d}-{what}")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], what
    if person.check:
        assert violations(person.page) == [], what


def send(page):
    page.locator("main #page-form button.govuk-button").first.click()


def mail_with(person, path):
    """The address that a mail of this kind leads to."""
    told = person.system.wait_for_message(to=person.email, containing=path)
    return re.search(rf"{re.escape(path)}[\w-]+", told["text"])[0]


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", False), ("en-GB", True)])
def test_the_life_of_an_account_on_a_phone(system, screen, look, locale, javascript):
    words = WORDS[locale]
    page = screen(locale=locale, javascript=javascript)
    page.set_viewport_size(PHONE)
    person = Unused(system, page, look, f"life-{locale[:2]}", javascript, words)
    person.sql(CONTACT)

    # The password is forgotten.
    page.goto("/login")
    page.locator("main a[href='/forgot-password']").click()
    page.fill("#account_name", person.account)
    page.fill("#email", person.email)
    seen(person, "forgotten")
    send(page)
    page.goto(mail_with(person, "/reset-password/"))
    page.fill("#password", FIRST)
    page.fill("#again", FIRST)
    seen(person, "new-password")
    send(page)
    page.wait_for_url("**/login?password=1")
    person.enter(FIRST)
    page.wait_for_url("**/account")
    seen(person, "account")

    # The mobile is a new one; whoever had the account before can undo that.
    mobile = a_mobile()
    page.locator("details.portal-area__menu summary").click()
    seen(person, "sections")
    page.locator("details.portal-area__menu a[href='/account/contacts']").click()
    page.locator("main a[href='/account/contacts/new/mobile']").click()
    page.fill("#value", mobile)
    send(page)
    page.wait_for_url("**/account/contacts/code/**")
    code = system.wait_for_message(to=f"+886{mobile[1:]}", channel="sms")["text"]
    page.fill("#code", re.search(r"(?<!\d)\d{6}(?!\d)", code)[0])
    seen(person, "code")
    send(page)
    page.wait_for_url("**/account/contacts?saved=contact")
    seen(person, "contacts")
    back = page.url
    page.goto(mail_with(person, "/contacts/undo/"))
    expect(page.locator("main form button")).to_be_visible()
    seen(person, "undo")
    page.goto(back)

    # Somebody logs in elsewhere: the owner has mail, and a link that protects the account.
    other = Unused.__new__(Unused)
    other.__dict__ |= person.__dict__ | {"page": screen(locale=locale, javascript=javascript)}
    other.enter(FIRST)
    other.page.wait_for_url("**/account")
    page.goto(mail_with(person, "/not-me/"))
    seen(person, "new-device")

    # A copy of all one's data, as a document.
    page.goto("/account/privacy")
    with page.expect_download() as downloading:
        page.locator("main a[href='/account/privacy/copy.pdf']").click()
    assert downloading.value.path().read_bytes().startswith(b"%PDF")
    seen(person, "rights")

    # A new privacy notice: asked before anything else, not agreed to, agreed to.
    person.sql(
        "DELETE FROM account_consent WHERE account_id ="
        " (SELECT account_id FROM account WHERE account_name = %(account)s)"
    )
    page.context.clear_cookies(name="sid")
    page.goto("/login?next=/account/history")
    page.fill("#account_name", person.account)
    page.fill("#password", FIRST)
    send(page)
    page.wait_for_url("**/account/notice?next=**")
    seen(person, "notice")
    page.locator("main button[value='later']").click()
    page.wait_for_url("**/account/notice/later**")
    seen(person, "not-agreed")
    page.goto("/account/profile")
    page.wait_for_url("**/account/notice?next=/account/profile")
    page.locator("main button[value='agree']").click()
    page.wait_for_url("**/account/profile")
    page.goto("/account/history")
    expect(page.locator("main tbody")).to_contain_text(
        "個資告知書" if locale == "zh-TW" else "privacy notice"
    )
    seen(person, "history")

    # Nobody logs in for 90 days: frozen, and back by a code and a new password.
    person.unused_for(90)
    person.run()
    person.enter(FIRST)
    assert words["frozen"] in person.main()
    seen(person, "frozen")
    before = system.newest_message_id()
    person.press(words["send"])
    told = system.wait_for_message(to=person.email, after=before)["text"]
    person.fill(code=re.search(r"(?<!\d)\d{6}(?!\d)", told)[0], password=SECOND, again=SECOND)
    person.press(words["active"])
    assert words["again"] in person.main()
    seen(person, "active-again")

    # A year: disabled, turned away politely, back by the hands of two operators.
    person.sql("UPDATE account SET reminded_days = 7, state = 'frozen' WHERE account_name = %(account)s")
    person.unused_for(366)
    person.run()
    person.enter(SECOND)
    assert words["disabled"] in person.main()
    assert "0800-022-120" in person.main()
    seen(person, "disabled")
    system.run(
        *("accounts", "python", "-m", "accounts.reactivation.cli", person.account, "--who", "operator1"),
        *("--second", "operator2", "--reason", "letter", "--evidence", "LETTER-2027-13"),
    )
    person.enter(SECOND)
    page.wait_for_url("**/account")
    seen(person, "back")


@pytest.mark.parametrize("locale", ["zh-TW", "en-GB"])
def test_the_desk_answers_a_request_for_personal_data(system, screen, look, locale):
    words = WORDS[locale]
    person = Unused(system, screen(locale=locale), look, f"desk-{locale[:2]}", True, words)
    person.sql(CONTACT)
    both = {"pictures": ("light", "phone"), "appearances": ("light", "phone")}
    page = person.page
    person.enter(DEMO_PASSWORD)
    page.wait_for_url("**/account")
    page.goto("/account/privacy/ask")
    page.check("input[value='correct']")
    page.fill("#words", "姓名第二字有誤")
    send(page)
    page.wait_for_url("**/account/privacy?saved=asked")

    desk = person.page = screen(locale=locale, javascript=False)
    desk.goto("/login?next=/operations/privacy-requests")
    person.fill(account_name="operator1", password=DEMO_PASSWORD)
    person.press(words["log in"])
    person.fill(code=code_for("operator1"))
    person.press(words["log in"])
    desk.wait_for_url("**/operations/privacy-requests")
    person.look("desk", **both | {"check": False})
    desk.locator("main tr", has_text=person.account).locator("a").click()
    expect(desk.locator("main")).to_contain_text("姓名第二字有誤")
    send(desk)
    expect(desk.locator("#decision-error")).to_be_visible()
    desk.check("input[value='answer']")
    desk.fill("#note", "姓名已更正。")
    person.look("decide", **both | {"check": False})
    send(desk)
    desk.wait_for_url("**/operations/privacy-requests?saved=decided")

    person.page = page
    assert "姓名已更正" in system.wait_for_message(to=person.email, containing="姓名已更正")["text"]
    page.goto("/account/privacy")
    page.locator("main .portal-contacts a").first.click()
    expect(page.locator("main")).to_contain_text("姓名已更正。")
    person.look("answered", **both)
