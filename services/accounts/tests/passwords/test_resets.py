"""A forgotten password is replaced by a link to the owner's mailbox; a stranger learns nothing."""

import itertools
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from accounts.passwords import resets
from accounts.passwords.actions import require_new_password
from accounts.registry.store import AccountStore
from mtnet_chassis.data.sealing import unseal

from ..builders import an_account, an_account_name
from ..conftest import NOTIFY_KEY, refusal, text

pytestmark = pytest.mark.stack

PASSWORD, NEW = "Quay!2026side", "Buoy?7tide-moor"


@pytest.fixture(autouse=True)
def nothing_counted(rows):
    rows("DELETE FROM failed_login")
    rows("DELETE FROM password_reset")


@pytest.fixture
def member(transactions, ask, announced):
    account = an_account(transactions, PASSWORD)
    name = account.account_name

    def forget(email=account.email, **more):
        request = {"account_name": name, "email": email, "ip": an_address()} | more
        return ask("request_password_reset", **request)

    def told():
        return announced("PasswordResetRequested", str(account.account_id))

    def link():
        sent = told()[-1]
        return unseal(text(NOTIFY_KEY.private_bytes_raw()), sent["sealed_token"], sent["account_id"])

    return SimpleNamespace(account=account, name=name, forget=forget, told=told, link=link)


_addresses = itertools.count()


def an_address():
    number = next(_addresses)
    return f"198.19.{number // 250}.{1 + number % 250}"


def test_a_link_sets_a_new_password_once_ends_every_session_and_tells_the_owner(ask, member, announced, rows):
    session = ask("log_in", account_name=member.name, password=PASSWORD)
    assert member.forget() == {}
    (asked,) = member.told()
    assert (asked["email"], asked["account_state"]) == (member.account.email, "active")
    link = member.link()
    assert link not in str(rows("SELECT * FROM password_reset"))
    assert ask("password_reset", reset_token=link)["account_name"] == member.name
    ask("reset_password", reset_token=link, password=NEW)
    assert refusal(ask, "resume_session", session_token=session["session_token"]).code == "SESSION_ENDED"
    assert ask("log_in", account_name=member.name, password=NEW)["session_token"]
    assert refusal(ask, "log_in", account_name=member.name, password=PASSWORD).code == "LOGIN_FAILED"
    (told,) = announced("PasswordChanged", str(member.account.account_id))
    assert (told["how"], told["emails"]) == ("RESET", [member.account.email])
    assert refusal(ask, "password_reset", reset_token=link).code == "RESET_LINK_USED"
    assert (
        refusal(ask, "reset_password", reset_token=link, password="Keel&93spar-Yawl").code
        == "RESET_LINK_USED"
    )
    recorded = rows(
        "SELECT action FROM audit_entry WHERE subject_id = %s AND action LIKE 'password%%' ORDER BY position",
        member.account.account_id,
    )
    assert recorded == [("password_reset_requested",), ("password_reset",)]


def test_a_reset_whose_answer_was_lost_is_answered_again_but_not_to_another_password(
    ask, member, announced, rows
):
    member.forget()
    request = {"reset_token": member.link(), "password": NEW}
    first = ask("reset_password", **request)
    assert ask("reset_password", **request) == first
    assert len(announced("PasswordChanged", str(member.account.account_id))) == 1
    rows("UPDATE password_reset SET used_at = used_at - interval '11 minutes'")
    assert refusal(ask, "reset_password", **request).code == "RESET_LINK_USED"


def test_a_used_link_is_no_way_to_guess_the_password(ask, member):
    member.forget()
    link = member.link()
    ask("reset_password", reset_token=link, password=NEW)
    for n in range(5):
        assert (
            refusal(ask, "reset_password", reset_token=link, password=f"Guess!{n}tide").code
            == "RESET_LINK_USED"
        )
    assert refusal(ask, "reset_password", reset_token=link, password=NEW).code == "RESET_LINK_USED"


def test_a_link_works_for_half_an_hour(ask, member, rows):
    member.forget()
    ((life,),) = rows("SELECT expires_at - asked_at FROM password_reset")
    assert life.total_seconds() == 30 * 60
    rows("UPDATE password_reset SET expires_at = now()")
    assert (
        refusal(ask, "reset_password", reset_token=member.link(), password=NEW).code == "RESET_LINK_INVALID"
    )


def test_who_asks_twice_may_use_either_link_and_then_none(ask, member):
    """Else a stranger could void the owner's link again and again."""
    member.forget()
    first = member.link()
    member.forget()
    second = member.link()
    ask("reset_password", reset_token=first, password=NEW)
    assert refusal(ask, "password_reset", reset_token=second).code == "RESET_LINK_INVALID"


def test_broken_rules_are_told_and_leave_the_link_as_it_was(ask, member):
    member.forget()
    link = member.link()
    assert refusal(ask, "reset_password", reset_token=link, password="short").fields["password"]
    used = refusal(ask, "reset_password", reset_token=link, password=PASSWORD)
    assert used.fields == {"password": ["PASSWORD_USED_BEFORE"]}
    assert ask("reset_password", reset_token=link, password=NEW)


def test_the_mailbox_fits_however_its_letters_are_written(member):
    member.forget(email=member.account.email.upper())
    assert member.told()[0]["email"] == member.account.email


def test_each_proved_mailbox_gets_a_link_and_every_contact_is_told(ask, member, announced, rows):
    second, phone = f"second-{member.account.email}", "+886987654321"
    for kind, value in (("email", second), ("mobile", phone)):
        rows(
            "INSERT INTO account_contact (contact_id, account_id, kind, value, compared, is_primary, verified_at)"
            " VALUES (gen_random_uuid(), %s, %s, %s, %s, false, now())",
            member.account.account_id,
            kind,
            value,
            value,
        )
    member.forget(email=second)
    assert member.told()[0]["email"] == second
    ask("reset_password", reset_token=member.link(), password=NEW)
    (told,) = announced("PasswordChanged", str(member.account.account_id))
    assert told["emails"] == [member.account.email, second]
    assert told["mobiles"] == [member.account.mobile, phone]


@pytest.mark.parametrize("state", ["frozen", "disabled", "approved"])
def test_who_cannot_log_in_is_told_the_way_instead_of_a_link(member, rows, state):
    rows("UPDATE account SET state = %s WHERE account_id = %s", state, member.account.account_id)
    assert member.forget() == {}
    (told,) = member.told()
    assert told["account_state"] == state
    assert "sealed_token" not in told
    assert "expires_at" not in told


def test_an_account_that_is_frozen_meanwhile_gets_no_password_by_a_link(ask, member, rows):
    member.forget()
    rows("UPDATE account SET state = 'frozen' WHERE account_id = %s", member.account.account_id)
    assert (
        refusal(ask, "reset_password", reset_token=member.link(), password=NEW).code == "RESET_LINK_INVALID"
    )


def test_a_stranger_is_answered_alike_and_nothing_is_sent(ask, member, rows, transactions):
    before = rows("SELECT count(*) FROM outbox"), rows("SELECT count(*) FROM audit_entry")
    assert member.forget(email="somebody@example.com") == {}
    unknown = {"account_name": an_account_name(), "email": member.account.email, "ip": an_address()}
    assert ask("request_password_reset", **unknown) == {}
    assert (rows("SELECT count(*) FROM outbox"), rows("SELECT count(*) FROM audit_entry")) == before
    assert rows("SELECT count(*), count(account_id) FROM password_reset") == [(2, 0)]
    assert rows("SELECT 1 FROM aggregate_sequence WHERE subject = %s", str(resets.NOBODY.account_id)) == []


def test_every_question_costs_the_same_statements(ask, member, monkeypatch):
    """What belongs to nobody is written and undone: neither the answer nor its time tells."""
    asked, execute = [], psycopg.Connection.execute

    def watched(self, query, *more, **named):
        asked.append(" ".join(str(query).split()[:3]))
        return execute(self, query, *more, **named)

    monkeypatch.setattr(psycopg.Connection, "execute", watched)

    def statements(account_name, email):
        asked.clear()
        ask("request_password_reset", account_name=account_name, email=email, ip=an_address())
        return list(asked)

    fits = statements(member.name, member.account.email)
    assert any("outbox" in each or "WITH raised" in each for each in fits)
    assert statements(member.name, "somebody@example.com") == fits
    assert statements(an_account_name(), "somebody@example.com") == fits


def test_one_source_asks_five_times_an_hour_for_a_name_known_or_not(ask, member):
    for name in (member.name, an_account_name()):
        request = {"account_name": name, "email": member.account.email, "ip": an_address()}
        for _ in range(5):
            ask("request_password_reset", **request)
        assert refusal(ask, "request_password_reset", **request).code == "TOO_MANY_RESETS"
    member.forget()


def test_strangers_together_fill_no_mailbox_and_do_not_stop_the_owners_own_device(ask, member):
    entered = ask("log_in", account_name=member.name, password=PASSWORD, ip=an_address())
    for _ in range(20):
        member.forget()
    request = {"account_name": member.name, "email": member.account.email}
    assert refusal(ask, "request_password_reset", ip=an_address(), **request).code == "TOO_MANY_RESETS"
    member.forget(device_token=entered["device_token"])


def test_one_mailbox_of_many_accounts_has_a_limit(ask, member):
    for _ in range(20):
        member.forget(account_name=an_account_name())
    request = {"account_name": an_account_name(), "email": member.account.email.upper(), "ip": an_address()}
    assert refusal(ask, "request_password_reset", **request).code == "TOO_MANY_RESETS"


def test_one_source_has_a_limit_over_all_names(ask):
    ip = an_address()
    for _ in range(60):
        request = {"account_name": an_account_name(), "email": f"{uuid4().hex}@example.com", "ip": ip}
        ask("request_password_reset", **request)
    request = {"account_name": an_account_name(), "email": f"{uuid4().hex}@example.com", "ip": ip}
    assert refusal(ask, "request_password_reset", **request).code == "TOO_MANY_RESETS"


def test_a_link_lets_an_owner_in_who_guessed_too_often(ask, member):
    ip = an_address()
    for n in range(6):
        refusal(ask, "log_in", account_name=member.name, password=f"wrong{n}", ip=ip)
    member.forget()
    ask("reset_password", reset_token=member.link(), password=NEW, ip=ip)
    assert ask("log_in", account_name=member.name, password=NEW, ip=ip)["session_token"]


def test_a_demand_for_a_new_password_voids_the_links_before_it(ask, member, transactions):
    """They may lie in the mailbox of whoever took the account over."""
    member.forget()
    with transactions.transaction() as tx:
        require_new_password(AccountStore(tx), [member.account.account_id], datetime.now(UTC))
    assert (
        refusal(ask, "reset_password", reset_token=member.link(), password=NEW).code == "RESET_LINK_INVALID"
    )


def test_a_demand_for_a_new_password_is_met_by_a_link(ask, member, rows):
    rows(
        "UPDATE account SET new_password_required_at = now() WHERE account_id = %s", member.account.account_id
    )
    member.forget()
    ask("reset_password", reset_token=member.link(), password=NEW)
    assert ask("log_in", account_name=member.name, password=NEW)["session_token"]
