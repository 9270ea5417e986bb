"""Every page of the desk and of the editors that no story walks: both languages, as wide as a screen and as a phone."""

import time

import pytest

from .test_desk_story import agent

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

# Where a page is found: an address, or the first link of a list to it, and what comes behind that.
LEAD = {
    "held": ("/desk/held", None, ""),
    "figures": ("/desk/figures", None, ""),
    "answers": ("/desk/answers", None, ""),
    "answer": ("/desk/answers", 'th a[href*="/desk/answers/"]', ""),
    "answer-edit": ("/desk/answers", 'th a[href*="/desk/answers/"]', "/edit"),
    "missing": ("/desk/answers/missing", None, ""),
    "canned": ("/desk/canned", None, ""),
    "canned-new": ("/desk/canned/new", None, ""),
    "question": ("/desk/?view=all&state=resolved", "tr[data-row] th a, tr[data-row] a", "/question"),
}
DRAFT = 'th a[href*="/editing/questions/"]'


def walk(page, pages, language, look):
    for name, (address, link, behind) in pages.items():
        page.goto(address)
        if link:
            where = page.locator(link).first.get_attribute("href")
            page.goto(where.partition("?")[0] + behind)
        answer = page.reload()
        assert answer.status == 200, name
        assert page.get_attribute("html", "lang") == ("en" if language == "en-GB" else "zh-Hant-TW")
        look(page, f"desk-{name}-{language[:2]}", pictures=("light", "phone"), appearances=("light", "phone"))


@pytest.mark.parametrize("language", ["zh-TW", "en-GB"])
def test_the_pages_of_a_lead(screen, look, language):
    walk(agent(screen, "helpdesklead", locale=language), LEAD, language, look)


@pytest.mark.parametrize("language", ["zh-TW", "en-GB"])
def test_a_question_goes_from_its_ticket_to_the_editors_page(screen, look, language):
    """Proposed without JavaScript; the list and the draft of the editor."""
    page = agent(screen, "helpdesklead", locale=language, javascript=False)
    page.goto("/desk/?view=all&state=resolved")
    where = page.locator("tr[data-row] a").first.get_attribute("href").partition("?")[0]
    page.goto(f"{where}/question")
    page.select_option("#category", "mtnet")
    for name, text in {
        "question_zh": "船員證書換發需要多久？換發期間可否上船服務？",
        "question_en": "How long does it take to renew a seafarer's certificate, and may one serve meanwhile?",
        "answer_zh": "約七個工作天。",
        "answer_en": "About seven working days.",
    }.items():
        page.fill(f"#{name}", text)
    page.locator("#page-form > button.govuk-button, #page-form button.govuk-button").last.click()
    page.wait_for_url("**done=proposed")
    editor = agent(screen, "editor1", locale=language)
    deadline = time.monotonic() + 20
    while not editor.locator(DRAFT).count():
        assert time.monotonic() < deadline, "the editors never saw the question"
        editor.goto("/editing/questions?state=proposed")
    pages = {
        "editing": ("/editing/questions?state=all", None, ""),
        "editing-one": ("/editing/questions", DRAFT, ""),
    }
    walk(editor, pages, language, look)
    # The ticket has no open question any more: the next one may propose one.
    editor.locator("details:has(#reason) summary").click()
    editor.fill("#reason", "已有相同問題")
    editor.locator("button[name=decline]").click()
    editor.wait_for_url("**done=declined")
