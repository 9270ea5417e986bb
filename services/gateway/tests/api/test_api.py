"""The JSON API: its description is valid, its errors are codes, cookies count for nothing."""

import pytest
from gateway.http.statuses import STATUS_OF_REFUSAL
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.topics import OPERATIONS
from mtnet_contracts.calls import CALLS
from mtnet_contracts.calls.call import COMMON_REFUSALS
from openapi_spec_validator import validate

from ..conftest import a_session, an_application, sealed

TOKEN = {"X-Application-Token": "t" * 43}
BEARER = {"Authorization": "Bearer " + sealed("s" * 43)}


@pytest.fixture
def api(portal):
    return portal.test_client()


@pytest.mark.slow  # checks the whole description
def test_the_description_is_valid_openapi(api):
    found = api.get("/api/v1/openapi.json").get_json()
    validate(found)
    assert found["openapi"] == "3.1.0"
    assert len(found["paths"]) >= 25


def test_every_refusal_of_every_call_has_a_status():
    wanted = {code for o in OPERATIONS for code in (*o.call.refusals, *COMMON_REFUSALS)}
    assert sorted(wanted - set(STATUS_OF_REFUSAL)) == []


def test_every_call_a_person_may_make_is_offered_to_programs():
    offered = {(o.call.service, o.call.name) for o in OPERATIONS}
    wanted = {(c.service, c.name) for c in CALLS.values() if c.service in ("accounts", "review", "content")}
    # The gateway asks for a pass itself, wherever an application's token or a client's is shown to a service; what is
    # by OAuth's own rules is no operation.
    inside = {
        "application_pass",
        "client_pass",
        "issue_client_token",
        "revoke_client_token",
        "statement_keys",
    }
    assert wanted - offered == {("accounts", name) for name in inside}


def test_an_error_carries_codes_and_no_sentence(api, services):
    answer = api.put(
        "/api/v1/applications/current/sections/identity", json={"account_name": "短 字"}, headers=TOKEN
    )
    assert answer.status_code == 422
    assert answer.get_json()["errors"]["json"] == {
        "id_number": ["REQUIRED"],
        "account_name": ["ACCOUNT_LENGTH", "ACCOUNT_CHARACTERS"],
    }
    assert services.asked == []


def test_what_accounts_finds_wrong_reads_like_what_the_shape_finds_wrong(api, services):
    services.answers["accounts.save_section"] = Refused("INVALID", {"id_number": ["ID_NUMBER_INVALID"]})
    answer = api.put(
        "/api/v1/applications/current/sections/identity",
        json={"id_number": "A100000000", "account_name": "carrier2026"},
        headers=TOKEN,
    )
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {"json": {"id_number": ["ID_NUMBER_INVALID"]}}


def test_answers_are_passed_on_with_the_token_and_the_key(api, services):
    services.answers["accounts.save_section"] = an_application()
    given = {"id_number": "A123456789", "account_name": "carrier2026"}
    for _ in range(2):
        answer = api.put(
            "/api/v1/applications/current/sections/identity",
            json=given,
            headers=TOKEN | {"Idempotency-Key": "one"},
        )
        assert answer.status_code == 200
    asked = services.requests_to("accounts.save_section")[0]
    assert asked["section"] == "identity"
    assert asked["answers"] == given
    assert asked["application_token"] == "t" * 43
    first, second = services.keys_to("accounts.save_section")
    assert first == second is not None


def test_a_cookie_gives_no_right_in_the_api(api, everything):
    api.set_cookie("sid", sealed("s" * 43))
    answer = api.get("/api/v1/reviews")
    assert (answer.status_code, answer.get_json()["errors"]) == (401, {"refusal": ["NOT_SIGNED_IN"]})
    assert everything.asked == []


def test_a_bearer_acts_as_the_account(api, everything):
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north")
    answer = api.get("/api/v1/reviews?tab=mine&search=PTAPPLY", headers=BEARER)
    assert answer.status_code == 200
    name, asked, actor, _ = everything.asked[-1]
    assert (name, asked["tab"], actor) == ("review.queue", "mine", "signed")


def test_the_signed_actor_stays_inside(api, everything):
    everything.answers["accounts.log_in"] = a_session("member") | {"session_token": "s" * 43}
    answer = api.post("/api/v1/sessions", json={"account_name": "demomember", "password": "x"})
    assert answer.status_code == 201
    assert "actor" not in answer.get_json()


@pytest.mark.parametrize(
    ("refusal", "status"),
    [("STALE_VERSION", 409), ("CLAIMED_BY_ANOTHER", 409), ("OWN_CASE", 403), ("CASE_NOT_FOUND", 404)],
)
def test_a_refusal_is_a_code_with_its_facts(api, everything, refusal, status):
    everything.answers["review.forward_case"] = Refused(refusal, detail={"holder": "another"})
    answer = api.post(
        "/api/v1/reviews/00000000-0000-0000-0000-000000000001/forward", json={"version": 1}, headers=BEARER
    )
    assert answer.status_code == status
    assert answer.get_json()["errors"] == {"refusal": [refusal]}
    assert answer.get_json()["detail"] == {"holder": "another"}


def test_a_service_that_is_away_says_when_to_come_back(api, services):
    services.answers["content.published"] = ServiceUnavailable("content", "away")
    answer = api.get("/api/v1/pages?kind=news")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.get_json()["errors"] == {"service": ["content"]}


def test_too_many_codes_says_how_long_to_wait(api, services):
    services.answers["accounts.request_case_access"] = Refused("TOO_MANY_CODES")
    answer = api.post("/api/v1/cases/access", json={"query": "PTAPPLY936EC90162340"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"


def test_an_address_that_does_not_exist_answers_in_json(api):
    answer = api.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.get_json()["code"] == 404
