"""A company chooses how it is told the result: by LINE and on paper too; and its account keeps the choice."""

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually

from .phones import link_case

pytestmark = pytest.mark.system

FAX = "+88624201235"


def ticked(page):
    return {box["id"] for box in page.find_all("input", type="checkbox") if box.has_attr("checked")}


def test_a_result_comes_by_line_fax_and_mail_and_after_a_block_by_mail_and_the_account_keeps_the_choice(
    system, visitor, person, reading, phone
):
    applicant, north, operations = visitor(), visitor(), visitor()
    applicant.begin(person, "company")
    applicant.send(applicant.apply_page("section/company"), **person.company())
    applicant.prove("company_mobile", reading.international(person.office_mobile))
    applicant.prove("company_email", person.office_email)
    person.fax = "02-4201235"
    applicant.send(applicant.apply_page("section/applicant"), **person.applicant())
    applicant.prove("applicant_mobile", reading.international(person.mobile))
    applicant.prove("applicant_email", person.email)
    applicant.upload_form()
    number = applicant.submit()

    # Right after the submission, without an account: by the key of the case.
    applicant.follow("選擇通知方式")
    assert applicant.path == f"{applicant.case_page}/notifications"
    assert "legal-email" in ticked(applicant.page)
    link_case(applicant, number, phone)
    applicant.go(f"{applicant.case_page}/notifications")
    applicant.send(applicant.path, **{"legal-fax": "on", "legal-line": "on"})
    assert {"legal-email", "legal-line", "legal-fax"} <= ticked(applicant.page)
    visitor().go(f"/case/{number}/notifications", expect=403)

    north.log_in("northreviewer")

    def returned(note):
        north.find_in_queue(number)
        north.claim()
        before = system.newest_message_id()
        north.decide("return", marks={"company.phone": "MISMATCH"}, note=note)
        system.wait_for_message(to=person.email, channel="email", containing=note, after=before)
        system.wait_for_message(to=FAX, channel="fax", after=before)

    def resubmitted(office_phone):
        applicant.wait_for_words(applicant.case_page, "案件已退回")
        applicant.go(applicant.apply_page("section/company?then=check"))
        applicant.send(applicant.apply_page("section/company"), phone=office_phone)
        applicant.upload_form()
        assert applicant.submit() == number

    returned("電話與公司登記不符，請更正。")
    eventually(lambda: phone.has("電話與公司登記不符"), seconds=30)
    resubmitted("02-24209999")
    phone.do("block")
    applicant.wait_for_words(f"{applicant.case_page}/notifications", "封鎖")
    told = len(phone.messages)
    returned("請再次確認電話號碼。")
    assert len(phone.messages) == told, "she left: the mail came, and nothing else"
    resubmitted("02-24208888")
    for reviewer, name, decision in ((north, "", "forward"), (operations, "opsreviewer", "approve")):
        if name:
            reviewer.log_in(name)
        reviewer.find_in_queue(number)
        reviewer.claim()
        reviewer.decide(decision, note="")

    invitation = system.wait_for_message(to=person.email, channel="email", containing="/activate/")
    owner = visitor()
    owner.go(reading.activation_path_in(invitation))
    owner.send(owner.path, password=person.password, again=person.password)
    owner.log_in(person.account_name, person.password)

    owner.go("/account/notifications")
    kept = {"legal-email", "legal-line", "legal-fax"}
    assert kept <= ticked(owner.page), "the account took the choice over"
    assert (
        "02-420-1235" in owner.words
        or "0242-01235" in owner.words
        or "4201235" in owner.words.replace("-", "")
    )
    owner.send(
        "/account/notifications", **{"reminder-line": "on"} if owner.page.find(id="reminder-line") else {}
    )
    assert "已儲存您的選擇" in owner.words

    # What was said stands in the portal, without the link that worked once; a stranger sees nothing of it.
    link = reading.activation_path_in(invitation)
    owner.go("/account/messages")
    assert "未讀" in owner.words
    first = next(a["href"] for a in owner.page.find_all("a") if a["href"].startswith("/account/messages/"))
    owner.go(first)
    assert link not in owner.answer.text
    north.go(first, expect=404)
    owner.send(f"{first}/read")
    assert "訊息已標示為已讀" in owner.words
