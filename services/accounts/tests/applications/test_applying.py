"""Applying for an account, through the endpoints, on real PostgreSQL."""

from pathlib import Path
from uuid import uuid4

import pytest
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls import CALLS, accounts

from ..builders import Applying, an_id_number, applicant, registration, scanned, text_of
from ..conftest import other_code, refusal

pytestmark = pytest.mark.stack


@pytest.fixture
def individual(ask, notify):
    return Applying(ask, notify)


@pytest.fixture
def carrier(ask, notify):
    return Applying(ask, notify, "company")


def test_every_call_of_accounts_has_a_door(ask):
    assert {name for name in CALLS if name.startswith("accounts.")} == {
        f"accounts.{name}" for name in ask.endpoints
    }


def test_an_individual_applies(individual, announced, rows):
    view = individual.complete()
    assert view["missing"] == []
    assert view["case_number"].startswith("PTAPPLY")
    submitted = individual.submit()
    assert (submitted["status"], submitted["submission"], submitted["editable"]) == ("submitted", 1, False)
    (event,) = announced("ApplicationSubmitted", individual.application_id)
    assert event["applicant"]["masked_id_number"] == individual.identity["id_number"][:4] + "***"
    assert "company" not in event
    assert "form" not in event
    stored = rows(
        "SELECT answers::text, id_number FROM application WHERE application_id = %s",
        individual.application_id,
    )
    assert individual.identity["id_number"] not in stored[0][0]
    assert individual.identity["id_number"].encode() not in bytes(stored[0][1])


def test_consent_is_kept_with_version_time_and_address(individual, rows):
    individual.save("registration", registration(individual.ask))
    ((version, agreed_at, ip),) = rows(
        "SELECT notice_version, agreed_at, host(ip) FROM consent WHERE application_id = %s",
        individual.application_id,
    )
    assert (version, ip) == ("2025-02", "192.0.2.7")
    assert agreed_at is not None


def test_the_notice_is_there_in_both_languages(ask):
    notice = ask("privacy_notice")
    assert notice["title"].keys() == notice["body"].keys() == {"zh-Hant", "en"}
    assert "個人資料保護法" in notice["body"]["zh-Hant"]


def test_every_wrong_field_is_told_at_once(carrier):
    wrong = refusal(
        carrier,
        "save_section",
        section="company",
        answers=carrier.company
        | {"unified_business_number": "12345678", "phone": "123", "mobile": "090000000", "email": "x"},
    )
    assert wrong.code == "INVALID"
    assert set(wrong.fields) == {"unified_business_number", "phone", "mobile", "email"}


def test_an_id_number_is_taken_as_people_type_it(individual):
    number = an_id_number()
    view = individual.save("identity", individual.identity | {"id_number": f" {number.lower()} "})
    assert "identity" in view["answers"]
    wrong = refusal(
        individual,
        "save_section",
        section="identity",
        answers=individual.identity | {"id_number": "A123456788"},
    )
    assert list(wrong.fields) == ["id_number"]


def test_an_individual_is_not_asked_about_a_company(individual, carrier):
    assert (
        refusal(individual, "save_section", section="company", answers=carrier.company).code
        == "SECTION_NOT_ASKED"
    )


def test_a_token_of_nobody_opens_nothing(ask):
    assert refusal(ask, "application", application_token="x" * 43).code == "APPLICATION_TOKEN_INVALID"


def test_a_wrong_code_is_counted_and_the_fifth_voids_it(individual, notify):
    individual.fill_in()
    individual("request_contact_code", contact="applicant_email")
    code = notify.last_code(individual.applicant["email"])
    left = []
    for _ in range(5):
        wrong = refusal(individual, "verify_contact", contact="applicant_email", code=other_code(code))
        assert wrong.code == "CODE_WRONG"
        left.append(wrong.detail["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    assert refusal(individual, "verify_contact", contact="applicant_email", code=code).code == "CODE_VOID"


def test_a_code_may_be_typed_with_spaces_and_full_width_digits(individual, notify):
    individual.fill_in()
    individual("request_contact_code", contact="applicant_email")
    code = notify.last_code(individual.applicant["email"])
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    view = individual("verify_contact", contact="applicant_email", code=f" {wide[:3]} - {wide[3:]} ")
    assert view["contacts"][1]["verified_at"] is not None


def test_a_second_code_within_a_minute_is_refused(individual):
    individual.fill_in()
    individual("request_contact_code", contact="applicant_email")
    soon = refusal(individual, "request_contact_code", contact="applicant_email")
    assert soon.code == "TOO_SOON"
    assert soon.detail["resend_at"]


def gets_a_code(applying):
    try:
        applying("request_contact_code", contact="applicant_mobile")
    except Refused as refused:
        if refused.code != "TOO_MANY_CODES":
            raise
        return False
    return True


def codes_for_new_numbers(applying, times):
    """Name another mobile each time and ask for its code: how many are sent."""
    sent = 0
    for _ in range(times):
        applying.save("applicant", applicant())
        sent += gets_a_code(applying)
    return sent


def test_an_application_that_names_one_number_after_the_other_is_stopped(individual, rows):
    assert codes_for_new_numbers(individual, 25) == 20
    rows("UPDATE challenge SET created_at = created_at - interval '1 day'")
    assert codes_for_new_numbers(individual, 1) == 1


def test_an_address_that_asks_for_many_codes_is_stopped_whatever_it_applies_for(ask, notify, rows):
    one = Applying(ask, notify)
    other = Applying(ask, notify, ip=one.ip)
    asked = {"query": f"PTAPPLY{uuid4().hex[:13].upper()}", "ip": one.ip}
    assert codes_for_new_numbers(one, 1) == 1
    rows(
        "INSERT INTO challenge (challenge_id, purpose, channel, recipient, mailbox, code_hash, created_at,"
        " expires_at, source)"
        " SELECT gen_random_uuid(), 'application_contact', 'sms', n::text, n::text, '', now(), now(), %s"
        " FROM generate_series(1, 119) AS n",
        one.ip,
    )
    assert codes_for_new_numbers(other, 1) == 0
    assert refusal(ask, "request_case_access", **asked).code == "TOO_MANY_CODES"
    assert ask("request_case_access", **asked | {"ip": "203.0.113.9"})


def test_a_telephone_gets_fifteen_codes_a_day(individual, rows):
    individual.fill_in()
    sent = 0
    for _ in range(20):
        sent += gets_a_code(individual)
        rows("UPDATE challenge SET created_at = created_at - interval '30 minutes'")
    assert sent == 15


def test_the_questions_of_a_day_do_not_silence_a_mailbox(individual, ask, rows, announced):
    individual.hand_in()
    for _ in range(16):
        ask("request_case_access", query=individual.case_number)
        rows("UPDATE challenge SET created_at = created_at - interval '30 minutes'")
    told = [c for c in announced("VerificationCodeRequested") if c["purpose"] == "case_access"]
    assert [c["recipient"] for c in told].count(individual.applicant["email"]) == 16


def test_an_expired_code_is_told(individual, notify, rows):
    individual.fill_in()
    sent = individual("request_contact_code", contact="applicant_email")
    rows(
        "UPDATE challenge SET expires_at = now() - interval '1 s' WHERE challenge_id = %s",
        sent["challenge_id"],
    )
    code = notify.last_code(individual.applicant["email"])
    assert refusal(individual, "verify_contact", contact="applicant_email", code=code).code == "CODE_EXPIRED"


def test_a_changed_contact_has_to_be_proved_again(individual):
    individual.fill_in()
    individual.prove_contacts()
    view = individual.save("applicant", individual.applicant | {"email": f"new{uuid4().hex[:6]}@example.com"})
    assert view["missing"] == ["contact:applicant_email"]


def test_a_contact_proved_in_one_pair_counts_in_the_other(carrier):
    carrier.applicant |= {"email": carrier.company["email"], "mobile": carrier.company["mobile"]}
    carrier.fill_in()
    for contact in ("company_email", "company_mobile"):
        carrier("request_contact_code", contact=contact)
        value = carrier.company[contact.partition("_")[2]]
        value = value if "@" in value else f"+886{value[1:]}"
        carrier("verify_contact", contact=contact, code=carrier.notify.last_code(value))
    assert carrier("application")["missing"] == ["form"]


def test_a_carrier_prints_stamps_and_uploads_the_form(carrier, announced):
    carrier.fill_in()
    carrier.prove_contacts()
    assert carrier("application")["missing"] == ["form"]
    assert refusal(carrier, "submit_application", truthful=True).detail == {"missing": ["form"]}
    view = carrier.upload(scanned(carrier.form()))
    assert view["missing"] == []
    assert (view["form"]["media_type"], view["form"]["pages"], view["form"]["outdated"]) == (
        "image/jpeg",
        1,
        False,
    )
    carrier.submit()
    (event,) = announced("ApplicationSubmitted", carrier.application_id)
    assert event["form"]["file_id"] == view["form"]["file_id"]
    assert event["company"]["unified_business_number"] == "04595257"


def test_a_form_printed_before_a_change_is_refused(carrier):
    carrier.fill_in()
    carrier.prove_contacts()
    before = carrier.form()
    carrier.save("company", carrier.company | {"address": "港西街 2 號"})
    with pytest.raises(Refused) as refused:
        carrier.upload(before)
    assert refused.value.code == "FORM_OUTDATED"
    assert carrier.upload(carrier.form())["form"]["outdated"] is False
    view = carrier.save("company", carrier.company | {"address": "港西街 3 號"})
    assert view["form"]["outdated"] is True
    assert "form_outdated" in view["missing"]


def test_a_form_printed_under_an_earlier_address_of_the_portal_is_judged_all_the_same(carrier, monkeypatch):
    from dataclasses import replace

    from accounts.documents import endpoints

    carrier.fill_in()
    carrier.prove_contacts()
    told = endpoints.settings()
    with monkeypatch.context() as patch:
        patch.setattr(endpoints, "settings", lambda: replace(told, portal_url="http://old.example.org"))
        before = carrier.form()
    carrier.save("company", carrier.company | {"address": "港西街 2 號"})
    with pytest.raises(Refused) as refused:
        carrier.upload(before)
    assert refused.value.code == "FORM_OUTDATED"


def test_a_sheet_whose_code_cannot_be_read_is_taken_and_everybody_is_told(carrier, announced):
    carrier.fill_in()
    carrier.prove_contacts()
    assert carrier.upload(scanned(carrier.form()))["form"]["recognised"] is True
    view = carrier.upload(scanned(carrier.form(), without_code=True))
    assert (view["form"]["recognised"], view["missing"]) == (False, [])
    carrier.submit()
    (event,) = announced("ApplicationSubmitted", carrier.application_id)
    assert event["form"]["recognised"] is False
    assert event["form"]["content_hash"] in text_of(carrier.form())


def test_characters_that_cannot_be_printed_are_named_kept_and_no_hindrance(carrier, announced):
    carrier.fill_in()
    assert carrier("application")["unprintable"] == []
    view = carrier.save("company", carrier.company | {"name_zh": "海\ue000𣪋航運"})
    assert view["unprintable"] == [{"field": "company.name_zh", "characters": ["U+E000"]}]
    assert view["answers"]["company"]["name_zh"] == "海\ue000𣪋航運"
    carrier.prove_contacts()
    sheet = carrier.form()
    assert "海〔U+E000〕𣪋航運" in text_of(sheet)
    view = carrier.upload(scanned(sheet))
    assert (view["form"]["outdated"], view["missing"]) == (False, [])
    carrier.submit()
    assert carrier("application")["answers"]["company"]["name_zh"] == "海\ue000𣪋航運"
    (event,) = announced("ApplicationSubmitted", carrier.application_id)
    assert event["form"]["unprintable"] == [{"field": "company.name_zh", "characters": ["U+E000"]}]


def test_an_application_without_a_form_names_nothing_to_print(ask, notify):
    person = Applying(ask, notify)
    person.fill_in()
    assert person.save("applicant", person.applicant | {"name": "王\ue000"})["unprintable"] == []


def test_the_form_of_another_case_is_refused(carrier, ask, notify):
    another = Applying(ask, notify, "company")
    another.fill_in()
    another.prove_contacts()
    carrier.fill_in()
    carrier.prove_contacts()
    with pytest.raises(Refused) as refused:
        carrier.upload(another.form())
    assert refused.value.code == "FORM_OF_ANOTHER_CASE"


def test_a_form_is_kept_under_a_name_that_a_header_can_carry(carrier):
    carrier.fill_in()
    carrier.prove_contacts()
    carrier.upload(carrier.form(), filename="C:\\scans\\form\r\nX-Evil: 1.pdf")
    assert carrier("own_form")["filename"] == "formX-Evil: 1.pdf"


@pytest.mark.parametrize(
    ("stored", "mended"),
    [
        ("C:\\scans\\a\r\nb.pdf", "ab.pdf"),
        ("\n", "file"),
        ("x/", "file"),
        ("用印檔案 1.pdf", "用印檔案 1.pdf"),
    ],
)
def test_names_of_forms_uploaded_earlier_are_mended(carrier, rows, stored, mended):
    carrier.complete()
    rows("UPDATE form_file SET filename = %s WHERE application_id = %s", stored, carrier.application_id)
    rows((Path(__file__).parents[2] / "migrations" / "0015_names_of_forms.sql").read_text())
    assert carrier("own_form")["filename"] == mended


def test_an_upload_that_is_not_there_is_told(carrier):
    carrier.fill_in()
    carrier.prove_contacts()
    assert (
        refusal(carrier, "attach_form", upload_key=f"uploads/{uuid4()}", filename="x.pdf").code
        == "FILE_MISSING"
    )


@pytest.mark.parametrize("key", ["forms/somebody/else.pdf", "../secrets", "uploads/../forms/x"])
def test_only_uploads_can_be_attached(carrier, key):
    carrier.fill_in()
    carrier.prove_contacts()
    assert refusal(carrier, "attach_form", upload_key=key, filename="x.pdf").code in (
        "FILE_MISSING",
        "INVALID",
    )


def test_a_form_can_be_taken_off_again(carrier):
    carrier.complete()
    assert carrier("remove_form")["missing"] == ["form"]
    assert refusal(carrier, "own_form").code == "FILE_MISSING"


def test_submitting_twice_with_one_key_submits_once(individual, announced):
    individual.complete()
    first = individual("submit_application", truthful=True, key="once")
    assert individual("submit_application", truthful=True, key="once") == first
    assert len(announced("ApplicationSubmitted", individual.application_id)) == 1
    assert refusal(individual, "submit_application", truthful=True).code == "NOT_EDITABLE"


def test_a_name_in_a_live_application_is_taken_and_free_again_after_withdrawal(ask, notify):
    first, second = Applying(ask, notify), Applying(ask, notify)
    first.hand_in()
    second.identity["account_name"] = first.identity["account_name"].upper()
    taken = refusal(second, "save_section", section="identity", answers=second.identity)
    assert taken.fields == {"account_name": ["ACCOUNT_NAME_TAKEN"]}
    assert first("withdraw_application")["status"] == "withdrawn"
    assert second.hand_in()["status"] == "submitted"


def test_duplicates_are_told_to_the_reviewers(ask, notify, announced):
    first, second = Applying(ask, notify), Applying(ask, notify)
    second.identity["id_number"] = first.identity["id_number"]
    first.hand_in()
    second.hand_in()
    (event,) = announced("ApplicationSubmitted", second.application_id)
    assert {"field": "identity.id_number", "case_number": first.case_number} in event["duplicates"]
    (before,) = announced("ApplicationSubmitted", first.application_id)
    assert before["person_key"] == event["person_key"]


def test_a_draft_cannot_be_withdrawn(individual):
    assert refusal(individual, "withdraw_application").code == "NOT_WITHDRAWABLE"


def test_the_receipt_comes_after_submitting(individual):
    assert refusal(individual, "receipt").code == "NOT_SUBMITTED"
    individual.hand_in()
    receipt = individual("receipt")
    assert (receipt["media_type"], receipt["size_bytes"] > 10_000) == ("application/pdf", True)
    assert individual("receipt")["key"] == receipt["key"]


def test_answers_come_back_as_they_were_accepted(individual):
    individual.applicant = applicant(phone="(02)3343-6767")
    view = individual.fill_in()
    assert view["answers"]["applicant"]["phone"] == "+886233436767"
    assert "person" not in view["answers"]["identity"]


def test_too_many_applications_from_one_address_are_stopped(ask):
    for _ in range(60):
        ask("start_application", identity_type="individual", ip="198.51.100.77")
    many = refusal(ask, "start_application", identity_type="individual", ip="198.51.100.77")
    assert many.code == "TOO_MANY_APPLICATIONS"
    assert ask("start_application", identity_type="individual", ip="198.51.100.78")


def test_a_section_changed_in_another_window_is_not_saved_over(individual):
    shown = individual.fill_in()["versions"]["applicant"]
    meanwhile = applicant(reason="另一個視窗寫的")
    individual("save_section", section="applicant", answers=meanwhile, version=shown)
    mine = applicant(reason="這個視窗寫的")
    late = refusal(individual, "save_section", section="applicant", answers=mine, version=shown)
    assert late.code == "ANSWERS_CHANGED"
    assert individual("application")["answers"]["applicant"]["reason"] == "另一個視窗寫的"
    same = individual("save_section", section="applicant", answers=meanwhile, version=shown)
    saved = individual(
        "save_section", section="applicant", answers=mine, version=same["versions"]["applicant"]
    )
    assert saved["answers"]["applicant"]["reason"] == "這個視窗寫的"


def test_other_sections_do_not_get_in_each_others_way(individual):
    shown = individual.fill_in()["versions"]
    individual(
        "save_section", section="applicant", answers=applicant(reason="改過"), version=shown["applicant"]
    )
    identity = individual.identity | {"account_name": f"user{uuid4().hex[:10]}"}
    view = individual("save_section", section="identity", answers=identity, version=shown["identity"])
    assert view["answers"]["identity"]["account_name"] == identity["account_name"]


def test_what_is_submitted_is_what_was_shown(individual):
    individual.complete()
    shown = individual("application")["versions"]
    individual.save("applicant", individual.applicant | {"reason": "之後改的"})
    late = refusal(individual, "submit_application", truthful=True, versions=shown)
    assert late.code == "ANSWERS_CHANGED"
    now = individual("application")["versions"]
    assert individual("submit_application", truthful=True, versions=now)["status"] == "submitted"


def test_a_left_application_is_closed_for_its_token_alone(individual, ask):
    individual.hand_in()
    individual("leave_application")
    individual("leave_application")
    assert refusal(individual, "application").code == "APPLICATION_TOKEN_INVALID"


def test_after_submitting_a_token_lives_two_hours(individual, rows):
    individual.hand_in()
    ((left,),) = rows(
        "SELECT max(expires_at) - now() FROM application_grant WHERE application_id = %s",
        individual.application_id,
    )
    assert 7100 < left.total_seconds() < 7201


def test_a_list_of_ones_own_needs_one_call(ask, notify):
    first, second, closed = (Applying(ask, notify) for _ in range(3))
    ask("leave_application", application_token=closed.token)
    tokens = ["f" * 43, second.token, closed.token, first.token]
    found = ask("opened_applications", application_tokens=tokens)["applications"]
    assert [(one["position"], one["case_number"]) for one in found] == [
        (1, second.case_number),
        (3, first.case_number),
    ]
    assert {(one["status"], one["editable"]) for one in found} == {("draft", True)}
    assert ask("opened_applications", application_tokens=[])["applications"] == []


def test_a_list_of_ones_own_is_bounded(ask):
    tokens = ["f" * 43] * (accounts.applications.MOST_TOKENS + 1)
    refused = refusal(ask, "opened_applications", application_tokens=tokens)
    assert refused.fields == {"application_tokens": ["TOO_LONG"]}
