"""The API and its description agree: no answer, status, header or content type that the description does not know.

Schemathesis makes requests from the description, right ones and wrong ones, from a fixed seed. Behind the gateway stand
services that check each request by its contract and answer in turn: as promised, with each refusal, and not at all.
"""

import gzip
import json
import zlib

import hypothesis
import hypothesis.errors
import pytest
import schemathesis
from flask_smorest import Blueprint
from gateway.app import create_app
from gateway.cache.sessions import RecentSessions
from gateway.rpc import fresh_cases
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.seal import Seal
from gateway.topics import OPERATIONS
from marshmallow import ValidationError
from mtnet_contracts.vocabulary.shapes import flat
from schemathesis.specs.openapi import checks as openapi_checks

from ..conftest import SECRET_KEY, Services, a_session, example, sealed

pytestmark = pytest.mark.slow

# Of right and of wrong requests for each operation; a few seconds together.
EXAMPLES = 20


class Contracted(Services):
    """Services that take what fits the contract, and refuse the rest as their endpoints do."""

    def call(self, call, request, *, actor=None, signed_pass=None, key=None):
        try:
            call.load_request(json.loads(json.dumps(request, default=str)))
        except ValidationError as problem:
            raise Refused("INVALID", flat(problem.messages_dict)) from problem
        if call.name == "resume_session":
            return a_session("reviewer", unit="north")
        if call.name == "client_pass":
            return {"signed_pass": "signed", "client_id": "vessels"}
        # By the request, so that the same one is answered the same way.
        turn = zlib.crc32(json.dumps(request, default=str, sort_keys=True).encode())
        if turn % 5 == 3:
            codes = call.refusals or ("INVALID",)
            raise Refused(codes[turn // 5 % len(codes)], detail={"facts": 1})
        if turn % 5 == 4:
            raise ServiceUnavailable(call.service, "away")
        answer = example(call.reply)
        if "media_type" in answer and "key" in answer:
            answer |= {"key": "made", "media_type": MEDIA_TYPES.get(call.name, "application/pdf")}
        return answer


MEDIA_TYPES = {
    "case_form_page": "image/jpeg",
    "followed_file": "application/octet-stream",
    "ticket_file": "application/octet-stream",
    "ticket_file_page": "image/png",
}
# On every answer of the portal, or added by the server.
GENERAL_HEADERS = {
    "content-type",
    "content-length",
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "strict-transport-security",
    "cache-control",
}
HEADERS = {"X-Application-Token": "t" * 43, "Authorization": f"Bearer {sealed('s' * 43)}"}
OF_CLIENTS = HEADERS | {"Authorization": f"Bearer {Seal(SECRET_KEY, b'access token').sealed('t' * 43)}"}


@pytest.fixture(scope="session")
def described(settings):
    app = create_app(settings, Contracted())
    app.extensions["recent_sessions"] = RecentSessions(seconds=0)
    app.extensions["files"].put("made", b"bytes")
    return app


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(fresh_cases, "PAUSES_SECONDS", (0,))


@pytest.fixture(scope="session")
def schema(described):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", described)


# Refusals that say: somebody else is needed for this, try again.
WAIT = ("IN_A_MOMENT", "BUSY", "LINE_AWAY", "BROKER_AWAY", "SEARCH_NOT_READY")


@schemathesis.check
def no_fault_of_ours(ctx, response, case):
    if response.status_code == 503:
        errors = response.json()["errors"]
        assert errors.get("service") or errors["refusal"][0] in WAIT, response.text
        assert response.headers.get("retry-after")
    else:
        assert response.status_code < 500, response.text


@schemathesis.check
def no_undeclared_header(ctx, response, case):
    declared = case.operation.responses.find_by_status_code(response.status_code)
    known = {name.lower() for name in (declared.definition.get("headers") or {})} if declared else set()
    strange = {name.lower() for name in response.headers} - known - GENERAL_HEADERS
    assert not strange, f"headers that are not described: {sorted(strange)}"


CHECKS = [
    no_fault_of_ours,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    no_undeclared_header,
]


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
@pytest.mark.parametrize("offered", OPERATIONS, ids=lambda operation: operation.name)
def test_no_answer_is_undeclared(schema, offered, mode):
    operation = schema.find_operation_by_id(offered.name)
    headers = OF_CLIENTS if offered.proof == "client" else HEADERS

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def try_it(case):
        case.call_and_validate(headers=dict(headers), checks=CHECKS)

    try:
        try_it()
    except hypothesis.errors.Unsatisfiable:
        # Nothing can be sent to it, so nothing wrong either.
        assert mode is schemathesis.GenerationMode.NEGATIVE


def test_the_document_is_made_once_and_when_somebody_asks(settings, monkeypatch):
    made = []
    describe = Blueprint.register_views_in_doc
    monkeypatch.setattr(
        Blueprint,
        "register_views_in_doc",
        lambda *given, **named: made.append(1) or describe(*given, **named),
    )
    asking = create_app(settings, Contracted()).test_client()
    assert made == []
    answers = [asking.get("/api/v1/openapi.json") for _ in range(2)]
    assert made == [1]
    assert answers[0].json == answers[1].json
    assert answers[0].json["paths"]


def test_a_thousand_strangers_who_ask_for_the_document_cost_no_more_than_one(settings, monkeypatch):
    """It is megabytes: made anew for each, a few hundred requests kept everybody waiting for half a minute."""
    app = create_app(settings, Contracted())
    written = []
    whole = app.extensions["api"].spec.to_dict
    monkeypatch.setattr(app.extensions["api"].spec, "to_dict", lambda: written.append(1) or whole())
    asking = app.test_client()
    plain = asking.get("/api/v1/openapi.json")
    assert (plain.status_code, plain.headers.get("Content-Encoding")) == (200, None)
    for accepted in ("gzip", "br, gzip;q=0.5", "identity", "gzip;q=0", "*"):
        answer = asking.get("/api/v1/openapi.json", headers={"Accept-Encoding": accepted})
        assert answer.content_type == "application/json"
        assert answer.headers["Vary"] == "Accept-Encoding"
        if answer.headers.get("Content-Encoding") == "gzip":
            assert len(answer.data) < len(plain.data) / 10
            assert gzip.decompress(answer.data) == plain.data
            assert accepted not in ("identity", "gzip;q=0")
        else:
            assert answer.data == plain.data
            assert accepted in ("identity", "gzip;q=0")
        known = asking.get(
            "/api/v1/openapi.json",
            headers={"Accept-Encoding": accepted, "If-None-Match": answer.headers["ETag"]},
        )
        assert (known.status_code, known.data) == (304, b"")
    assert asking.head("/api/v1/openapi.json").data == b""
    assert written == [1]
