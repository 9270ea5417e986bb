"""All cases for a downstream system: each as its last event left it, page by page, and nothing about a person."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.client import Client, ClientPassSigner
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_contracts.vocabulary.scopes import CASES_READ, SCOPES
from review.cases import actions
from review.cases.rules import Reason
from review.cases.store import CaseStore
from review.routes.actions import Routes
from review.service import ReviewService

from ..builders import a_new_case, a_reviewer, a_submission
from ..conftest import ACTOR_KEY

pytestmark = pytest.mark.stack

ENDPOINTS = {
    e.endpoint.call.name: e.endpoint for e in entrypoints_of(ReviewService) if hasattr(e, "endpoint")
}
REASON = Reason("WRONG", "applicant.phone")


def a_pass(*scopes):
    client = Client(
        subscriber_id=uuid4(),
        name="vessels",
        system="vessels",
        scopes=frozenset(scopes),
        ip="192.0.2.7",
        expires_at=datetime.now(UTC) + timedelta(hours=3),
    )
    return ClientPassSigner(ACTOR_KEY.private_bytes_raw()).sign(client)


@pytest.fixture
def tell(transactions, actor_verifier):
    """`tell(limit=…, after=…)`: a page, as the gateway asks for it."""

    def tell(shown=None, **request):
        body = {"pass": shown or a_pass(CASES_READ), "idempotency_key": None, "request": request}
        return ENDPOINTS["cases_snapshot"].answer(
            ReviewService(), body, database=transactions, verifier=actor_verifier
        )

    return tell


@pytest.fixture
def opened(transactions):
    """`opened()`: the case that a new application opened, with its event."""

    def opened():
        new = a_new_case(submission=a_submission())
        with transactions.transaction() as tx:
            actions.open_submitted_case(CaseStore(tx), Routes(tx), Outbox(tx), new, datetime.now(UTC))
            return CaseStore(tx).case(new.application_id)

    return opened


def all_of(tell, *cases, limit=1000):
    """These cases, read page by page, in the order in which they came."""
    wanted, found, after = {str(each.application_id) for each in cases}, [], None
    while True:
        page = tell(limit=limit, after=after)
        assert len(page["items"]) <= limit
        found += [each for each in page["items"] if each["application_id"] in wanted]
        after = page["next"]
        if after is None:
            return found


def returned(tx, case):
    reviewer = a_reviewer(case.unit)
    actions.claim_case(CaseStore(tx), reviewer, case.application_id, datetime.now(UTC))
    return actions.return_case(
        CaseStore(tx),
        Outbox(tx),
        reviewer,
        application_id=case.application_id,
        version=case.version,
        reasons=(REASON,),
        note="電話有誤",
        now=datetime.now(UTC),
    )


def test_a_case_is_told_as_its_events_tell_it_and_nothing_about_a_person(tell, opened, transactions):
    case, back = opened(), opened()
    with transactions.transaction() as tx:
        back = returned(tx, back)
    found = {each["case_number"]: each for each in all_of(tell, case, back)}
    assert found[case.case_number] == {
        "application_id": str(case.application_id),
        "case_number": case.case_number,
        "state": "open",
        "submission": 1,
        "unit": case.unit,
        "stage": 1,
        "stages": len(case.stages),
        "waiting_since": case.waiting_since.isoformat(),
        "due_on": case.due_on.isoformat(),
        "resubmit_by": None,
        "sequence": 1,
    }
    told = found[back.case_number]
    assert (told["state"], told["sequence"]) == ("returned", 2)
    assert told["resubmit_by"] == back.resubmit_by.isoformat()
    for hidden in (case.applicant_name, case.account_name, case.person_key, case.company_name, "電話有誤"):
        assert hidden not in str(found)


def test_page_by_page_each_once_in_order(tell, opened):
    cases = [opened() for _ in range(5)]
    wanted = sorted(str(each.application_id) for each in cases)
    assert [each["application_id"] for each in all_of(tell, *cases, limit=2)] == wanted


def test_a_row_never_knows_more_or_less_than_its_sequence(tell, opened, transactions):
    """A decision and its event that are under way are not there, neither of them, and `as_of` is before them."""
    case, began = opened(), datetime.now(UTC)
    written, asked = threading.Event(), threading.Event()

    def decide():
        with transactions.transaction() as tx:
            returned(tx, case)
            written.set()
            asked.wait(60)

    thread = threading.Thread(target=decide)
    thread.start()
    try:
        assert written.wait(60)
        as_of = datetime.fromisoformat(tell(limit=1)["as_of"])
        (during,) = all_of(tell, case)
        seen = datetime.now(UTC)
    finally:
        asked.set()
        thread.join()
    (after,) = all_of(tell, case)
    assert (during["state"], during["sequence"]) == ("open", 1)
    assert (after["state"], after["sequence"]) == ("returned", 2)
    with transactions.transaction() as tx:
        (told_at,) = tx.execute(
            "SELECT occurred_at FROM outbox WHERE subject = %s ORDER BY sequence DESC LIMIT 1",
            (str(case.application_id),),
        ).fetchone()
    assert began <= as_of <= told_at <= seen


@pytest.mark.parametrize("scopes", [(), tuple(scope for scope in SCOPES if scope != CASES_READ)])
def test_it_needs_its_own_scope(tell, scopes):
    with pytest.raises(Refused) as refused:
        tell(a_pass(*scopes))
    assert refused.value.code == "NOT_ALLOWED"


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 1001}, {"after": "first"}])
def test_what_cannot_be_is_said_at_its_field(tell, asked):
    with pytest.raises(Refused) as refused:
        tell(**asked)
    assert refused.value.fields.keys() == asked.keys()
