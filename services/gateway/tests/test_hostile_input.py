"""Whatever a stranger sends, the answer is a code at a field or a page, never a fault and never a sentence in JSON."""

import json
import re

import pytest
from gateway.api.building import _sent
from gateway.app import create_app
from gateway.topics import OPERATIONS

from .conftest import Services, sealed

pytestmark = pytest.mark.slow  # each address and each operation, with all that is wrong

HEADERS = {"X-Application-Token": "t" * 43, "Authorization": f"Bearer {sealed('s' * 43)}"}
UUID = "0190b3c9-0d54-7e0a-b1c2-9d8e7f6a5b43"
NUMBER = "PTAPPLY936EC90162340"
CODE = re.compile(r"[A-Z][A-Z0-9_]*")


def address(operation):
    path = operation.path
    path = re.sub(r"<uuid:[a-z_]+>", UUID, path)
    path = re.sub(r"<any[^>]*>", "news", path)
    path = re.sub(r"<string[^>]*>", "a-page", path)
    return "/api/v1" + re.sub(r"<int[^>]*>", "1", path)


JSON_OPERATIONS = [o for o in OPERATIONS if o.method in ("POST", "PUT") and not o.upload]
OFFERED = {}
for each in OPERATIONS:
    OFFERED.setdefault(address(each), set()).add(each.method)
TAKE_A_BODY = [o for o in JSON_OPERATIONS if _sent(o)]


@pytest.fixture
def api(portal, everything):
    # What a call for a file answers by example.
    portal.extensions["files"].put("text", b"%PDF-1.7")
    return portal.test_client()


def codes_in(answer):
    """Every code of an error; fails on what is none."""
    found = answer.get_json()
    assert found["code"] == answer.status_code
    errors = found["errors"]
    assert errors
    codes = []
    for place, about in errors.items():
        assert place in ("json", "query", "files", "headers", "refusal", "service")
        codes += about if isinstance(about, list) else [c for one in about.values() for c in one]
    assert codes
    assert all(CODE.fullmatch(code) for code in codes), codes
    return codes


BAD_BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a sentence": b"hello",
    "not a number": b'{"version": NaN}',
    "infinity": b'{"version": -Infinity}',
    "bytes": b"\xff\xfe\x00",
    "latin-1": '{"name": "é"}'.encode("latin-1"),
    "nested lists": b"[" * 3000 + b"]" * 3000,
    "nested objects": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "deep enough": b'{"answers":' * 40 + b"1" + b"}" * 40,
    "deeper than any stack": b"[" * 200_000,
    "many digits": b'{"version": ' + b"9" * 4300 + b"}",
    "more digits": b'{"version": ' + b"9" * 100_000 + b"}",
    "half of a pair": b'{"name": "\\ud83d"}',
    "half of a pair in a name": b'{"\\udc00": 1}',
    "half of a pair in bytes": b'{"name": "\xed\xa0\x80"}',
    "a list": b"[]",
    "null": b"null",
    "a text": b'"text"',
}


@pytest.mark.parametrize("name", [o.name for o in TAKE_A_BODY])
def test_a_bad_body_is_answered_with_codes(api, name):
    operation = next(o for o in OPERATIONS if o.name == name)
    required = any(f.required for f in _sent_shape(operation).fields.values())
    for what, body in BAD_BODIES.items():
        answer = api.open(
            address(operation),
            method=operation.method,
            data=body,
            content_type="application/json",
            headers=HEADERS,
        )
        if answer.status_code < 300:
            assert not required, f"{name} takes {what}"
        else:
            assert answer.status_code in (400, 422), (what, answer.status_code, answer.text)
            codes_in(answer)


def _sent_shape(operation):
    return _sent(operation)()


@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        (b"{", 400, {"refusal": ["NOT_JSON"]}),
        (b"[" * 3000 + b"]" * 3000, 422, {"json": {"_schema": ["TOO_DEEP"]}}),
        (b'{"identity_type": "\\ud83d"}', 422, {"json": {"identity_type": ["NOT_VALID"]}}),
        (b"[]", 422, {"json": {"_schema": ["NOT_AN_OBJECT"]}}),
        # Which of two counts nobody knows: the caller is asked.
        (b'{"a": 1, "locale": "en", "locale": "en"}', 422, {"json": {"locale": ["NAMED_TWICE"]}}),
        (b'{"locale": "en", "\\u006cocale": "zh-Hant"}', 422, {"json": {"locale": ["NAMED_TWICE"]}}),
        (b'{"a": [{"b": 1, "b": 1}]}', 422, {"json": {"b": ["NAMED_TWICE"]}}),
        (b'{"\\ud800": 1, "\\ud800": 1}', 422, {"json": {"_schema": ["NAMED_TWICE"]}}),
        (
            b"{" + b"".join(b'"%d":0,' % n for n in range(40_000)) + b'"39999":0}',
            422,
            {"json": {"39999": ["NAMED_TWICE"]}},
        ),
        (b'{"%b":0,"%b":0}' % (b"x" * 9000, b"x" * 9000), 422, {"json": {"x" * 40: ["NAMED_TWICE"]}}),
    ],
)
def test_a_body_that_is_none_says_what_it_lacks(api, body, status, errors):
    answer = api.post("/api/v1/applications", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["errors"]) == (status, errors)


@pytest.mark.parametrize(
    "body",
    [b'{"identity_type": "company", "Identity_type": 1}', b'[{"a": 1}, {"a": 1}]', b'{"a": {"a": {"a": 1}}}'],
)
def test_one_name_in_several_objects_is_said_once_in_each(api, body):
    answer = api.post("/api/v1/applications", data=body, content_type="application/json")
    assert "NAMED_TWICE" not in answer.text


def test_half_of_a_pair_is_named_where_it_stands(api):
    sent = {
        "version": 1,
        "note": "\ud83d",
        "reasons": [{"code": "WRONG", "field": "form"}, {"code": "\udc00", "field": "form"}],
    }
    answer = api.post(
        f"/api/v1/reviews/{UUID}/return",
        data=json.dumps(sent),
        content_type="application/json",
        headers=HEADERS,
    )
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {"json": {"note": ["NOT_VALID"], "reasons.1.code": ["NOT_VALID"]}}


def test_a_field_inside_a_list_is_named_by_its_place(api):
    sent = {"version": 1, "note": "x", "reasons": [{"code": "NOTHING", "field": "form"}]}
    answer = api.post(f"/api/v1/reviews/{UUID}/return", json=sent, headers=HEADERS)
    assert answer.get_json()["errors"] == {"json": {"reasons.0.code": ["NOT_A_CHOICE"]}}


def test_another_content_type_is_refused_by_its_name(api):
    answer = api.post("/api/v1/applications", data=b"identity_type=company", content_type="text/plain")
    assert (answer.status_code, codes_in(answer)) == (415, ["NOT_JSON"])


def test_a_number_of_many_digits_is_wrong_at_its_field(api):
    for digits in ("9" * 4300, "9" * 5000, "-" + "9" * 300_000, str(2**31)):
        body = b'{"note": "x", "version": ' + digits.encode() + b"}"
        answer = api.post(
            f"/api/v1/reviews/{UUID}/forward", data=body, content_type="application/json", headers=HEADERS
        )
        assert (answer.status_code, answer.get_json()["errors"]) == (
            422,
            {"json": {"version": ["NOT_VALID"]}},
        )


def test_twenty_thousand_systems_are_too_many(api, everything):
    sent = {
        "name": "王小明",
        "phone": "02-33436767",
        "email": "clerk@example.com",
        "mobile": "0912345678",
        "systems": ["mtnet"] * 20_000,
        "reason": "申報",
    }
    answer = api.put("/api/v1/applications/current/sections/applicant", json=sent, headers=HEADERS)
    assert (answer.status_code, answer.get_json()["errors"]) == (422, {"json": {"systems": ["TOO_MANY"]}})
    assert everything.requests_to("accounts.save_section") == []


TOKENS = ["", " ", "short", "t" * 201, "t" * 20 + " " + "t" * 20, "é" * 30, "t" * 20 + "\x7f"]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("name", [o.name for o in OPERATIONS if o.proof == "application"])
def test_a_malformed_token_is_no_token(api, everything, name, token):
    operation = next(o for o in OPERATIONS if o.name == name)
    sent = {"json": operation.example} if operation.example else {}
    if operation.upload:
        from io import BytesIO

        sent = {"data": {"file": (BytesIO(b"%PDF"), "a.pdf")}}
    answer = api.open(
        address(operation), method=operation.method, headers={"X-Application-Token": token}, **sent
    )
    assert (answer.status_code, codes_in(answer)) == (401, ["APPLICATION_TOKEN_INVALID"])
    assert everything.asked == []


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer short", "Bearer " + "é" * 30]
)
@pytest.mark.parametrize("path", ["/sessions/current", "/reviews", f"/reviews/{UUID}"])
def test_a_malformed_session_is_no_session(api, path, header):
    answer = api.get(f"/api/v1{path}", headers={"Authorization": header})
    assert (answer.status_code, codes_in(answer)) == (401, ["NOT_SIGNED_IN"])
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", [o.name for o in OPERATIONS])
def test_another_method_is_told_which_there_are(api, name):
    operation = next(o for o in OPERATIONS if o.name == name)
    answer = api.open(address(operation), method="PATCH", headers=HEADERS)
    assert (answer.status_code, codes_in(answer)) == (405, ["METHOD_NOT_ALLOWED"])
    assert OFFERED[address(operation)] <= {method.strip() for method in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize(
    "path",
    [
        f"/reviews/{UUID}/form/{UUID}/pages/{'9' * 5000}",
        f"/reviews/{UUID}/form/{UUID}/pages/0",
        f"/reviews/{UUID}/form/{UUID}/pages/21",
        "/reviews/nobody",
        "/pages/news/" + "x" * 101,
        "/pages/news/a%0Ab",
        "/pages/nothing/slug",
        "/pages/news/%ED%A0%BD",
    ],
)
def test_an_address_that_can_be_nothing_is_not_found(api, path):
    answer = api.get(f"/api/v1{path}", headers=HEADERS)
    if path.endswith("%BD"):
        assert answer.status_code in (200, 404)
        return
    assert (answer.status_code, codes_in(answer)) == (404, ["NOT_FOUND"])


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("kind=news&page=0", {"page": ["NOT_VALID"]}),
        ("kind=news&page=" + "9" * 5000, {"page": ["NOT_VALID"]}),
        ("kind=news&page=1.5&page_size=x", {"page": ["NOT_VALID"], "page_size": ["NOT_VALID"]}),
        ("kind=nothing", {"kind": ["NOT_A_CHOICE"]}),
        ("kind=news&category=" + "x" * 41, {"category": ["TOO_LONG"]}),
        ("", {"kind": ["REQUIRED"]}),
    ],
)
def test_a_query_is_judged_like_a_body(api, query, errors):
    answer = api.get(f"/api/v1/pages?{query}")
    assert (answer.status_code, answer.get_json()["errors"]) == (422, {"query": errors})


@pytest.mark.parametrize(("key", "code"), [("k" * 201, "TOO_LONG"), ("", "REQUIRED")])
def test_a_key_has_a_length(api, key, code):
    answer = api.post(
        "/api/v1/applications", json={"identity_type": "company"}, headers={"Idempotency-Key": key}
    )
    assert (answer.status_code, answer.get_json()["errors"]) == (
        422,
        {"headers": {"Idempotency-Key": [code]}},
    )


def test_only_whoever_has_to_wait_is_told_how_long(settings, everything):
    from dataclasses import replace

    app = create_app(replace(settings, rate_limits=True), Services())
    app.extensions["rpc"] = everything
    api = app.test_client()
    statuses = set()
    for _ in range(300):
        answer = api.delete("/api/v1/applications/current/token", headers=HEADERS)
        statuses.add(answer.status_code)
        assert ("Retry-After" in answer.headers) is (answer.status_code == 429)
        if answer.status_code == 429:
            assert codes_in(answer) == ["TOO_MANY_REQUESTS"]
            break
    assert statuses == {204, 429}


# Pages

QUERIES = [
    "page=" + "9" * 5000,
    "page=-1",
    "page=1e9",
    "page=999999999",
    "page=%EF%BC%91",
    "page=%ED%A0%BD",
    "page=",
    "category=" + "x" * 500,
    "category=%ED%A0%BD%00",
    "search=" + "x" * 500,
    "search=%00%0A%E2%80%AE",
    "search=%ED%A0%BD",
    "lang=%ED%A0%BD",
    "number=%00%ED%A0%BD" + "x" * 300,
    "tab=%00&sort=%00&identity_type=" + "x" * 100,
    "endpoint=x&_method=y",
]
PATHS = ["/", "/announcements", "/news", "/questions", "/case", "/review/", "/login", "/contact"]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_stands_whatever_its_query_says(browser, everything, checked, path):
    browser.cookie("sid", "s" * 43)
    for query in QUERIES:
        answer = browser.get(f"{path}?{query}")
        # A session that is there sends people from the login page to their own.
        assert answer.status_code in ((200, 303) if path == "/login" else (200,)), query


@pytest.fixture
def checked(everything):
    """Services that refuse what does not fit the contract, as their endpoints do."""
    from gateway.rpc.client import Refused
    from marshmallow import ValidationError
    from mtnet_contracts.calls import CALLS
    from mtnet_contracts.vocabulary.shapes import flat

    def checking(name, answer):
        def judge(request):
            try:
                CALLS[name].load_request(request)
            except ValidationError as problem:
                raise Refused("INVALID", flat(problem.messages_dict)) from problem
            return answer

        return judge

    for name, answer in list(everything.answers.items()):
        if isinstance(answer, dict):
            everything.answers[name] = checking(name, answer)
    return everything


def test_a_page_of_a_form_has_a_number_of_a_few_digits(browser, everything):
    browser.cookie("sid", "s" * 43)
    for page in ("9" * 5000, "-1", "x"):
        assert browser.get(f"/review/{UUID}/form/{UUID}/page/{page}").status_code == 404


@pytest.mark.parametrize(
    ("path", "page", "values"),
    [
        ("/case", None, {"query": "\u200b" * 60 + NUMBER + "\u202e"}),
        ("/case", None, {"query": f" {NUMBER}\r\n"}),
    ],
)
def test_a_case_number_is_cleaned_before_it_is_cut(browser, checked, path, page, values):
    answer = browser.post(path, page, **values)
    assert answer.status_code == 303
    (asked,) = checked.requests_to("accounts.request_case_access")
    from mtnet_contracts.calls.accounts.tracking import CaseAccessRequest

    assert CaseAccessRequest().load(asked)["query"] == NUMBER


def test_a_query_of_nothing_that_can_be_seen_is_nothing(browser, checked):
    answer = browser.post("/case", query="\u200b\u2060")
    assert answer.status_code == 422
    assert "請填寫" in browser.words
    assert checked.requests_to("accounts.request_case_access") == []


def test_every_operation_can_be_called(portal):
    with portal.test_request_context():
        rules = {(rule.endpoint.rpartition(".")[2]) for rule in portal.url_map.iter_rules()}
    assert {operation.name for operation in OPERATIONS} <= rules
