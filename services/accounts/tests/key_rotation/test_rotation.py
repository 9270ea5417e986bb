"""Everything encrypted is under the new key afterwards, opens as before, and people go on working meanwhile."""

import base64
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from accounts import settings as settings_module
from accounts.key_file import keys_from, text_of
from accounts.key_rotation import actions, cli
from accounts.key_rotation.cli import stores_of
from accounts.key_rotation.rules import SEALED, KeyMissing
from accounts.vault import SealedNumber, Vault
from cryptography.exceptions import InvalidTag

pytestmark = pytest.mark.stack

KEYS = {"k1": bytes(32)}
MORE = {"k2": bytes(range(32)), **KEYS}
INDEX_KEY = bytes(range(96, 128))


@pytest.fixture
def sealed(transactions):
    """Twelve hundred applications with ID numbers under k1, and one without a number."""
    vault = Vault(KEYS, INDEX_KEY)
    ids = [uuid4() for _ in range(1201)]
    boxes = [vault.seal(f"A{n:09d}", row_id) for n, row_id in enumerate(ids[:-1])]
    with transactions.transaction() as tx:
        tx.execute("TRUNCATE application CASCADE")
        tx.execute(
            "INSERT INTO application (application_id, case_number, identity_type, status, submission, locale, answers,"
            " started_at, updated_at) SELECT id, 'PTAPPLY' || id, 'individual', 'draft', 0, 'en', '{}', now(), now()"
            " FROM unnest(%s::uuid[]) AS id",
            (ids,),
        )
        tx.execute(
            "UPDATE application SET id_number = box, id_number_key = 'k1', person_index = index"
            " FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS new (id, box, index) WHERE application_id = id",
            (ids[:-1], [box.ciphertext for box in boxes], [box.index for box in boxes]),
        )
    return ids


def rotate(transactions, vault, told=lambda done: None, now=datetime(2026, 11, 26, tzinfo=UTC)):
    return actions.reseal(
        stores_of(transactions), vault, who="operator1", reason="yearly", now=now, told=told
    )


def numbers(transactions, vault):
    with transactions.transaction() as tx:
        rows = tx.execute(
            "SELECT application_id, id_number, id_number_key, person_index FROM application"
            " WHERE id_number IS NOT NULL"
        ).fetchall()
    return {row[0]: vault.open(SealedNumber(bytes(row[1]), row[2], bytes(row[3])), row[0]) for row in rows}


def test_every_value_is_under_the_new_key_and_opens_as_before(transactions, sealed):
    before = numbers(transactions, Vault(KEYS, INDEX_KEY))
    told = []
    assert rotate(transactions, Vault(MORE, INDEX_KEY), told.append) == 1200
    assert told[0] == actions.BATCH
    assert told[-1] == 1200
    only_new = Vault({"k2": MORE["k2"]}, INDEX_KEY)
    assert numbers(transactions, only_new) == before
    assert actions.rows_by_key(stores_of(transactions)) == {"k2": 1200}
    with transactions.transaction() as tx:
        (detail,) = tx.execute(
            "SELECT detail FROM audit_entry WHERE action = 'keys_rotated' ORDER BY position DESC LIMIT 1"
        ).fetchone()
    assert detail == {"key": "k2", "values": 1200, "who": "operator1", "reason": "yearly"}


def test_a_second_run_changes_nothing_and_writes_no_entry(transactions, sealed):
    rotate(transactions, Vault(MORE, INDEX_KEY))
    with transactions.transaction() as tx:
        entries = tx.execute("SELECT count(*) FROM audit_entry").fetchone()
    assert rotate(transactions, Vault(MORE, INDEX_KEY)) == 0
    with transactions.transaction() as tx:
        assert tx.execute("SELECT count(*) FROM audit_entry").fetchone() == entries


def test_a_run_that_was_stopped_is_finished_by_the_next(transactions, sealed):
    before = numbers(transactions, Vault(KEYS, INDEX_KEY))

    class Stopped(Exception):
        pass

    def stop(done):
        raise Stopped

    with pytest.raises(Stopped):
        rotate(transactions, Vault(MORE, INDEX_KEY), stop)
    assert actions.rows_by_key(stores_of(transactions)) == {"k2": actions.BATCH, "k1": 1200 - actions.BATCH}
    assert numbers(transactions, Vault(MORE, INDEX_KEY)) == before
    assert rotate(transactions, Vault(MORE, INDEX_KEY)) == 1200 - actions.BATCH
    assert numbers(transactions, Vault(MORE, INDEX_KEY)) == before


def test_a_row_that_somebody_is_changing_is_come_back_to(transactions, sealed):
    """The other transaction holds a row, and ends while the run goes on."""
    with transactions.transaction() as other:
        other.execute("SELECT 1 FROM application WHERE application_id = %s FOR UPDATE", (sealed[3],))
        opened = []

        @contextmanager
        def stores():
            opened.append(1)
            # Two looks at what there is, one for the columns, four batches: the first pass is over.
            if len(opened) == 8:
                other.rollback()
            with stores_of(transactions)() as each:
                yield each

        done = actions.reseal(
            stores,
            Vault(MORE, INDEX_KEY),
            who="operator1",
            reason="yearly",
            now=datetime.now(UTC),
            told=lambda _: None,
        )
    assert len(opened) > 8
    assert done == 1200


def test_a_key_that_is_not_here_stops_the_run_before_anything_is_written(transactions, sealed):
    with pytest.raises(KeyMissing, match="k1"):
        rotate(transactions, Vault({"k2": MORE["k2"]}, INDEX_KEY))
    assert actions.rows_by_key(stores_of(transactions)) == {"k1": 1200}


def test_a_value_of_another_row_does_not_pass():
    one, two = uuid4(), uuid4()
    vault = Vault(MORE, INDEX_KEY)
    box = Vault(KEYS, INDEX_KEY).seal("A123456789", one)
    assert vault.resealed(box.ciphertext, "k1", one) != box.ciphertext
    with pytest.raises(InvalidTag):
        vault.resealed(box.ciphertext, "k1", two)


def test_every_encrypted_column_of_the_database_is_rotated(tx):
    """Each ciphertext has the id of its key beside it, in a column named after it."""
    found = tx.execute(
        "SELECT box.table_name, box.column_name, key.column_name FROM information_schema.columns AS box"
        " JOIN information_schema.columns AS key ON key.table_name = box.table_name"
        " AND key.column_name = box.column_name || '_key'"
        " WHERE box.table_schema = 'public' AND box.data_type = 'bytea'"
    ).fetchall()
    assert sorted(found) == sorted((each.table, each.box, each.key) for each in SEALED)


@pytest.fixture
def key_file(tmp_path, environment, postgres_dsn, monkeypatch):
    """The commands of a portal whose keys are in a file."""
    file = tmp_path / "keys"
    file.write_text(text_of(KEYS))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ACCOUNTS_ID_NUMBER_KEYS_FILE", str(file))
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    monkeypatch.setenv("ACCOUNTS_BLIND_INDEX_KEY", base64.b64encode(INDEX_KEY).decode())
    settings_module.settings.cache_clear()
    yield file
    settings_module.settings.cache_clear()


ORDERED = ("--who", "operator1", "--reason", "yearly", "--settle", "0")


def test_one_command_adds_a_key_uses_it_and_removes_the_old_one(transactions, sealed, key_file, capsys):
    before = numbers(transactions, Vault(KEYS, INDEX_KEY))
    assert cli.main(["status"]) == 0
    assert capsys.readouterr().out == "k1: 1200 values, current\n"
    assert cli.main(["rotate", *ORDERED]) == 0
    keys = keys_from(key_file.read_text())
    assert list(keys) == ["k2"]
    assert numbers(transactions, Vault(keys, INDEX_KEY)) == before
    assert cli.main(["status"]) == 0
    assert "k2: 1200 values, current" in capsys.readouterr().out


def test_a_rotation_that_was_stopped_is_finished_by_the_next(transactions, sealed, key_file, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "reseal", stopped)
        with pytest.raises(KeyboardInterrupt):
            cli.main(["rotate", *ORDERED])
    assert list(keys_from(key_file.read_text())) == ["k2", "k1"]
    assert cli.main(["rotate", *ORDERED]) == 0
    assert list(keys_from(key_file.read_text())) == ["k2"]


def test_a_new_key_that_a_stopped_rotation_has_left_is_used(transactions, sealed, key_file):
    key_file.write_text(text_of({**KEYS, "k2": MORE["k2"]}))
    assert cli.main(["rotate", *ORDERED]) == 0
    assert keys_from(key_file.read_text()) == {"k2": MORE["k2"]}


def test_a_missing_key_is_named(transactions, sealed, key_file, capsys):
    key_file.write_text(text_of({"k2": MORE["k2"]}))
    assert cli.main(["status"]) == 1
    assert "k1: 1200 values, missing" in capsys.readouterr().out
    assert cli.main(["reseal", *ORDERED]) == 1
    assert "k1" in capsys.readouterr().err


def test_a_change_goes_on_record_or_is_not_made(key_file):
    with pytest.raises(SystemExit):
        cli.main(["rotate", "--who", "operator1"])
    assert list(keys_from(key_file.read_text())) == ["k1"]
