"""復用 of a frozen or disabled account: on evidence that two people judged, or by an operator."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from accounts.inactivity.rules import dates_after_activity
from accounts.reactivation import actions, messages
from accounts.reactivation import cli as command
from accounts.reactivation.endpoints import stores_in
from accounts.reactivation.rules import Approval, ApprovalNotValid, Fault, Outcome
from accounts.reactivation.store import ReactivationStore
from mtnet_chassis.events.inbox import Poison
from mtnet_contracts.event import new_event_id
from mtnet_contracts.examples import example_of
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import put_accounts

pytestmark = pytest.mark.stack

LONG_AGO = date(2025, 1, 31)


@pytest.fixture
def account(rows):
    """`account(state, name, roles)`: its id."""

    def account(state, name=None, roles=("member",)):
        (account_id,) = put_accounts(rows, state, LONG_AGO)
        rows(
            "UPDATE account SET account_name = %s, roles = %s, person_key = %s WHERE account_id = %s",
            name or f"user{uuid4().hex[:12]}",
            list(roles),
            uuid4().hex,
            account_id,
        )
        return account_id

    return account


@pytest.fixture
def state_of(rows):
    return lambda account_id: rows("SELECT state FROM account WHERE account_id = %s", account_id)[0][0]


@pytest.fixture
def name_of(rows):
    return lambda account_id: rows("SELECT account_name FROM account WHERE account_id = %s", account_id)[0][0]


def an_approval(account_id, **changes):
    return replace(
        Approval(
            reactivation_id=uuid4(),
            account_id=account_id,
            checked_by="helpdesk01",
            approved_by="helpdesk02",
            reason="letter with stamp compared with the application",
            evidence_reference="TICKET-2027-000123",
            approved_at=datetime.now(UTC),
        ),
        **changes,
    )


@pytest.fixture
def apply(transactions):
    def apply(approval):
        with transactions.transaction() as tx:
            return actions.apply_approval(stores_in(tx), ReactivationStore(tx), approval, datetime.now(UTC))

    return apply


@pytest.mark.parametrize("state", ["frozen", "disabled"])
def test_an_approval_reactivates_and_a_new_cycle_begins(account, apply, rows, announced, state):
    account_id = account(state)
    rows("UPDATE account SET disabled_at = now(), reminded_days = 7 WHERE account_id = %s", account_id)
    assert apply(an_approval(account_id)) is Outcome.REACTIVATED
    today = taipei_day(datetime.now(UTC))
    dates = dates_after_activity(today)
    assert rows(
        "SELECT state, disabled_at, active_on, freeze_on, remind_on, disable_on, reminded_days FROM account"
        " WHERE account_id = %s",
        account_id,
    ) == [("active", None, today, dates.freeze_on, dates.remind_on, dates.disable_on, None)]
    (event,) = announced("AccountReactivated", str(account_id))
    assert event["reason"] == "EVIDENCE_CHECKED"
    ((detail,),) = rows("SELECT detail FROM audit_entry WHERE subject_id = %s", account_id)
    assert (detail["who"], detail["checked_by"], detail["evidence"]) == (
        "helpdesk02",
        "helpdesk01",
        "TICKET-2027-000123",
    )


def test_an_approval_counts_once(account, apply, rows, announced, state_of):
    account_id = account("disabled")
    approval = an_approval(account_id)
    apply(approval)
    rows("UPDATE account SET state = 'disabled' WHERE account_id = %s", account_id)
    assert apply(approval) is Outcome.REACTIVATED
    assert state_of(account_id) == "disabled"
    assert len(announced("AccountReactivated", str(account_id))) == 1


@pytest.mark.parametrize(("state", "outcome"), [("active", Outcome.NOT_NEEDED), ("closed", Outcome.CLOSED)])
def test_an_approval_that_comes_too_late_changes_nothing(account, apply, state_of, rows, state, outcome):
    account_id = account(state)
    approval = an_approval(account_id)
    assert apply(approval) is outcome
    assert state_of(account_id) == state
    assert rows("SELECT outcome FROM reactivation WHERE account_id = %s", account_id) == [(outcome.value,)]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"approved_by": "helpdesk01"}, Fault.TWO_PEOPLE),
        ({"approved_by": " ＨＥＬＰＤＥＳＫ０１ "}, Fault.TWO_PEOPLE),
        ({"checked_by": "theowner"}, Fault.OWNER),
        ({"approved_by": "TheOwner"}, Fault.OWNER),
        ({"checked_by": " "}, Fault.CHECKED_BY),
        ({"approved_by": "x" * 41}, Fault.APPROVED_BY),
        ({"reason": ""}, Fault.REASON),
        ({"reason": "x" * 501}, Fault.REASON),
        ({"evidence_reference": "\t"}, Fault.EVIDENCE),
        ({"evidence_reference": "x" * 101}, Fault.EVIDENCE),
    ],
)
def test_an_approval_that_lacks_something_never_counts(account, apply, rows, state_of, changes, fault):
    account_id = account("disabled")
    rows("UPDATE account SET account_name = 'theowner' WHERE account_id = %s", account_id)
    with pytest.raises(ApprovalNotValid) as refused:
        apply(an_approval(account_id, **changes))
    assert refused.value.fault is fault
    assert state_of(account_id) == "disabled"
    rows("UPDATE account SET account_name = %s WHERE account_id = %s", uuid4().hex[:20], account_id)


def test_the_event_of_the_helpdesk_is_applied_and_a_bad_one_is_poison(ask, account, transactions, state_of):
    account_id = account("disabled")
    event = replace(
        example_of(messages.ReactivationApproved),
        event_id=new_event_id(),
        account_id=account_id,
        reactivation_id=uuid4(),
    )
    for bad in (
        replace(event, approved_by=event.checked_by),
        replace(event, account_id=uuid4()),
        replace(event, account_id=account("approved")),
    ):
        with pytest.raises(Poison), transactions.transaction() as tx:
            ask.service.reactivate_on_approval(tx, bad)
    for _ in range(2):
        with transactions.transaction() as tx:
            ask.service.reactivate_on_approval(tx, event)
    assert state_of(account_id) == "active"


# The operator's command


@pytest.fixture
def run(environment, postgres_dsn, monkeypatch, told):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    return lambda *arguments: command.main(list(arguments))


@pytest.fixture
def staff(account, name_of):
    return [
        name_of(account("active", f"staff{uuid4().hex[:12]}", roles=(role,)))
        for role in ("operator", "helpdesk_agent")
    ]


def test_an_operator_reactivates_a_frozen_account(account, name_of, run, rows, announced, capsys):
    account_id = account("frozen")
    name = name_of(account_id).upper()
    assert run(name, "--who", "operator1", "--reason", "called the hotline") == 0
    today = taipei_day(datetime.now(UTC))
    assert rows("SELECT state, active_on, frozen_at FROM account WHERE account_id = %s", account_id) == [
        ("active", today, None)
    ]
    (event,) = announced("AccountReactivated", str(account_id))
    assert (event["reason"], event["active_on"]) == ("HELPDESK_CHECKED", str(today))
    assert rows("SELECT action, detail FROM audit_entry WHERE subject_id = %s", account_id) == [
        ("account_reactivated", {"who": "operator1", "reason": "called the hotline"})
    ]
    assert capsys.readouterr().out == f"{name} may log in again\n"


@pytest.mark.parametrize("state", ["approved", "active", "disabled", "closed"])
def test_one_operator_alone_reactivates_a_frozen_account_only(account, name_of, run, state_of, capsys, state):
    account_id = account(state)
    for asked in (name_of(account_id), "nobody"):
        assert run(asked, "--who", "operator1", "--reason", "called") == 1
        said = capsys.readouterr().err
        assert said.startswith(f"no frozen account is named {asked};")
        assert "--second" in said
    assert state_of(account_id) == state
    with pytest.raises(SystemExit):
        run(name_of(account_id))


def test_two_people_reactivate_a_disabled_account(account, name_of, run, staff, state_of, rows, capsys):
    account_id = account("disabled")
    first, second = staff
    options = ["--who", first, "--second", second, "--reason", "letter", "--evidence", "LETTER-12"]
    assert run(name_of(account_id), *options) == 0
    assert state_of(account_id) == "active"
    assert rows("SELECT checked_by, approved_by FROM reactivation WHERE account_id = %s", account_id) == [
        (first, second)
    ]
    assert run(name_of(account_id), *options) == 1
    assert "no frozen or disabled account" in capsys.readouterr().err


def test_two_names_are_two_people_of_the_staff(account, name_of, run, staff, state_of, rows, capsys):
    account_id = account("disabled")
    member = name_of(account("active"))
    gone = name_of(account("disabled", f"gone{uuid4().hex[:12]}", roles=("operator",)))
    for second, said in (
        (staff[0], Fault.TWO_PEOPLE),
        (member, Fault.STAFF),
        (gone, Fault.STAFF),
        ("nobody", Fault.STAFF),
    ):
        options = ["--who", staff[0], "--second", second, "--reason", "letter", "--evidence", "LETTER-12"]
        assert run(name_of(account_id), *options) == 1
        assert capsys.readouterr().err == f"not reactivated: {said}\n"
    rows("UPDATE account SET person_key = 'one' WHERE account_name = ANY (%s)", staff)
    options = ["--who", staff[0], "--second", staff[1], "--reason", "letter", "--evidence", "LETTER-12"]
    assert run(name_of(account_id), *options) == 1
    assert state_of(account_id) == "disabled"
    with pytest.raises(SystemExit):
        run(name_of(account_id), "--who", staff[0], "--second", staff[1], "--reason", "letter")
