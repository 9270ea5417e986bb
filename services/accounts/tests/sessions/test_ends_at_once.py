"""A session ends with the change itself, in the database: nothing is delivered for it, the broker may be down."""

from datetime import UTC, datetime

import pytest
from accounts.audit.store import AuditStore
from accounts.passwords.actions import require_new_password
from accounts.registry import actions as registry
from accounts.registry.store import AccountStore
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import ActorVerifier

from ..builders import an_account
from ..conftest import ACTOR_KEY, log_in, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"


@pytest.fixture
def session_of(ask):
    def session_of(account):
        return log_in(ask, account.account_name, PASSWORD)

    return session_of


def is_ended(ask, session):
    """For the gateway, which shows the token, and for a call with the signed actor of a moment ago."""
    actor = ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(session["actor"])
    by_token = refusal(ask, "resume_session", session_token=session["session_token"]).code
    by_actor = refusal(ask, "sessions", actor=actor).code
    return {by_token, by_actor} == {"SESSION_ENDED"}


@pytest.mark.parametrize("state", ["frozen", "disabled", "closed", "approved"])
def test_whatever_changes_the_state_ends_the_sessions(ask, transactions, session_of, rows, state):
    """Also a change that forgets them, such as one by hand."""
    account = an_account(transactions, PASSWORD)
    session = session_of(account)
    rows("UPDATE account SET state = %s WHERE account_id = %s", state, account.account_id)
    assert is_ended(ask, session)


@pytest.mark.parametrize("before", [("member",), ("member", "reviewer")])
def test_roles_given_or_taken_end_the_sessions(ask, transactions, session_of, before):
    is_reviewer = "reviewer" in before
    account = an_account(
        transactions,
        PASSWORD,
        *before,
        identity_type="bureau",
        unit="north" if is_reviewer else None,
        person_key="k" * 22,
    )
    session = session_of(account)
    with transactions.transaction() as tx:
        registry.make_reviewer(
            AccountStore(tx),
            AuditStore(tx),
            Outbox(tx),
            account.account_name,
            None if is_reviewer else "south",
            who="operator1",
            reason="人事室通知",
            now=datetime.now(UTC),
        )
    assert is_ended(ask, session)
    assert ask("resume_session", session_token=session_of(account)["session_token"])["actor"]


def test_a_demand_for_a_new_password_leaves_it_to_the_caller_to_end_sessions(ask, transactions, session_of):
    """ "This was not me" ends all of them; an operator's precaution need not throw anybody out of a form."""
    account = an_account(transactions, PASSWORD)
    session = session_of(account)
    with transactions.transaction() as tx:
        require_new_password(AccountStore(tx), [account.account_id], datetime.now(UTC))
    assert ask("resume_session", session_token=session["session_token"])["actor"]
