"""One's own history: all that concerns the account and its application, and nothing of anybody else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from accounts.audit.actions import record
from accounts.audit.store import AuditStore
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import a_reviewer, an_active_account
from ..conftest import refusal

pytestmark = pytest.mark.stack


@pytest.fixture
def owner(ask, notify, transactions):
    return an_active_account(ask, notify, transactions)


def test_tells_logins_changes_and_looks_newest_first(ask, owner):
    applying, actor = owner
    refusal(ask, "log_in", account_name=actor.account_name, password="wrong", ip="198.51.100.7")
    ask("log_in", account_name=actor.account_name, password="Quay!2026side", ip="198.51.100.8")
    ask("save_profile", actor=actor, version=0, title="經理")
    ask(
        "reveal_id_number",
        actor=a_reviewer(unit="north"),
        application_id=applying.application_id,
        reason="電話核對身分",
    )
    found = ask("own_history", actor=actor)
    told = [(e["action"], e["category"], e["by"]) for e in found["entries"]]
    assert told[:4] == [
        ("id_number_revealed", "looks", "staff"),
        ("profile_changed", "changes", "owner"),
        ("logged_in", "logins", "owner"),
        ("login_failed", "logins", "somebody"),
    ]
    assert found["total"] == len(told)
    assert found["entries"][3]["ip"] == "198.51.100.7"
    assert "電話核對身分" not in str(found)
    for category, actions in (
        ("logins", ["logged_in", "login_failed"]),
        ("changes", ["profile_changed"]),
        ("looks", ["id_number_revealed"]),
    ):
        entries = ask("own_history", actor=actor, category=category)["entries"]
        assert [e["action"] for e in entries] == actions


def test_holds_nothing_of_others_nor_what_one_does_for_others(ask, notify, owner, transactions):
    _, actor = owner
    _, other = an_active_account(ask, notify, transactions)
    ask("save_profile", actor=other, version=0, title="別人")
    with transactions.transaction() as tx:
        record(
            AuditStore(tx),
            "form_viewed",
            now=datetime.now(UTC),
            subject_id=UUID(int=7),
            detail={},
            actor_account_id=actor.account_id,
        )
    assert ask("own_history", actor=actor)["entries"] == []


def test_comes_in_pages_and_for_a_period(ask, owner, transactions):
    _, actor = owner
    now = datetime.now(UTC)
    with transactions.transaction() as tx:
        for days in (40, 30, 20, 10, 0):
            at = now - timedelta(days=days)
            record(
                AuditStore(tx), "logged_in", now=at, subject_id=actor.account_id, detail={"session_id": "x"}
            )
    page = ask("own_history", actor=actor, page=2, page_size=2)
    assert (page["total"], len(page["entries"])) == (5, 2)
    assert page["entries"][0]["at"][:10] == (now - timedelta(days=20)).date().isoformat()
    days = [taipei_day(now - timedelta(days=n)).isoformat() for n in (30, 20)]
    period = ask("own_history", actor=actor, from_on=days[0], until_on=days[1])
    assert period["total"] == 2


def test_nobody_reads_without_being_signed_in(ask):
    assert refusal(ask, "own_history").code == "NOT_SIGNED_IN"
