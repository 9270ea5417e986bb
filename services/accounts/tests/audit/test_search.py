"""Operators find entries by who, whom, what, when and where from, page by page; a look is an entry of its own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from accounts.audit.rules import Entry
from accounts.audit.store import AuditStore
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.testing.emptying import emptying

from ..builders import a_reviewer

pytestmark = pytest.mark.stack

# 00:30 on 2 March in Taipei.
BEGIN = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)


def an_operator(**changes):
    return a_reviewer(**{"roles": frozenset({"operator"})} | changes)


@pytest.fixture
def people(rows):
    """Two accounts, by name."""
    rows("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_final")
    rows("TRUNCATE audit_entry, audit_verified")
    rows(emptying("account"))
    found = {}
    for name in ("carrier2026", "northreviewer"):
        account_id = uuid4()
        rows(
            "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale,"
            " approved_at, active_on, freeze_on, disable_on) VALUES (%s, %s, 'x', 'active', 'individual', '{member}',"
            " 'm@example.com', 'en', now(), current_date, current_date + 90, current_date + 365)",
            account_id,
            name,
        )
        found[name] = account_id
    return found


@pytest.fixture
def write(transactions):
    def write(action, *, by=None, about=None, ip="192.0.2.7", hours=0.0, **detail):
        with transactions.transaction() as tx:
            AuditStore(tx).append(
                Entry(
                    at=BEGIN + timedelta(hours=hours),
                    actor_account_id=by,
                    action=action,
                    subject_id=about,
                    detail=detail,
                    ip=ip,
                )
            )

    return write


@pytest.fixture
def search(ask):
    def search(**wanted):
        return ask("audit_entries", actor=an_operator(), **wanted)

    return search


def actions_of(found):
    return [entry["action"] for entry in found["items"]]


def test_entries_are_found_newest_first_with_the_names_of_both(people, write, search):
    write("logged_in", by=people["carrier2026"], about=people["carrier2026"])
    write("form_viewed", by=people["northreviewer"], about=people["carrier2026"], page="1")
    write("login_failed", about=uuid4(), ip=None)
    found = search()
    assert actions_of(found) == ["login_failed", "form_viewed", "logged_in"]
    failed, viewed, _ = found["items"]
    assert (viewed["actor"], viewed["subject"], viewed["detail"]) == (
        "northreviewer",
        "carrier2026",
        {"page": "1"},
    )
    assert (failed["actor"], failed["subject"], failed["ip"]) == (None, None, None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"name": "carrier2026"}, ["form_viewed", "logged_in"]),
        ({"name": "CARRIER2026"}, ["form_viewed", "logged_in"]),
        ({"name": "northreviewer"}, ["id_number_revealed", "form_viewed"]),
        ({"name": "nobody99"}, []),
        ({"action": "logged_in"}, ["logged_in"]),
        ({"ip": "198.51.100.4"}, ["id_number_revealed"]),
        ({"ip": "2001:db8::1"}, ["login_failed"]),
        ({"ip": "2001:DB8:0:0::1"}, ["login_failed"]),
        ({"from_day": "2026-03-03"}, ["login_failed"]),
        ({"to_day": "2026-03-01"}, []),
        (
            {"from_day": "2026-03-02", "to_day": "2026-03-02"},
            ["id_number_revealed", "form_viewed", "logged_in"],
        ),
        ({"name": "carrier2026", "action": "form_viewed"}, ["form_viewed"]),
    ],
)
def test_each_question_finds_its_entries_and_no_others(people, write, search, wanted, found):
    write("logged_in", by=people["carrier2026"], about=people["carrier2026"])
    write("form_viewed", by=people["northreviewer"], about=people["carrier2026"], hours=1)
    write("id_number_revealed", by=people["northreviewer"], ip="198.51.100.4", hours=23.4)
    write("login_failed", ip="2001:db8::1", hours=23.5)
    assert actions_of(search(**wanted)) == found


def test_a_case_is_found_by_its_number(people, write, search, rows):
    application_id = uuid4()
    rows(
        "INSERT INTO application (application_id, case_number, identity_type, status, submission, locale, answers,"
        " started_at, updated_at)"
        " VALUES (%s, 'PTAPPLY936EC90162340', 'company', 'submitted', 1, 'en', '{}', now(), now())",
        application_id,
    )
    write("form_viewed", by=people["northreviewer"], about=application_id)
    write("logged_in", by=people["carrier2026"])
    (entry,) = search(name="ptapply936ec90162340")["items"]
    assert entry["subject"] == "PTAPPLY936EC90162340"


def test_pages_follow_each_other_without_gaps_while_the_log_grows(people, write, search):
    for number in range(7):
        write("logged_in", by=people["carrier2026"], number=number)
    first = search(name="carrier2026", limit=3)
    write("logged_in", by=people["carrier2026"], number="late")
    second = search(name="carrier2026", limit=3, before=first["next_before"])
    third = search(name="carrier2026", limit=3, before=second["next_before"])
    numbers = [entry["detail"]["number"] for page in (first, second, third) for entry in page["items"]]
    assert numbers == [6, 5, 4, 3, 2, 1, 0]
    assert third["next_before"] is None


def test_a_look_is_an_entry_and_further_pages_are_the_same_look(people, write, search, rows):
    write("logged_in", by=people["carrier2026"])
    write("logged_in", by=people["carrier2026"])
    first = search(name="carrier2026", limit=1)
    search(name="carrier2026", limit=1, before=first["next_before"])
    ((actor, detail),) = rows(
        "SELECT actor_account_id, detail FROM audit_entry WHERE action = 'audit_searched'"
    )
    assert isinstance(actor, UUID)
    assert detail == {"name": "carrier2026"}


def test_what_is_no_address_names_the_field(people, search):
    with pytest.raises(Refused) as refused:
        search(ip="round the corner")
    assert refused.value.fields == {"ip": ["NOT_VALID"]}


@pytest.mark.parametrize(
    "roles", [frozenset({"member"}), frozenset({"reviewer"}), frozenset({"helpdesk_agent"})]
)
def test_nobody_else_searches_the_log(people, ask, roles):
    with pytest.raises(Refused) as refused:
        ask("audit_entries", actor=an_operator(roles=roles))
    assert refused.value.code == "NOT_ALLOWED"


def test_how_far_the_log_was_verified_is_told(people, write, search, transactions):
    from accounts.audit import actions

    assert search()["verified_at"] is None
    with transactions.transaction() as tx:
        actions.verify(AuditStore(tx), BEGIN)
    found = search()
    assert found["verified_position"] is not None
    assert found["broken_position"] is None


def test_questions_are_answered_from_indexes(tx):
    """A hundred thousand entries; each kind of question reads the index that is meant for it."""
    tx.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_final")
    tx.execute(
        "INSERT INTO audit_entry (at, actor_account_id, action, subject_id, detail, ip, previous_hash, hash)"
        " SELECT timestamptz '2026-01-01' + make_interval(mins => n), md5((n % 5000)::text)::uuid,"
        " 'action' || n % 40, md5((n % 5000)::text)::uuid, '{}', ('10.0.' || n % 200 || '.1')::inet, '', ''"
        " FROM generate_series(1, 100000) AS n"
    )
    tx.execute("ANALYZE audit_entry")
    for condition in (
        "actor_account_id = ANY (ARRAY[md5('7')::uuid]) OR subject_id = ANY (ARRAY[md5('7')::uuid])",
        "action = 'action7'",
        "ip = '10.0.7.1'",
        "at >= '2026-01-05' AND at < '2026-01-06'",
        "position < 500",
    ):
        plan = "\n".join(
            line
            for (line,) in tx.execute(
                f"EXPLAIN SELECT * FROM audit_entry WHERE {condition} ORDER BY position DESC LIMIT 51"
            )
        )
        assert "Seq Scan" not in plan, plan


def test_days_are_days(people, search):
    with pytest.raises(Refused) as refused:
        search(from_day="2026-02-30")
    assert "from_day" in refused.value.fields
