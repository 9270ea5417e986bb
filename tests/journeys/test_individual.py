"""A person's own application, and the ways a case can end or be left and taken up again."""

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.system


def apply_as_individual(visitor, person, reading):
    visitor.begin(person, "individual")
    assert visitor.path == visitor.apply_page("section/applicant")
    visitor.send(visitor.apply_page("section/applicant"), **person.applicant())
    visitor.prove("applicant_mobile", reading.international(person.mobile))
    visitor.prove("applicant_email", person.email)
    assert visitor.path == visitor.apply_page("check")
    return visitor.submit()


def open_account(system, owner, operations, person, reading, number):
    """From the application that waits to the owner, logged in."""
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("approve", note="")
    invitation = system.wait_for_message(to=person.email, channel="email", containing="/activate/")
    owner.go(reading.activation_path_in(invitation))
    owner.send(owner.path, password=person.password, again=person.password)
    return owner.log_in(person.account_name, person.password)


def test_an_individual_needs_no_form_and_passes_one_stage(system, visitor, person, reading):
    applicant, operations = visitor(), visitor()
    number = apply_as_individual(applicant, person, reading)
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("approve", note="")
    invitation = system.wait_for_message(to=person.email, channel="email", containing="/activate/")
    applicant.go(reading.activation_path_in(invitation))
    link = applicant.path
    applicant.send(link, password="short", again="short", expect=422)
    assert applicant.page.title.get_text().startswith("錯誤：")
    applicant.send(link, password=person.password, again=person.password)
    applicant.log_in(person.account_name, person.password)
    assert applicant.path == "/account"
    applicant.send("/logout")
    applicant.go("/account")
    assert applicant.path == "/login"


def test_a_rejected_person_can_apply_again_with_the_same_account_name(system, visitor, person, reading):
    applicant, operations = visitor(), visitor()
    number = apply_as_individual(applicant, person, reading)
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("reject", note="申請目的不符。")
    applicant.wait_for_words(applicant.case_page, "申請未獲核准")
    assert "申請目的不符" in applicant.words
    again = visitor()
    person.use_other_contacts()
    assert apply_as_individual(again, person, reading) != number


def test_an_applicant_can_withdraw_and_the_reviewer_sees_it(visitor, person, reading):
    applicant, operations = visitor(), visitor()
    number = apply_as_individual(applicant, person, reading)
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    applicant.go(applicant.case_page).follow("撤回申請")
    applicant.send(f"{applicant.case_page}/withdraw")
    applicant.wait_for_words(applicant.case_page, "這個申請已結案")
    operations.wait_for_words(operations.path, "已撤回")


def test_a_draft_is_taken_up_again_by_a_code_on_another_machine(visitor, person, reading):
    first = visitor()
    first.begin(person, "individual")
    first.send(first.apply_page("section/applicant"), **person.applicant())
    first.prove("applicant_mobile", reading.international(person.mobile))
    first.prove("applicant_email", person.email)
    first.go(first.apply_page("steps"))
    number = first.page.find(string=lambda s: s and "PTAPPLY" in s).split()[-1]
    second = visitor()
    second.open_case(number, person.email)
    second.go(second.apply_page("section/applicant"))
    assert second.page.find("input", {"name": "name"})["value"] == "海運業務承辦人"
    assert second.submit() == number


def test_two_cases_in_two_windows_do_not_get_in_each_others_way(visitor, person, reading):
    applicant = visitor()
    first = apply_as_individual(applicant, person, reading)
    asking = applicant.go(f"/case/{first}/withdraw").answer
    person.use_other_contacts()
    person.account_name += "b"
    applicant.begin(person, "individual")
    second = applicant.number
    applicant.answer, applicant.page = asking, BeautifulSoup(asking.text, "html.parser")
    applicant.send(f"/case/{first}/withdraw")
    assert "這個申請已結案" in applicant.words
    applicant.go("/apply/").follow(second)
    assert applicant.path == f"/apply/{second}/steps"


def test_what_was_typed_comes_back_after_the_case_was_closed_in_another_window(visitor, person, reading):
    applicant = visitor()
    applicant.begin(person, "individual")
    applicant.send(applicant.apply_page("section/applicant"), **person.applicant())
    applicant.prove("applicant_mobile", reading.international(person.mobile))
    applicant.prove("applicant_email", person.email)
    number = applicant.number
    typing = applicant.go(applicant.apply_page("section/applicant")).answer
    applicant.go(f"/apply/{number}/steps").send(f"/case/{number}/leave")
    assert "已在此電腦關閉案件" in applicant.words
    applicant.answer, applicant.page = typing, BeautifulSoup(typing.text, "html.parser")
    applicant.send(f"/apply/{number}/section/applicant", reason="剛才寫的原因", expect=403)
    before = applicant.system.newest_message_id()
    applicant.send("/case")
    typed = reading.code_in(applicant.system.wait_for_message(to=person.email, channel="email", after=before))
    code = next(f["action"] for f in applicant.page.find_all("form") if "/case/code/" in f["action"])
    applicant.send(code, code=typed)
    assert applicant.page.find("textarea", {"name": "reason"}).get_text() == "剛才寫的原因"
    applicant.send(f"/apply/{number}/section/applicant")
    assert applicant.path == f"/apply/{number}/check"
    assert "剛才寫的原因" in applicant.words


def test_a_case_that_does_not_exist_is_answered_like_one_that_does(visitor):
    stranger = visitor()
    stranger.go("/case")
    stranger.send("/case", query="PTAPPLY0000000000000")
    assert stranger.path.startswith("/case/code/")
    assert "若資料相符" in stranger.words
    stranger.send(stranger.path, code="123456", expect=422)
    assert "驗證碼不正確" in stranger.words


def test_the_case_number_in_english_reads_in_english(visitor, person, reading):
    applicant = visitor(language="en")
    applicant.go("/apply/").follow("Start now")
    applicant.send("/apply/identity-type", identity_type="individual")
    assert "Your application, step by step" in applicant.words
    applicant.go(applicant.apply_page("section/identity"))
    applicant.send(
        applicant.apply_page("section/identity"), id_number="A000000000", account_name="bad name", expect=422
    )
    assert applicant.page.title.get_text().startswith("Error: ")
    assert applicant.page.find("input", {"name": "account_name"})["value"] == "bad name"
