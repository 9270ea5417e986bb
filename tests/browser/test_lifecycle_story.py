"""An unused account in Chromium: frozen, back by oneself, disabled, turned away, back by two operators, closed."""

import re
from uuid import uuid4

import psycopg
import pytest

from tests.authenticator import code_for
from tests.browser.test_story import DEMO_PASSWORD, Story

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

NEW = "Ebb&Flow-7391"


class Unused(Story):
    """A person whose account nobody uses for a long time; `words` are the page's in the language of the story."""

    def __init__(self, system, page, look, name, check, words):
        super().__init__(system, page, look, name, check)
        self.words = words
        self.account = f"unused{uuid4().hex[:10]}"
        self.email = f"{self.account}@example.com"
        self.sql(
            "WITH made AS (INSERT INTO account (account_id, account_name, name, state, identity_type, roles, systems,"
            " email, locale, password_hash, approved_at, active_on, freeze_on, remind_on, disable_on)"
            " SELECT gen_random_uuid(), %(account)s, '久未登入的會員', 'active', identity_type, roles, systems,"
            " %(email)s, %(locale)s, password_hash, now(), current_date, current_date + 90, current_date + 335,"
            " current_date + 365 FROM account WHERE account_name = 'demomember' RETURNING account_id)"
            " INSERT INTO account_consent (account_id, notice_version, agreed_at, how)"
            " SELECT made.account_id, notice_version, agreed_at, how FROM made, account_consent JOIN account"
            " ON account.account_id = account_consent.account_id WHERE account_name = 'demomember'",
            locale=words["locale"],
        )

    def sql(self, query, **values):
        values = {"account": self.account, "email": self.email} | values
        with psycopg.connect(self.system.administrator_dsn("mtnet_accounts"), autocommit=True) as connection:
            connection.execute(query, values)

    def unused_for(self, days):
        """The account's days, as if nobody had used it for so long."""
        self.sql(
            "UPDATE account SET active_on = current_date - %(days)s, freeze_on = current_date - %(days)s + 90,"
            " remind_on = CASE WHEN reminded_days = 7 THEN NULL ELSE current_date - %(days)s + 335 END,"
            " disable_on = current_date - %(days)s + 365 WHERE account_name = %(account)s",
            days=days,
        )

    def run(self):
        return self.system.run("accounts", "python", "-m", "accounts.lifecycle.cli")

    def enter(self, password):
        self.page.goto("/login")
        self.fill(account_name=self.account, password=password)
        self.press(self.words["log in"])

    def main(self):
        return self.page.inner_text("main")


WORDS = {
    "zh-TW": {
        "locale": "zh-Hant",
        "log in": "登入",
        "log out": "登出",
        "send": "傳送驗證碼",
        "active": "恢復使用帳號",
        "frozen": "帳號已凍結",
        "disabled": "帳號已停用",
        "again": "帳號已恢復使用",
        "close": "永久註銷我的帳號",
        "closed": "您的帳號已註銷",
        "run": "立即執行",
    },
    "en-GB": {
        "locale": "en",
        "log in": "Log in",
        "log out": "Log out",
        "send": "Send code",
        "active": "Make my account active",
        "frozen": "Your account is frozen",
        "disabled": "Your account is disabled",
        "again": "Your account is active again",
        "close": "Close my account for good",
        "closed": "Your account is closed",
        "run": "Run now",
    },
}


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
@pytest.mark.parametrize("locale", WORDS)
def test_an_unused_account_is_frozen_and_disabled_and_comes_back_each_time(
    system, screen, look, locale, javascript
):
    words, name = WORDS[locale], f"unused-{locale[:2]}{'' if javascript else '-no-javascript'}"
    person = Unused(system, screen(locale=locale, javascript=javascript), look, name, javascript, words)
    both = {"pictures": ("light", "phone")}

    person.unused_for(90)
    person.run()
    person.enter("Wrong!Pass99")
    assert words["frozen"] not in person.main(), "a wrong password learns nothing"
    person.enter(DEMO_PASSWORD)
    assert words["frozen"] in person.main()
    person.look("frozen", **both)
    before = system.newest_message_id()
    person.press(words["send"])
    code = re.search(r"(?<!\d)\d{6}(?!\d)", system.wait_for_message(to=person.email, after=before)["text"])[0]
    person.fill(code=code, password="short", again="short")
    person.press(words["active"])
    person.look("password-too-short", **both)
    assert person.page.locator("[name=code]").input_value() == code, "what was right stays"
    person.fill(password=NEW, again=NEW)
    person.press(words["active"])
    assert words["again"] in person.main()
    person.look("active-again", **both)
    person.enter(NEW)
    person.page.wait_for_url("**/account")

    person.sql("UPDATE account SET reminded_days = 7, state = 'frozen' WHERE account_name = %(account)s")
    person.unused_for(366)
    person.run()
    person.enter(NEW)
    assert words["disabled"] in person.main()
    for place in ("service@mtnet.gov.tw", "02-8192-7019", "0800-022-120"):
        assert place in person.main()
    person.look("disabled", **both)

    one = (
        "python",
        "-m",
        "accounts.reactivation.cli",
        person.account,
        "--who",
        "operator1",
        "--reason",
        "letter",
    )
    said = system.run("accounts", *one, "--second", "operator2", "--evidence", "LETTER-2027-12")
    assert "may log in again" in said
    person.enter(NEW)
    person.page.wait_for_url("**/account")

    person.page.goto("/account/close")
    person.look("close", **both)
    person.fill(account_name=person.account)
    person.press(words["close"])
    assert words["closed"] in person.main()
    person.look("closed", **both)
    person.enter(NEW)
    assert person.page.url.endswith("/login")


@pytest.mark.parametrize("locale", WORDS)
def test_an_operator_sees_what_is_due_runs_it_and_reads_the_report(system, screen, look, locale):
    words, both = WORDS[locale], {"pictures": ("light", "phone")}
    person = Unused(system, screen(locale=locale), look, f"operations-{locale[:2]}", True, words)
    person.unused_for(95)
    page = person.page
    page.goto("/login")
    person.fill(account_name="operator1", password=DEMO_PASSWORD)
    person.press(words["log in"])
    person.fill(code=code_for("operator1"))
    person.press(words["log in"])
    page.wait_for_url("**/operations")
    person.look("overview", **both)
    page.goto(f"/operations/lifecycle?account_name={person.account}")
    assert person.account in person.main()
    person.look("preview", **both)
    page.goto("/operations/lifecycle?as_of=31.2.2027")
    person.look("wrong-day", **both)
    person.press(words["run"])
    page.wait_for_url("**/operations/lifecycle/runs/*")
    assert person.account in person.main()
    person.look("report", **both)
    with page.expect_download() as downloading:
        page.locator("main a[href$='.csv']").click()
    text = downloading.value.path().read_text("utf-8-sig")
    assert text.startswith("帳號 Account name,")
    assert person.account in text
    page.goto("/operations/lifecycle/runs")
    person.look("reports", **both)
    page.goto("/operations/close-account")
    person.look("close-account", **both)
