"""What the idempotency table keeps is of no use to whoever reads it, and no look goes unrecorded because of it."""

import hashlib
import json
from uuid import uuid4

import pytest

from ..builders import Applying, a_reviewer, approved, opened, returned
from ..conftest import refusal

pytestmark = pytest.mark.stack


@pytest.fixture
def keyed(ask):
    """Ask as the gateway does for a form: every call with a key of its own, unless one is given."""

    def keyed(call, *, key=None, **request):
        return ask(call, key=key or str(uuid4()), **request)

    return keyed


@pytest.fixture
def held(keyed, ask, notify, transactions):
    """A company's application that the northern unit holds."""
    applying = Applying(keyed, notify, "company")
    applying.hand_in()
    with transactions.transaction() as tx:
        ask.service.record_waiting(tx, opened(applying, unit="north"))
    return applying


def test_no_kept_reply_and_no_hash_of_a_request_leads_to_an_id_number(
    held, keyed, ask, transactions, notify, rows
):
    number = held.identity["id_number"]
    reviewer = a_reviewer("north")
    shown = keyed(
        "reveal_id_number", actor=reviewer, application_id=held.application_id, reason="電話核對身分"
    )
    assert shown["id_number"] == number
    keyed(
        "case_form",
        actor=reviewer,
        application_id=held.application_id,
        file_id=held("application")["form"]["file_id"],
    )
    query = {"query": number}
    keyed("request_case_access", **query)
    with transactions.transaction() as tx:
        ask.service.record_return(tx, returned(held))
    held.save("identity", held.identity)
    held.submit()
    with transactions.transaction() as tx:
        ask.service.open_account(tx, approved(held, submission=2))
    kept = rows("SELECT call, key, request_hash, reply::text FROM idempotency_key")
    assert {"accounts.save_section", "accounts.request_case_access", "accounts.submit_application"} <= {
        call for call, *_ in kept
    }
    assert not {"accounts.reveal_id_number", "accounts.case_form"} & {call for call, *_ in kept}
    assert not [call for call, _, _, reply in kept if number in (reply or "")]
    plain = hashlib.sha256(json.dumps(query, sort_keys=True).encode()).digest()
    assert plain not in [bytes(asked) for _, _, asked, _ in kept]


def test_the_table_does_not_hold_the_keys_under_which_requests_are_hashed(keyed, held, rows):
    key = str(uuid4())
    keyed("request_case_access", key=key, query=held.case_number)
    assert rows("SELECT 1 FROM idempotency_key WHERE key = %s", key) == []


def test_every_look_is_judged_and_recorded_also_with_the_same_key(held, ask, rows):
    key, reviewer = str(uuid4()), a_reviewer("north")
    request = {"application_id": held.application_id, "reason": "電話核對身分"}
    for _ in range(2):
        assert ask("reveal_id_number", actor=reviewer, key=key, **request)
    rows("DELETE FROM case_holder WHERE application_id = %s", held.application_id)
    assert refusal(ask, "reveal_id_number", actor=reviewer, key=key, **request).code == "CASE_NOT_FOUND"
    assert rows(
        "SELECT action, count(*) FROM audit_entry WHERE subject_id = %s GROUP BY 1", held.application_id
    ) == [("id_number_revealed", 2)]
