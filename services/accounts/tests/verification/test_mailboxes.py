"""One mailbox, however its address is written: one allowance of codes, and one code to prove it."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from accounts.sessions.adapters import hashed
from accounts.verification.mailboxes import compared, mailbox_of
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import Applying
from ..conftest import other_code, refusal

PASSWORD = "Quay!2026side"
stack = pytest.mark.stack


@pytest.mark.parametrize(
    ("one", "other", "same_address", "same_mailbox"),
    [
        ("clerk@example.com", "clerk@EXAMPLE.com", True, True),
        ("clerk@example.com", "Clerk@example.com", False, True),
        ("clerk@bücher.example", "clerk@xn--bcher-kva.example", True, True),
        ("clerk@BÜCHER.example", "clerk@XN--BCHER-KVA.example", True, True),
        ("clerk@bu\u0308cher.example", "clerk@bücher.example", True, True),
        ("clerk@例子.example", "clerk@例子。example", True, True),
        ("clerk@faß.example", "clerk@fass.example", False, False),
        ("clerk@example.com", "clerk+2@example.com", False, True),
        ("clerk@example.com", "clerk@example.org", False, False),
        ("clerk@example.com", "clerk1@example.com", False, False),
        ("+886912345678", "+886912345678", True, True),
        ("+886912345678", "+886912345679", False, False),
        ("a@not_a_name", "a@NOT_A_NAME", True, True),
    ],
)
def test_two_spellings(one, other, same_address, same_mailbox):
    assert (compared(one) == compared(other)) is same_address
    assert (mailbox_of(one) == mailbox_of(other)) is same_mailbox


def is_sent(applying, email):
    applying.save("applicant", applying.applicant | {"email": email})
    try:
        applying("request_contact_code", contact="applicant_email")
    except Refused as refused:
        if refused.code != "TOO_MANY_CODES":
            raise
        return False
    return True


@stack
def test_capitals_tags_and_domains_give_a_mailbox_no_new_allowance(ask, notify, rows):
    applying = Applying(ask, notify)
    applying.fill_in()
    person = f"clerk{uuid4().hex[:6]}"
    sent = 0
    for address in (
        f"{person}@bücher.example",
        f"{person.upper()}@bücher.example",
        f"{person}+tag@xn--bcher-kva.example",
        f"{person.title()}@BÜCHER.example",
        f"{person}@XN--BCHER-KVA.EXAMPLE",
        f"{person}+other@bücher.example",
    ):
        sent += is_sent(applying, address)
        rows("UPDATE challenge SET created_at = created_at - interval '61 s'")
    assert sent == 5


@stack
def test_a_proved_address_stays_proved_when_its_domain_is_spelled_otherwise(ask, notify, announced):
    applying = Applying(ask, notify, "company")
    person = f"office{uuid4().hex[:6]}"
    applying.company |= {"email": f"{person}@bücher.example"}
    applying.applicant |= {"email": f"{person}@xn--bcher-kva.example"}
    applying.fill_in()
    applying("request_contact_code", contact="company_email")
    applying.save("company", applying.company | {"email": f"{person}@xn--bcher-kva.example"})
    (sent,) = [c for c in announced("VerificationCodeRequested") if person in c["recipient"]]
    assert sent["recipient"] == f"{person}@bücher.example", "as typed"
    view = applying("verify_contact", contact="company_email", code=notify.last_code(sent["recipient"]))
    proved = {c["contact"] for c in view["contacts"] if c["verified_at"]}
    assert proved == {"company_email", "applicant_email"}


@stack
def test_a_stranger_who_asks_uses_up_no_code_of_the_owner(ask, notify, announced):
    applying = Applying(ask, notify)
    applying.hand_in()
    asked = {"query": applying.case_number}
    for _ in range(5):
        ask("request_case_access", **asked, ip="198.51.100.7")
    assert refusal(ask, "request_case_access", **asked, ip="198.51.100.7").code == "TOO_MANY_CODES"
    before = len(announced("VerificationCodeRequested"))
    question = ask("request_case_access", **asked, ip="203.0.113.1")["challenge_id"]
    assert len(announced("VerificationCodeRequested")) == before + 1
    code = notify.last_code(applying.applicant["email"])
    assert ask("open_case", challenge_id=question, code=code)["cases"]


@stack
def test_strangers_at_many_addresses_leave_the_owners_device_its_share(ask, notify, announced):
    device = ask("start_application", identity_type="individual", ip="203.0.113.1")["device_token"]
    applying = Applying(ask, notify)
    applying.fill_in()
    for contact in applying("application")["contacts"]:
        applying("request_contact_code", contact=contact["contact"])
        code = notify.last_code(contact["value"])
        applying("verify_contact", contact=contact["contact"], code=code, device_token=device)
    applying.submit()
    asked, email = {"query": applying.case_number}, applying.applicant["email"]

    def codes_sent():
        return len([c for c in announced("VerificationCodeRequested") if c["recipient"] == email])

    for n in range(30):
        ask("request_case_access", **asked, ip=f"198.51.100.{n}")
    before = codes_sent()
    assert before == 1 + 20, "of strangers' questions in an hour twenty reach one mailbox"
    for _ in range(5):
        question = ask("request_case_access", **asked, ip="203.0.113.1", device_token=device)
    assert codes_sent() == before + 5
    code = notify.last_code(email)
    opened = ask("open_case", challenge_id=question["challenge_id"], code=code, device_token=device)
    assert opened["device_token"] not in (None, device)


@stack
def test_strangers_who_name_a_mailbox_keep_no_code_from_its_owner(ask, notify):
    owner = Applying(ask, notify, ip="203.0.113.1")
    owner.fill_in()
    stranger = Applying(ask, notify, ip="198.51.100.7")
    stranger.applicant |= {"email": owner.applicant["email"]}
    stranger.fill_in()
    stranger("request_contact_code", contact="applicant_email")
    owner("request_contact_code", contact="applicant_email")


@stack
def test_wrong_codes_for_one_mailbox_are_counted_over_all_questions(ask, notify, rows):
    applying = Applying(ask, notify)
    applying.hand_in()
    email = applying.applicant["email"]

    def an_hour_later():
        rows("UPDATE challenge SET created_at = created_at - interval '61 min' WHERE purpose = 'case_access'")

    for _ in range(5):
        question = ask("request_case_access", query=applying.case_number, ip="198.51.100.7")
        for _ in range(5):
            wrong = other_code(notify.last_code(email))
            refusal(ask, "open_case", challenge_id=question["challenge_id"], code=wrong)
        an_hour_later()
    before = rows("SELECT count(*) FROM challenge WHERE recipient = %s", email)
    ask("request_case_access", query=applying.case_number, ip="198.51.100.7")
    assert rows("SELECT count(*) FROM challenge WHERE recipient = %s", email) == before
    question = ask("request_case_access", query=applying.case_number, ip="203.0.113.1")
    assert ask("open_case", challenge_id=question["challenge_id"], code=notify.last_code(email))


@stack
def test_a_code_that_was_sent_is_known_when_its_page_is_opened_again(ask, notify, rows):
    applying = Applying(ask, notify)
    applying.fill_in()
    assert [c["sent_at"] for c in applying("application")["contacts"]] == [None, None]
    sent = applying("request_contact_code", contact="applicant_email")
    told = next(c for c in applying("application")["contacts"] if c["contact"] == "applicant_email")
    assert (told["code_expires_at"], told["resend_at"]) == (sent["expires_at"], sent["resend_at"])
    for empty in ("", "\u200b "):
        wrong = refusal(applying, "verify_contact", contact="applicant_email", code=empty)
        assert wrong.fields == {"code": ["REQUIRED"]}
    assert rows("SELECT tries FROM challenge WHERE application_id = %s", applying.application_id) == [(0,)]
    applying.save("applicant", applying.applicant | {"email": f"new{uuid4().hex}@example.com"})
    assert [c["sent_at"] for c in applying("application")["contacts"]] == [None, None]


@stack
def test_a_code_asked_for_by_number_tells_when_it_was_sent_and_an_empty_one_is_no_try(ask, notify, rows):
    applying = Applying(ask, notify)
    applying.hand_in()
    known = ask("request_case_access", query=applying.case_number, ip="198.51.100.8")
    unknown = ask("request_case_access", query="PTAPPLY0000000000000", ip="198.51.100.8")
    for told in (known, unknown):
        sent, again, ends = (datetime.fromisoformat(told[n]) for n in ("sent_at", "resend_at", "expires_at"))
        assert (again - sent, ends - sent) == (timedelta(seconds=60), timedelta(minutes=10))
    for empty in ("", "\u200b "):
        wrong = refusal(ask, "open_case", challenge_id=known["challenge_id"], code=empty)
        assert wrong.fields == {"code": ["REQUIRED"]}
    assert rows("SELECT tries FROM challenge WHERE question_id = %s", known["challenge_id"]) == [(0,)]


@stack
def test_a_code_to_the_mailbox_of_an_account_makes_a_device_its_owners(ask, notify, rows, announced):
    email, name = f"owner{uuid4().hex[:8]}@example.com", f"owner{uuid4().hex[:10]}"
    rows(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale, approved_at,"
        " active_on, freeze_on, disable_on, password_hash)"
        " VALUES (gen_random_uuid(), %s, 'x', 'active', 'individual', '{member}', %s, 'en',"
        " now(), current_date, current_date + 90, current_date + 365, %s)",
        name,
        email,
        hashed(PASSWORD),
    )
    for n in range(20):
        refusal(ask, "log_in", account_name=name, password="wrong", ip=f"198.51.100.{n}")
    assert refusal(ask, "log_in", account_name=name, password=PASSWORD, ip="203.0.113.1")
    question = ask("request_device_code", account_name=name, ip="203.0.113.1")
    unknown = ask("request_device_code", account_name="nobody-of-that-name", ip="203.0.113.1")
    assert question.keys() == unknown.keys()
    code, asked = notify.last_code(email), {"challenge_id": question["challenge_id"]}
    assert announced("VerificationCodeRequested")[-1]["purpose"] == "device"
    assert refusal(ask, "confirm_device", **asked, code=other_code(code)).code == "CODE_WRONG"
    assert refusal(ask, "open_case", **asked, code=code).code == "CODE_WRONG"
    device = ask("confirm_device", **asked, code=code)["device_token"]
    assert ask("log_in", account_name=name, password=PASSWORD, ip="203.0.113.1", device_token=device)
    assert refusal(ask, "confirm_device", **asked, code=code).code == "CODE_WRONG"
