"""A password is set: no rule broken, none of the last three, and a demand for a new one is met."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from accounts.passwords import actions
from accounts.passwords.rules import PasswordChangedMeanwhile
from accounts.passwords.store import PasswordStore
from accounts.registry.store import AccountStore
from accounts.sessions import adapters
from accounts.vault import vault_of
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import an_account
from ..conftest import refusal

pytestmark = pytest.mark.stack

FIRST, SECOND, THIRD, FOURTH = "Quay!2026side", "Buoy?7tide-moor", "Hawser%4reef-Lee", "Keel&93spar-Yawl"


@pytest.fixture
def member(transactions):
    return an_account(transactions, FIRST)


@pytest.fixture
def set_to(transactions, told, member):
    """`set_to(password)` as every topic does it: judged and hashed outside, stored inside a transaction."""

    @contextmanager
    def stores():
        with transactions.transaction() as tx:
            yield SimpleNamespace(accounts=AccountStore(tx), passwords=PasswordStore(tx))

    def set_to(password, between=lambda: None):
        new = actions.prepare_password(stores, vault_of(told), member.account_id, password)
        between()
        with stores() as opened:
            account = opened.accounts.account_for_update(member.account_id)
            actions.set_password(opened, account, new, _now())

    return set_to


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)


def faults_of(set_to, password):
    with pytest.raises(Refused) as refused:
        set_to(password)
    return refused.value.fields["password"]


def test_none_of_the_last_three_may_come_again(set_to, member, rows):
    assert faults_of(set_to, FIRST) == ["PASSWORD_USED_BEFORE"]
    set_to(SECOND)
    set_to(THIRD)
    for used in (FIRST, SECOND, THIRD):
        assert faults_of(set_to, used) == ["PASSWORD_USED_BEFORE"]
    set_to(FOURTH)
    set_to(FIRST)
    kept = rows("SELECT count(*) FROM former_password WHERE account_id = %s", member.account_id)
    assert kept == [(2,)]


def test_a_former_password_is_known_however_its_letters_are_made(set_to):
    set_to("Caf\u00e9!7tide-moor")
    assert faults_of(set_to, "Cafe\u0301!7tide-moor") == ["PASSWORD_USED_BEFORE"]


def test_no_transaction_is_open_while_passwords_are_hashed(set_to, rows, monkeypatch):
    open_transactions = []

    def hashed(password):
        open_transactions.extend(
            rows(
                "SELECT query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        return adapters.hashed(password)

    monkeypatch.setattr(actions, "hashed", hashed)
    set_to(SECOND)
    assert open_transactions == []


def test_of_two_who_set_a_password_at_once_one_is_told(set_to):
    with pytest.raises(PasswordChangedMeanwhile):
        set_to(SECOND, between=lambda: set_to(THIRD))


def test_the_owner_of_a_password_that_others_may_know_does_not_log_in_with_it(
    ask, set_to, member, transactions, rows
):
    with transactions.transaction() as tx:
        actions.require_new_password(AccountStore(tx), [member.account_id], _now())
    log_in = {"account_name": member.account_name}
    assert refusal(ask, "log_in", password=FIRST, **log_in).code == "NEW_PASSWORD_REQUIRED"
    assert refusal(ask, "log_in", password=SECOND, **log_in).code == "LOGIN_FAILED"
    said = rows(
        "SELECT action, detail ->> 'reason' FROM audit_entry WHERE subject_id = %s ORDER BY position",
        member.account_id,
    )
    assert said[0] == ("login_refused", "new_password_required")
    set_to(SECOND)
    assert ask("log_in", password=SECOND, **log_in)["session_token"]
