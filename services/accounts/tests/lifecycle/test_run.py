"""A lifecycle run on real PostgreSQL: set-based, once, catching up, safe beside another."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from accounts import demo
from accounts.lifecycle import actions
from accounts.lifecycle import cli as lifecycle
from accounts.lifecycle.endpoints import stores_of
from accounts.lifecycle.rules import disabled_on, first_reminder_on
from accounts.lifecycle.store import LifecycleStore
from accounts.numbers import id_number_is_valid
from accounts.registry import cli as registry
from accounts.registry.store import AccountStore
from mtnet_contracts.vocabulary.dates import taipei_day

pytestmark = pytest.mark.stack

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nobody(rows):
    rows("TRUNCATE account CASCADE")
    rows("DELETE FROM outbox")


@pytest.fixture
def people(rows):
    """`people("active", day, …)`: one account for each day since when it was not used."""

    def people(state, *days):
        rows(
            "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale,"
            " approved_at, active_on) SELECT gen_random_uuid(), left('p' || md5(random()::text), 20), '會員', %s,"
            " 'individual', '{member}', 'member@example.com', 'zh-Hant', now(), day FROM unnest(%s::date[]) AS day",
            state,
            list(days),
        )

    return people


@pytest.fixture
def run(transactions, told):
    return lambda as_of=DAY: actions.run(stores_of(transactions), as_of, NOW)


def test_the_ninetieth_day_freezes_and_ends_the_sessions(people, run, rows, announced):
    people("active", DAY - timedelta(days=90), DAY - timedelta(days=89))
    rows(
        "INSERT INTO session (token_hash, session_id, account_id, started_at, touched_at)"
        " SELECT decode(md5(account_id::text), 'hex'), gen_random_uuid(), account_id, now(), now() FROM account"
    )
    assert run().frozen == 1
    assert rows("SELECT active_on, state FROM account ORDER BY active_on") == [
        (DAY - timedelta(days=90), "frozen"),
        (DAY - timedelta(days=89), "active"),
    ]
    (event,) = announced("AccountFrozen")
    assert (event["reason"], event["last_active_on"]) == ("INACTIVE_90_DAYS", str(DAY - timedelta(days=90)))
    assert rows("SELECT count(*) FROM session WHERE ended_at IS NOT NULL") == [(1,)]


def test_a_second_run_on_the_same_day_does_nothing(people, run, announced):
    people("active", DAY - timedelta(days=100))
    people("frozen", DAY - timedelta(days=350))
    first = run()
    assert (first.frozen, first.reminded) == (2 - 1, 1)
    assert run() == actions.RunResult(0, 0)
    assert len(announced("AccountFrozen")) == len(announced("ReminderDue")) == 1


def test_frozen_accounts_are_reminded_and_others_are_not(people, run, announced):
    near = DAY - timedelta(days=350)
    for state in ("frozen", "approved", "disabled", "closed"):
        people(state, near)
    assert run().reminded == 1
    (event,) = announced("ReminderDue")
    assert (event["notice_days"], event["disabled_on"]) == (
        30,
        str(max(disabled_on(near), DAY + timedelta(days=30))),
    )


def test_daily_runs_remind_thirty_and_seven_days_before_the_end(people, run, announced):
    active_on = date(2025, 4, 10)
    people("frozen", active_on)
    seen = {}
    for later in range(45):
        day = date(2026, 3, 1) + timedelta(days=later)
        if run(day).reminded:
            seen[announced("ReminderDue")[-1]["notice_days"]] = day
    assert seen == {30: date(2026, 3, 11), 7: date(2026, 4, 3)}
    assert {event["disabled_on"] for event in announced("ReminderDue")} == {"2026-04-10"}


def test_after_days_without_a_run_everybody_is_warned_once_and_in_time(people, run, announced, rows):
    people("frozen", *(date(2025, 2, 1) + timedelta(days=n) for n in range(58)))
    late = date(2026, 2, 28)
    assert run(late).reminded == 58
    assert run(late).reminded == 0
    for event in announced("ReminderDue"):
        assert event["notice_days"] == 30
        assert date.fromisoformat(event["disabled_on"]) >= late + timedelta(days=30)
    assert run(late + timedelta(days=23)).reminded == sum(
        1 for (day,) in rows("SELECT disable_on FROM account") if day <= late + timedelta(days=30)
    )


def test_a_login_begins_a_new_cycle(people, run, rows, transactions, announced):
    people("frozen", DAY - timedelta(days=350))
    run()
    rows("UPDATE account SET state = 'active'")
    with transactions.transaction() as tx:
        ((account_id,),) = tx.execute("SELECT account_id FROM account").fetchall()
        AccountStore(tx).record_login(account_id, now=NOW, active_on=DAY, password_hash=None)
    later = first_reminder_on(DAY)
    assert run(later - timedelta(days=1)).reminded == 0
    assert run(later).reminded == 1
    assert len(announced("ReminderDue")) == 2


def test_the_preview_counts_what_the_run_does_and_does_nothing(people, run, told, transactions, rows):
    people("active", *(DAY - timedelta(days=n) for n in (10, 89, 90, 91, 340, 366, 800)))
    people("frozen", *(DAY - timedelta(days=n) for n in (200, 336, 364)))
    with transactions.transaction() as tx:
        expected = actions.preview(LifecycleStore(tx), DAY)
    assert rows("SELECT count(*) FROM outbox") == [(0,)]
    assert run() == expected
    assert expected.frozen == 5


def test_two_runs_at_once_share_the_work(people, run, announced, monkeypatch):
    monkeypatch.setattr(actions.freeze_accounts, "__defaults__", (50,))
    people("active", *[DAY - timedelta(days=100)] * 600)
    results = []
    threads = [threading.Thread(target=lambda: results.append(run())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.frozen for result in results) == 600
    assert len({event["account_id"] for event in announced("AccountFrozen")}) == 600
    assert len(announced("AccountFrozen")) == 600


def test_the_cost_follows_what_is_due(rows, run):
    """100,000 accounts, of which three are due: every question is answered from an index."""
    rows(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale, approved_at,"
        " active_on, reminded_days, disable_on) SELECT gen_random_uuid(), 'user' || n, '會員',"
        " CASE WHEN n %% 2 = 0 THEN 'active' ELSE 'frozen' END, 'individual', '{member}', 'm@example.com', 'zh-Hant',"
        " now(), %s::date - CASE WHEN n %% 2 = 0 THEN n %% 89 ELSE 400 END, CASE WHEN n %% 2 = 1 THEN 7 END,"
        " CASE WHEN n %% 2 = 1 THEN %s::date END FROM generate_series(1, 100000) AS n",
        DAY,
        DAY,
    )
    rows(
        "UPDATE account SET active_on = %s WHERE account_name IN ('user2', 'user4', 'user6')",
        DAY - timedelta(days=95),
    )
    rows("ANALYZE account")
    for condition in (
        f"state = 'active' AND active_on <= '{DAY - timedelta(days=90)}'",
        f"state IN ('active', 'frozen') AND reminded_days IS NULL AND active_on <= '{DAY - timedelta(days=335)}'",
        f"state IN ('active', 'frozen') AND reminded_days = 30 AND disable_on <= '{DAY + timedelta(days=7)}'",
    ):
        plan = "\n".join(
            line for (line,) in rows(f"EXPLAIN SELECT account_id FROM account WHERE {condition}")
        )
        assert "Index" in plan, plan
        assert "Seq Scan" not in plan, plan
    assert run().frozen == 3


def test_the_command_previews_and_runs(people, rows, environment, postgres_dsn, monkeypatch, capsys, told):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    people("active", DAY - timedelta(days=95))
    assert lifecycle.main(["--as-of", str(DAY), "--preview"]) == 0
    assert rows("SELECT state FROM account") == [("active",)]
    assert lifecycle.main(["--as-of", str(DAY)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"as of {DAY}: 1 accounts would be frozen, 0 reminders would be sent",
        f"as of {DAY}: 1 accounts frozen, 0 reminders sent",
    ]


def test_an_operator_reactivates_a_frozen_account_and_a_new_cycle_begins(
    people, run, rows, announced, environment, postgres_dsn, monkeypatch, capsys, told
):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    people("frozen", DAY - timedelta(days=350))
    assert run().reminded == 1
    ((name, account_id),) = rows("SELECT account_name, account_id FROM account")
    command = ["reactivate", name.upper(), "--who", "operator1", "--reason", "called the hotline"]
    assert registry.main(command) == 0
    today = taipei_day(datetime.now(UTC))
    assert rows("SELECT state, active_on, frozen_at, reminded_days, disable_on FROM account") == [
        ("active", today, None, None, None)
    ]
    (event,) = announced("AccountReactivated")
    assert (event["account_id"], event["active_on"]) == (str(account_id), str(today))
    assert rows("SELECT action, detail FROM audit_entry WHERE subject_id = %s", account_id) == [
        ("account_reactivated", {"who": "operator1", "reason": "called the hotline"})
    ]
    assert run(today + timedelta(days=89)).frozen == 0
    assert capsys.readouterr().out == f"{name.upper()} may log in again\n"


@pytest.mark.parametrize("state", ["approved", "active", "disabled", "closed"])
def test_only_a_frozen_account_is_reactivated(
    people, rows, environment, postgres_dsn, monkeypatch, capsys, told, state
):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    people(state, DAY)
    ((name,),) = rows("SELECT account_name FROM account")
    for asked in (name, "nobody"):
        assert registry.main(["reactivate", asked, "--who", "operator1", "--reason", "called"]) == 1
        assert capsys.readouterr().err == f"no frozen account is named {asked}\n"
    assert rows("SELECT state FROM account") == [(state,)]
    with pytest.raises(SystemExit):
        registry.main(["reactivate", name])


def test_the_demo_people_have_a_contact_and_a_person_and_come_back_when_frozen(
    rows, run, announced, environment, postgres_dsn, monkeypatch, capsys, told
):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setattr(demo, "hashed", lambda password: "hash")
    # As an earlier version left one of them.
    rows(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale,"
        " approved_at, active_on) VALUES (gen_random_uuid(), 'eastreviewer', '東部', 'active', 'bureau', '{reviewer}',"
        " 'eastreviewer@mtnet.example', 'zh-Hant', now(), %s)",
        taipei_day(datetime.now(UTC)),
    )
    for _ in range(2):
        assert demo.main() == 0
    assert sorted(event["account_name"] for event in announced("AccountOpened")) == sorted(
        name for name, *_ in demo.PEOPLE
    )
    assert rows("SELECT count(DISTINCT person_key) FROM account") == [(len(demo.PEOPLE),)]
    assert run(taipei_day(datetime.now(UTC)) + timedelta(days=91)).frozen == len(demo.PEOPLE)
    capsys.readouterr()
    assert demo.main() == 0
    assert "demo account opsreviewer: no longer frozen" in capsys.readouterr().out
    assert rows("SELECT DISTINCT state FROM account") == [("active",)]
    assert len(announced("AccountOpened")) == len(demo.PEOPLE)


@pytest.mark.parametrize("id_number", [id_number for *_, id_number in demo.PEOPLE])
def test_the_demo_people_s_id_numbers_could_be_typed(id_number):
    assert id_number_is_valid(id_number)
