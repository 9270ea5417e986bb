"""A company chooses how it is told the result: on paper too; and its account keeps the choice."""

import pytest

pytestmark = pytest.mark.system

FAX = "+88624201235"


def ticked(page):
    return {box["id"] for box in page.find_all("input", type="checkbox") if box.has_attr("checked")}


def test_a_result_comes_by_mail_and_fax_and_the_account_keeps_the_choice(system, visitor, person, reading):
    applicant, north, operations = visitor(), visitor(), visitor()
    applicant.begin(person, "company")
    applicant.send(applicant.apply_page("section/company"), **person.company())
    applicant.prove("company_mobile", reading.international(person.office_mobile))
    applicant.prove("company_email", person.office_email)
    applicant.send(applicant.apply_page("section/applicant"), **person.applicant(), fax="02-4201235")
    applicant.prove("applicant_mobile", reading.international(person.mobile))
    applicant.prove("applicant_email", person.email)
    applicant.upload_form()
    number = applicant.submit()

    # Right after the submission, without an account: by the key of the case.
    applicant.follow("選擇通知方式")
    assert applicant.path == f"{applicant.case_page}/notifications"
    assert "legal-email" in ticked(applicant.page)
    applicant.send(applicant.path, **{"legal-fax": "on"})
    assert {"legal-email", "legal-fax"} <= ticked(applicant.page)
    visitor().go(f"/case/{number}/notifications", expect=403)

    north.log_in("northreviewer")
    north.find_in_queue(number)
    north.claim()
    before = system.newest_message_id()
    north.decide("return", marks={"company.phone": "MISMATCH"}, note="電話與公司登記不符，請更正。")
    mail = system.wait_for_message(
        to=person.email, channel="email", containing="電話與公司登記不符", after=before
    )
    assert number in mail["subject"] + mail["text"]
    fax = system.wait_for_message(to=FAX, channel="fax", after=before)
    assert fax["channel"] == "fax"

    applicant.wait_for_words(applicant.case_page, "案件已退回")
    applicant.go(applicant.apply_page("section/company?then=check"))
    applicant.send(applicant.apply_page("section/company"), phone="02-24209999")
    applicant.upload_form()
    assert applicant.submit() == number
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
    assert {"legal-email", "legal-fax"} <= ticked(owner.page), "the account took the choice over"
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
