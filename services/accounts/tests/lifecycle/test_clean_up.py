"""What has served its time is removed, with its files; what is in use stays."""

from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from accounts.documents import actions as documents_module
from accounts.documents.actions import Documents, remove_expired_drafts
from accounts.documents.endpoints import document_stores
from accounts.documents.pool import DocumentPool
from accounts.documents.store import FormStore
from accounts.lifecycle.actions import disable_accounts, freeze_accounts, remind_accounts
from accounts.lifecycle.endpoints import hourly_steps, run_each, stores_in
from accounts.retention import RULES
from accounts.submission.actions import close_lapsed_returns
from accounts.submission.endpoints import submission_stores
from accounts.vault import vault_of
from mtnet_chassis.data import retention
from mtnet_chassis.data.files import Files
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import Applying, text_of
from ..conftest import refusal

pytestmark = pytest.mark.stack


@pytest.fixture
def documents(transactions, told, tmp_path):
    return a_worker(transactions, told, Files(told.files_url), DocumentPool(tmp_path / "pool", 2))


def a_worker(transactions, told, files, pool):
    @contextmanager
    def stores():
        with transactions.transaction() as tx:
            yield document_stores(tx)

    return Documents(stores, vault_of(told), told.portal_url, files, pool)


def test_a_draft_nobody_resumed_goes_with_its_files_and_a_submitted_application_stays(
    ask, notify, told, transactions, rows, documents
):
    draft, submitted = Applying(ask, notify, "company"), Applying(ask, notify)
    draft.complete()
    submitted.hand_in()
    files = Files(told.files_url)
    ((key,),) = rows("SELECT key FROM form_file WHERE application_id = %s", draft.application_id)
    made = draft("generate_form")["key"]
    files.put("uploads/left-behind", b"x")
    files.put(f"forms/{draft.application_id}/known-to-no-row.pdf", b"x")
    assert files.exists(key)
    later = datetime.now(UTC) + timedelta(days=30, minutes=1)
    assert documents.tidy(later) >= 1
    retention.apply(transactions.transaction, RULES, later)
    assert not files.exists(key)
    assert not files.exists(made)
    assert not files.exists("uploads/left-behind")
    assert not files.exists(f"forms/{draft.application_id}/known-to-no-row.pdf")
    assert refusal(draft, "application").code == "APPLICATION_TOKEN_INVALID"
    assert rows("SELECT status FROM application WHERE application_id = %s", submitted.application_id) == [
        ("submitted",)
    ]
    assert rows("SELECT count(*) FROM challenge") == [(0,)]


def test_an_upload_of_the_last_hour_stays(told, documents):
    files = Files(told.files_url)
    files.put("uploads/of-this-hour", b"x")
    documents.tidy()
    assert files.exists("uploads/of-this-hour")


def test_a_form_that_was_stored_and_never_attached_goes_and_an_attached_one_stays(
    ask, notify, told, transactions, rows, documents, monkeypatch
):
    carrier = Applying(ask, notify, "company")
    carrier.hand_in()
    late = Applying(ask, notify, "company")
    late.complete()
    with monkeypatch.context() as patch:
        patch.setattr(documents_module, "attach_form", dies)
        with pytest.raises(ProcessDied):
            late.upload(late.form())
    ((key,),) = rows("SELECT key FROM unattached_form WHERE key LIKE %s", f"forms/{late.application_id}/%")
    late.submit()
    with transactions.transaction() as tx:
        noted_again = FormStore(tx)
        for _ in range(2):
            noted_again.add_unattached_form(carrier_key(rows, carrier), datetime.now(UTC))
    attached = [key for (key,) in rows("SELECT key FROM form_file")]
    files = Files(told.files_url)
    assert files.exists(key)
    for hours, stays in ((23, True), (25, False)):
        documents.tidy(datetime.now(UTC) + timedelta(hours=hours))
        assert files.exists(key) is stays
    assert len(attached) >= 2
    assert all(files.exists(one) for one in attached)
    assert rows("SELECT count(*) FROM unattached_form") == [(0,)]


def keys_of(told, applying):
    """All that is stored for an application."""
    store = Files(told.files_url)._store
    folders = (f"forms/{applying.application_id}/", f"generated/{applying.application_id}/")
    return [entry["path"] for folder in folders for batch in store.list(folder) for entry in batch]


def test_a_form_that_is_replaced_before_it_was_handed_in_goes_at_once(ask, notify, told, rows):
    draft = Applying(ask, notify, "company")
    draft.complete()
    first = keys_of(told, draft)
    draft.upload(draft.form())
    now = keys_of(told, draft)
    assert len(now) == len(first) == 3  # the form, its picture, the one to print
    assert set(first) & set(now) == {f"generated/{draft.application_id}/form.pdf"}
    draft("remove_form")
    assert keys_of(told, draft) == [f"generated/{draft.application_id}/form.pdf"]
    assert rows("SELECT count(*) FROM form_file WHERE application_id = %s", draft.application_id) == [(0,)]
    assert rows("SELECT count(*) FROM file_to_remove") == [(0,)]


def test_a_form_that_was_handed_in_stays_when_another_takes_its_place(ask, notify, told, transactions, rows):
    carrier = Applying(ask, notify, "company")
    carrier.hand_in()
    handed_in = keys_of(told, carrier)
    rows("UPDATE application SET status = 'returned' WHERE application_id = %s", carrier.application_id)
    carrier.upload(carrier.form())
    assert set(handed_in) <= set(keys_of(told, carrier))
    assert rows("SELECT count(*) FROM form_file WHERE application_id = %s", carrier.application_id) == [(2,)]


def test_a_form_is_drawn_anew_over_the_one_before(ask, notify, told):
    draft = Applying(ask, notify, "company")
    draft.fill_in()
    draft.prove_contacts()
    for reason in ("one", "two", "three"):
        draft.save("applicant", draft.applicant | {"reason": reason})
        assert reason in text_of(draft.form())
    assert keys_of(told, draft) == [f"generated/{draft.application_id}/form.pdf"]


def test_files_go_after_the_commit_and_again_where_that_failed(
    ask, notify, told, transactions, rows, documents
):
    class Away(Files):
        def delete(self, key):
            raise ConnectionError("the store is away")

        delete_all = delete

    draft = Applying(ask, notify, "company")
    draft.complete()
    before = keys_of(told, draft)
    broken = a_worker(transactions, told, Away(told.files_url), documents._pool)
    assert broken.remove(draft.token).form is None
    assert keys_of(told, draft) == before
    with pytest.raises(ConnectionError):
        broken.remove_noted()
    for _ in range(2):
        documents.tidy()
        assert keys_of(told, draft) == [f"generated/{draft.application_id}/form.pdf"]
    assert rows("SELECT count(*) FROM file_to_remove") == [(0,)]


def carrier_key(rows, carrier):
    ((key,),) = rows("SELECT key FROM form_file WHERE application_id = %s", carrier.application_id)
    return key


class ProcessDied(Exception):
    """What a kill looks like from inside."""


def dies(*_, **__):
    raise ProcessDied


# Tables that grow; what the hourly run asks of them must not read what stays.
GROWING = (
    "application",
    "document_work",
    "application_grant",
    "account",
    "challenge",
    "failed_login",
    "form_file",
    "session",
    "submission",
)


@pytest.fixture
def much(tx):
    """Twenty thousand of each, nearly all of which stay."""
    n = 20_000
    tx.execute(
        "INSERT INTO application (application_id, case_number, identity_type, status, submission, locale, answers,"
        " started_at, updated_at, expires_at, resubmit_by) SELECT md5(n::text)::uuid, 'PTAPPLY' || n, 'individual',"
        " (ARRAY['draft', 'submitted', 'approved', 'returned'])[n %% 4 + 1], 1, 'zh-Hant', '{}', now(), now(),"
        " now() + interval '9 days', current_date + 9 FROM generate_series(1, %s) AS n",
        (n,),
    )
    tx.execute(
        "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, email, locale,"
        " approved_at, active_on, freeze_on, remind_on, disable_on) SELECT md5(n::text)::uuid, 'n' || n, 'x',"
        " (ARRAY['active', 'frozen'])[n %% 2 + 1], 'individual', '{member}', 'm@example.com', 'zh-Hant', now(),"
        " current_date, current_date + 90, current_date + 335, current_date + 365 FROM generate_series(1, %s) AS n",
        (n,),
    )
    for statement in (
        "session (token_hash, session_id, account_id, started_at, touched_at, confirmed_at)"
        " SELECT decode(md5(n::text), 'hex'), md5(n::text)::uuid, md5(n::text)::uuid, now(), now(), now()",
        "application_grant SELECT decode(md5(n::text), 'hex'), md5(n::text)::uuid, now() + interval '1 hour'",
        "challenge (challenge_id, purpose, channel, recipient, mailbox, code_hash, created_at, expires_at)"
        " SELECT md5(n::text)::uuid, 'contact', 'sms', n::text, n::text, '', now(), now()",
        "failed_login (kind, key, failures, last_at) SELECT 'name', decode(md5(n::text), 'hex'), 1, now()",
        "form_file (file_id, application_id, key, filename, media_type, size_bytes, pages, sha256, content_hash,"
        " uploaded_at, replaced_at) SELECT md5(n::text)::uuid, md5(n::text)::uuid, n::text, 'f', 'm', 1, 1, 's', 'c',"
        " now(), now()",
        "document_work SELECT md5(n::text)::uuid, n::text, now()",
        "submission SELECT md5(n::text)::uuid, 1, '{}', md5(n::text)::uuid, now()",
    ):
        tx.execute(f"INSERT INTO {statement} FROM generate_series(1, %s) AS n", (n,))
    # Of what was stored and not attached there is never much.
    tx.execute("INSERT INTO unattached_form SELECT 'x' || n, now() FROM generate_series(1, 5) AS n")
    tx.execute(f"ANALYZE unattached_form, {', '.join(GROWING)}")
    return tx


def test_the_hourly_run_reads_what_is_due_and_not_what_stays(much, told):
    asked = []

    class Recording(psycopg.Cursor):
        def execute(self, query, params=None, **options):
            asked.append((query, params))
            return super().execute(query, params, **options)

    much.cursor_factory = Recording
    now = datetime.now(UTC)
    today = taipei_day(now)
    for batch in (disable_accounts, freeze_accounts, remind_accounts):
        batch(stores_in(much), today, now, 5_000)
    close_lapsed_returns(submission_stores(much), now)
    retention.apply(lambda: nullcontext(much), RULES, now)
    remove_expired_drafts(document_stores(much), now)
    forms = FormStore(much)
    forms.files_to_remove()
    forms.work_since(uuid4(), "192.0.2.1", now)
    much.cursor_factory = psycopg.Cursor
    assert len(asked) > 8
    for query, params in asked:
        text = query if isinstance(query, str) else query.as_string(much)
        plan = "\n".join(line for (line,) in much.execute(f"EXPLAIN {text}", params))
        for table in GROWING:
            assert f"Seq Scan on {table} " not in plan, f"{query}\n{plan}"


@pytest.mark.parametrize("removed", ["application", "form_file"])
def test_what_refers_to_a_removed_row_is_found_by_an_index(tx, removed):
    """EXPLAIN does not tell of it: PostgreSQL looks for referring rows on its own, once for each row removed."""
    without = tx.execute(
        "SELECT conrelid::regclass::text FROM pg_constraint AS refers"
        " WHERE contype = 'f' AND confrelid = %s::regclass AND NOT EXISTS ("
        "  SELECT 1 FROM pg_index WHERE indrelid = refers.conrelid AND indpred IS NULL"
        "  AND indkey[0] = refers.conkey[1])",
        (removed,),
    ).fetchall()
    assert without == []


def test_a_file_store_that_is_away_does_not_keep_lapsed_cases_open(
    ask, notify, transactions, rows, monkeypatch
):
    def away(_):
        raise OSError("no file store")

    submitted = Applying(ask, notify)
    submitted.hand_in()
    now = datetime.now(UTC)
    status = "SELECT status FROM application WHERE application_id = %s"
    rows(
        "UPDATE application SET status = 'returned', resubmit_by = %s WHERE application_id = %s",
        taipei_day(now) - timedelta(days=30),
        submitted.application_id,
    )
    monkeypatch.setattr(Documents, "tidy", away)
    with pytest.raises(ExceptionGroup) as failed:
        run_each(hourly_steps(transactions, now))
    assert [str(problem) for problem in failed.value.exceptions] == ["no file store"]
    assert rows(status, submitted.application_id) == [("withdrawn",)]


def test_each_step_is_run_and_every_failure_is_told():
    done = []

    def fails(what):
        raise ValueError(what)

    with pytest.raises(ExceptionGroup) as failed:
        run_each((lambda: fails("first"), lambda: done.append("second"), lambda: fails("third")))
    assert [str(problem) for problem in failed.value.exceptions] == ["first", "third"]
    assert done == ["second"]
    run_each((lambda: done.append("again"),))
    assert done == ["second", "again"]
