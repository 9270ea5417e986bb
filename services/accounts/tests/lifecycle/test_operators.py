"""What operators see of the lifecycle and do to accounts; and people who close their own."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from accounts.lifecycle import actions, cli
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.testing.emptying import emptying
from mtnet_contracts.vocabulary.choices import ROLES
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import an_account, put_accounts
from ..conftest import refusal

pytestmark = pytest.mark.stack


def today():
    return taipei_day(datetime.now(UTC))


@pytest.fixture(autouse=True)
def nobody(rows):
    rows(emptying("account", "lifecycle_run"))


def an_actor(account_id=None, *roles, confirmed_ago=timedelta(minutes=1)):
    return Actor(
        account_id=account_id or uuid4(),
        account_name="operator1",
        display_name="維運人員",
        roles=frozenset(roles or ("operator",)),
        session_id=uuid4(),
        expires_at=datetime.now(UTC) + timedelta(minutes=1),
        confirmed_at=datetime.now(UTC) - confirmed_ago,
        ip="192.0.2.7",
    )


CALLS = {
    "lifecycle_preview": {},
    "run_lifecycle_now": {},
    "lifecycle_runs": {},
    "lifecycle_changes": {"run_id": str(uuid4())},
    "close_account": {"account_name": "somebody", "reason": "asked for"},
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("role", [role for role in ROLES if role != "operator"])
def test_nobody_but_an_operator_may(ask, call, role):
    assert refusal(ask, call, actor=an_actor(None, role), **CALLS[call]).code == "NOT_ALLOWED"
    assert refusal(ask, call, **CALLS[call]).code == "NOT_SIGNED_IN"


def test_the_preview_is_paged_and_filtered(ask, rows):
    put_accounts(rows, "active", *(today() - timedelta(days=90 + n) for n in range(30)))
    put_accounts(rows, "frozen", today() - timedelta(days=350))
    found = ask("lifecycle_preview", actor=an_actor(), page=2)
    assert (found["total"], len(found["items"]), found["as_of"]) == (31, 6, today().isoformat())
    assert found["counts"] == {"disable": 0, "freeze": 30, "remind": 1}
    (reminded,) = ask("lifecycle_preview", actor=an_actor(), step="remind")["items"]
    assert (reminded["step"], reminded["notice_days"]) == ("remind", 30)
    later = ask("lifecycle_preview", actor=an_actor(), as_of="2099-01-01", step="freeze")
    assert later["counts"]["remind"] == 31
    refused = refusal(ask, "lifecycle_preview", actor=an_actor(), as_of="1999-12-31", step="none")
    assert refused.fields == {"as_of": ["NOT_VALID"], "step": ["NOT_A_CHOICE"]}


def test_an_operator_runs_it_and_sees_the_report(ask, rows, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 10)
    put_accounts(rows, "active", *(today() - timedelta(days=90 + n) for n in range(25)))
    done = ask("run_lifecycle_now", actor=an_actor(), key="k1")
    assert (done["frozen"], done["complete"]) == (25, True)
    assert ask("run_lifecycle_now", actor=an_actor(), key="k2")["frozen"] == 0
    newest, run = ask("lifecycle_runs", actor=an_actor())["items"]
    assert (run["started_by"], run["frozen"], run["outcome"]) == ("operator1", 25, "finished")
    assert newest["frozen"] == 0
    first = ask("lifecycle_changes", actor=an_actor(), run_id=done["run_id"], limit=20)
    rest = ask(
        "lifecycle_changes", actor=an_actor(), run_id=done["run_id"], limit=20, after=first["next_after"]
    )
    assert (len(first["items"]), len(rest["items"]), rest["next_after"]) == (20, 5, None)
    assert len({change["account_id"] for change in first["items"] + rest["items"]}) == 25
    unknown = refusal(ask, "lifecycle_changes", actor=an_actor(), run_id=str(uuid4()))
    assert unknown.code == "LIFECYCLE_RUN_NOT_FOUND"


def test_a_run_that_takes_too_long_ends_and_says_so(ask, rows, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 10)
    monkeypatch.setattr("accounts.lifecycle.endpoints.RUN_SECONDS", -1.0)
    put_accounts(rows, "active", *(today() - timedelta(days=90 + n) for n in range(25)))
    done = ask("run_lifecycle_now", actor=an_actor())
    assert (done["frozen"], done["complete"]) == (10, False)


def a_name(rows, account_id):
    ((name,),) = rows("SELECT account_name FROM account WHERE account_id = %s", account_id)
    return name


def test_a_person_closes_the_account_and_the_name_is_free(ask, rows, announced):
    (account_id,) = put_accounts(rows, "active", today())
    rows(
        "INSERT INTO session (token_hash, session_id, account_id, started_at, touched_at, confirmed_at)"
        " VALUES (%s, gen_random_uuid(), %s, now(), now(), now())",
        uuid4().bytes,
        account_id,
    )
    name, me = a_name(rows, account_id), an_actor(account_id, "member")
    assert refusal(ask, "close_own_account", actor=me, account_name="another").code == "ACCOUNT_NAME_DIFFERS"
    for key in ("k1", "k1", "k2"):
        ask("close_own_account", actor=me, key=key, account_name=name.upper())
    assert rows("SELECT state, password_hash FROM account WHERE closed_at IS NOT NULL") == [("closed", None)]
    assert rows("SELECT count(*) FROM session WHERE ended_at IS NULL") == [(0,)]
    (event,) = announced("AccountClosed", str(account_id))
    assert event["reason"] == "BY_OWNER"
    assert rows(
        "SELECT actor_account_id, detail FROM audit_entry WHERE action = 'account_closed' AND subject_id = %s",
        account_id,
    ) == [(account_id, {"by": "owner"})]
    (again,) = put_accounts(rows, "active", today())
    rows("UPDATE account SET account_name = %s WHERE account_id = %s", name, again)


def test_to_close_needs_a_fresh_confirmation(ask, rows):
    (account_id,) = put_accounts(rows, "active", today())
    stale = an_actor(account_id, "member", confirmed_ago=timedelta(minutes=11))
    refused = refusal(ask, "close_own_account", actor=stale, account_name=a_name(rows, account_id))
    assert refused.code == "CONFIRMATION_REQUIRED"
    old = an_actor(None, "operator", confirmed_ago=timedelta(minutes=11))
    refused = refusal(ask, "close_account", actor=old, account_name="x", reason="y")
    assert refused.code == "CONFIRMATION_REQUIRED"
    assert rows("SELECT state FROM account") == [("active",)]


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("member", "organisation_manager")])
def test_accounts_of_staff_are_not_closed_by_themselves(ask, rows, role):
    (account_id,) = put_accounts(rows, "active", today())
    rows("UPDATE account SET roles = %s", [role])
    me = an_actor(account_id, role)
    refused = refusal(ask, "close_own_account", actor=me, account_name=a_name(rows, account_id))
    assert refused.code == "STAFF_ACCOUNT"


@pytest.mark.parametrize("state", ["approved", "active", "frozen", "disabled"])
def test_an_operator_closes_an_account_in_any_state(ask, rows, announced, state):
    (account_id,) = put_accounts(rows, state, date(2025, 1, 31))
    name = a_name(rows, account_id)
    ask("close_account", actor=an_actor(), account_name=name, reason="dissolved, letter 12")
    assert rows("SELECT state FROM account") == [("closed",)]
    (event,) = announced("AccountClosed", str(account_id))
    assert event["reason"] == "BY_OPERATOR"
    ((detail,),) = rows(
        "SELECT detail FROM audit_entry WHERE action = 'account_closed' AND subject_id = %s", account_id
    )
    assert detail == {"who": "operator1", "reason": "dissolved, letter 12"}
    refused = refusal(ask, "close_account", actor=an_actor(), account_name=name, reason="again")
    assert (refused.code, refused.fields) == ("ACCOUNT_NOT_FOUND", {"account_name": ["ACCOUNT_NOT_FOUND"]})


def test_an_operator_cannot_close_the_own_account(ask, rows):
    (account_id,) = put_accounts(rows, "active", today())
    me = an_actor(account_id, "operator")
    refused = refusal(ask, "close_account", actor=me, account_name=a_name(rows, account_id), reason="x")
    assert refused.code == "OWN_ACCOUNT"


@pytest.fixture
def close(environment, postgres_dsn, told, monkeypatch, transactions):
    """`close("name", "name again")` as a command of operator1."""
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    an_account(transactions, "Quay!2026side", "operator", account_name="operator1")
    return lambda name, again, who="operator1": cli.main(
        ["--close", name, "--confirm", again, "--who", who, "--reason", "letter 115-77"]
    )


def test_a_command_closes_an_account_for_good_on_record(ask, transactions, rows, announced, close, capsys):
    member = an_account(transactions, "Quay!2026side")
    session = ask("log_in", account_name=member.account_name, password="Quay!2026side")
    assert close(member.account_name, member.account_name.upper()) == 0
    assert capsys.readouterr().out == f"{member.account_name} is closed for good\n"
    assert refusal(ask, "resume_session", session_token=session["session_token"]).code == "SESSION_ENDED"
    (event,) = announced("AccountClosed", str(member.account_id))
    assert event["account_name"] == member.account_name
    ((detail, by),) = rows(
        "SELECT detail, account_name FROM audit_entry JOIN account ON account_id = actor_account_id"
        " WHERE subject_id = %s AND action = 'account_closed'",
        member.account_id,
    )
    assert (detail, by) == ({"who": "operator1", "reason": "letter 115-77"}, "operator1")
    assert close(member.account_name, member.account_name) == 1
    assert capsys.readouterr().err == "No open account has that name.\n"


@pytest.mark.parametrize(
    ("name", "again", "who", "says"),
    [
        ("somebody", "somebodx", "operator1", "differ"),
        ("nobodyhere", "nobodyhere", "operator1", "No open account"),
        ("somebody", "somebody", "nobodyhere", "not the account name of an operator"),
        ("somebody", "somebody", "somebody", "not the account name of an operator"),
        ("operator1", "operator1", "OPERATOR1", "another operator does"),
    ],
)
def test_what_a_command_does_not_close_stays_open(transactions, rows, close, capsys, name, again, who, says):
    an_account(transactions, "Quay!2026side", account_name="somebody")
    assert close(name, again, who) == 1
    assert says in capsys.readouterr().err
    assert rows("SELECT count(*) FROM account WHERE state = 'closed'") == [(0,)]


def test_a_command_to_close_says_what_it_lacks(close, capsys):
    with pytest.raises(SystemExit):
        cli.main(["--close", "somebody", "--who", "operator1", "--reason", "x"])
    assert "--close needs --confirm" in capsys.readouterr().err
