"""Pages that need no story: home, content, notices, errors, in both languages."""

from itertools import pairwise

import pytest

from tests.browser.conftest import APPEARANCES

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
    "api-group": "/api/docs/account",
    "events": "/api/events",
    "events-group": "/api/events/review",
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
    # A group of the API has thousands of elements of a few kinds: the colours of one kind are those of all.
    appearances = ("light",) if name.endswith("-group") else tuple(APPEARANCES)
    pictures = ("light", "dark", "phone") if name == "home" else ("light",)
    look(page, name, pictures=pictures, appearances=appearances)
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


@pytest.mark.parametrize("language", ["zh-TW", "en-GB"])
def test_the_three_sizes_of_text_stand_apart_and_are_large_enough_to_press(screen, language):
    """In English their names are longer: they must neither touch nor leave their buttons."""
    for wide in (True, False):
        page = screen(locale=language)
        page.goto("/")
        if not wide:
            page.set_viewport_size({"width": 390, "height": 844})
            page.locator(".portal-menu summary").click()
        sizes = page.locator(".portal-sizes:visible a, .portal-sizes:visible button")
        assert sizes.count() == 3
        boxes = [sizes.nth(n).bounding_box() for n in range(3)]
        for box in boxes:
            assert min(box["width"], box["height"]) >= 32, boxes
        for left, right in pairwise(boxes):
            assert right["x"] - left["x"] - left["width"] >= 3, boxes
            assert right["y"] == left["y"], boxes
        assert sizes.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")
        x = boxes[-1]["x"] + boxes[-1]["width"]
        assert x <= page.viewport_size["width"]


def test_text_grows_with_the_readers_choice_without_javascript(screen):
    sizes = []
    for size in ("小", "中", "大"):
        page = screen(javascript=False)
        page.goto("/")
        page.locator(".portal-tools__wide .portal-sizes").get_by_text(size, exact=True).click()
        sizes.append(page.locator("html").get_attribute("data-size"))
    assert sizes == ["s", "m", "l"]


LINES = """
(element) => {
  const range = document.createRange();
  const tops = [];
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());)
    for (let n = 0; n < node.length; n++) {
      range.setStart(node, n); range.setEnd(node, n + 1);
      tops.push([node.data[n], Math.round(range.getBoundingClientRect().top)]);
    }
  const lines = [];
  for (const [letter, top] of tops)
    lines.length && lines.at(-1).top === top ? (lines.at(-1).text += letter) : lines.push({top, text: letter});
  return lines.map((line) => line.text.trim()).filter(Boolean);
}
"""


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("language", ["zh-TW", "en-GB"])
def test_on_a_phone_the_name_breaks_between_words_and_meets_no_button(screen, language, width):
    page = screen(locale=language)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/")
    whole = {"航港單一窗口", "服務平臺", "航港單一窗口服務平臺"} if language == "zh-TW" else None
    for name in (page.locator(".portal-brand strong"), page.locator(".portal-hero h1")):
        lines = name.evaluate(LINES)
        if whole:
            assert set(lines) <= whole, lines
        else:
            assert " ".join(lines) == "Maritime Single Window"
    name = page.locator(".portal-brand strong").bounding_box()
    button = page.locator(".portal-tools .portal-tool:visible").first.bounding_box()
    assert name["x"] + name["width"] <= button["x"], (name, button)
    for number in page.locator(".portal-footer .portal-whole").all():
        assert len(number.evaluate(LINES)) == 1
