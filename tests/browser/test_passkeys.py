"""A passkey in Chromium, with an authenticator that the browser plays: made, named, used at the login, removed."""

import pytest

from tests.browser.test_story import DEMO_PASSWORD, Story

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_used_and_removed(system, screen, look, monkeypatch):
    # A passkey belongs to a name, never to a number.
    monkeypatch.setenv("PORTAL", system.url.replace("127.0.0.1", "localhost"))
    page = screen()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
    member = Story(system, page, look, "passkeys", check=True)
    member.log_in("demomember")
    page.goto("/account/security")
    member.look("none", pictures=("light", "phone"))
    member.follow("新增通行密鑰")
    member.fill(label="辦公室電腦")
    member.look("name", pictures=("light", "phone"))
    member.press("新增通行密鑰")
    page.wait_for_selector("#recovery-codes")
    assert len(devtools.send("WebAuthn.getCredentials", {"authenticatorId": made})["credentials"]) == 1
    member.look("recovery-codes", pictures=("light", "phone"))
    member.follow("我已保存")
    assert "辦公室電腦" in page.inner_text("main")
    member.look("one", pictures=("light", "phone"))

    page.context.clear_cookies(name="sid")
    page.goto("/login?next=/account/security")
    member.fill(account_name="demomember", password=DEMO_PASSWORD)
    member.press("登入")
    page.wait_for_selector("[data-passkey=get]:not([hidden])")
    member.look("second-step", pictures=("light", "phone"))
    member.press("使用通行密鑰")
    page.wait_for_selector("main >> text=上次使用")
    member.press("移除這個通行密鑰")
    page.wait_for_selector("main >> text=您還沒有通行密鑰")
    assert "辦公室電腦" not in page.inner_text("main")
