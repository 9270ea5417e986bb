"""A lifecycle run on real PostgreSQL: set-based, once, catching up, safe beside another."""

import base64
import hashlib
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from accounts import demo
from accounts.inactivity.rules import InactivityPolicy, dates_after_activity
from accounts.lifecycle import actions
from accounts.lifecycle import cli as lifecycle
from accounts.lifecycle.endpoints import stores_of
from accounts.lifecycle.rules import RunResult, Step
from accounts.lifecycle.store import CONDITIONS, LifecycleStore, RunStore
from accounts.numbers import id_number_is_valid
from accounts.registry import actions as registry_actions
from accounts.registry.store import AccountStore
from mtnet_chassis.testing.emptying import emptying
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import put_accounts

pytestmark = pytest.mark.stack

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nobody(rows):
    rows(emptying("account", "lifecycle_run", "outbox"))


@pytest.fixture
def people(rows):
    """`people("active", day, …)`: one account for each day since when it was not used."""
    return lambda state, *days: put_accounts(rows, state, *days)


@pytest.fixture
def run(transactions, told):
    return lambda as_of=DAY: actions.run(stores_of(transactions), as_of, NOW)


def test_the_ninetieth_day_freezes_and_ends_the_sessions(people, run, rows, announced):
    people("active", DAY - timedelta(days=90), DAY - timedelta(days=89))
    rows(
        "INSERT INTO session (token_hash, session_id, account_id, started_at, touched_at, confirmed_at)"
        " SELECT decode(md5(account_id::text), 'hex'), gen_random_uuid(), account_id, now(), now(), now()"
        " FROM account"
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
    assert run() == RunResult(0, 0)
    assert len(announced("AccountFrozen")) == len(announced("ReminderDue")) == 1


def test_frozen_accounts_are_reminded_and_others_are_not(people, run, announced):
    near = DAY - timedelta(days=350)
    for state in ("frozen", "approved", "disabled", "closed"):
        people(state, near)
    assert run().reminded == 1
    (event,) = announced("ReminderDue")
    assert (event["notice_days"], event["disabled_on"]) == (
        30,
        str(max(dates_after_activity(near).disable_on, DAY + timedelta(days=30))),
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
        registry_actions.record_login(AccountStore(tx), account_id, NOW)
    later = dates_after_activity(DAY).remind_on
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


def test_after_the_last_reminder_and_on_the_day_it_named_the_account_is_disabled(
    people, run, rows, announced
):
    (account_id,) = people("active", date(2025, 4, 10))
    rows(
        "INSERT INTO session (token_hash, session_id, account_id, started_at, touched_at, confirmed_at)"
        " VALUES ('\\x00', gen_random_uuid(), %s, now(), now(), now())",
        account_id,
    )
    states = {}
    for later in range(45):
        day = date(2026, 3, 1) + timedelta(days=later)
        if day == date(2026, 3, 2):
            rows("UPDATE account SET state = 'active'")
        run(day)
        ((state,),) = rows("SELECT state FROM account")
        states.setdefault(state, day)
    assert states["disabled"] == date(2026, 4, 10)
    (event,) = announced("AccountDisabled")
    assert (event["account_id"], event["reason"], event["last_active_on"]) == (
        str(account_id),
        "INACTIVE_12_MONTHS",
        "2025-04-10",
    )
    assert {event["disabled_on"] for event in announced("ReminderDue")} == {"2026-04-10"}
    assert rows("SELECT count(*) FROM session WHERE ended_at IS NULL") == [(0,)]
    assert rows("SELECT count(*) FROM account WHERE disabled_at IS NOT NULL") == [(1,)]


def test_after_years_of_silence_everyone_is_warned_twice_and_nobody_is_disabled_early(
    people, run, announced, rows
):
    people("frozen", *(date(2023, 1, 1) + timedelta(days=n) for n in range(40)))
    first = run(DAY)
    assert (first.reminded, first.disabled) == (40, 0)
    named = DAY + timedelta(days=30)
    for day in (DAY, DAY + timedelta(days=22)):
        assert run(day) == RunResult()
    assert run(DAY + timedelta(days=23)).reminded == 40
    assert run(named - timedelta(days=1)) == RunResult()
    assert run(named).disabled == 40
    assert {event["disabled_on"] for event in announced("ReminderDue")} == {str(named)}


def test_the_preview_names_the_accounts_why_and_since_when(people, transactions, rows, run):
    people("active", DAY - timedelta(days=95), DAY - timedelta(days=91), DAY)
    people("frozen", date(2025, 3, 20))
    people("frozen", date(2025, 2, 1))
    rows("UPDATE account SET remind_on = NULL, reminded_days = 7 WHERE active_on = '2025-02-01'")
    with transactions.transaction() as tx:
        store = LifecycleStore(tx)
        found, total = actions.planned(store, DAY, step=None, name=None, page=1, page_size=2)
        more, _ = actions.planned(store, DAY, step=None, name=None, page=2, page_size=2)
        frozen, of_them = actions.planned(store, DAY, step=Step.FREEZE, name=None, page=1, page_size=25)
        name = frozen[0].account.account_name
        one, _ = actions.planned(store, DAY, step=None, name=name.upper()[:15], page=1, page_size=25)
    assert total == 4
    assert [(each.step, each.due_on, each.notice_days) for each in found + more] == [
        (Step.DISABLE, date(2026, 2, 1), None),
        (Step.REMIND, date(2026, 2, 18), 30),
        (Step.FREEZE, DAY - timedelta(days=5), None),
        (Step.FREEZE, DAY - timedelta(days=1), None),
    ]
    assert of_them == 2
    assert [each.account.account_name for each in one] == [name]
    assert run() == RunResult(frozen=2, reminded=1, disabled=1)


def test_a_run_is_reported_with_each_account(people, run, transactions, rows):
    people("active", DAY - timedelta(days=95))
    people("frozen", date(2025, 3, 20))
    done = run()
    with transactions.transaction() as tx:
        ((stored,), total) = actions.past_runs(RunStore(tx), page=1, page_size=10)
        _, changes = actions.changes_of_run(RunStore(tx), done.run_id, after=0, limit=10)
    assert (stored.run_id, stored.as_of, stored.started_by, total) == (done.run_id, DAY, "timer", 1)
    assert (stored.frozen, stored.reminded, stored.disabled) == (1, 1, 0)
    assert stored.outcome(NOW) == "finished"
    assert [
        (change.step, change.active_on, change.notice_days, change.disable_on) for _, change in changes
    ] == [
        (Step.FREEZE, DAY - timedelta(days=95), None, None),
        (Step.REMIND, date(2025, 3, 20), 30, date(2026, 3, 31)),
    ]
    assert rows(
        "SELECT detail ->> 'who', detail ->> 'frozen' FROM audit_entry WHERE action = 'lifecycle_run'"
        " AND detail ->> 'run_id' = %s",
        str(done.run_id),
    ) == [("timer", "1")]


def test_of_runs_that_had_nothing_to_do_the_last_is_kept(run, rows, people):
    for _ in range(3):
        run()
    assert rows("SELECT count(*) FROM lifecycle_run") == [(1,)]
    people("active", DAY - timedelta(days=95))
    run()
    run()
    assert rows("SELECT frozen FROM lifecycle_run ORDER BY frozen") == [(0,), (1,)]


def test_a_run_stops_when_its_time_is_up_and_the_next_does_the_rest(
    people, transactions, told, monkeypatch, rows
):
    monkeypatch.setattr(actions, "BATCH", 10)
    people("active", *[DAY - timedelta(days=100)] * 25)
    stopped = actions.run(stores_of(transactions), DAY, NOW, started_by="operator1", until=lambda: True)
    assert (stopped.frozen, stopped.complete) == (10, False)
    assert actions.run(stores_of(transactions), DAY, NOW).frozen == 15


def test_a_changed_policy_is_one_recomputation(people, transactions, told, monkeypatch, rows, run):
    monkeypatch.setattr(actions, "BATCH", 2)
    people("active", *(DAY - timedelta(days=n) for n in (10, 40, 70)))
    people("frozen", date(2025, 3, 20))
    people("disabled", date(2024, 3, 20))
    run()
    stores = stores_of(transactions)
    assert actions.recompute(stores) == 0
    before = rows("SELECT disable_on FROM account WHERE reminded_days = 30")
    stricter = InactivityPolicy(freeze_after_days=60, disable_after_months=6)
    assert actions.recompute(stores, stricter) == 4
    assert actions.recompute(stores, stricter) == 0
    assert rows("SELECT disable_on FROM account WHERE reminded_days = 30") == before
    assert run().frozen == 1


def test_the_command_recomputes(people, rows, environment, postgres_dsn, monkeypatch, capsys, told):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    people("active", DAY)
    rows("UPDATE account SET freeze_on = freeze_on + 1")
    assert lifecycle.main(["--recompute"]) == 0
    assert capsys.readouterr().out == "1 accounts have other days now\n"
    assert rows("SELECT freeze_on FROM account") == [(dates_after_activity(DAY).freeze_on,)]


def test_two_runs_at_once_share_the_work(people, run, announced, monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 50)
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
        " active_on, freeze_on, remind_on, disable_on) SELECT gen_random_uuid(), 'user' || n, '會員',"
        " CASE WHEN n %% 2 = 0 THEN 'active' ELSE 'frozen' END, 'individual', '{member}', 'm@example.com', 'zh-Hant',"
        " now(), %(day)s, %(day)s::date + n %% 89 + 1, CASE WHEN n %% 3 > 0 THEN %(day)s::date + 1 END,"
        " %(day)s::date + n %% 300 + 1 FROM generate_series(1, 100000) AS n",
        {"day": DAY},
    )
    rows("UPDATE account SET freeze_on = %s WHERE account_name IN ('user2', 'user4', 'user6')", DAY)
    rows("ANALYZE account")
    for condition in CONDITIONS.values():
        plan = "\n".join(
            line
            for (line,) in rows(f"EXPLAIN SELECT account_id FROM account WHERE {condition}", {"today": DAY})
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
        f"as of {DAY}: 1 accounts would be frozen, 0 reminders would be sent, 0 accounts would be disabled",
        f"as of {DAY}: 1 accounts frozen, 0 reminders sent, 0 accounts disabled",
    ]


def test_the_demo_people_have_a_contact_and_a_person_and_come_back_when_frozen(
    rows, run, announced, environment, postgres_dsn, monkeypatch, capsys, told
):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setattr(demo, "hashed", lambda password: "hash")
    monkeypatch.setenv("DEMO_SUBSCRIBER_SECRET", "known-to-the-sandbox")
    rows("DELETE FROM subscriber")
    # As an earlier version left one of them.
    rows(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale,"
        " approved_at, active_on, freeze_on, disable_on) VALUES (gen_random_uuid(), 'eastreviewer', '東部', 'active',"
        " 'bureau', '{reviewer}', 'eastreviewer@mtnet.example', 'zh-Hant', now(), %(day)s, %(day)s::date + 90,"
        " %(day)s::date + 365)",
        {"day": taipei_day(datetime.now(UTC))},
    )
    for _ in range(2):
        assert demo.main() == 0
    everybody = (*demo.PEOPLE, demo.IDLE)
    assert sorted(event["account_name"] for event in announced("AccountOpened")) == sorted(
        name for name, *_ in everybody
    )
    assert rows("SELECT count(DISTINCT person_key) FROM account") == [(len(everybody),)]
    disabled = announced("AccountDisabled")
    assert [event["account_name"] for event in disabled] == ["demoidle"], "once, and nobody else"
    assert run(taipei_day(datetime.now(UTC)) + timedelta(days=91)).frozen == len(demo.PEOPLE)
    capsys.readouterr()
    assert demo.main() == 0
    assert "demo account opsreviewer: no longer frozen" in capsys.readouterr().out
    assert rows("SELECT DISTINCT state FROM account WHERE account_name <> 'demoidle'") == [("active",)]
    assert len(announced("AccountOpened")) == len(everybody)
    # The system that reads in the sandbox is registered once, with the secret that the sandbox has.
    ((salted,),) = rows("SELECT password_hash FROM subscriber_credential")
    salt, digest = base64.b64decode(salted)[:4], base64.b64decode(salted)[4:]
    assert hashlib.sha256(salt + b"known-to-the-sandbox").digest() == digest
    granted = {event for (event,) in rows("SELECT source || '.' || event FROM subscriber_grant")}
    assert {"review.CaseOpened", *demo.SHOWN_TO_SYSTEM} <= granted


@pytest.mark.parametrize("id_number", [id_number for *_, id_number in (*demo.PEOPLE, demo.IDLE)])
def test_the_demo_people_s_id_numbers_could_be_typed(id_number):
    assert id_number_is_valid(id_number)
