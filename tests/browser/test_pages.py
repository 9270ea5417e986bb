"""Pages that need no story: home, content, notices, errors, in both languages."""

import pytest

pytestmark = pytest.mark.system

PAGES = {
    "home": "/",
    "announcements": "/announcements",
    "news": "/news",
    "questions": "/questions",
    "services": "/services",
    "affairs": "/affairs",
    "sitemap": "/sitemap",
    "accessibility": "/accessibility",
    "privacy": "/privacy",
    "contact": "/contact",
    "api": "/api/docs",
    "apply": "/apply/",
    "identity-type": "/apply/identity-type",
    "case": "/case",
    "case-closed": "/case/PTAPPLY0000000000000",
    "login": "/login",
    "activation-invalid": "/activate/0000000000000000000000",
    "not-found": "/nothing-here",
}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(screen, look, name):
    page = screen()
    page.goto(PAGES[name])
    look(page, name, pictures=("light", "dark", "phone") if name == "home" else ("light",))
    page = screen(locale="en-GB")
    page.goto(PAGES[name])
    assert page.get_attribute("html", "lang") == "en"
    look(page, f"{name}-en", pictures=(), appearances=("phone",))


def test_the_first_tab_leads_to_the_content(screen):
    page = screen()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到主要內容"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id || location.hash") in ("main-content", "#main-content")


def test_text_grows_with_the_readers_choice_without_javascript(screen):
    sizes = []
    for size in ("小", "中", "大"):
        page = screen(javascript=False)
        page.goto("/")
        page.locator(".portal-tools__wide .portal-sizes").get_by_text(size, exact=True).click()
        sizes.append(page.locator("html").get_attribute("data-size"))
    assert sizes == ["s", "m", "l"]
