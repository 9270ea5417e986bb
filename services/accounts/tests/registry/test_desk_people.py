"""An operator gives somebody of the bureau a role at the helpdesk, and takes it away: at once, and told to helpdesk."""

import pytest
from accounts.registry import cli as registry

from ..builders import an_account
from ..conftest import log_in, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"
ORDERED = ("--who", "operator1", "--reason", "人事室通知")


@pytest.fixture
def clerk(transactions):
    return an_account(transactions, PASSWORD, "member", identity_type="bureau", person_key="k" * 22)


@pytest.fixture
def command(environment, postgres_dsn, told, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    return lambda *arguments: registry.main(["desk", *arguments, *ORDERED])


@pytest.mark.parametrize(
    ("role", "roles"),
    [
        ("agent", ["helpdesk_agent"]),
        ("lead", ["helpdesk_agent", "helpdesk_lead"]),
        ("administrator", ["helpdesk_agent", "helpdesk_administrator"]),
    ],
)
def test_a_role_is_given_and_taken_and_sessions_end_with_both(
    ask, clerk, command, announced, rows, capsys, role, roles
):
    name = clerk.account_name
    entered = log_in(ask, name, PASSWORD)
    assert command(name.upper(), "--role", role) == 0
    assert capsys.readouterr().out == f"{name.upper()} is {role} at the helpdesk\n"
    assert refusal(ask, "resume_session", session_token=entered["session_token"]).code == "SESSION_ENDED"
    entered = log_in(ask, name, PASSWORD)
    assert command(name, "--none") == 0
    assert refusal(ask, "resume_session", session_token=entered["session_token"]).code == "SESSION_ENDED"
    told = [event["roles"] for event in announced("AccountRolesChanged", str(clerk.account_id))]
    assert told == [["member", *roles], ["member"]]
    assert rows("SELECT roles FROM account WHERE account_id = %s", clerk.account_id) == [(["member"],)]
    assert rows(
        "SELECT action, detail FROM audit_entry WHERE subject_id = %s AND action LIKE 'desk_person%%'"
        " ORDER BY position",
        clerk.account_id,
    ) == [
        ("desk_person_made", {"role": role, "who": "operator1", "reason": "人事室通知"}),
        ("desk_person_unmade", {"role": None, "who": "operator1", "reason": "人事室通知"}),
    ]
    assert command(name, "--none") == 1
    assert capsys.readouterr().err == f"{name} is no person of the helpdesk\n"


def test_one_role_takes_the_place_of_another_and_the_same_again_is_nothing(clerk, command, announced):
    for role in ("lead", "agent", "agent"):
        assert command(clerk.account_name, "--role", role) == 0
    told = [event["roles"] for event in announced("AccountRolesChanged", str(clerk.account_id))]
    assert told == [["member", "helpdesk_agent", "helpdesk_lead"], ["member", "helpdesk_agent"]]


@pytest.mark.parametrize(
    "change", ["state = 'frozen'", "state = 'closed'", "person_key = NULL", "identity_type = 'individual'"]
)
def test_only_a_known_person_of_the_bureau_with_an_account_in_use(clerk, command, rows, capsys, change):
    rows(f"UPDATE account SET {change} WHERE account_id = %s", clerk.account_id)
    for asked in (clerk.account_name, "nobody"):
        assert command(asked, "--role", "agent") == 1
        assert capsys.readouterr().err == f"{asked} is no account of the bureau in use\n"
    assert rows("SELECT roles FROM account WHERE account_id = %s", clerk.account_id) == [(["member"],)]
