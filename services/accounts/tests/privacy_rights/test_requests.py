"""Requests for personal data: the person asks and withdraws; the desk answers, extends, refuses, carries out."""

import inspect
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from accounts.privacy_rights import copying
from accounts.privacy_rights.store import PrivacyStore
from accounts.settings import settings
from mtnet_chassis.data.files import Files
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.labels import LABELS
from mtnet_contracts.vocabulary.texts import texts_of

from ..builders import an_active_account, an_owner, text_of
from ..conftest import refusal

pytestmark = pytest.mark.stack


@pytest.fixture
def owner(ask, notify, transactions):
    return an_active_account(ask, notify, transactions)


@pytest.fixture
def operator():
    return an_owner(uuid4(), account_name="operator1", roles=frozenset({"operator"}))


def asked(ask, actor, kind="correct", words="姓名第二字有誤"):
    return ask("ask_for_privacy_right", actor=actor, kind=kind, words=words)


def decision(operator, request, *, version=1, note="已處理", **more):
    return {"actor": operator, "request_id": request["request_id"], "version": version, "note": note, **more}


class TestAsking:
    def test_starts_a_clock_tells_the_person_and_is_on_record(self, ask, owner, announced):
        applying, actor = owner
        request = asked(ask, actor)
        assert request["due_on"] == (taipei_day(datetime.now(UTC)) + timedelta(days=30)).isoformat()
        assert [step["what"] for step in request["steps"]] == ["received"]
        (event,) = announced("PrivacyRequestReceived", subject=request["request_id"])
        assert event["emails"] == [applying.applicant["email"]]
        entries = ask("own_history", actor=actor, category="changes")["entries"]
        assert "privacy_request_received" in [e["action"] for e in entries]

    def test_one_of_a_kind_at_a_time_and_ten_in_a_month(self, ask, owner):
        _, actor = owner
        for _ in range(9):
            request = asked(ask, actor)
            ask("withdraw_privacy_request", actor=actor, request_id=request["request_id"])
        asked(ask, actor)
        again = {"actor": actor, "words": "x"}
        assert refusal(ask, "ask_for_privacy_right", kind="correct", **again).code == "REQUEST_OPEN"
        assert refusal(ask, "ask_for_privacy_right", kind="delete", **again).code == "TOO_MANY_REQUESTS"

    def test_is_withdrawn_once_and_by_its_owner_only(self, ask, owner, notify, transactions, announced):
        _, actor = owner
        request = {"request_id": asked(ask, actor)["request_id"]}
        _, other = an_active_account(ask, notify, transactions)
        assert refusal(ask, "withdraw_privacy_request", actor=other, **request).code == "REQUEST_NOT_FOUND"
        assert ask("own_privacy_requests", actor=other)["requests"] == []
        assert ask("withdraw_privacy_request", actor=actor, **request)["state"] == "withdrawn"
        assert refusal(ask, "withdraw_privacy_request", actor=actor, **request).code == "REQUEST_CLOSED"
        (event,) = announced("PrivacyRequestAnswered", subject=request["request_id"])
        assert event["outcome"] == "WITHDRAWN"

    @pytest.mark.parametrize("call", ["copy_of_own_data", "document_of_own_data", "ask_for_privacy_right"])
    def test_only_whoever_has_just_said_who_they_are(self, ask, owner, call):
        _, actor = owner
        stale = an_owner(actor.account_id, confirmed_at=datetime.now(UTC) - timedelta(minutes=11))
        assert refusal(ask, call, actor=stale, kind="view", words="x").code == "CONFIRMATION_REQUIRED"


class TestTheDesk:
    def test_is_for_operators_only(self, ask, owner):
        _, actor = owner
        request = asked(ask, actor)
        for call in ("privacy_case", "answer_privacy_request", "carry_out_privacy_request"):
            assert refusal(ask, call, **decision(actor, request)).code == "NOT_ALLOWED"
        assert refusal(ask, "privacy_desk", actor=actor).code == "NOT_ALLOWED"

    def test_shows_what_is_late_first_and_counts_it(self, ask, owner, operator, rows):
        _, actor = owner
        rows("DELETE FROM privacy_request")
        soon, late, gone = (asked(ask, actor, kind) for kind in ("view", "correct", "stop"))
        rows("UPDATE privacy_request SET due_on = '2026-01-05' WHERE request_id = %s", late["request_id"])
        ask("withdraw_privacy_request", actor=actor, request_id=gone["request_id"])
        found = ask("privacy_desk", actor=operator)
        assert [r["request_id"] for r in found["requests"]] == [late["request_id"], soon["request_id"]]
        assert (found["total"], found["overdue"]) == (2, 1)
        assert found["requests"][0]["days_left"] < 0
        assert ask("privacy_desk", actor=operator, overdue=True)["total"] == 1
        assert ask("privacy_desk", actor=operator, state="withdrawn")["total"] == 1
        assert ask("privacy_desk", actor=operator, state=None, kind="view")["total"] == 1

    def test_a_look_is_told_to_the_person(self, ask, owner, operator):
        _, actor = owner
        found = ask("privacy_case", actor=operator, request_id=asked(ask, actor)["request_id"])
        assert found["account_name"] == actor.account_name
        looks = ask("own_history", actor=actor, category="looks")["entries"]
        assert [(e["action"], e["by"]) for e in looks] == [("personal_data_viewed", "staff")]

    def test_extends_once_then_refuses_with_a_reason(self, ask, owner, operator, announced):
        _, actor = owner
        request = asked(ask, actor, "view")
        extended = ask("extend_privacy_request", **decision(operator, request, note="資料散於數個系統"))
        assert extended["due_on"] == (taipei_day(datetime.now(UTC)) + timedelta(days=30)).isoformat()
        assert not extended["may_extend"]
        again = refusal(ask, "extend_privacy_request", **decision(operator, request, version=2))
        assert again.code == "EXTENDED_ALREADY"
        assert refusal(ask, "refuse_privacy_request", **decision(operator, request)).code == "STALE_VERSION"
        silent = decision(operator, request, version=2, note=" ")
        assert refusal(ask, "refuse_privacy_request", **silent).fields["note"] == ["REQUIRED"]
        ask("refuse_privacy_request", **decision(operator, request, version=2, note="依個資法第 10 條"))
        late = refusal(ask, "answer_privacy_request", **decision(operator, request, version=3))
        assert late.code == "REQUEST_CLOSED"
        (own,) = ask("own_privacy_requests", actor=actor)["requests"]
        assert [(s["what"], s["note"]) for s in own["steps"]] == [
            ("received", ""),
            ("extended", "資料散於數個系統"),
            ("refused", "依個資法第 10 條"),
        ]
        told = announced("PrivacyRequestAnswered", subject=request["request_id"])
        assert [e["outcome"] for e in told] == ["EXTENDED", "REFUSED"]

    def test_nobody_decides_about_a_request_of_their_own(self, ask, owner):
        _, actor = owner
        request = asked(ask, actor)
        both = an_owner(actor.account_id, roles=frozenset({"member", "operator"}))
        assert ask("privacy_case", actor=both, request_id=request["request_id"])["own"]
        for call in ("answer_privacy_request", "refuse_privacy_request", "carry_out_privacy_request"):
            assert refusal(ask, call, **decision(both, request)).code == "OWN_CASE"

    def test_corrects_a_name_and_answers_what_cannot_be_carried_out(self, ask, owner, operator):
        _, actor = owner
        ask("carry_out_privacy_request", **decision(operator, asked(ask, actor), name="陳大文"))
        assert ask("own_profile", actor=actor)["name"] == "陳大文"
        view = asked(ask, actor, "view")
        assert refusal(ask, "carry_out_privacy_request", **decision(operator, view)).code == "NOT_CARRIED_OUT"
        assert ask("answer_privacy_request", **decision(operator, view))["state"] == "done"

    def test_deleting_forgets_who_it_was_and_keeps_the_case(self, ask, owner, operator, rows, announced):
        applying, actor = owner
        login = {"account_name": actor.account_name, "password": "Quay!2026side"}
        entered = ask("log_in", **login)
        request = asked(ask, actor, "delete", "不再使用")
        ask("carry_out_privacy_request", **decision(operator, request))
        assert refusal(ask, "log_in", **login).code == "LOGIN_FAILED"
        assert refusal(ask, "resume_session", session_token=entered["session_token"]).code == "SESSION_ENDED"
        account = "FROM account WHERE account_id = %s"
        ((state, kept),) = rows(f"SELECT state, to_jsonb(account)::text {account}", actor.account_id)
        assert state == "closed"
        for secret in (actor.account_name, applying.applicant["email"], applying.applicant["name"]):
            assert secret not in kept
        for table in ("account_contact", "account_profile", "contact_change", "former_password"):
            assert rows(f"SELECT count(*) FROM {table} WHERE account_id = %s", actor.account_id) == [(0,)]
        kept = "SELECT count(*) FROM application WHERE application_id = %s"
        assert rows(kept, applying.application_id) == [(1,)]
        (answered,) = announced("PrivacyRequestAnswered", subject=request["request_id"])
        assert answered["emails"] == [applying.applicant["email"]]
        assert announced("AccountClosed", subject=str(actor.account_id))

    def test_stopping_closes_the_account_and_keeps_the_data(self, ask, owner, operator, rows):
        _, actor = owner
        ask("carry_out_privacy_request", **decision(operator, asked(ask, actor, "stop")))
        assert rows("SELECT state, account_name FROM account WHERE account_id = %s", actor.account_id) == [
            ("closed", actor.account_name)
        ]


def test_the_desk_is_reminded_once_a_day(ask, owner, rows, transactions, announced):
    _, actor = owner
    rows("DELETE FROM privacy_request")
    request = asked(ask, actor)
    for due, times in (("CURRENT_DATE + 20", 0), ("CURRENT_DATE + 4", 1), ("CURRENT_DATE - 1", 1)):
        rows(f"UPDATE privacy_request SET due_on = {due}")
        for _ in range(2):
            with transactions.transaction() as tx:
                ask.service.remind_of_privacy_requests(tx)
        assert len(announced("PrivacyRequestDueSoon", subject=request["request_id"])) == times
    rows("UPDATE privacy_request SET reminded_on = CURRENT_DATE - 2")
    with transactions.transaction() as tx:
        ask.service.remind_of_privacy_requests(tx)
    assert len(announced("PrivacyRequestDueSoon", subject=request["request_id"])) == 2


class TestACopy:
    def test_holds_everything_and_is_on_record(self, ask, owner):
        applying, actor = owner
        ask("save_profile", actor=actor, version=0, title="經理")
        asked(ask, actor)
        data = ask("copy_of_own_data", actor=actor)["data"]
        assert data["account"][0]["account_name"] == actor.account_name
        assert data["details"][0]["id_number"] == applying.identity["id_number"]
        assert data["details"][0]["title"] == "經理"
        assert applying.applicant["email"] in [contact["value"] for contact in data["contacts"]]
        assert data["application"][0]["case_number"] == applying.case_number
        assert data["consents"]
        assert data["requests"][0]["kind"] == "correct"
        assert "password_hash" not in str(data)
        looks = ask("own_history", actor=actor, category="looks")["entries"]
        assert [e["action"] for e in looks] == ["own_data_exported"]

    def test_is_made_ten_times_an_hour_at_most(self, ask, owner):
        _, actor = owner
        for _ in range(10):
            ask("copy_of_own_data", actor=actor)
        assert refusal(ask, "copy_of_own_data", actor=actor).code == "TOO_MANY_DOCUMENTS"

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("locale", "title"), [("zh-Hant", "個人資料複製本"), ("en", "copy of personal data")]
    )
    def test_can_be_read_on_paper(self, ask, owner, locale, title):
        _, actor = owner
        made = ask("document_of_own_data", actor=actor, locale=locale)
        words = text_of(Files(settings().files_url).get(made["key"]))
        assert title in words
        assert actor.account_name in words
        assert "+886233436767" in words
        # People read it: no fact has the name that it has for programs.
        assert re.findall(r"\b[a-z]+_(?:at|on|number|name|type|version|agent|zh|en)\b", words) == []

    @pytest.mark.slow
    def test_every_fact_has_a_name_in_both_languages(self, ask, owner):
        _, actor = owner
        ask("save_profile", actor=actor, version=0, title="經理")
        asked(ask, actor)
        data = ask("copy_of_own_data", actor=actor)["data"]
        named = {
            label
            for name in copying.SECTIONS
            for entry in data[name]
            for label, _ in copying._rows(entry, "en", texts_of("en", "accounts", LABELS))
        }
        assert not [label for label in named if re.fullmatch(r"[a-z_.]+", label)], named


# What stays of an account that was deleted: whose it was cannot be seen from it.
KEPT = {
    "reactivation",  # who of the staff decided
    "privacy_request",  # that the request itself was carried out
    "account_consent",  # that they agreed; the address is erased
    "session",  # times only; address and browser are erased
}


def test_nothing_that_belongs_to_an_account_is_forgotten_when_it_is_deleted(tx):
    referring = tx.execute(
        "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'account'::regclass"
    ).fetchall()
    source = inspect.getsource(PrivacyStore.pseudonymise)
    assert {table for (table,) in referring if f"DELETE FROM {table} " not in source} <= KEPT
