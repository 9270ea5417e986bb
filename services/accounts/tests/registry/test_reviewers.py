"""An operator makes somebody of the bureau a reviewer, and the reviewer is known as a person."""

import pytest
from accounts.registry import cli as registry
from mtnet_chassis.rpc.actor import ActorVerifier

from ..builders import Applying, approved, opened
from ..conftest import ACTOR_KEY, log_in, refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"
ORDERED = ("--who", "operator1", "--reason", "人事室通知")


@pytest.fixture
def become(ask, notify, transactions):
    """`become("bureau")`: somebody who applied as that, was approved and activated the account."""

    def become(identity_type):
        applying = Applying(ask, notify, identity_type)
        applying.hand_in()
        with transactions.transaction() as tx:
            ask.service.record_waiting(tx, opened(applying, unit="personnel"))
            ask.service.open_account(tx, approved(applying))
        name = applying.identity["account_name"]
        ask("activate_account", activation_token=notify.last_link(name), password=PASSWORD)
        return applying

    return become


@pytest.fixture
def command(environment, postgres_dsn, told, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    return lambda *arguments: registry.main(["reviewer", *arguments, *ORDERED])


def actor_of(entered):
    return ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(entered["actor"])


def test_an_approved_bureau_applicant_becomes_a_reviewer_who_is_known_in_an_own_case(
    become, command, ask, notify, announced, rows, capsys
):
    clerk = become("bureau")
    name = clerk.identity["account_name"]
    before = log_in(ask, name, PASSWORD)
    assert command(name.upper(), "--unit", "north") == 0
    assert capsys.readouterr().out == f"{name.upper()} reviews for north\n"
    assert refusal(ask, "resume_session", session_token=before["session_token"]).code == "SESSION_ENDED"
    actor = actor_of(log_in(ask, name, PASSWORD))
    assert (actor.unit, actor.roles) == ("north", frozenset({"member", "reviewer"}))
    again = Applying(ask, notify, "individual", id_number=clerk.identity["id_number"])
    again.hand_in()
    (event,) = announced("ApplicationSubmitted", again.application_id)
    assert actor.person_key == event["person_key"] is not None
    assert rows(
        "SELECT action, detail FROM audit_entry JOIN account ON account_id = subject_id"
        " WHERE account_name = %s AND action LIKE 'reviewer%%'",
        name,
    ) == [("reviewer_made", {"unit": "north", "who": "operator1", "reason": "人事室通知"})]


def test_another_unit_replaces_the_first_and_none_takes_the_role_away(become, command, ask, rows):
    name = become("bureau").identity["account_name"]
    for _ in range(2):
        assert command(name, "--unit", "north") == 0
    assert command(name, "--unit", "south") == 0
    entered = log_in(ask, name, PASSWORD)
    assert actor_of(entered).unit == "south"
    assert command(name, "--none") == 0
    assert refusal(ask, "resume_session", session_token=entered["session_token"]).code == "SESSION_ENDED"
    actor = actor_of(log_in(ask, name, PASSWORD))
    assert (actor.unit, actor.roles) == (None, frozenset({"member"}))
    assert command(name, "--none") == 1
    assert rows(
        "SELECT action, detail ->> 'unit' FROM audit_entry JOIN account ON account_id = subject_id"
        " WHERE account_name = %s AND action LIKE 'reviewer%%' ORDER BY position",
        name,
    ) == [("reviewer_made", "north"), ("reviewer_made", "south"), ("reviewer_unmade", "south")]


@pytest.mark.parametrize(
    "change", ["state = 'frozen'", "state = 'closed'", "person_key = NULL", "identity_type = 'individual'"]
)
def test_only_a_known_person_of_the_bureau_with_an_account_in_use_reviews(
    become, command, rows, capsys, change
):
    name = become("bureau").identity["account_name"]
    rows(f"UPDATE account SET {change} WHERE account_name = %s", name)
    for asked in (name, "nobody"):
        assert command(asked, "--unit", "north") == 1
        assert capsys.readouterr().err == f"{asked} is no account of the bureau in use\n"
    assert rows("SELECT roles, unit FROM account WHERE account_name = %s", name) == [(["member"], None)]


def test_a_unit_nobody_knows_is_no_unit(command):
    with pytest.raises(SystemExit):
        command("anybody", "--unit", "west")
