"""An operator registers a downstream system, grants it events, tries a webhook, renews its secret, and removes it."""

import time
from datetime import UTC, datetime, timedelta

import pika
import pytest
from mtnet_contracts.vocabulary.dates import taipei_day

from tests.authenticator import code_for
from tests.browser.test_lifecycle_story import WORDS as COMMON
from tests.browser.test_story import DEMO_PASSWORD

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

WORDS = {
    "zh-TW": {"suspended": "已暫停", "removed": "已移除", "none": "尚未核准任何事件",
              "again": "無法再次顯示", "end": "含個人資料的事件", "taken": "已接收", "not public": "不在網際網路上"},
    "en-GB": {"suspended": "Suspended", "removed": "Removed", "none": "It gets no events yet",
              "again": "It cannot be shown again", "end": "holds personal data", "taken": "Taken",
              "not public": "not on the public internet"},
}  # fmt: skip
AT = "/operations/subscribers"
PICTURES = {"pictures": ("light", "phone")}


@pytest.mark.parametrize(("locale", "javascript"), [("zh-TW", False), ("en-GB", True)])
def test_from_registration_to_removal(system, screen, look, locale, javascript):
    words, name = WORDS[locale], f"story-{locale[:2].lower()}-{int(datetime.now(UTC).timestamp())}"
    page = screen(locale=locale, javascript=javascript)
    button = page.locator("main #page-form button.govuk-button")

    def picture(of):
        look(page, f"downstream-{of}-{locale[:2]}", check=javascript, **PICTURES)

    page.goto(f"/login?next={AT}")
    page.fill("[name=account_name]", "operator1")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.get_by_role("button", name=COMMON[locale]["log in"], exact=True).click()
    page.fill("[name=code]", code_for("operator1"))
    page.get_by_role("button", name=COMMON[locale]["log in"], exact=True).click()
    page.wait_for_url(f"**{AT}")
    picture("list")

    page.goto(f"{AT}/new_system")
    page.fill("#name", "Not A Name")
    page.fill("#title", "船舶登記系統")
    page.fill("#owner", "航安組")
    page.fill("#contact_email", "ships@example.com")
    page.fill("#reason", "依函辦理")
    button.click()
    assert page.locator("#name-error").is_visible()
    assert page.input_value("#title") == "船舶登記系統", "what was typed stays"
    picture("register")
    page.fill("#name", name)
    button.click()
    secret = page.inner_text("#secret")
    picture("secret")
    page.reload()
    assert words["again"] in page.inner_text("main"), "a reload sends the form again, and issues nothing"
    picture("secret-again")
    page.goto(f"{AT}/{name}")
    assert words["none"] in page.inner_text("main")
    assert secret not in page.content()

    page.goto(f"{AT}/{name}/grant")
    page.check("[value='accounts.AccountActivated']", force=True)
    page.check("[value='accounts.AccountFrozen']", force=True)
    page.fill("#reason", "船員須由有效帳號申報")
    button.click()
    assert words["end"] in page.inner_text("#ends_on-error")
    picture("grant")
    page.fill("#ends_on", (taipei_day(datetime.now(UTC)) + timedelta(days=90)).isoformat())
    button.click()
    page.wait_for_url("**?saved=granted")
    page.goto(f"{AT}/{name}/scopes")
    page.check("[value='cases.read']", force=True)
    page.fill("#reason", "船員須由有效帳號申報")
    button.click()
    assert page.locator("#ends_on-error").is_visible()
    assert page.is_checked("[value='cases.read']"), "what was chosen stays"
    picture("rights")
    page.fill("#ends_on", (taipei_day(datetime.now(UTC)) + timedelta(days=90)).isoformat())
    button.click()
    page.wait_for_url("**?saved=scopes_granted")
    assert "cases.read" in page.inner_text("main")
    picture("system")
    page.goto(f"{AT}/{name}/revoke_scope?scope=cases.read")
    page.fill("#reason", "不再需要")
    picture("right-away")
    button.click()
    page.wait_for_url("**?saved=scope_revoked")

    page.goto(f"{AT}/{name}/webhook/address")
    page.fill("#url", "https://[::ffff:10.0.0.1]/events")
    page.fill("#reason", "該系統不使用 AMQP")
    button.click()
    assert words["not public"] in page.inner_text("#url-error")
    picture("webhook-address")
    page.fill("#url", f"{system.inbox_url}/receiver/{name}")
    button.click()
    trusted = {"secrets": [page.inner_text("#secret")]}
    picture("webhook-secret")
    page.request.put(f"{system.inbox_url}/api/receiver/{name}", data=trusted)
    page.goto(f"{AT}/{name}/webhook/test")
    page.fill("#reason", "測試連線")
    # The service that sends hears of the address in a moment.
    until(page, lambda: (button.click(), page.wait_for_load_state(), "/events/" in page.url)[-1])
    until(page, lambda: (page.reload(), words["taken"] in page.inner_text("main dl"))[-1])
    assert "HTTP 200" in page.inner_text("main table")
    picture("webhook-event")
    page.goto(f"{AT}/{name}/webhook")
    until(page, lambda: (page.reload(), "mtnet.WebhookTested" in page.inner_text("main"))[-1])
    picture("webhook-log")
    page.goto(f"{AT}/{name}")
    picture("system-with-webhook")
    page.goto(f"{AT}/{name}/webhook/remove")
    page.fill("#reason", "改用 AMQP")
    button.click()
    page.wait_for_url("**?saved=webhook_removed")

    first = opened(system, f"downstream.{name}.1", secret)
    page.goto(f"{AT}/{name}/rotate")
    page.fill("#overlap_days", "0")
    page.fill("#reason", "密碼外洩")
    picture("rotate")
    button.click()
    assert page.inner_text("#secret") != secret
    opened(system, f"downstream.{name}.2", page.inner_text("#secret")).close()
    assert ended(first), "the secret that leaked lets nobody in, and whoever is in is put out"

    for act in ("suspend", "remove"):
        page.goto(f"{AT}/{name}/{act}")
        page.fill("#reason", "測試結束")
        if act == "remove":
            page.fill("#confirm_name", "another")
            button.click()
            assert page.locator("#confirm_name-error").is_visible()
            picture("remove")
            page.fill("#confirm_name", name)
        button.click()
        page.wait_for_url("**?saved=*")
        assert words["suspended" if act == "suspend" else "removed"] in page.inner_text("h1")
    picture("removed")


def until(page, done):
    """Try again until it is done; a page without scripts does not change by itself."""
    for attempt in range(60):
        if done():
            return
        page.wait_for_timeout(250 if attempt < 59 else 0)
    raise AssertionError(page.inner_text("main"))


def opened(system, user, secret):
    """A connection of this user, as soon as the broker knows it."""
    host = system.environment("accounts")["AMQP_URL"].rpartition("@")[2]
    address = pika.URLParameters(f"amqp://{user}:{secret}@{host}")
    for attempt in range(200):
        try:
            return pika.BlockingConnection(address)
        # Its rights come a moment after its secret.
        except (pika.exceptions.ProbableAuthenticationError, pika.exceptions.ProbableAccessDeniedError):
            if attempt == 199:
                raise
            time.sleep(0.1)
    raise AssertionError


def ended(connection):
    """Whether the broker has ended it, within twenty seconds."""
    try:
        for _ in range(200):
            connection.process_data_events(time_limit=0.1)
    except pika.exceptions.AMQPError:
        return True
    return False
