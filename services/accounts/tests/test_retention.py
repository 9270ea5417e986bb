"""Decided applications go when claims have lapsed, with everything that belongs to them; those of an account stay."""

from datetime import UTC, datetime, timedelta

import pytest
from accounts.retention import RULES
from mtnet_chassis.data import retention
from mtnet_chassis.data.files import Files
from mtnet_chassis.operations.cli import main as mtnet

from .builders import Applying
from .lifecycle.test_clean_up import documents  # noqa: F401

pytestmark = pytest.mark.stack

LONG = timedelta(days=5 * 366)


@pytest.mark.parametrize(
    ("status", "age", "has_account", "goes"),
    [
        ("rejected", LONG, False, True),
        ("withdrawn", LONG, False, True),
        ("approved", LONG, False, True),
        ("approved", LONG, True, False),
        ("rejected", timedelta(days=5 * 365 - 1), False, False),
        ("submitted", LONG, False, False),
        ("returned", LONG, False, False),
    ],
)
def test_an_application_stays_as_long_as_its_rule_says(tx, status, age, has_account, goes):
    now = datetime.now(UTC)
    tx.execute(
        "INSERT INTO application (application_id, case_number, identity_type, status, submission, locale, answers,"
        " started_at, updated_at) VALUES (gen_random_uuid(), 'PTAPPLYX', 'individual', %s, 1, 'en', '{}', %s, %s)",
        (status, now - age, now - age),
    )
    if has_account:
        tx.execute(
            "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale,"
            " approved_at, active_on, freeze_on, disable_on, application_id)"
            " SELECT gen_random_uuid(), 'retained', 'x', 'active', 'individual', '{member}', 'm@example.com', 'en',"
            " now(), current_date, current_date + 90, current_date + 365, application_id"
            " FROM application WHERE case_number = 'PTAPPLYX'"
        )
    rule = next(rule for rule in RULES if rule.table == "application")
    (count,) = retention.counts(tx, [rule], now)
    assert count.expired == int(goes)
    assert rule.remove(tx, now, 100) == int(goes)


def test_the_files_go_with_the_application(ask, notify, told, transactions, rows, documents):  # noqa: F811
    applying = Applying(ask, notify, "company")
    applying.hand_in()
    ((key,),) = rows("SELECT key FROM form_file WHERE application_id = %s", applying.application_id)
    files = Files(told.files_url)
    assert files.exists(key)
    rows(
        "UPDATE application SET status = 'rejected', updated_at = %s WHERE application_id = %s",
        datetime.now(UTC) - LONG,
        applying.application_id,
    )
    done = retention.apply(transactions.transaction, RULES, datetime.now(UTC))
    assert ("application", 1) in [(rule.table, number) for rule, number in done]
    documents.remove_noted()
    assert not files.exists(key)
    for table in ("application", "contact", "form_file", "submission", "step", "consent"):
        assert rows(f"SELECT count(*) FROM {table} WHERE application_id = %s", applying.application_id) == [
            (0,)
        ]


@pytest.mark.parametrize(
    ("state", "age", "goes"),
    [("closed", LONG, True), ("closed", timedelta(days=5 * 365 - 1), False), ("disabled", LONG, False)],
)
def test_a_closed_account_goes_after_five_years_with_what_belongs_to_it(transactions, rows, state, age, goes):
    rows("TRUNCATE account CASCADE")
    now = datetime.now(UTC)
    rows(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale, approved_at,"
        " active_on, freeze_on, disable_on, closed_at) VALUES (md5('gone')::uuid, 'gone2021', 'x', %s, 'individual',"
        " '{member}', 'm@example.com', 'en', now(), current_date, current_date, current_date, %s)",
        state,
        now - age,
    )
    rows(
        "INSERT INTO reactivation (reactivation_id, account_id, checked_by, approved_by, reason, evidence_reference,"
        " approved_at, applied_at, outcome) VALUES (md5('gone')::uuid, md5('gone')::uuid, 'a', 'b', 'c', 'd', now(),"
        " now(), 'reactivated')"
    )
    retention.apply(transactions.transaction, RULES, now)
    left = rows("SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM reactivation)")
    assert left == ([(0, 0)] if goes else [(1, 1)])


def test_the_command_says_what_is_due_removes_it_and_says_so(postgres_dsn, monkeypatch, rows, capsys):
    monkeypatch.setenv("ACCOUNTS_DATABASE_URL", postgres_dsn)
    assert mtnet(["retention", "apply", "accounts"]) == 0
    capsys.readouterr()
    rows("DELETE FROM challenge")
    rows(
        "INSERT INTO challenge (challenge_id, purpose, channel, recipient, mailbox, code_hash, created_at,"
        " expires_at) SELECT gen_random_uuid(), 'case', 'email', 'a@example.com', 'a@example.com', 'x',"
        " now() - days * interval '1 day', now()"
        " FROM (VALUES (9), (8), (6)) AS ages (days)"
    )
    assert mtnet(["retention", "show", "accounts"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "accounts.challenge: 2 due, 3 in all; kept 7 days" in shown
    assert {line.partition(":")[0] for line in shown} >= {f"accounts.{rule.table}" for rule in RULES}
    assert mtnet(["retention", "apply", "accounts"]) == 0
    assert capsys.readouterr().out == "accounts.challenge: 2 removed\n"
    assert mtnet(["retention", "apply", "accounts"]) == 0
    assert capsys.readouterr().out == "accounts: nothing is due\n"
    assert rows("DELETE FROM challenge RETURNING 1") == [(1,)]


def test_the_command_names_the_setting_that_it_lacks(monkeypatch, capsys):
    monkeypatch.delenv("ACCOUNTS_DATABASE_URL", raising=False)
    assert mtnet(["retention", "show", "accounts"]) == 1
    assert capsys.readouterr().err == "Set the environment variable ACCOUNTS_DATABASE_URL.\n"
