"""What may happen to an account, in any order: its state, its days, its sessions and its contacts, as time passes.

Every operation is tried in every state (`OUTCOMES`), and in any order (`AccountMachine`). Time passes by moving all
stored days and instants into the past. Whoever adds an operation adds a line to OUTCOMES and a rule to the machine.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from accounts.inactivity.rules import dates_after_activity, dates_after_reminder
from accounts.lifecycle import actions as lifecycle
from accounts.lifecycle.endpoints import stores_of
from accounts.reactivation.actions import apply_approval
from accounts.reactivation.endpoints import stores_in
from accounts.reactivation.rules import Approval, NothingToReactivate
from accounts.reactivation.store import ReactivationStore
from accounts.sessions.adapters import hashed
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.testing.emptying import emptying
from mtnet_contracts.vocabulary.dates import taipei_day

from .builders import put_accounts
from .conftest import other_code

pytestmark = pytest.mark.stack

PASSWORDS = ("Ebb&Flow-7391", "Spring~Tide-58", "Neap~Tide-264x", "Slack~Water-905")
STATES = ("approved", "active", "frozen", "disabled", "closed")
DATES = ("active_on", "freeze_on", "remind_on", "disable_on", "reminded_days")


def today():
    return taipei_day(datetime.now(UTC))


class Person:
    """An account and what its owner, the staff and the clock can do to it."""

    def __init__(self, ask, rows, transactions, notify, state="active"):
        self.ask, self.rows, self.transactions, self.notify = ask, rows, transactions, notify
        rows(emptying("account"))
        (self.account_id,) = put_accounts(rows, state, today())
        self.email, self.password = f"owner{uuid4().hex[:8]}@example.com", PASSWORDS[0]
        rows(
            "UPDATE account SET email = %s, password_hash = %s WHERE account_id = %s",
            self.email,
            hashed(self.password) if state not in ("approved", "closed") else None,
            self.account_id,
        )
        ((self.name,),) = rows("SELECT account_name FROM account")

    @property
    def state(self):
        return self.rows("SELECT state FROM account")[0][0]

    @property
    def days(self):
        (found,) = self.rows(f"SELECT {', '.join(DATES)} FROM account")
        return dict(zip(DATES, found, strict=True))

    def source(self):
        return f"198.51.{uuid4().int % 256}.{uuid4().int % 256}"

    def outcome(self, call, **request):
        """`done`, or the code of the refusal."""
        try:
            self.reply = self.ask(call, **request)
        except Refused as refused:
            return refused.code
        return "done"

    # What can be done

    def log_in(self):
        return self.outcome("log_in", account_name=self.name, password=self.password, ip=self.source())

    def log_in_with_another_password(self):
        return self.outcome("log_in", account_name=self.name, password="Wrong!Pass99", ip=self.source())

    def reactivate_with_a_code(self, password=PASSWORDS[1]):
        asked = self.ask("request_reactivation_code", account_name=self.name, ip=self.source())
        sent = self.rows(
            "SELECT 1 FROM challenge WHERE question_id = %s AND account_id IS NOT NULL", asked["challenge_id"]
        )
        code = self.notify.last_code(self.email) if sent else "000000"
        found = self.outcome(
            "reactivate_account", challenge_id=asked["challenge_id"], code=code, password=password, ip=None
        )
        if found == "done":
            self.password = password
        return found

    def reactivate_with_a_wrong_code(self):
        asked = self.ask("request_reactivation_code", account_name=self.name, ip=self.source())
        sent = self.rows(
            "SELECT 1 FROM challenge WHERE question_id = %s AND account_id IS NOT NULL", asked["challenge_id"]
        )
        code = other_code(self.notify.last_code(self.email)) if sent else "000000"
        return self.outcome(
            "reactivate_account",
            challenge_id=asked["challenge_id"],
            code=code,
            password=PASSWORDS[2],
            ip=None,
        )

    def reactivate_on_evidence(self):
        approval = Approval(
            reactivation_id=uuid4(),
            account_id=self.account_id,
            checked_by="helpdesk01",
            approved_by="helpdesk02",
            reason="letter",
            evidence_reference="LETTER-12",
            approved_at=datetime.now(UTC),
        )
        try:
            with self.transactions.transaction() as tx:
                return str(apply_approval(stores_in(tx), ReactivationStore(tx), approval, datetime.now(UTC)))
        except NothingToReactivate:
            return "NothingToReactivate"

    def actor(self, role):
        return Actor(
            account_id=self.account_id if role == "member" else uuid4(),
            account_name=self.name if role == "member" else "operator1",
            display_name="x",
            roles=frozenset([role]),
            session_id=uuid4(),
            expires_at=datetime.now(UTC) + timedelta(minutes=1),
            confirmed_at=datetime.now(UTC),
        )

    def close_by_owner(self):
        return self.outcome("close_own_account", actor=self.actor("member"), account_name=self.name)

    def close_by_operator(self):
        return self.outcome(
            "close_account", actor=self.actor("operator"), account_name=self.name, reason="asked for"
        )

    def resume(self, token):
        return self.outcome("resume_session", session_token=token, ip=None)

    def run_lifecycle(self):
        done = lifecycle.run(stores_of(self.transactions), today())
        return done.frozen, done.reminded, done.disabled

    def time_passes(self, days):
        """All that is stored lies further back."""
        self.rows(
            "UPDATE account SET active_on = active_on - %(n)s, freeze_on = freeze_on - %(n)s,"
            " remind_on = remind_on - %(n)s, disable_on = disable_on - %(n)s",
            {"n": days},
        )
        self.rows(
            "UPDATE session SET started_at = started_at - %(n)s * interval '1 day',"
            " touched_at = touched_at - %(n)s * interval '1 day'",
            {"n": days},
        )
        self.rows(
            "UPDATE challenge SET created_at = created_at - %(n)s * interval '1 day',"
            " expires_at = expires_at - %(n)s * interval '1 day'",
            {"n": days},
        )


@pytest.fixture
def person(ask, rows, transactions, notify):
    return lambda state="active": Person(ask, rows, transactions, notify, state)


# What each operation answers in each state, and the state afterwards: in the order of STATES.
OUTCOMES = {
    "log_in": (
        ("LOGIN_FAILED", "approved"),
        ("done", "active"),
        ("ACCOUNT_FROZEN", "frozen"),
        ("ACCOUNT_DISABLED", "disabled"),
        ("LOGIN_FAILED", "closed"),
    ),
    "log_in_with_another_password": tuple(("LOGIN_FAILED", state) for state in STATES),
    "reactivate_with_a_code": (
        ("CODE_WRONG", "approved"),
        ("CODE_WRONG", "active"),
        ("done", "active"),
        ("CODE_WRONG", "disabled"),
        ("CODE_WRONG", "closed"),
    ),
    "reactivate_with_a_wrong_code": tuple(("CODE_WRONG", state) for state in STATES),
    "reactivate_on_evidence": (
        ("NothingToReactivate", "approved"),
        ("not needed", "active"),
        ("reactivated", "active"),
        ("reactivated", "active"),
        ("closed", "closed"),
    ),
    "close_by_owner": tuple(("done", "closed") for _ in STATES),
    "close_by_operator": (*(("done", "closed") for _ in STATES[:-1]), ("ACCOUNT_NOT_FOUND", "closed")),
    "run_lifecycle": tuple(((0, 0, 0), state) for state in STATES),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", OUTCOMES)
def test_every_operation_in_every_state(person, operation, state):
    somebody = person(state)
    found = getattr(somebody, operation)()
    assert (found, somebody.state) == OUTCOMES[operation][STATES.index(state)]


class AccountMachine(RuleBasedStateMachine):
    """The model knows the state, the password, the days of the rules and which sessions are open."""

    world = None  # set by the test: makes a Person

    @initialize()
    def begin(self):
        self.person = self.world()
        self.state, self.dates, self.sessions = "active", dates_after_activity(today()), []
        self.named, self.passwords = None, [PASSWORDS[0]]

    def _active_again(self):
        self.state, self.dates, self.named = "active", dates_after_activity(today()), None

    @rule()
    def log_in(self):
        expected = OUTCOMES["log_in"][STATES.index(self.state)][0]
        assert self.person.log_in() == expected
        if expected == "done":
            self.sessions.append(self.person.reply["session_token"])
            self._active_again()

    @rule()
    def log_in_with_another_password(self):
        assert self.person.log_in_with_another_password() == "LOGIN_FAILED"

    @rule(password=st.sampled_from(PASSWORDS))
    def reactivate_with_a_code(self, password):
        done = self.person.reactivate_with_a_code(password) == "done"
        # None of the last three passwords may come again.
        assert done == (self.state == "frozen" and password not in self.passwords[-3:])
        if done:
            self.passwords.append(password)
            self._active_again()

    @rule()
    def reactivate_with_a_wrong_code(self):
        assert self.person.reactivate_with_a_wrong_code() == "CODE_WRONG"

    @rule()
    def reactivate_on_evidence(self):
        found = self.person.reactivate_on_evidence()
        assert found == OUTCOMES["reactivate_on_evidence"][STATES.index(self.state)][0]
        if found == "reactivated":
            self._active_again()

    @rule(days=st.sampled_from((1, 6, 7, 23, 30, 60, 89, 90, 120, 335, 400)))
    def time_passes(self, days):
        self.person.time_passes(days)
        self.sessions = []
        back = {n: getattr(self.dates, n) - timedelta(days=days) for n in DATES[:4] if getattr(self.dates, n)}
        self.dates = replace(self.dates, **back)
        self.named = self.named and self.named - timedelta(days=days)

    @rule()
    def run_lifecycle(self):
        frozen, reminded, disabled = self.person.run_lifecycle()
        in_use = self.state in ("active", "frozen")
        assert disabled == (in_use and self.dates.remind_on is None and self.dates.disable_on <= today())
        if disabled:
            assert self.named is not None, "nobody is disabled without a reminder"
            assert self.named <= today(), "nobody is disabled before the day that the last reminder named"
            self.state = "disabled"
        assert frozen == (self.state == "active" and self.dates.freeze_on <= today())
        self.state = "frozen" if frozen else self.state
        due = self.state in ("active", "frozen") and self.dates.remind_on is not None
        assert reminded == (due and self.dates.remind_on <= today())
        if reminded:
            self.dates = dates_after_reminder(self.dates, reminded_on=today())
            assert (self.dates.disable_on - today()).days >= self.dates.reminded_days
            self.named = self.dates.disable_on

    @rule(days=st.sampled_from((7, 23, 30, 90, 245, 335, 400)))
    def time_passes_and_the_run_comes(self, days):
        self.time_passes(days)
        self.run_lifecycle()

    @precondition(lambda self: self.state == "disabled")
    @rule(by_owner=st.booleans())
    def close(self, by_owner):
        close = self.person.close_by_owner if by_owner else self.person.close_by_operator
        assert close() == "done"
        self.state = "closed"

    @invariant()
    def the_account_is_as_the_model_says(self):
        if self.world is None or not hasattr(self, "person"):
            return
        assert self.person.state == self.state
        if self.state != "closed":
            assert self.person.days == {name: getattr(self.dates, name) for name in DATES}

    @invariant()
    def sessions_are_open_while_the_account_is_active(self):
        for token in getattr(self, "sessions", []):
            assert (self.person.resume(token) == "done") == (self.state == "active")


def test_in_any_order(person):
    class Machine(AccountMachine):
        world = staticmethod(person)

    quick = settings(
        max_examples=20,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    run_state_machine_as_test(Machine, settings=quick)
