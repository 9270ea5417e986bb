"""The session's countdown: right whatever the visitor's clock says, and the same in every tab."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.system
SHIFT = "const real = Date.now; Date.now = () => real() + {hours} * 3600e3;"


def log_in(page):
    page.goto("/login")
    page.fill("#account_name", "demomember")
    page.fill("#password", "Mtnet!2026demo")
    page.locator("#main-content form button").first.click()
    page.wait_for_url("**/account")


def minutes_shown(page):
    hours, minutes = re.findall(r"(?:(\d+)小時)?(\d+)分鐘", page.locator("[data-remaining]").inner_text())[0]
    return int(hours or 0) * 60 + int(minutes)


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_visitors_clock_that_is_wrong_changes_nothing(screen, hours):
    page = screen()
    page.context.add_init_script(SHIFT.format(hours=hours))
    log_in(page)
    assert 230 <= minutes_shown(page) <= 240


def test_an_old_tab_follows_a_new_one(screen):
    old = screen()
    log_in(old)
    old.route(
        "**/account",
        lambda route: route.fulfill(
            response=(found := route.fetch()),
            body=re.sub(r'data-remaining="\d+"', 'data-remaining="1200"', found.text()),
        ),
    )
    old.goto("/account")
    assert minutes_shown(old) <= 20
    new = old.context.new_page()
    new.goto("/services")
    expect(old.locator("[data-remaining]")).to_contain_text("小時")
    assert abs(minutes_shown(old) - minutes_shown(new)) <= 1


def test_a_tab_learns_that_another_logged_out(screen):
    stays = screen()
    log_in(stays)
    leaves = stays.context.new_page()
    leaves.goto("/account")
    leaves.locator("form[data-logout] button").first.click()
    leaves.wait_for_url("**/login**")
    expect(stays.locator("[data-remaining]")).to_have_text("0分鐘", timeout=20_000)
