"""Access tokens for downstream systems over HTTP: RFC 6749, 4.4 and 5.2; RFC 7009; RFC 8414."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

import pytest
from gateway.app import create_app
from gateway.rpc.client import Refused, ServiceUnavailable
from mtnet_contracts.vocabulary.scopes import SCOPES

FORM = {"grant_type": "client_credentials"}
IN_FORM = FORM | {"client_id": "vessels", "client_secret": "s" * 32}


def issued(request):
    return {
        "access_token": "t" * 43,
        "expires_at": (datetime.now(UTC) + timedelta(minutes=10)).isoformat(),
        "scopes": request["scopes"] or ["accounts.read", "cases.read"],
    }


@pytest.fixture
def api(portal, services):
    services.answers["accounts.issue_client_token"] = issued
    services.answers["accounts.revoke_client_token"] = {}
    return portal.test_client()


def basic(name="vessels", secret="s" * 32):
    text = f"{quote_plus(name)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def said(answer):
    return answer.status_code, answer.get_json()["error"]


@pytest.mark.parametrize(("form", "headers"), [(FORM, basic()), (IN_FORM, {})], ids=["basic", "form"])
def test_a_token_for_id_and_secret(api, services, form, headers):
    answer = api.post("/oauth/token", data=form, headers=headers)
    assert answer.status_code == 200
    found = answer.get_json()
    assert found.pop("access_token").startswith("t" * 43 + ".")
    assert 590 <= found.pop("expires_in") <= 600
    assert found == {"token_type": "Bearer", "scope": "accounts.read cases.read"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    (asked,) = services.requests_to("accounts.issue_client_token")
    assert (asked["client_id"], asked["client_secret"], asked["ip"]) == ("vessels", "s" * 32, "127.0.0.1")


def test_both_parts_of_basic_are_encoded_as_in_a_form(api, services):
    api.post("/oauth/token", data=FORM, headers=basic("a:b", "p%ä +:"))
    (asked,) = services.requests_to("accounts.issue_client_token")
    assert (asked["client_id"], asked["client_secret"]) == ("a:b", "p%ä +:")


def test_scopes_are_asked_for_by_name_each_once(api, services):
    answer = api.post("/oauth/token", data=IN_FORM | {"scope": "cases.read cases.read  accounts.read"})
    assert answer.get_json()["scope"] == "cases.read accounts.read"


@pytest.mark.parametrize(
    ("form", "headers", "wanted"),
    [
        ({}, basic(), (400, "invalid_request")),
        ({"grant_type": ""}, basic(), (400, "invalid_request")),
        ({"grant_type": "password"}, basic(), (400, "unsupported_grant_type")),
        (FORM | {"scope": "everything"}, basic(), (400, "invalid_scope")),
        (FORM | {"scope": "accounts.read everything"}, basic(), (400, "invalid_scope")),
        (IN_FORM, basic(), (400, "invalid_request")),
        (FORM | {"client_id": "crew"}, basic(), (400, "invalid_request")),
        (FORM | {"scope": ["cases.read", "cases.read"]}, basic(), (400, "invalid_request")),
        (IN_FORM | {"client_id": ["vessels", "crew"]}, {}, (400, "invalid_request")),
        (FORM, {}, (401, "invalid_client")),
        (FORM | {"client_id": "vessels"}, {}, (401, "invalid_client")),
        (FORM | {"client_secret": "s"}, {}, (401, "invalid_client")),
        (FORM, {"Authorization": "Basic"}, (401, "invalid_client")),
        (FORM, {"Authorization": "Basic ???"}, (401, "invalid_client")),
        (FORM, {"Authorization": "Basic " + base64.b64encode(b"\xff:x").decode()}, (401, "invalid_client")),
        (FORM, {"Authorization": "Basic " + base64.b64encode(b"vessels").decode()}, (401, "invalid_client")),
        (FORM, {"Authorization": "Bearer abc"}, (401, "invalid_client")),
        (FORM, basic("", "s"), (401, "invalid_client")),
        (FORM, basic("vessels", ""), (401, "invalid_client")),
    ],
)
def test_what_is_wrong_with_a_request_is_said_in_the_words_of_the_rfc(api, services, form, headers, wanted):
    answer = api.post("/oauth/token", data=form, headers=headers)
    assert said(answer) == wanted
    assert answer.get_json()["error_description"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.get("WWW-Authenticate", "").startswith("Basic ") == (wanted[0] == 401)
    assert services.asked == []


@pytest.mark.parametrize(
    "media_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""]
)
def test_only_a_form_is_taken(api, services, media_type):
    answer = api.post("/oauth/token", data=b"grant_type=client_credentials", content_type=media_type)
    assert said(answer) == (400, "invalid_request")
    assert services.asked == []


def test_a_secret_does_not_belong_into_an_address(api, services):
    assert said(api.post("/oauth/token?client_secret=s", data=IN_FORM)) == (400, "invalid_request")
    assert services.asked == []


def test_a_body_is_small(api, services):
    assert said(api.post("/oauth/token", data=IN_FORM | {"scope": "x" * 9000})) == (413, "invalid_request")
    assert services.asked == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_tokens_are_asked_for_by_post(api, method):
    assert api.open("/oauth/token", method=method).status_code in (303, 405)


@pytest.mark.parametrize(
    ("refusal", "wanted"),
    [
        ("CLIENT_NOT_PROVED", (401, "invalid_client")),
        ("INVALID", (401, "invalid_client")),
        ("CLIENT_SUSPENDED", (400, "unauthorized_client")),
        ("SCOPE_NOT_GRANTED", (400, "invalid_scope")),
    ],
)
def test_what_accounts_refuses_is_said_in_the_words_of_the_rfc(api, services, refusal, wanted):
    services.answers["accounts.issue_client_token"] = Refused(refusal)
    answer = api.post("/oauth/token", data=FORM, headers=basic())
    assert said(answer) == wanted
    assert ("WWW-Authenticate" in answer.headers) == (wanted[0] == 401)


def test_while_accounts_is_away_it_says_when_to_come_back(api, services):
    services.answers["accounts.issue_client_token"] = ServiceUnavailable("accounts", "away")
    answer = api.post("/oauth/token", data=IN_FORM)
    assert said(answer) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"]


def test_another_site_in_a_browser_learns_nothing(api):
    for method in ("POST", "OPTIONS"):
        answer = api.open(
            "/oauth/token", method=method, data=IN_FORM, headers={"Origin": "https://evil.example"}
        )
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


class TestRevoking:
    def test_a_token_is_given_back_and_one_that_is_none_is_as_good(self, api, services):
        token = api.post("/oauth/token", data=IN_FORM).get_json()["access_token"]
        for given in (token, "invented", "t" * 43):
            answer = api.post("/oauth/revoke", data={"token": given}, headers=basic())
            assert (answer.status_code, answer.get_json()) == (200, {})
        asked = [request["access_token"] for request in services.requests_to("accounts.revoke_client_token")]
        assert asked[0] == "t" * 43
        assert "t" * 43 not in asked[1:]

    def test_whoever_has_no_secret_gives_nothing_back(self, api, services):
        assert said(api.post("/oauth/revoke", data={"token": "x"})) == (401, "invalid_client")
        assert said(api.post("/oauth/revoke", data={}, headers=basic())) == (400, "invalid_request")
        assert services.asked == []
        services.answers["accounts.revoke_client_token"] = Refused("CLIENT_NOT_PROVED")
        answer = api.post("/oauth/revoke", data={"token": "x"}, headers=basic())
        assert said(answer) == (401, "invalid_client")


def test_a_program_finds_all_of_it_by_the_issuer(api, services):
    answer = api.get("/.well-known/oauth-authorization-server")
    assert "public" in answer.headers["Cache-Control"]
    found = answer.get_json()
    assert found["issuer"] == "http://portal.example"
    assert found["scopes_supported"] == list(SCOPES)
    assert found["grant_types_supported"] == ["client_credentials"]
    for name in ("token_endpoint", "revocation_endpoint"):
        address = found[name].removeprefix(found["issuer"])
        assert api.post(address, data=FORM | {"token": "x"}).status_code == 401
    services.answers["accounts.statement_keys"] = {"keys": []}
    assert api.get(found["jwks_uri"].removeprefix(found["issuer"])).status_code == 200


def test_the_key_set_is_kept_by_whoever_has_it(api, services):
    key = {"kid": "k", "kty": "OKP", "crv": "Ed25519", "x": "x", "use": "sig", "alg": "EdDSA"}
    services.answers["accounts.statement_keys"] = {"keys": [key]}
    answer = api.get("/.well-known/jwks.json")
    assert answer.get_json(force=True) == {"keys": [key]}
    assert answer.content_type == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    again = api.get("/.well-known/jwks.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


class TestLimits:
    @pytest.fixture
    def counting(self, settings, services):
        services.answers["accounts.issue_client_token"] = lambda request: (
            issued(request) if request["client_secret"] == "s" * 32 else Refused("CLIENT_NOT_PROVED")
        )
        return create_app(replace(settings, rate_limits=True, proxies=1), services).test_client()

    @staticmethod
    def ask(api, secret="s" * 32, source="192.0.2.1", name="vessels"):
        return api.post("/oauth/token", data=FORM, headers=basic(name, secret) | {"X-Forwarded-For": source})

    def test_wrong_secrets_end_for_their_source_and_the_right_one_never_does(self, counting):
        tried = [self.ask(counting, f"wrong-{n}").status_code for n in range(12)]
        assert tried == [401] * 10 + [429] * 2
        answer = self.ask(counting, "wrong")
        assert said(answer) == (429, "temporarily_unavailable")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert self.ask(counting).status_code == 200
        assert self.ask(counting, "wrong", source="192.0.2.2").status_code == 401
        assert self.ask(counting, "wrong", name="crew").status_code == 401

    @pytest.mark.slow  # a hundred requests
    def test_a_client_has_sixty_tokens_a_minute_and_a_stranger_uses_up_none(self, counting):
        for n in range(70):
            self.ask(counting, f"wrong-{n}", source=f"198.51.100.{n}")
        first = self.ask(counting)
        assert first.headers["RateLimit-Policy"] == '"tokens";q=60;w=60'
        assert first.headers["RateLimit"].startswith('"tokens";r=59;t=')
        tried = [self.ask(counting, source=f"203.0.113.{n}").status_code for n in range(60)]
        assert tried == [200] * 59 + [429]
