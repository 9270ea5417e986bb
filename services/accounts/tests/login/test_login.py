"""A login: counted before it is judged, the same work for every failure, and on record."""

import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from accounts.audit import actions as auditing
from accounts.audit.store import AuditStore
from accounts.login import actions as logins
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import Applying, an_account_name, approved, opened
from ..conftest import refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"


@pytest.fixture(autouse=True)
def nothing_counted(rows):
    rows("DELETE FROM failed_login")


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


def wrong(ask, name, times=5, **more):
    for n in range(times):
        assert refusal(ask, "log_in", account_name=name, password=f"wrong{n}", **more).code == "LOGIN_FAILED"


def enters(ask, name, **more):
    """Whether the right password opens a session."""
    with suppress(Refused):
        return ask("log_in", account_name=name, password=PASSWORD, **more)


# A test may take longer than the second that a name waits at first.
A_MINUTE_MORE = (
    "UPDATE failed_login SET locked_until = locked_until + interval '1 minute' WHERE kind = 'name'"
)


def tallied(rows, kind):
    return [
        count for (count,) in rows("SELECT failures FROM failed_login WHERE kind = %s AND failures > 0", kind)
    ]


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
        logins, "verified", lambda stored, given: hashes.append("compared") or given == PASSWORD
    )
    monkeypatch.setattr(logins, "hashed", lambda given: hashes.append("hashed") or "new")
    monkeypatch.setattr("accounts.login.actions.is_outdated", lambda stored: True)

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

    monkeypatch.setattr(logins, "verified", compared_together)
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
    assert sorted(outcomes) == ["suspended"] + ["wrong"] * 5
    assert tallied(rows, "pair") == [12]


def test_the_right_password_of_a_frozen_account_is_no_failure(ask, name, rows):
    rows("UPDATE account SET state = 'frozen' WHERE account_name = %s", name)
    for _ in range(7):
        assert refusal(ask, "log_in", account_name=name, password=PASSWORD).code == "ACCOUNT_FROZEN"
    assert records(rows, name) == [("login_refused", "frozen")] * 7


def test_logins_and_failures_are_on_record_and_what_was_typed_is_not(ask, name, rows, transactions, told):
    refusal(ask, "log_in", account_name=name, password="wrong", ip="192.0.2.8")
    ask("log_in", account_name=name, password=PASSWORD, ip="192.0.2.8")
    wrong(ask, name)
    assert not enters(ask, name)
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
        assert auditing.verify(AuditStore(tx), datetime.now(UTC))[1] == []


def test_a_stranger_elsewhere_locks_nobody_out(ask, name):
    wrong(ask, name, 8, ip="198.51.100.7")
    assert not enters(ask, name, ip="198.51.100.7")
    assert enters(ask, name, ip="198.51.100.8")
    assert not enters(ask, name, ip="198.51.100.7")


@pytest.mark.parametrize(
    ("stranger", "owner", "suspended"),
    [
        ("2001:db8:0:1::5", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::5", "2001:db8:0:2::5", False),
        ("198.51.100.7", "::ffff:198.51.100.7", True),
        ("nonsense", None, True),
        ("fe80::1%eth0", "fe80::1", True),
    ],
)
def test_a_source_is_an_address_or_the_network_of_one_visitor(ask, name, stranger, owner, suspended):
    wrong(ask, name, ip=stranger)
    assert (enters(ask, name, ip=owner) is None) is suspended


def test_a_name_answers_strangers_more_and_more_slowly_and_never_not_at_all(ask, name, rows):
    for n in range(4):
        wrong(ask, name, ip=f"198.51.100.{n}")
    assert tallied(rows, "name") == [20]
    ((wait,),) = rows("SELECT locked_until - last_at FROM failed_login WHERE kind = 'name'")
    assert wait == timedelta(seconds=1)
    rows(A_MINUTE_MORE)
    assert not enters(ask, name, ip="203.0.113.1")
    rows("UPDATE failed_login SET locked_until = now() WHERE kind = 'name'")
    wrong(ask, name, 1, ip="203.0.113.2")
    for _ in range(5):
        rows("UPDATE failed_login SET locked_until = now() WHERE kind = 'name'")
        wrong(ask, name, 1, ip="203.0.113.3")
        rows("DELETE FROM failed_login WHERE kind = 'pair'")
    ((wait,),) = rows("SELECT locked_until - last_at FROM failed_login WHERE kind = 'name'")
    assert wait == timedelta(seconds=2)
    rows("UPDATE failed_login SET locked_until = now() WHERE kind = 'name'")
    assert enters(ask, name, ip="203.0.113.1")


def test_tries_that_were_not_let_in_prolong_nothing(ask, name, rows):
    for n in range(4):
        wrong(ask, name, ip=f"198.51.100.{n}")
    rows(A_MINUTE_MORE)
    before = rows("SELECT failures, locked_until FROM failed_login WHERE kind = 'name'")
    wrong(ask, name, 3, ip="203.0.113.1")
    assert rows("SELECT failures, locked_until FROM failed_login WHERE kind = 'name'") == before
    assert 3 not in tallied(rows, "pair")


def test_the_device_of_a_login_has_a_limit_that_no_stranger_uses_up(ask, name, rows):
    device = enters(ask, name, ip="203.0.113.1")["device_token"]
    for n in range(4):
        wrong(ask, name, ip=f"198.51.100.{n}")
    rows(A_MINUTE_MORE)
    wrong(ask, name, ip="203.0.113.1")
    again = enters(ask, name, ip="203.0.113.1", device_token=device)
    assert again
    assert not enters(ask, name, ip="203.0.113.1", device_token=device), "the secret was replaced"
    wrong(ask, name, device_token=again["device_token"])
    assert not enters(ask, name, ip="203.0.113.9", device_token=again["device_token"])


def test_a_device_is_known_for_its_own_account_only(ask, name, notify, transactions):
    other = ask("log_in", account_name=name, password=PASSWORD)["device_token"]
    applying = Applying(ask, notify)
    applying.hand_in()
    with transactions.transaction() as tx:
        ask.service.record_waiting(tx, opened(applying))
        ask.service.open_account(tx, approved(applying))
    victim = applying.identity["account_name"]
    ask("activate_account", activation_token=notify.last_link(victim), password=PASSWORD)
    wrong(ask, victim, ip="198.51.100.7", device_token=other)
    assert not enters(ask, victim, ip="198.51.100.7", device_token=other)
    both = enters(ask, victim, device_token=other)["device_token"]
    wrong(ask, name)
    assert enters(ask, name, device_token=both), "what the browser was known for before stays"


def test_of_the_devices_of_an_account_ten_are_kept(ask, name, rows):
    for _ in range(12):
        assert enters(ask, name)
    ((kept,),) = rows("SELECT max(count) FROM (SELECT count(*) FROM known_device GROUP BY subject) AS each")
    assert kept == 10


def test_a_source_that_tries_many_names_is_suspended_for_all_of_them_and_nobody_else_is(ask, name):
    for n in range(100):
        wrong(ask, f"nobody{n:04d}", 1, ip="198.51.100.7")
    assert not enters(ask, name, ip="198.51.100.7")
    assert enters(ask, name, ip="198.51.100.8")


def test_visitors_whose_address_is_not_known_share_no_limit(ask, name):
    for n in range(101):
        wrong(ask, f"nobody{n:04d}", 1, ip="unknown")
    assert enters(ask, name, ip="unknown")


def test_tries_that_fail_by_our_fault_are_no_wrong_passwords(ask, name, rows, monkeypatch):
    def broken(*arguments, **named):
        raise RuntimeError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr("accounts.login.actions._judged", broken)
        for _ in range(7):
            with pytest.raises(RuntimeError):
                ask("log_in", account_name=name, password=PASSWORD)
    assert tallied(rows, "pair") == []
    assert enters(ask, name)


def test_a_try_whose_process_died_ends_by_itself(ask, name, rows, monkeypatch):
    def died(*arguments, **named):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(logins, "verified", died)
        patch.setattr("accounts.login.actions.give_up", died)
        for _ in range(5):
            with pytest.raises(RuntimeError):
                ask("log_in", account_name=name, password=PASSWORD)
    assert not enters(ask, name), "five guesses may still be under way"
    rows("UPDATE failed_login SET pending = array(SELECT p - interval '31 s' FROM unnest(pending) AS p)")
    assert enters(ask, name)


def test_fifty_wrong_tries_at_once_are_fifty(ask, name, rows, monkeypatch):
    # Eventlet's native threads, in which passwords are compared, serve the service's one thread only.
    monkeypatch.setattr(logins, "verified", lambda stored, given: False)
    tries = [
        threading.Thread(target=wrong, args=(ask, name, 1), kwargs={"ip": "198.51.100.7"}) for _ in range(50)
    ]
    for each in tries:
        each.start()
    for each in tries:
        each.join()
    assert tallied(rows, "pair") == [50]
    assert tallied(rows, "name") == [5]
    assert rows("SELECT count(*) FROM failed_login WHERE pending <> '{}'") == [(0,)]


def test_a_login_ends_the_session_it_takes_the_place_of(ask, name):
    first = ask("log_in", account_name=name, password=PASSWORD)["session_token"]
    other = ask("log_in", account_name=name, password=PASSWORD)["session_token"]
    second = ask("log_in", account_name=name, password=PASSWORD, former_session_token=first)["session_token"]
    assert refusal(ask, "resume_session", session_token=first).code == "SESSION_ENDED"
    assert ask("resume_session", session_token=second)
    assert ask("resume_session", session_token=other), "one on another device stays"


def test_a_login_that_fails_ends_nothing(ask, name):
    first = ask("log_in", account_name=name, password=PASSWORD)["session_token"]
    wrong(ask, name, times=1, former_session_token=first)
    assert ask("resume_session", session_token=first)


def test_a_former_session_that_is_over_or_never_was_is_no_hindrance(ask, name):
    first = ask("log_in", account_name=name, password=PASSWORD)["session_token"]
    ask("log_out", session_token=first)
    for former in (first, "x" * 43):
        assert ask("log_in", account_name=name, password=PASSWORD, former_session_token=former)
