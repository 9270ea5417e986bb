"""The audit log is verified by a command and once a day; whatever was done to it is found and shown."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from accounts.audit import actions as auditing
from accounts.audit import cli as audit
from accounts.audit.rules import ALTERED, MISSING, NOT_FOLLOWING, Entry, NoSuchBreak, chained
from accounts.audit.store import AuditStore
from prometheus_client import REGISTRY

pytestmark = pytest.mark.stack

NOW = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty(rows):
    rows("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_final")
    rows("TRUNCATE audit_entry, audit_verified")


@pytest.fixture
def verify(transactions, told):
    def verify(*, full=False, days=0):
        with transactions.transaction() as tx:
            verified, breaks = auditing.verify(AuditStore(tx), NOW + timedelta(days=days), full=full)
        return verified, [(each.position, each.what) for each in breaks]

    return verify


@pytest.fixture
def write(transactions, told, rows):
    """Append so many entries; tells all positions there are."""

    def write(count):
        for number in range(count):
            with transactions.transaction() as tx:
                AuditStore(tx).append(
                    Entry(
                        at=NOW,
                        actor_account_id=uuid4(),
                        action="form_viewed",
                        subject_id=uuid4(),
                        detail={"page": str(number), "reason": "核對"},
                        ip="192.0.2.7",
                    )
                )
        return [position for (position,) in rows("SELECT position FROM audit_entry ORDER BY position")]

    return write


def test_a_whole_log_holds_and_an_empty_one_too(write, verify):
    assert verify()[1] == []
    positions = write(5)
    verified, breaks = verify()
    assert (verified.position, verified.broken_position, breaks) == (positions[-1], None, [])
    assert verify(full=True)[0].position == positions[-1]


def test_positions_that_were_given_to_nobody_are_no_gap(write, verify, rows):
    write(2)
    rows("SELECT nextval(pg_get_serial_sequence('audit_entry', 'position'))")
    positions = write(2)
    assert positions[-1] - positions[0] == 4
    assert verify(full=True)[1] == []


@pytest.mark.parametrize(
    "change",
    [
        "action = 'case_viewed'",
        "detail = '{}'",
        "detail = jsonb_set(detail, '{page}', '\"7\"')",
        "at = at + interval '1 microsecond'",
        "actor_account_id = NULL",
        "subject_id = gen_random_uuid()",
        "ip = NULL",
        "ip = '192.0.2.8'",
        "hash = '\\x00'",
        "previous_hash = '\\x00'",
    ],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_an_entry_that_was_altered_is_found_and_alone(write, verify, rows, change, place):
    positions = write(5)
    rows(f"UPDATE audit_entry SET {change} WHERE position = %s", positions[place])
    _, breaks = verify()
    assert breaks[0] == (positions[place], ALTERED)
    followers = [] if not change.startswith("hash") or place == 4 else [(positions[place + 1], NOT_FOLLOWING)]
    assert breaks[1:] == followers


def test_an_entry_removed_put_in_or_written_anew_is_found_at_the_one_behind_it(
    write, verify, rows, transactions
):
    positions = write(6)
    rows("DELETE FROM audit_entry WHERE position = %s", positions[1])
    rows(
        "INSERT INTO audit_entry (position, at, action, detail, previous_hash, hash) OVERRIDING SYSTEM VALUE"
        " SELECT position - 100, at, action, detail, previous_hash, hash FROM audit_entry WHERE position = %s",
        positions[0],
    )
    with transactions.transaction() as tx:  # as somebody would who knows how the hash is made
        at, subject, previous = tx.execute(
            "SELECT at, subject_id, previous_hash FROM audit_entry WHERE position = %s", (positions[3],)
        ).fetchone()
        forged = Entry(
            at=at, actor_account_id=None, action="form_viewed", subject_id=subject, detail={}, ip=None
        )
        tx.execute(
            "UPDATE audit_entry SET actor_account_id = NULL, detail = '{}', ip = NULL, hash = %s WHERE position = %s",
            (chained(bytes(previous), forged), positions[3]),
        )
    assert verify()[1] == [
        (positions[0] - 100, ALTERED),
        (positions[0], NOT_FOLLOWING),
        (positions[2], NOT_FOLLOWING),
        (positions[4], NOT_FOLLOWING),
    ]


def test_an_end_that_was_cut_off_is_found_by_what_was_verified(write, verify, rows):
    positions = write(5)
    verify()
    rows("DELETE FROM audit_entry WHERE position > %s", positions[2])
    for full in (False, True):
        verified, breaks = verify(full=full)
        assert breaks == [(positions[-1], MISSING)]
        assert verified.broken_position == positions[-1]


def test_a_log_that_was_written_anew_from_its_beginning_is_found(write, verify, rows):
    rows("TRUNCATE audit_entry RESTART IDENTITY")
    write(3)
    verify()
    rows("TRUNCATE audit_entry RESTART IDENTITY")
    assert write(4) == [1, 2, 3, 4]
    for full in (False, True):
        assert verify(full=full)[1][0] == (3, ALTERED)


def test_the_daily_run_reads_only_what_is_new_and_the_full_one_everything(write, verify, rows):
    positions = write(4)
    verify()
    rows("UPDATE audit_entry SET detail = '{}' WHERE position = %s", positions[1])
    more = write(2)
    assert verify()[1] == [], "verified before"
    assert verify()[0].position == more[-1]
    verified, breaks = verify(full=True)
    assert breaks == [(positions[1], ALTERED)]
    assert (verified.position, verified.broken_position) == (more[-1], positions[1])


def test_a_break_is_found_every_day_until_an_operator_accepts_it(write, verify, rows, transactions, told):
    positions = write(4)
    rows("UPDATE audit_entry SET detail = '{}' WHERE position = %s", positions[1])
    for day in (0, 1):
        verified, breaks = verify(days=day)
        assert (verified.position, verified.broken_position) == (positions[0], positions[1])
        assert breaks == [(positions[1], ALTERED)]
    with transactions.transaction() as tx, pytest.raises(NoSuchBreak):
        auditing.accept_break(AuditStore(tx), positions[2], who="operator1", reason="nothing", now=NOW)
    with transactions.transaction() as tx:
        auditing.accept_break(
            AuditStore(tx), positions[1], who="operator1", reason="restored by hand, ticket 7", now=NOW
        )
    verified, breaks = verify(days=2)
    assert (verified.broken_position, breaks) == (None, [])
    assert verified.position > positions[-1]
    ((detail,),) = rows("SELECT detail FROM audit_entry WHERE action = 'audit_break_accepted'")
    assert detail == {"position": positions[1], "who": "operator1", "reason": "restored by hand, ticket 7"}
    # What is altered afterwards is seen as before.
    rows("UPDATE audit_entry SET ip = NULL WHERE position = %s", write(1)[-1])
    assert verify(days=3)[0].broken_position is not None


def test_the_look_of_every_day_tells_a_metric_and_comes_once_a_day(write, rows, transactions, told):
    def look(**later):
        with transactions.transaction() as tx:
            auditing.verify_daily(AuditStore(tx), NOW + timedelta(**later))
        return REGISTRY.get_sample_value("mtnet_audit_broken_position")

    write(3)
    assert look() == 0
    (more,) = write(1)[3:]
    rows("UPDATE audit_entry SET action = 'x' WHERE position = %s", more)
    assert look(hours=23) == 0
    assert look(hours=24) == more
    assert look(hours=25) == more, "another replica tells what was found"
    assert (
        REGISTRY.get_sample_value("mtnet_audit_verified_timestamp_seconds")
        == (NOW + timedelta(hours=24)).timestamp()
    )


def test_the_command_shows_the_entry_and_fails(write, rows, transactions, told, capsys):
    positions = write(3)
    assert audit.run(transactions, full=False) == 0
    assert f"holds up to entry {positions[-1]}, hash " in capsys.readouterr().out
    rows("UPDATE audit_entry SET action = 'nothing_seen' WHERE position = %s", positions[1])
    assert audit.run(transactions, full=True) == 1
    said = capsys.readouterr().out
    assert f"entry {positions[1]}: {ALTERED}" in said
    assert '"action": "nothing_seen"' in said
    assert "核對" in said
    with pytest.raises(SystemExit):
        audit.main(["--accept", str(positions[1])])


def test_a_long_log_is_read_in_pieces(write, verify, monkeypatch):
    monkeypatch.setattr(auditing, "BATCH", 3)
    positions = write(10)
    assert verify()[0].position == positions[-1]
