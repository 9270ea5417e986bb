"""A quick answer is put into a ticket with one key while one types; the ticket becomes a question for everybody."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.authenticator import code_for

from .test_story import DEMO_PASSWORD

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

ANSWER = "請於抵港二十四小時前辦理進港預報。"
SAVE = "main #page-form button.govuk-button"


def log_in(page, name, home):
    """Without a page that was asked for: it leads to where the person's work is."""
    page.goto("/login")
    page.fill("#account_name", name)
    page.fill("#password", DEMO_PASSWORD)
    page.locator(SAVE).first.click()
    page.fill("#code", code_for(name))
    page.locator(SAVE).first.click()
    page.wait_for_url(f"**{home}")


def found_at(page, address, selector):
    """An index follows its table within a second."""
    for _ in range(100):
        page.goto(address)
        if page.locator(selector).count():
            return page.locator(selector).first
        page.wait_for_timeout(100)
    raise AssertionError(f"nothing at {address}")


def test_an_answer_is_put_into_a_ticket_with_one_key_and_becomes_a_question_for_everybody(
    system, screen, look
):
    code = f"QA-{uuid4().hex[:6]}"
    lead = screen(javascript=False)
    log_in(lead, "helpdesklead", "/desk/")
    lead.goto("/desk/answers/new")
    lead.select_option("#category", "port_affairs")
    for name, text in {
        "question_zh": f"船舶進港預報期限 {code}",
        "answer_zh": ANSWER,
        "question_en": f"When to report an arrival {code}",
        "answer_en": "Report it 24 hours before you arrive.",
        "review_on": "2027-10-31",
    }.items():
        lead.fill(f"#{name}", text)
    look(lead, "quick-answer-form", check=False, pictures=("light", "phone"))
    lead.locator(SAVE).click()
    lead.wait_for_url("**/desk/answers/*done=saved")
    lead.locator("input[name=decision][value=publish]").check()
    lead.locator(SAVE).click()
    lead.wait_for_url("**/desk/answers/*done=decided")
    # Without JavaScript the list finds it; what is not found is counted for whoever keeps the answers.
    expect(found_at(lead, f"/desk/answers?q={code}", "main mark")).to_have_text(code)
    missing = f"引航員休假{code}"
    lead.goto(f"/desk/answers?q={missing}")
    lead.goto("/desk/answers/missing")
    expect(lead.locator("main")).to_contain_text(missing)

    agent = screen(locale="zh-TW")
    log_in(agent, "helpdesk1", "/desk/")
    agent.goto("/desk/calls/new")
    agent.fill("#phone", f"02-2345{uuid4().int % 10_000:04}")
    agent.locator("details:has(#email) > summary").click()
    agent.fill("#email", f"{code.lower()}@example.com")
    agent.fill("#text", f"詢問進港預報 {code}")
    agent.locator(SAVE).first.click()
    agent.wait_for_url("**/desk/tickets/*")
    ticket = agent.url.partition("?")[0]
    search = agent.locator("#quick-answer-search")
    first = agent.locator("#quick-answer-list [role=option]").first
    search.fill("進港預報期艱")  # one wrong character
    expect(first).to_be_visible()
    search.fill(code)
    expect(first).to_contain_text(code)
    look(agent, "quick-answer-box", pictures=("light", "phone"))
    search.press("Enter")
    expect(agent.locator("textarea[name=text]")).to_have_value(f"{ANSWER}\n")
    expect(agent.locator("#quick-answer-list")).to_be_hidden()
    # What became of the answer stands at it without a reload.
    agent.locator("form[data-lease] button:not([name])").click()
    agent.wait_for_url("**done=answered")
    expect(agent.locator("[data-delivery] strong").last).to_have_text("已送達", timeout=60_000)

    agent.goto(f"{ticket}/question")
    agent.select_option("#category", "port_affairs")
    agent.fill("#question_zh", f"進港預報期限 {code}")
    agent.fill("#answer_zh", f"{ANSWER}請洽林先生 0912345678。")
    agent.fill("#question_en", f"Arrival report {code}")
    agent.fill("#answer_en", "Report it 24 hours before you arrive.")
    agent.locator(SAVE).click()
    expect(agent.locator("#personal")).to_contain_text("0912345678")
    look(agent, "question-personal", pictures=("light", "phone"))
    agent.fill("#answer_zh", ANSWER)
    agent.locator(SAVE).click()
    agent.wait_for_url("**/question?done=proposed")

    editor = screen(locale="zh-TW", javascript=False)
    log_in(editor, "editor1", "/editing/questions")
    found_at(editor, "/editing/questions", f"main a:has-text('{code}')").click()
    look(editor, "question-draft", check=False, pictures=("light", "phone"))
    editor.locator("button[name=publish]").click()
    editor.wait_for_url("**done=published")

    visitor = screen(locale="zh-TW")
    link = found_at(visitor, f"/contact?q={code}", f"main article a:has-text('{code}')")
    look(visitor, "contact-found", pictures=("light", "phone"))
    visitor.fill("#subject", f"進港 {code}")
    expect(visitor.locator("#contact-answers a").first).to_contain_text(code)
    link.click()
    expect(visitor.locator("h1")).to_contain_text(code)
    expect(found_at(agent, f"{ticket}/question", "main a[href*='/questions/question-']")).to_be_visible()
