"""An applicant links LINE, is told there, blocks it, and is told by mail."""

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually

from .phones import link_case
from .test_individual import apply_as_individual

pytestmark = pytest.mark.system


def test_a_case_is_linked_told_on_line_and_after_a_block_by_mail(system, visitor, person, reading, phone):
    applicant = visitor()
    number = apply_as_individual(applicant, person, reading)
    link_case(applicant, number, phone)
    system.wait_for_message(to=person.email, channel="email", containing="LINE")
    applicant.go(f"/case/{number}/line")
    assert "已連結" in applicant.words

    operations = visitor()
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("return", marks={"applicant.phone": "MISMATCH"}, note="請補附證明文件。")
    eventually(lambda: phone.has("請補附證明文件"), seconds=30)
    state = phone.http.get("/api/line").json()
    assert state["doubled"] == 0

    phone.do("block")
    applicant.wait_for_words(f"/case/{number}/line", "封鎖")
    told = len(phone.messages)
    applicant.go(applicant.case_page).follow("撤回申請")
    before = system.newest_message_id()
    applicant.send(f"{applicant.case_page}/withdraw")
    system.wait_for_message(to=person.email, channel="email", containing=number, after=before)
    assert len(phone.messages) == told


def test_who_linked_their_case_is_one_person_at_the_desk(system, visitor, person, reading, phone):
    """The account that the application became has the LINE user; what comes by mail and by LINE is one thread."""
    applicant = visitor()
    number = apply_as_individual(applicant, person, reading)
    link_case(applicant, number, phone)
    operations = visitor()
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("approve", note="")
    system.wait_for_message(to=person.email, channel="email", containing="/activate/")

    letter = {
        "from": person.email,
        "to": "service@mtnet.gov.tw",
        "subject": "查詢證書頁面空白",
        "text": "請協助。",
    }
    phone.http.post("/write", data=letter).raise_for_status()
    system.wait_for_message(to=person.email, channel="email", containing="[HD")
    phone.do("say", text="信裡忘了說，是船員證書。")
    agent = visitor()
    agent.log_in("helpdesk1")
    agent.wait_for_words(f"/desk/?q={person.email}", "查詢證書頁面空白")
    ticket = agent.link("HD")
    agent.wait_for_words(ticket, "信裡忘了說，是船員證書。")
    assert "請協助。" in agent.words
    assert f"{person.account_name}:" in agent.words
