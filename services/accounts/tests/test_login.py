"""A login: counted before it is judged, the same work for every failure, and on record."""

import threading
from contextlib import contextmanager

import pytest
from accounts import service as doors
from accounts.store import AuditStore

from .builders import Applying, an_account_name, approved, opened
from .conftest import refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"


@pytest.fixture
def name(ask, notify, transactions):
    """The account name of somebody whose password is PASSWORD."""
    applying = Applying(ask, notify)
    applying.hand_in()
    with transactions.transaction() as tx:
        ask.service.record_waiting(tx, opened(applying))
        ask.service.open_account(tx, approved(applying))
    name = applying.identity["account_name"]
    ask("activate_account", activation_token=notify.last_link(name), password=PASSWORD)
    return name


def records(rows, name):
    return rows(
        "SELECT action, detail ->> 'reason' FROM audit_entry JOIN account ON account_id = subject_id"
        " WHERE account_name = %s AND action LIKE 'log%%' ORDER BY position",
        name,
    )


def suspend(ask, name):
    for n in range(5):
        refusal(ask, "log_in", account_name=name, password=f"wrong{n}")


class Watched:
    """Transactions that tell how many were begun, kept and undone."""

    def __init__(self, transactions):
        self._transactions, self.seen = transactions, []

    @contextmanager
    def transaction(self):
        self.seen.append("begun")
        try:
            with self._transactions.transaction() as tx:
                yield tx
        except BaseException:
            self.seen.append("undone")
            raise
        self.seen.append("kept")


def test_every_failed_login_does_the_same_work(ask, name, transactions, monkeypatch):
    hashes = []
    monkeypatch.setattr(
        doors, "verified", lambda stored, given: hashes.append("compared") or given == PASSWORD
    )
    monkeypatch.setattr(doors, "hashed", lambda given: hashes.append("hashed") or "new")
    monkeypatch.setattr("accounts.actions.entering.is_outdated", lambda stored: True)

    def work(account_name, password):
        watched = Watched(transactions)
        monkeypatch.setattr(ask.service, "database", watched)
        hashes.clear()
        refusal(ask, "log_in", account_name=account_name, password=password)
        return watched.seen + hashes

    wrong = work(name, "wrong")
    assert wrong == ["begun", "kept"] * 2 + ["compared"]
    assert work(an_account_name(), PASSWORD) == wrong
    for n in range(4):
        work(name, f"wrong{n}")
    assert work(name, "wrong") == wrong
    assert work(name, PASSWORD) == wrong


def test_a_burst_of_tries_has_no_more_guesses_than_a_row_of_them(ask, name, rows, monkeypatch):
    """None of them is judged before all were let in: counting afterwards would have come too late for every one."""
    together = threading.Barrier(12, timeout=30)

    def compared_together(stored, given):
        together.wait()
        return False

    monkeypatch.setattr(doors, "verified", compared_together)
    tries = [
        threading.Thread(
            target=refusal, args=(ask, "log_in"), kwargs={"account_name": name, "password": f"guess{n}"}
        )
        for n in range(12)
    ]
    for each in tries:
        each.start()
    for each in tries:
        each.join()
    outcomes = [reason for _, reason in records(rows, name)]
    assert sorted(outcomes) == ["suspended"] * 7 + ["wrong"] * 5


def test_the_right_password_of_a_frozen_account_is_no_failure(ask, name, rows):
    rows("UPDATE account SET state = 'frozen' WHERE account_name = %s", name)
    for _ in range(7):
        assert refusal(ask, "log_in", account_name=name, password=PASSWORD).code == "ACCOUNT_FROZEN"
    assert records(rows, name) == [("login_refused", "frozen")] * 7


def test_logins_and_failures_are_on_record_and_what_was_typed_is_not(ask, name, rows, transactions):
    refusal(ask, "log_in", account_name=name, password="wrong", ip="192.0.2.8")
    ask("log_in", account_name=name, password=PASSWORD, ip="192.0.2.8")
    suspend(ask, name)
    refusal(ask, "log_in", account_name=name, password=PASSWORD)
    assert records(rows, name) == [
        ("login_failed", "wrong"),
        ("logged_in", None),
        *[("login_failed", "wrong")] * 5,
        ("login_failed", "suspended"),
    ]
    typed = an_account_name()
    refusal(ask, "log_in", account_name=typed, password="wrong", ip="192.0.2.8")
    ((subject_id, actor_id, ip, entry),) = rows(
        "SELECT subject_id, actor_account_id, host(ip), audit_entry::text FROM audit_entry"
        " ORDER BY position DESC LIMIT 1"
    )
    assert (subject_id, actor_id, ip) == (None, None, "192.0.2.8")
    assert typed not in entry
    with transactions.transaction() as tx:
        assert AuditStore(tx).first_broken_position() is None
