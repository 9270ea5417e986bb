"""A company's application, from the first page to the first login, by forms and links alone."""

import os
from io import BytesIO

import pikepdf
import pytest
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

pytestmark = pytest.mark.system


def as_large_as_may_be(form):
    """A scan of the best quality: the file goes a way of its own, whatever the broker takes for a message."""
    with pikepdf.open(BytesIO(form)) as document:
        document.Root.Padding = document.make_stream(os.urandom(LARGEST_FILE_BYTES - len(form) - 50_000))
        document.save(scanned := BytesIO())
    assert LARGEST_FILE_BYTES - 200_000 < len(scanned.getvalue()) <= LARGEST_FILE_BYTES
    return scanned.getvalue()


def test_a_returned_company_case_is_corrected_passes_two_stages_and_ends_in_a_login(
    system, visitor, person, reading
):
    applicant, north, operations = visitor(), visitor(), visitor()

    applicant.begin(person, "company")
    assert applicant.path == applicant.apply_page("section/company")
    applicant.send(applicant.apply_page("section/company"), **person.company())
    applicant.prove("company_mobile", reading.international(person.office_mobile))
    applicant.prove("company_email", person.office_email)
    assert applicant.path == applicant.apply_page("section/applicant")
    applicant.send(applicant.apply_page("section/applicant"), **person.applicant())
    applicant.prove("applicant_mobile", reading.international(person.mobile))
    applicant.prove("applicant_email", person.email)
    assert applicant.path == applicant.apply_page("form")
    applicant.upload_form(as_large_as_may_be)
    assert applicant.path == applicant.apply_page("check")
    number = applicant.submit()
    assert number.startswith("PTAPPLY")
    system.wait_for_message(to=person.email, channel="email", containing=number)
    receipt = applicant.http.get(applicant.apply_page("receipt.pdf"))
    assert receipt.content.startswith(b"%PDF")

    north.log_in("northreviewer")
    north.find_in_queue(number)
    assert person.id_number not in north.answer.text
    north.claim()
    north.decide(
        "return",
        marks={"company.phone": "MISMATCH", "form": "NOT_STAMPED"},
        note="電話與公司登記不符，請更正並重新用印。",
    )
    system.wait_for_message(to=person.email, channel="email", containing="電話與公司登記不符")

    later = visitor()
    later.open_case(number, person.email)
    later.wait_for_words(later.case_page, "案件已退回")
    assert "電話與公司登記不符" in later.words
    later.follow("修改並重新送出")
    later.go(later.apply_page("section/company?then=check"))
    marked = later.page.find("input", {"name": "phone"}).find_parent(class_="govuk-form-group")
    assert marked.find(class_="portal-mark")
    assert later.page.find("input", {"name": "name_zh"})["value"] == "範例航運股份有限公司"
    later.send(later.apply_page("section/company"), phone="02-24209999")
    assert later.path == later.apply_page("form")
    later.upload_form()
    assert later.submit() == number

    north.find_in_queue(number)
    north.claim()
    assert "02-2420-9999" in north.words or "0224209999" in north.words
    north.decide("forward", note="")
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("approve", note="")

    invitation = system.wait_for_message(to=person.email, channel="email", containing="/activate/")
    new = visitor()
    new.go(reading.activation_path_in(invitation))
    assert person.account_name in new.words
    link = new.path
    new.send(link, password=person.password, again=person.password)
    new.log_in(person.account_name, person.password)
    assert new.path == "/account"
    assert "剩餘時間" in new.words
    assert "3小時5" in new.words or "4小時0分鐘" in new.words
    new.go(link, expect=410)
    assert "帳號已啟用" in new.words

    later.wait_for_words(later.case_page, "帳號已啟用")


def test_a_company_draft_is_taken_up_again_by_the_contact_that_was_proved_so_far(visitor, person, reading):
    first = visitor()
    first.begin(person, "company")
    first.send(first.apply_page("section/company"), **person.company())
    first.prove("company_mobile", reading.international(person.office_mobile))
    first.prove("company_email", person.office_email)
    number = first.number
    later = visitor()
    later.open_case(number, person.office_email)
    assert later.path == later.apply_page("steps")
    later.go(later.apply_page("section/applicant"))
    later.send(later.apply_page("section/applicant"), **person.applicant())
    later.prove("applicant_mobile", reading.international(person.mobile))
    later.prove("applicant_email", person.email)
    later.upload_form()
    assert later.submit() == number
