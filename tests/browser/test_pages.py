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


@pytest.mark.parametrize("language", ["zh-TW", "en-GB"])
@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_header_and_menu_are_one_row(screen, language, width):
    page = screen(locale=language)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/")
    menu = page.locator(
        "details.portal-menu summary, .portal-tools .portal-tool:visible"
    ).first.bounding_box()
    name = page.locator(".portal-brand").bounding_box()
    assert menu["y"] < name["y"] + name["height"], "beside each other"
    assert page.locator("main").bounding_box()["y"] <= 160, "of 844"


@pytest.mark.parametrize("address", ["/services", "/privacy", "/no-such-page"])
def test_the_footer_is_at_the_bottom_of_a_short_page(screen, address):
    page = screen(locale="zh-TW")
    page.set_viewport_size({"width": 1280, "height": 2400})
    page.goto(address)
    footer = page.locator(".portal-footer").bounding_box()
    assert footer["y"] + footer["height"] == pytest.approx(2400, abs=2)


# What a person reads out or copies: telephone numbers, days with their time, numbers of cases, tickets and faults.
BROKEN = r"""
() => {
  const wholes = /(?<![\w#&-])(?:\d[\d-]{5,}\d(?: \d\d:\d\d(?::\d\d)?| #\d+)?|(?:HD|F)\d{4}-\d{6})(?![\w-])/g;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.parentElement.checkVisibility() || text.parentElement.closest(".govuk-visually-hidden")) continue;
    for (const match of text.data.matchAll(wholes)) {
      const range = document.createRange();
      range.setStart(text, match.index);
      range.setEnd(text, match.index + match[0].length);
      const lines = new Set([...range.getClientRects()].filter(box => box.width > 1).map(box => Math.round(box.top)));
      if (lines.size > 1) found.push(match[0]);
    }
  }
  return found;
}
"""


@pytest.mark.parametrize("language", ["zh-TW", "en-GB"])
def test_on_a_phone_no_number_and_no_moment_goes_on_in_the_next_line(screen, language):
    page = screen(locale=language)
    page.set_content('<p style="width: 4.5em">F2026-000001</p>')
    assert page.evaluate(BROKEN) == ["F2026-000001"]
    for address in ("/", "/status", "/contact", "/announcements", "/case", "/login", "/reactivate"):
        page.goto(address)
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate(BROKEN) == [], (address, width)
