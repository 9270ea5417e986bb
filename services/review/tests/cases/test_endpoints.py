"""Calls as the gateway makes them: shapes in and out, roles and refusals."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.runtime.services import entrypoints_of, plan_of
from mtnet_contracts.calls import CALLS, review
from review.cases import actions
from review.cases.store import CaseStore
from review.routes.actions import Routes
from review.service import ReviewService

from ..builders import a_new_case, a_submission

ENDPOINTS = {
    e.endpoint.call.name: e.endpoint for e in entrypoints_of(ReviewService) if hasattr(e, "endpoint")
}
REASONS = [{"code": "WRONG", "field": "applicant.phone"}]


@pytest.fixture
def ask(transactions, actor_signer, actor_verifier):
    """`ask(call, actor, **request)` as the gateway does."""

    def ask(call, actor, *, key=None, **request):
        body = {"actor": actor and actor_signer.sign(actor), "idempotency_key": key, "request": request}
        return ENDPOINTS[call.name].answer(
            ReviewService(), body, database=transactions, verifier=actor_verifier
        )

    return ask


@pytest.fixture
def case_id(transactions):
    new = a_new_case()
    with transactions.transaction() as tx:
        actions.open_submitted_case(CaseStore(tx), Routes(tx), Outbox(tx), new, datetime.now(UTC))
    return str(new.application_id)


def an_actor(unit="north", **changes) -> Actor:
    account_id = uuid4()
    return Actor(
        **{
            "account_id": account_id,
            "account_name": f"r{account_id.hex[:10]}",
            "display_name": "北部航務中心審核員",
            "roles": frozenset({"reviewer"}),
            "session_id": uuid4(),
            "expires_at": datetime.now(UTC) + timedelta(minutes=2),
            "unit": unit,
            "person_key": f"person-{account_id.hex}",
        }
        | changes
    )


def refusal(ask, call, actor, **request) -> Refused:
    with pytest.raises(Refused) as refused:
        ask(call, actor, **request)
    return refused.value


def test_every_call_of_review_has_an_endpoint():
    assert {name for name in CALLS if name.startswith("review.")} == {f"review.{name}" for name in ENDPOINTS}


def test_the_queues_are_pinned():
    (group,) = plan_of("review").groups
    assert (group.queue, group.ordered) == ("review.cases", True)
    assert {contract.event_name() for contract in group.contracts} == {
        "ApplicationSubmitted",
        "ApplicationResubmitted",
        "ApplicationWithdrawn",
    }


def test_a_case_goes_through_both_units_to_its_approval(ask, case_id):
    north, operations = an_actor(), an_actor("operations")
    page = ask(review.cases.CLAIM_CASE, north, application_id=case_id)
    assert (page["state"], page["may_decide"], page["masked_id_number"]) == ("open", True, "A123***")
    assert page["answers"]["company"]["name_zh"] == "範例航運股份有限公司"
    assert page["form"]["filename"] == "stamped-form.pdf"
    assert page["duplicates"][0]["field"] == "company.unified_business_number"
    page = ask(review.cases.FORWARD_CASE, north, application_id=case_id, version=page["version"], note="無誤")
    assert (page["unit"], page["stage"], page["last_stage"], page["may_claim"]) == (
        "operations", 2, True, False
    )  # fmt: skip
    page = ask(review.cases.CLAIM_CASE, operations, application_id=case_id)
    assert page["decisions"] == ["approve", "return", "reject"]
    page = ask(review.cases.APPROVE_CASE, operations, application_id=case_id, version=page["version"])
    assert (page["state"], page["may_decide"], page["history"][-1]["action"]) == (
        "approved", False, "approved"
    )  # fmt: skip


def test_the_queue_answers_in_the_shape_the_gateway_reads(ask, case_id):
    found = ask(review.cases.QUEUE, an_actor(), tab="unclaimed")
    line = next(line for line in found["items"] if line["application_id"] == case_id)
    assert (line["company_name"], line["unit"], line["stages"]) == ("範例航運股份有限公司", "north", 2)
    assert {each["tab"] for each in found["counts"]} == {
        "all", "mine", "unclaimed", "returned", "overdue"
    }  # fmt: skip


def test_the_second_claimer_hears_who_and_until_when(ask, case_id):
    first = ask(review.cases.CLAIM_CASE, an_actor(), application_id=case_id)
    refused = refusal(ask, review.cases.CLAIM_CASE, an_actor(), application_id=case_id)
    assert refused.code == "CLAIMED_BY_ANOTHER"
    assert refused.detail["holder"] == "北部航務中心審核員"
    assert datetime.fromisoformat(refused.detail["expires_at"]) == datetime.fromisoformat(
        first["claim_expires_at"]
    )


@pytest.mark.parametrize(
    "call", [review.cases.QUEUE, review.cases.CASE, review.cases.CLAIM_CASE], ids=lambda call: call.name
)
def test_only_reviewers_with_a_unit_come_in(ask, case_id, call):
    asked = {} if call is review.cases.QUEUE else {"application_id": case_id}
    assert refusal(ask, call, None, **asked).code == "NOT_SIGNED_IN"
    assert refusal(ask, call, an_actor(roles=frozenset({"member"})), **asked).code == "NOT_ALLOWED"
    assert refusal(ask, call, an_actor(unit=None), **asked).code == "NOT_ALLOWED"


@pytest.mark.parametrize(
    ("changes", "request_changes", "code"),
    [
        ({"unit": "south"}, {}, "CASE_NOT_FOUND"),
        ({"unit": "operations"}, {}, "CASE_NOT_FOUND"),
        ({}, {"version": 7}, "STALE_VERSION"),
        ({}, {}, "NOT_CLAIMED"),
        ({"account_name": "qwertyui"}, {}, "OWN_CASE"),
        ({"person_key": a_submission().person_key}, {}, "OWN_CASE"),
        ({"person_key": None}, {}, "NOT_ALLOWED"),
        ({}, {"application_id": str(uuid4())}, "CASE_NOT_FOUND"),
    ],
)
@pytest.mark.parametrize(
    ("call", "more"),
    [
        (review.cases.FORWARD_CASE, {}),
        (review.cases.APPROVE_CASE, {}),
        (review.cases.RETURN_CASE, {"reasons": REASONS, "note": "x"}),
        (review.cases.REJECT_CASE, {"note": "x"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_every_decision_is_refused_for_the_same_reasons(
    ask, case_id, call, more, changes, request_changes, code
):
    asked = {"application_id": case_id, "version": 1} | more | request_changes
    assert refusal(ask, call, an_actor(**changes), **asked).code == code


def test_forward_and_approve_belong_to_their_stages(ask, case_id):
    north, operations = an_actor(), an_actor("operations")
    ask(review.cases.CLAIM_CASE, north, application_id=case_id)
    assert (
        refusal(ask, review.cases.APPROVE_CASE, north, application_id=case_id, version=1).code
        == "NOT_LAST_STAGE"
    )
    ask(review.cases.FORWARD_CASE, north, application_id=case_id, version=1)
    ask(review.cases.CLAIM_CASE, operations, application_id=case_id)
    assert (
        refusal(ask, review.cases.FORWARD_CASE, operations, application_id=case_id, version=2).code
        == "LAST_STAGE"
    )
    assert refusal(ask, review.cases.RELEASE_CASE, north, application_id=case_id).code == "CASE_NOT_OPEN"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reasons": []}, "reasons"),
        ({"note": " "}, "note"),
        ({"reasons": [{"code": "WRONG", "field": "applicant.password"}]}, "reasons.0.field"),
        ({"reasons": [{"code": "UGLY", "field": "form"}]}, "reasons.0.code"),
        ({"reasons": [{"code": "NOT_STAMPED", "field": "company.phone"}]}, "reasons.0.code"),
    ],
)
def test_a_return_needs_coded_reasons_and_words(ask, case_id, wrong, field):
    asked = {"application_id": case_id, "version": 1, "reasons": REASONS, "note": "x"} | wrong
    refused = refusal(ask, review.cases.RETURN_CASE, an_actor(), **asked)
    assert refused.code == "INVALID"
    assert list(refused.fields) == [field]


def test_a_decision_sent_twice_with_one_key_is_made_once(ask, case_id, transactions):
    north = an_actor()
    ask(review.cases.CLAIM_CASE, north, application_id=case_id)
    asked = {"application_id": case_id, "version": 1, "reasons": REASONS, "note": "x"}
    first = ask(review.cases.RETURN_CASE, north, key="once", **asked)
    assert ask(review.cases.RETURN_CASE, north, key="once", **asked) == first
    with transactions.transaction() as tx:
        told = tx.execute(
            "SELECT count(*) FROM outbox WHERE subject = %s AND name = 'ApplicationReturned'", (case_id,)
        ).fetchone()
    assert told == (1,)


def test_a_claimed_case_can_be_given_back(ask, case_id):
    north = an_actor()
    ask(review.cases.CLAIM_CASE, north, application_id=case_id)
    page = ask(review.cases.RELEASE_CASE, north, application_id=case_id)
    assert (page["claimed_by"], page["may_claim"], page["claim_expires_at"]) == (None, True, None)


def test_a_unit_that_forwarded_a_case_may_still_read_it(ask, case_id):
    north = an_actor()
    ask(review.cases.CLAIM_CASE, north, application_id=case_id)
    ask(review.cases.FORWARD_CASE, north, application_id=case_id, version=1)
    page = ask(review.cases.CASE, an_actor(), application_id=case_id)
    assert (page["unit"], page["may_claim"], page["may_decide"]) == ("operations", False, False)


def test_the_case_page_learns_the_fingerprint_of_the_form_and_whether_it_was_read(ask, case_id):
    form = ask(review.cases.CASE, an_actor(), application_id=case_id)["form"]
    assert (form["content_hash"], form["recognised"]) == ("0123456789abcdef", True)
    assert form["unprintable"] == [{"field": "applicant.name", "characters": ["U+E000"]}]


@pytest.mark.parametrize(
    "again", ["claim_case", "release_case", "forward_case", "return_case", "reject_case"]
)
def test_a_reviewer_who_was_moved_gets_no_kept_answer(ask, case_id, again):
    """The right to see a case goes with the unit; a key is no way round it."""
    reviewer = an_actor()
    key = str(uuid4())
    claimed = ask(review.cases.CLAIM_CASE, reviewer, application_id=case_id, key=key)
    request = {"application_id": case_id}
    if again != "claim_case":
        key = str(uuid4())
        call = CALLS[f"review.{again}"]
        if again != "release_case":
            request |= {"version": claimed["version"], "note": "請更正"}
        if again in ("return_case", "reject_case"):
            request["reasons"] = REASONS
        done = ask(call, reviewer, key=key, **request)
        assert ask(call, reviewer, key=key, **request) == done
    call = CALLS[f"review.{again}"]
    moved = an_actor("south", account_id=reviewer.account_id, account_name=reviewer.account_name)
    assert refusal(ask, call, moved, key=key, **request).code == "CASE_NOT_FOUND"
    nowhere = an_actor(None, account_id=reviewer.account_id)
    assert refusal(ask, call, nowhere, key=key, **request).code == "NOT_ALLOWED"
    assert refusal(ask, call, None, key=key, **request).code == "NOT_SIGNED_IN"


def test_an_operator_learns_which_live_cases_a_unit_has_and_a_reviewer_does_not(ask, case_id):
    operator = an_actor(unit=None, roles=frozenset({"operator"}))
    seen, after = [], None
    while True:
        page = ask(review.cases.UNIT_CASES, operator, unit="north", after=after, limit=1)
        seen += page["application_ids"]
        if (after := page["next_after"]) is None:
            break
    assert case_id in seen
    assert seen == sorted(set(seen), key=UUID)
    assert refusal(ask, review.cases.UNIT_CASES, an_actor(), unit="north").code == "NOT_ALLOWED"


def test_a_case_that_was_decided_is_no_live_case_of_its_unit(ask, case_id, transactions):
    with transactions.transaction() as tx:
        tx.execute("UPDATE review_case SET state = 'rejected' WHERE application_id = %s", (case_id,))
    operator = an_actor(unit=None, roles=frozenset({"operator"}))
    assert case_id not in ask(review.cases.UNIT_CASES, operator, unit="north")["application_ids"]
