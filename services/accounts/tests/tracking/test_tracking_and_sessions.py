"""From the decisions of review to the account: progress, resubmission, activation, login, sessions."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import psycopg
import pytest
from accounts.applications.actions import opened as opened_by
from accounts.applications.shapes import application_view
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.audit import actions as auditing
from accounts.audit.store import AuditStore
from accounts.sessions import adapters as hashing
from accounts.submission.actions import close_lapsed_returns
from accounts.submission.endpoints import submission_stores
from mtnet_chassis.data.files import Files
from mtnet_chassis.rpc.actor import ActorVerifier
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.events import ApplicationRejected, CaseForwarded, CaseOpened
from mtnet_contracts.vocabulary.dates import taipei_day
from PIL import Image

from ..builders import Applying, a_reviewer, an_account_name, approved, decided, opened, returned, text_of
from ..conftest import ACTOR_KEY, other_code, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"


@pytest.fixture
def tell(ask, transactions):
    """An event of review arrives."""

    def tell(event):
        handlers = {
            "CaseOpened": ask.service.record_waiting,
            "CaseForwarded": ask.service.record_waiting,
            "ApplicationReturned": ask.service.record_return,
            "ApplicationRejected": ask.service.record_rejection,
            "ApplicationApproved": ask.service.open_account,
        }
        with transactions.transaction() as tx:
            handlers[event.event_name()](tx, event)

    return tell


@pytest.fixture
def applying(ask, notify):
    applying = Applying(ask, notify)
    applying.hand_in()
    return applying


@pytest.fixture
def member(applying, tell, ask, notify):
    """Somebody with an activated account."""
    tell(opened(applying))
    tell(approved(applying))
    ask(
        "activate_account",
        activation_token=notify.last_link(applying.identity["account_name"]),
        password=PASSWORD,
    )
    return applying


@pytest.fixture
def apply_again(ask, notify, rows):
    """The same person begins anew under the same name, and proves the mobile of before once more."""

    def apply_again(applying):
        again = Applying(ask, notify, **applying.identity)
        again.applicant |= {"mobile": applying.applicant["mobile"]}
        again.fill_in()
        rows("UPDATE challenge SET created_at = created_at - interval '61 s'")
        again.prove_contacts()
        return again

    return apply_again


def enter(ask, member, password=PASSWORD, **more):
    return ask("log_in", account_name=member.identity["account_name"], password=password, **more)


def test_a_case_is_followed_from_unit_to_unit(applying, tell):
    tell(opened(applying, unit="north", stage=1, stages=2))
    tell(decided(CaseForwarded, applying, from_unit="north", unit="operations", stage=2, stages=2))
    view = applying("application")
    assert (view["status"], view["unit"], view["stage"], view["stages"]) == ("in_review", "operations", 2, 2)
    assert [(step["status"], step["unit"]) for step in view["steps"]] == [
        ("submitted", None),
        ("in_review", "north"),
        ("in_review", "operations"),
    ]


def test_a_look_at_an_approved_case_waits_for_nobody(member, told, postgres_dsn):
    """The account's row is held by a login, say, or by a lifecycle run over thousands."""
    with psycopg.connect(postgres_dsn) as other, psycopg.connect(postgres_dsn) as looking:
        other.execute("SELECT 1 FROM account FOR UPDATE")
        looking.execute("SET LOCAL lock_timeout = '2s'")
        stores, now = (ApplicationStore(looking), GrantStore(looking)), datetime.now(UTC)
        view = application_view(looking, opened_by(*stores, member.token, now))
    assert view["account_state"] == "active"


def test_the_applicant_is_told_when_the_whole_route_should_be_done(applying, tell):
    def days():
        view = applying("application")
        return view["due_on"], view["expected_on"]

    def waiting(event, stage, due_on, expected_on):
        unit = {"unit": "north"} if stage == 1 else {"unit": "operations"}
        more = {"from_unit": "north"} if event is CaseForwarded else {}
        dates = {
            "due_on": date.fromisoformat(due_on),
            "expected_on": expected_on and date.fromisoformat(expected_on),
        }
        tell(decided(event, applying, stage=stage, stages=2, **unit, **more, **dates))

    assert days() == (None, None)
    waiting(CaseOpened, 1, "2026-11-26", "2026-12-01")
    assert days() == ("2026-11-26", "2026-12-01")
    waiting(CaseForwarded, 2, "2026-11-30", "2026-11-30")
    assert days() == ("2026-11-30", "2026-11-30")
    # A release of review that does not know the field: the day is known at the last stage only.
    waiting(CaseOpened, 1, "2026-11-26", None)
    assert days() == ("2026-11-26", None)
    waiting(CaseForwarded, 2, "2026-11-27", None)
    assert days() == ("2026-11-27", "2026-11-27")
    tell(returned(applying))
    assert days() == (None, None)


def test_a_returned_application_is_corrected_and_resubmitted_under_the_same_number(applying, tell, announced):
    tell(opened(applying))
    tell(returned(applying, note="請補正電話"))
    view = applying("application")
    assert (view["status"], view["editable"], view["note"]) == ("returned", True, "請補正電話")
    assert view["marks"] == view["steps"][-1]["marks"] != []
    applying.save("applicant", applying.applicant | {"phone": "04-22281111"})
    assert applying("application")["changed"] == ["applicant.phone"]
    again = applying.submit()
    assert (again["status"], again["submission"], again["marks"]) == ("submitted", 2, [])
    (event,) = announced("ApplicationResubmitted", applying.application_id)
    assert (event["case_number"], event["submission"]) == (applying.case_number, 2)


def test_a_receipt_tells_what_was_handed_in_not_what_was_typed_since(applying, tell, told):
    tell(opened(applying))
    tell(returned(applying))
    applying.save("applicant", applying.applicant | {"name": "從未送出的人"})
    applying.save("identity", applying.identity | {"id_number": "F131104093"})
    text = text_of(Files(told.files_url).get(applying("receipt")["key"]))
    assert applying.applicant["name"] in text
    assert "從未送出的人" not in text
    assert applying.identity["id_number"][:4] in text
    applying.submit()
    assert "從未送出的人" in text_of(Files(told.files_url).get(applying("receipt")["key"]))


def test_a_returned_case_cannot_take_a_name_that_is_taken_meanwhile(applying, tell, ask, notify):
    other = Applying(ask, notify)
    other.hand_in()
    tell(opened(applying))
    tell(returned(applying))
    taken = refusal(
        applying,
        "save_section",
        section="identity",
        answers=applying.identity | {"account_name": other.identity["account_name"]},
    )
    assert taken.fields == {"account_name": ["ACCOUNT_NAME_TAKEN"]}


def test_the_rejected_may_apply_again_with_the_same_name(applying, tell, ask, notify):
    tell(opened(applying))
    tell(decided(ApplicationRejected, applying))
    assert applying("application")["status"] == "rejected"
    again = Applying(ask, notify, **applying.identity)
    assert again.hand_in()["status"] == "submitted"


def test_the_returned_may_apply_again_with_the_same_name_and_the_old_case_ends(
    applying, tell, apply_again, announced
):
    tell(opened(applying))
    tell(returned(applying))
    again = apply_again(applying)
    assert again.submit()["status"] == "submitted"
    old = applying("application")
    assert (old["status"], old["steps"][-1]["note"]) == ("withdrawn", "您已另案重新申請，本案隨之結束。")
    (event,) = announced("ApplicationWithdrawn", applying.application_id)
    assert event["reason"] == "REPLACED"
    (submitted,) = announced("ApplicationSubmitted", again.application_id)
    assert not [d for d in submitted["duplicates"] if d.get("case_number")]


def test_a_stranger_with_the_same_id_number_does_not_end_a_returned_case(applying, tell, ask, notify):
    tell(opened(applying))
    tell(returned(applying))
    stranger = Applying(ask, notify, **applying.identity)
    stranger.complete()
    assert refusal(stranger, "submit_application", truthful=True).code == "ACCOUNT_NAME_TAKEN"
    assert applying("application")["status"] == "returned"


def test_a_name_of_a_case_in_review_is_not_taken_over(applying, tell, apply_again):
    tell(opened(applying))
    with pytest.raises(Refused) as refused:
        apply_again(applying)
    assert refused.value.fields == {"account_name": ["ACCOUNT_NAME_TAKEN"]}
    assert applying("application")["status"] == "in_review"


@pytest.mark.parametrize(("days", "status"), [(7, "returned"), (8, "withdrawn")])
def test_a_returned_case_nobody_corrects_is_closed_a_week_after_its_day(
    applying, tell, told, transactions, ask, notify, announced, days, status
):
    tell(opened(applying))
    tell(returned(applying, resubmit_by=taipei_day(datetime.now(UTC)) - timedelta(days=days)))
    with transactions.transaction() as tx:
        close_lapsed_returns(submission_stores(tx), datetime.now(UTC))
    view = applying("application")
    assert view["status"] == status
    if status == "withdrawn":
        assert "逾期" in view["steps"][-1]["note"]
        (event,) = announced("ApplicationWithdrawn", applying.application_id)
        assert event["reason"] == "LAPSED"
        again = Applying(ask, notify, account_name=applying.identity["account_name"])
        assert again.hand_in()["status"] == "submitted"


def test_withdrawing_wins_over_a_decision_on_its_way(applying, tell, rows):
    tell(opened(applying))
    applying("withdraw_application")
    tell(approved(applying))
    assert applying("application")["status"] == "withdrawn"
    assert rows("SELECT 1 FROM account WHERE application_id = %s", applying.application_id) == []


def test_an_old_decision_does_not_touch_a_new_submission(applying, tell):
    tell(opened(applying))
    tell(returned(applying))
    applying.submit()
    tell(returned(applying, submission=1))
    assert applying("application")["status"] == "submitted"


def test_approval_opens_an_account_that_waits_for_its_password(applying, tell, announced, ask, notify):
    tell(opened(applying))
    tell(approved(applying))
    assert applying("application")["account_state"] == "approved"
    (event,) = announced("AccountOpened", None)[-1:]
    assert event["account_name"] == applying.identity["account_name"]
    link = notify.last_link(applying.identity["account_name"])
    assert ask("activation", activation_token=link)["name"] == applying.applicant["name"]
    assert (
        refusal(ask, "log_in", account_name=event["account_name"], password=PASSWORD).code == "LOGIN_FAILED"
    )


def test_an_account_s_opening_tells_the_fax_number_of_the_stamped_form(ask, notify, tell, announced):
    for of_applicant, expected in (("02-33436767", "+886233436767"), (None, "+886224201234")):
        carrier = Applying(ask, notify, "company")
        carrier.company |= {"fax": "02-24201234"}
        carrier.applicant |= {"fax": of_applicant} if of_applicant else {}
        carrier.hand_in()
        tell(opened(carrier))
        tell(approved(carrier))
        assert announced("AccountOpened")[-1]["fax"] == expected


def test_the_first_of_an_organisation_manages_it(ask, notify, tell, rows):
    number = "12345675"
    for expected in (["member", "organisation_manager"], ["member"]):
        carrier = Applying(ask, notify, "company")
        carrier.company |= {"unified_business_number": number}
        carrier.hand_in()
        tell(opened(carrier))
        tell(approved(carrier))
        ((roles, held),) = rows(
            "SELECT roles, organisation.unified_business_number FROM account JOIN organisation USING (organisation_id)"
            " WHERE application_id = %s",
            carrier.application_id,
        )
        assert (sorted(roles), held) == (expected, number)


def test_a_weak_first_password_is_refused_with_every_reason_and_the_link_stays_good(
    applying, tell, ask, notify
):
    tell(opened(applying))
    tell(approved(applying))
    link = notify.last_link(applying.identity["account_name"])
    weak = refusal(
        ask,
        "activate_account",
        activation_token=link,
        password="Qz7!kWvb%" + applying.identity["account_name"],
    )
    assert weak.fields == {"password": ["PASSWORD_CONTAINS_ACCOUNT"]}
    number = refusal(
        ask,
        "activate_account",
        activation_token=link,
        password="x!AqWvb%" + applying.identity["id_number"][1:],
    )
    assert number.fields == {"password": ["PASSWORD_CONTAINS_ID_NUMBER"]}
    renamed = {"account_name": "Seafarer77", "password": "Qz7!kWvb%seafarer77"}
    new_name = refusal(ask, "activate_account", activation_token=link, **renamed)
    assert new_name.fields == {"password": ["PASSWORD_CONTAINS_ACCOUNT"]}
    ask("activate_account", activation_token=link, password=PASSWORD)
    assert refusal(ask, "activation", activation_token=link).code == "ACTIVATION_LINK_USED"
    assert refusal(ask, "activation", activation_token="x" * 43).code == "ACTIVATION_LINK_INVALID"
    assert (
        refusal(ask, "activate_account", activation_token=link, password=PASSWORD + "!").code
        == "ACTIVATION_LINK_INVALID"
    )


def test_a_new_link_replaces_the_older(applying, tell, ask, notify, rows):
    tell(opened(applying))
    tell(approved(applying))
    older = notify.last_link(applying.identity["account_name"])
    assert refusal(applying, "reissue_activation").code == "TOO_SOON"
    rows("UPDATE activation_link SET issued_at = issued_at - interval '61 s'")
    applying("reissue_activation")
    assert refusal(ask, "activation", activation_token=older).code == "ACTIVATION_LINK_INVALID"
    assert ask("activation", activation_token=notify.last_link(applying.identity["account_name"]))


def test_a_member_logs_in_comes_back_and_logs_out(member, ask):
    entered = enter(ask, member, ip="192.0.2.8", user_agent="Firefox")
    actor = ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(entered["actor"])
    assert (actor.account_name, actor.roles, actor.ip) == (
        member.identity["account_name"],
        frozenset({"member"}),
        "192.0.2.8",
    )
    assert entered["account"]["previous_login_at"] is None
    token = entered["session_token"]
    assert ask("resume_session", session_token=token)["account"]["account_name"] == actor.account_name
    ask("log_out", session_token=token)
    assert refusal(ask, "resume_session", session_token=token).code == "SESSION_ENDED"


def test_the_previous_login_stays_the_previous_one_all_through_a_session(member, ask):
    enter(ask, member)
    second = enter(ask, member)
    assert second["account"]["previous_login_at"] is not None
    resumed = ask("resume_session", session_token=second["session_token"])
    assert resumed["account"]["previous_login_at"] == second["account"]["previous_login_at"]


def test_a_session_ends_idle_and_absolutely(member, ask, rows):
    for column, limit in (("touched_at", timedelta(hours=4)), ("started_at", timedelta(hours=12))):
        token = enter(ask, member)["session_token"]
        rows(f"UPDATE session SET {column} = {column} - %s::interval", limit - timedelta(seconds=5))
        assert ask("resume_session", session_token=token, touch=False)
        rows(f"UPDATE session SET {column} = {column} - interval '6 s'")
        assert refusal(ask, "resume_session", session_token=token).code == "SESSION_ENDED"


def test_looking_does_not_prolong_and_using_does_once_a_minute(member, ask, rows):
    token = enter(ask, member)["session_token"]
    rows("UPDATE session SET touched_at = touched_at - interval '30 s'")
    first = ask("resume_session", session_token=token)["expires_at"]
    assert ask("resume_session", session_token=token)["expires_at"] == first
    rows("UPDATE session SET touched_at = touched_at - interval '60 s'")
    looked = ask("resume_session", session_token=token, touch=False)["expires_at"]
    assert looked < first
    assert ask("resume_session", session_token=token)["expires_at"] > first
    assert ask("extend_session", session_token=token)["expires_at"] > first


@pytest.mark.parametrize("state", ["frozen", "disabled", "closed"])
def test_a_session_dies_with_its_account(member, ask, rows, state):
    token = enter(ask, member)["session_token"]
    rows("UPDATE account SET state = %s WHERE account_name = %s", state, member.identity["account_name"])
    assert refusal(ask, "resume_session", session_token=token).code == "SESSION_ENDED"


@pytest.mark.parametrize(("state", "code"), [("frozen", "ACCOUNT_FROZEN"), ("disabled", "ACCOUNT_DISABLED")])
def test_the_state_of_an_account_is_said_only_after_the_right_password(member, ask, rows, state, code):
    rows("UPDATE account SET state = %s WHERE account_name = %s", state, member.identity["account_name"])
    assert (
        refusal(ask, "log_in", account_name=member.identity["account_name"], password="wrong").code
        == "LOGIN_FAILED"
    )
    assert (
        refusal(ask, "log_in", account_name=member.identity["account_name"], password=PASSWORD).code == code
    )


def test_five_wrong_passwords_suspend_trying_and_nothing_tells_so(member, ask, rows):
    name = member.identity["account_name"]
    answers = {str(refusal(ask, "log_in", account_name=name, password=f"wrong{n}").args) for n in range(5)}
    answers.add(str(refusal(ask, "log_in", account_name=name, password=PASSWORD).args))
    answers.add(str(refusal(ask, "log_in", account_name=an_account_name(), password=PASSWORD).args))
    assert len(answers) == 1
    rows("UPDATE failed_login SET locked_until = now() - interval '1 s' WHERE locked_until IS NOT NULL")
    assert enter(ask, member)["session_token"]


def test_a_right_password_forgets_the_wrong_ones(member, ask):
    name = member.identity["account_name"]
    for _ in range(2):
        for n in range(4):
            refusal(ask, "log_in", account_name=name, password=f"wrong{n}")
        assert enter(ask, member)


def test_a_password_is_compared_once_whether_there_is_an_account_or_not(member, ask, monkeypatch):
    """How long that takes for each kind of name: login/test_what_a_stranger_learns.py."""
    compared = []
    verify = hashing._verify
    monkeypatch.setattr(
        hashing, "_verify", lambda stored, typed: compared.append(typed) or verify(stored, typed)
    )
    for name in (member.identity["account_name"], "nobody000001"):
        compared.clear()
        assert refusal(ask, "log_in", account_name=name, password="Wrong!2026side").code == "LOGIN_FAILED"
        assert compared == ["Wrong!2026side"]


def test_a_case_is_opened_by_number_or_id_number_and_code(applying, ask, notify):
    for query in (applying.case_number.lower(), applying.identity["id_number"]):
        asked = ask("request_case_access", query=query)
        code = notify.last_code(applying.applicant["email"])
        assert (
            refusal(ask, "open_case", challenge_id=asked["challenge_id"], code=other_code(code)).code
            == "CODE_WRONG"
        )
        (case,) = ask("open_case", challenge_id=asked["challenge_id"], code=code)["cases"]
        assert case["case_number"] == applying.case_number
        assert ask("application", application_token=case["application_token"])["status"] == "submitted"
        again = refusal(ask, "open_case", challenge_id=asked["challenge_id"], code=code)
        assert (again.code, again.detail) == ("CODE_WRONG", {})


def test_nothing_tells_an_unknown_case_from_a_known_one(applying, ask, announced):
    def shape(query):
        answers = [ask("request_case_access", query=query) for _ in range(5)]
        wrong = [
            refusal(ask, "open_case", challenge_id=answers[0]["challenge_id"], code="000000")
            for _ in range(7)
        ]
        many = refusal(ask, "request_case_access", query=query)
        return [sorted(a) for a in answers], [str(w.args) for w in wrong], str(many.args)

    before = len(announced("VerificationCodeRequested"))
    assert shape(f"PTAPPLY{uuid4().hex[:13].upper()}") == shape(applying.case_number)
    assert len(announced("VerificationCodeRequested")) <= before + 5


def test_a_draft_is_resumed_by_code(ask, notify):
    draft = Applying(ask, notify)
    draft.fill_in()
    draft.prove_contacts()
    asked = ask("request_case_access", query=draft.case_number)
    (case,) = ask(
        "open_case", challenge_id=asked["challenge_id"], code=notify.last_code(draft.applicant["email"])
    )["cases"]
    resumed = ask("application", application_token=case["application_token"])
    assert resumed["answers"]["applicant"]["name"] == draft.applicant["name"]


def access(ask, notify, query, recipient):
    """Ask for a case and open it with the code that went to `recipient`."""
    asked = ask("request_case_access", query=query)
    return ask("open_case", challenge_id=asked["challenge_id"], code=notify.last_code(recipient))["cases"]


def hours_left(rows, token):
    ((seconds,),) = rows(
        "SELECT extract(epoch FROM expires_at - now()) FROM application_grant WHERE token_hash = sha256(%s)",
        token.encode(),
    )
    return float(seconds) / 3600


@pytest.mark.parametrize("proved", ["company_email", "company_mobile"])
def test_a_draft_is_resumed_by_whichever_contact_was_proved(ask, notify, proved):
    draft = Applying(ask, notify, "company")
    draft.fill_in()
    value = next(c["value"] for c in draft("application")["contacts"] if c["contact"] == proved)
    draft("request_contact_code", contact=proved)
    draft("verify_contact", contact=proved, code=notify.last_code(value))
    (case,) = access(ask, notify, draft.case_number, value)
    resumed = ask("application", application_token=case["application_token"])
    assert resumed["answers"]["company"]["name_zh"] == draft.company["name_zh"]


def test_a_draft_and_the_tokens_that_open_it_live_on_for_thirty_days_from_the_last_change(ask, notify, rows):
    draft = Applying(ask, notify, "company")
    draft.complete()
    (resumed,) = access(ask, notify, draft.case_number, draft.applicant["email"])
    assert hours_left(rows, resumed["application_token"]) > 29 * 24
    changes = (
        lambda: draft.save("applicant", draft.applicant),
        lambda: draft.upload(draft.form()),
        lambda: draft("remove_form"),
    )
    for change in changes:
        for table in ("application", "application_grant"):
            rows(
                f"UPDATE {table} SET expires_at = now() + interval '1 hour' WHERE application_id = %s",
                draft.application_id,
            )
        change()
        assert hours_left(rows, draft.token) > 29 * 24
        ((left,),) = rows(
            "SELECT expires_at - now() FROM application WHERE application_id = %s", draft.application_id
        )
        assert left > timedelta(days=29)


def test_a_code_opens_a_returned_case_until_the_form_is_stamped_and_any_other_for_two_hours(
    applying, ask, notify, tell, rows
):
    (looked_at,) = access(ask, notify, applying.case_number, applying.applicant["email"])
    assert 1.9 < hours_left(rows, looked_at["application_token"]) <= 2
    tell(opened(applying))
    tell(returned(applying))
    (corrected,) = access(ask, notify, applying.case_number, applying.applicant["email"])
    assert hours_left(rows, corrected["application_token"]) > 47


def test_a_stranger_who_names_the_same_id_number_keeps_no_code_from_its_owner(applying, ask, notify):
    number, email = applying.identity["id_number"], applying.applicant["email"]
    for step in ("complete", "hand_in"):
        stranger = Applying(ask, notify, id_number=number)
        getattr(stranger, step)()
        (own,) = access(ask, notify, number, email)
        assert own["case_number"] == applying.case_number
    (theirs,) = access(ask, notify, number, stranger.applicant["email"])
    assert theirs["case_number"] == stranger.case_number


def test_a_code_for_a_case_waits_for_nobody_who_works_on_it(applying, ask, transactions, rows):
    with transactions.transaction() as tx:
        ApplicationStore(tx).application_for_update(applying.application_id)
        rows(
            "SET LOCAL lock_timeout = '2 s';"
            " INSERT INTO challenge (challenge_id, purpose, application_id, channel, recipient, mailbox, code_hash,"
            f" created_at, expires_at) VALUES (gen_random_uuid(), 'case_access', '{applying.application_id}', 'email',"
            " 'clerk@example.com', 'clerk@example.com', '', now(), now())"
        )


def test_drafts_are_not_found_by_id_number_and_push_nothing_out(applying, ask, notify, announced):
    number = applying.identity["id_number"]
    for _ in range(20):
        Applying(ask, notify, id_number=number).fill_in()
    (own,) = access(ask, notify, number, applying.applicant["email"])
    assert own["case_number"] == applying.case_number
    draft = Applying(ask, notify)
    draft.complete()
    before = len(announced("VerificationCodeRequested"))
    ask("request_case_access", query=draft.identity["id_number"])
    assert len(announced("VerificationCodeRequested")) == before


def test_a_draft_opens_nothing_of_the_person_it_names(applying, ask, notify):
    stranger = Applying(ask, notify, id_number=applying.identity["id_number"])
    stranger.complete()
    (case,) = access(ask, notify, stranger.case_number, stranger.applicant["email"])
    assert case["case_number"] == stranger.case_number


def test_a_wrong_code_counts_against_every_address_behind_the_question(applying, ask, notify):
    number = applying.identity["id_number"]
    other = Applying(ask, notify, id_number=number)
    other.hand_in()
    asked = ask("request_case_access", query=number)["challenge_id"]
    right = [notify.last_code(one.applicant["email"]) for one in (applying, other)]
    wrong = next(c for c in ("000000", "000001", "000002") if c not in right)
    for _ in range(5):
        refusal(ask, "open_case", challenge_id=asked, code=wrong)
    for code in right:
        assert refusal(ask, "open_case", challenge_id=asked, code=code).code == "CODE_WRONG"


def test_a_reviewer_reveals_an_id_number_with_a_reason_on_record(applying, ask, tell, rows, transactions):
    tell(opened(applying, unit="north"))
    request = {"application_id": applying.application_id, "reason": "電話核對身分"}
    shown = ask("reveal_id_number", actor=a_reviewer("north"), **request)
    assert shown["id_number"] == applying.identity["id_number"]
    assert refusal(ask, "reveal_id_number", actor=a_reviewer("south"), **request).code == "CASE_NOT_FOUND"
    assert (
        refusal(
            ask, "reveal_id_number", actor=a_reviewer("north", roles=frozenset({"member"})), **request
        ).code
        == "NOT_ALLOWED"
    )
    assert refusal(ask, "reveal_id_number", **request).code == "NOT_SIGNED_IN"
    ((action, detail),) = rows(
        "SELECT action, detail FROM audit_entry WHERE subject_id = %s", applying.application_id
    )
    assert (action, detail) == ("id_number_revealed", {"reason": "電話核對身分"})


def test_a_unit_that_held_a_case_sees_its_form_and_every_look_is_recorded(ask, notify, tell, rows):
    carrier = Applying(ask, notify, "company")
    carrier.hand_in()
    file_id = carrier("application")["form"]["file_id"]
    tell(opened(carrier, unit="north"))
    tell(decided(CaseForwarded, carrier, from_unit="north", unit="operations", stage=2, stages=2))
    for unit in ("north", "operations"):
        seen = ask(
            "case_form", actor=a_reviewer(unit), application_id=carrier.application_id, file_id=file_id
        )
        assert seen["media_type"] == "application/pdf"
    request = {"application_id": carrier.application_id, "file_id": str(uuid4())}
    assert refusal(ask, "case_form", actor=a_reviewer("north"), **request).code == "FILE_MISSING"
    assert rows("SELECT count(*) FROM audit_entry WHERE subject_id = %s", carrier.application_id) == [(2,)]


def test_a_page_of_a_form_is_shown_as_a_picture_and_every_look_is_recorded(ask, notify, tell, rows, told):
    carrier = Applying(ask, notify, "company")
    carrier.hand_in()
    file_id = carrier("application")["form"]["file_id"]
    tell(opened(carrier, unit="north"))
    asked = {"application_id": carrier.application_id, "file_id": file_id, "page": 1}
    shown = ask("case_form_page", actor=a_reviewer("north"), **asked)
    assert shown["key"].startswith(f"generated/{carrier.application_id}/")
    picture = Image.open(BytesIO(Files(told.files_url).get(shown["key"])))
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    assert 3_000_000 < picture.width * picture.height < 4_000_000
    assert ask("case_form_page", actor=a_reviewer("north"), **asked)["key"] == shown["key"]
    assert refusal(ask, "case_form_page", actor=a_reviewer("south"), **asked).code == "CASE_NOT_FOUND"
    beyond = refusal(ask, "case_form_page", actor=a_reviewer("north"), **asked | {"page": 2})
    assert beyond.code == "FILE_MISSING"
    looks = rows("SELECT action, detail FROM audit_entry WHERE subject_id = %s", carrier.application_id)
    assert looks == [("form_viewed", {"file_id": file_id, "page": "1"})] * 2


def test_the_audit_log_can_only_grow_and_shows_tampering(applying, ask, tell, transactions, told):
    tell(opened(applying, unit="north"))
    for _ in range(3):
        ask(
            "reveal_id_number",
            actor=a_reviewer("north"),
            application_id=applying.application_id,
            reason="核對",
        )
    for statement in (
        "UPDATE audit_entry SET action = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ):
        with pytest.raises(psycopg.errors.RaiseException), transactions.transaction() as tx:
            tx.execute(statement)
    with transactions.transaction() as tx:
        assert auditing.verify(AuditStore(tx), datetime.now(UTC))[1] == []
        tx.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_final")
        tx.execute(
            "UPDATE audit_entry SET detail = '{}' WHERE position = (SELECT max(position) - 1 FROM audit_entry)"
        )
        assert auditing.verify(AuditStore(tx), datetime.now(UTC), full=True)[1] != []
        tx.rollback()


@pytest.mark.parametrize(
    "question",
    [
        "session WHERE token_hash = 'x'",
        "application_grant WHERE token_hash = 'x'",
        "application WHERE case_number = 'x'",
        "application WHERE lower(account_name) = 'x' AND status = 'returned'",
        "application WHERE status = 'returned' AND resubmit_by < current_date",
        "application WHERE person_index = 'x'",
        "application WHERE person_index = 'x' AND status <> 'draft'",
        "account WHERE lower(account_name) = 'x' AND state <> 'closed'",
        "challenge WHERE asked = 'x' AND created_at > now()",
        "challenge WHERE mailbox = 'x' AND created_at > now()",
        "known_device WHERE subject = 'x' AND device_hash = 'x'",
        "known_device WHERE device_hash = 'x'",
        "failed_login WHERE kind = 'x' AND key = 'x'",
        "challenge WHERE question_id = '00000000-0000-0000-0000-000000000000'",
        "step WHERE application_id = '00000000-0000-0000-0000-000000000000'",
    ],
)
def test_what_a_request_asks_is_answered_from_an_index(tx, question):
    tx.execute("SET LOCAL enable_seqscan = off")
    plan = "\n".join(line for (line,) in tx.execute(f"EXPLAIN SELECT * FROM {question}"))
    assert "Index" in plan
    assert "Seq Scan" not in plan
