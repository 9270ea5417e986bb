"""The browser's Back leads to a page, never to the question whether to send a form once more."""

import pytest

pytestmark = pytest.mark.system


@pytest.fixture
def refused(screen):
    """A page that shows what is wrong with a form."""
    page = screen()
    page.goto("/apply/identity-type")
    page.locator("#page-form button.govuk-button").click()
    assert page.title().startswith("錯誤：")
    return page


def test_back_to_a_form_that_was_mended(refused):
    refused.get_by_label("個人／考生").check()
    refused.locator("#page-form button.govuk-button").click()
    refused.wait_for_url("**/steps")
    refused.go_back()
    assert refused.url.endswith("/apply/identity-type")
    assert refused.get_by_label("個人／考生").is_visible()


def test_back_to_a_form_that_was_left_by_a_link(refused):
    refused.get_by_role("link", name="上一頁").click()
    refused.wait_for_url("**/apply/")
    refused.go_back()
    assert refused.get_by_label("個人／考生").is_visible()
