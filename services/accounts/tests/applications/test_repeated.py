"""A call that comes twice: who may is judged first, then the same key gets the first answer, whatever the gateway
made up for each of the two."""

import hashlib
import threading
from uuid import uuid4

import pytest
from accounts import threads as native
from accounts.settings import settings
from mtnet_chassis.data.files import Files

from ..builders import Applying, a_reviewer, applicant, opened
from ..conftest import refusal

pytestmark = pytest.mark.stack


@pytest.fixture
def carrier(ask, notify):
    """A company whose form is printed and waits to be uploaded."""
    carrier = Applying(ask, notify, "company")
    carrier.fill_in()
    carrier.prove_contacts()
    return carrier


def an_upload(content):
    """As the gateway puts a file: under a key of its own each time."""
    upload_key = f"uploads/{uuid4()}"
    Files(settings().files_url).put(upload_key, content)
    return {
        "upload_key": upload_key,
        "filename": "用印檔案.pdf",
        "sha256": hashlib.sha256(content).hexdigest(),
    }


TOKEN_CALLS = {
    "save_section": {"section": "applicant", "answers": applicant()},
    "request_contact_code": {"contact": "applicant_email"},
    "verify_contact": {"contact": "applicant_email", "code": "123456"},
    "generate_form": {},
    "attach_form": {"upload_key": f"uploads/{uuid4()}", "filename": "a.pdf", "sha256": "0" * 64},
    "remove_form": {},
    "submit_application": {"truthful": True},
    "withdraw_application": {},
    "receipt": {},
    "reissue_activation": {},
}


def test_every_writing_call_with_a_token_is_among_those_tried_here(ask):
    wanted = {
        name
        for name, endpoint in ask.endpoints.items()
        if endpoint.call.writes and "application_token" in endpoint.call.request().fields
    }
    assert wanted == {*TOKEN_CALLS, "leave_application"}


@pytest.mark.parametrize("call", TOKEN_CALLS)
def test_a_token_that_was_given_back_gets_no_kept_answer(ask, notify, rows, call):
    draft = Applying(ask, notify)
    key = str(uuid4())
    draft("save_section", section="applicant", answers=TOKEN_CALLS["save_section"]["answers"], key=key)
    draft("leave_application")
    assert refusal(draft, call, key=key, **TOKEN_CALLS[call]).code == "APPLICATION_TOKEN_INVALID"
    rows("UPDATE application_grant SET expires_at = now() WHERE application_id = %s", draft.application_id)
    assert refusal(draft, call, **TOKEN_CALLS[call]).code == "APPLICATION_TOKEN_INVALID"


def test_two_applicants_with_the_same_key_do_not_meet(ask, notify):
    one, other = Applying(ask, notify), Applying(ask, notify)
    answers = applicant()
    for each in (one, other):
        saved = each("save_section", section="applicant", answers=answers, key="1")
        assert saved["case_number"] == each.case_number
    another = refusal(one, "save_section", section="applicant", answers=applicant(), key="1")
    assert another.code == "IDEMPOTENCY_KEY_REUSED"


def test_a_section_saved_again_from_another_address_gets_the_first_answer(ask, notify, rows):
    draft = Applying(ask, notify)
    answers, key = applicant(), str(uuid4())
    first, second = (
        draft("save_section", section="applicant", answers=answers, ip=ip, version="", key=key)
        for ip in ("192.0.2.7", "2001:db8::1")
    )
    assert first == second


def test_the_same_file_uploaded_again_gets_the_first_answer_and_another_one_is_refused(carrier):
    pdf, key = carrier.form(), str(uuid4())
    first = carrier("attach_form", key=key, **an_upload(pdf))
    assert carrier("attach_form", key=key, **an_upload(pdf)) == first
    other = refusal(carrier, "attach_form", key=key, **an_upload(pdf + b"\n"))
    assert other.code == "IDEMPOTENCY_KEY_REUSED"
    assert carrier("application")["form"]["file_id"] == first["form"]["file_id"]


def test_a_file_uploaded_twice_at_once_is_attached_once(carrier, rows, monkeypatch):
    # Under threads in place of green threads there is no hub to keep free.
    monkeypatch.setattr(native.tpool, "execute", lambda work, *given, **named: work(*given, **named))
    pdf, key, answers = carrier.form(), str(uuid4()), []
    threads = [
        threading.Thread(
            target=lambda: answers.append(
                carrier("attach_form", key=key, **an_upload(pdf))["form"]["file_id"]
            )
        )
        for _ in range(2)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 2
    assert len(set(answers)) == 1
    assert len(rows("SELECT 1 FROM form_file WHERE application_id = %s", carrier.application_id)) == 1


def an_address():
    return f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"


def test_a_draft_begun_twice_with_one_key_is_one_draft_with_a_new_token(ask, rows):
    request = {"identity_type": "company", "ip": an_address(), "key": "1"}
    first, second = (ask("start_application", **request) for _ in range(2))
    assert first["application"] == second["application"]
    assert ask("application", application_token=second["application_token"])["status"] == "draft"
    # Whoever repeats has lost the first one; two strangers at one address could have chosen the same key.
    lost = refusal(ask, "application", application_token=first["application_token"])
    assert lost.code == "APPLICATION_TOKEN_INVALID"
    assert not [
        reply
        for (reply,) in rows(
            "SELECT reply::text FROM idempotency_key WHERE call = 'accounts.start_application'"
        )
        if first["application_token"] in reply or second["application_token"] in reply
    ]


def test_ten_starts_at_once_with_one_key_begin_one_draft(ask):
    request, answers = {"identity_type": "individual", "ip": an_address(), "key": str(uuid4())}, []
    threads = [
        threading.Thread(target=lambda: answers.append(ask("start_application", **request)))
        for _ in range(10)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len({answer["application"]["application_id"] for answer in answers}) == 1
    opening = [
        answer for answer in answers if ask.service.database and _opens(ask, answer["application_token"])
    ]
    assert len(opening) == 1


def _opens(ask, token):
    from mtnet_chassis.rpc.endpoint import Refused

    try:
        return ask("application", application_token=token)
    except Refused:
        return None


def test_a_draft_that_is_used_is_not_given_to_whoever_comes_with_the_same_key(ask):
    request = {"identity_type": "company", "ip": an_address(), "key": "1"}
    first = ask("start_application", **request)
    token = first["application_token"]
    ask("save_section", application_token=token, section="applicant", answers=applicant())
    second = ask("start_application", **request)
    assert second["application"]["application_id"] != first["application"]["application_id"]
    assert ask("application", application_token=token)["answers"]["applicant"]


@pytest.mark.parametrize("other", [{"identity_type": "individual"}, {"ip": an_address()}])
def test_another_start_with_the_same_key_is_another_draft(ask, other):
    request = {"identity_type": "company", "ip": an_address(), "key": "1"}
    first, second = ask("start_application", **request), ask("start_application", **request | other)
    assert first["application"]["application_id"] != second["application"]["application_id"]
    assert ask("application", application_token=first["application_token"])


def test_two_strangers_who_ask_for_their_cases_with_the_same_key_get_a_question_each(ask):
    query = "PTAPPLY0000000000001"
    one, again, other = (
        ask("request_case_access", query=query, ip=ip, key="1")["challenge_id"]
        for ip in ("198.51.100.1", "198.51.100.1", "198.51.100.2")
    )
    assert one == again != other


def test_every_look_at_a_page_of_a_form_is_recorded(ask, carrier, transactions, rows, monkeypatch):
    carrier.upload(carrier.form())
    carrier.submit()
    with transactions.transaction() as tx:
        ask.service.record_waiting(tx, opened(carrier, unit="north"))
    file_id = carrier("application")["form"]["file_id"]
    request = {"application_id": carrier.application_id, "file_id": file_id, "page": 1}
    reviewer, key = a_reviewer("north"), str(uuid4())
    for _ in range(3):
        assert ask("case_form_page", actor=reviewer, key=key, **request)["media_type"] == "image/jpeg"
    looks = rows("SELECT count(*) FROM audit_entry WHERE subject_id = %s", carrier.application_id)
    assert looks == [(3,)]
    moved = a_reviewer("south", account_id=reviewer.account_id)
    for call in ("case_form_page", "case_form", "reveal_id_number"):
        asked = {"reason": "電話核對身分"} if call == "reveal_id_number" else {"file_id": file_id, "page": 1}
        asked["application_id"] = carrier.application_id
        assert refusal(ask, call, actor=moved, key=key, **asked).code == "CASE_NOT_FOUND"
