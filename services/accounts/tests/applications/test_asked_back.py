"""What is asked once more instead of a dead end, a silent pass or a promise that does not hold."""

import pytest

from ..builders import Applying, opened, registration, returned
from ..conftest import refusal

pytestmark = pytest.mark.stack


@pytest.fixture
def tell(ask, transactions):
    def tell(event):
        handlers = {
            "CaseOpened": ask.service.record_waiting,
            "ApplicationReturned": ask.service.record_return,
        }
        with transactions.transaction() as tx:
            handlers[event.event_name()](tx, event)

    return tell


def test_a_registered_number_outside_every_check_digit_is_taken_and_marked(ask, notify, announced):
    carrier = Applying(ask, notify, "company")
    carrier.company |= {"unified_business_number": "90316313"}
    wrong = refusal(carrier, "save_section", section="company", answers=carrier.company)
    assert wrong.fields == {"unified_business_number": ["UNIFIED_BUSINESS_NUMBER_INVALID"]}
    carrier.company |= {"number_as_registered": True}
    carrier.hand_in()
    (event,) = announced("ApplicationSubmitted", carrier.application_id)
    assert event["company"]["unified_business_number"] == "90316313"
    assert event["company"]["number_as_registered"] is True


@pytest.mark.parametrize("number", ["9031631", "903163133", "9031631A", "", "ABCDEFGH"])
def test_what_is_no_number_at_all_is_not_taken_on_anybodys_word(ask, notify, number):
    carrier = Applying(ask, notify, "company")
    answers = carrier.company | {"unified_business_number": number, "number_as_registered": True}
    wrong = refusal(carrier, "save_section", section="company", answers=answers)
    assert list(wrong.fields) == ["unified_business_number"]


def test_a_number_with_a_good_check_digit_is_not_marked(ask, notify, announced):
    carrier = Applying(ask, notify, "company")
    carrier.company |= {"number_as_registered": True}
    carrier.hand_in()
    (event,) = announced("ApplicationSubmitted", carrier.application_id)
    assert event["company"]["number_as_registered"] is False


def test_a_resubmission_in_which_nothing_was_changed_can_be_asked_about(ask, notify, tell):
    applying = Applying(ask, notify, "company")
    applying.complete()
    assert applying("submit_application", truthful=True, must_change=True)["submission"] == 1
    tell(opened(applying))
    tell(returned(applying))
    same = refusal(applying, "submit_application", truthful=True, must_change=True)
    assert same.code == "NOTHING_CHANGED"
    assert applying("application")["status"] == "returned"
    assert applying("submit_application", truthful=True)["submission"] == 2
    tell(opened(applying, submission=2))
    tell(returned(applying, submission=2))
    applying.upload(applying.form())
    assert applying("submit_application", truthful=True, must_change=True)["submission"] == 3, "another form"
    tell(opened(applying, submission=3))
    tell(returned(applying, submission=3))
    applying.save("applicant", applying.applicant | {"title": "船務經理"})
    applying.upload(applying.form())
    assert applying("submit_application", truthful=True, must_change=True)["submission"] == 4


@pytest.mark.parametrize(
    "query", ["hello", "PTAPPLY123", "A123456788", "PTAPPLY936EC9016234G", "12345678", "\u200b"]
)
def test_what_can_be_no_number_of_a_case_or_person_is_told_at_once(ask, query, rows):
    before = rows("SELECT count(*) FROM challenge")
    assert list(refusal(ask, "request_case_access", query=query).fields) == ["query"]
    assert rows("SELECT count(*) FROM challenge") == before


@pytest.mark.parametrize(
    "query", ["ptapply936ec90162340", " A123456789", "ＰＴＡＰＰＬＹ936EC90162340", "AB23456789"]
)
def test_what_can_be_one_is_asked_about_however_it_is_typed(ask, query):
    assert ask("request_case_access", query=query)["challenge_id"]


def test_an_email_given_at_the_start_is_proved_first_and_is_the_way_back(ask, notify):
    draft = Applying(ask, notify)
    email = draft.applicant["email"]
    draft.save("registration", registration(ask) | {"email": email})
    assert [(c["contact"], c["value"]) for c in draft("application")["contacts"]][1] == (
        "applicant_email",
        email,
    )
    draft("request_contact_code", contact="applicant_email")
    draft("verify_contact", contact="applicant_email", code=notify.last_code(email))
    question = ask("request_case_access", query=draft.case_number)["challenge_id"]
    assert ask("open_case", challenge_id=question, code=notify.last_code(email))["cases"]
    draft.save("identity", draft.identity)
    view = draft.save("applicant", draft.applicant)
    assert view["missing"] == ["contact:applicant_mobile"]
    view = draft.save("applicant", draft.applicant | {"email": f"new{email}"})
    assert "contact:applicant_email" in view["missing"]
