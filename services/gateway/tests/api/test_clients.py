"""The API for downstream systems: by access token, within limits, and 304 for what has not changed."""

import json
from dataclasses import replace

import pytest
from gateway.app import create_app
from gateway.http.client_limits import REQUESTS
from gateway.rpc.client import Refused
from gateway.seal import Seal
from gateway.topics import OPERATIONS

from ..conftest import SECRET_KEY, example, sealed

UUID = "0190b3c9-0d54-7e0a-b1c2-9d8e7f6a5b43"
OF_CLIENTS = [operation for operation in OPERATIONS if operation.proof == "client"]
TOKEN = Seal(SECRET_KEY, b"access token").sealed("t" * 43)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def address(operation):
    return "/api/v1" + operation.path.replace("<string:system>", "vessels").replace("<uuid:account_id>", UUID)


@pytest.fixture
def api(portal, services):
    answer(services)
    return portal.test_client()


def answer(services):
    services.answers["accounts.client_pass"] = {"signed_pass": "signed", "client_id": "vessels"}
    for operation in OF_CLIENTS:
        services.answers[f"{operation.call.service}.{operation.call.name}"] = example(operation.call.reply)


@pytest.mark.parametrize("operation", OF_CLIENTS, ids=lambda operation: operation.name)
class TestEachOperation:
    def test_it_is_asked_with_the_pass_for_its_scope(self, api, services, operation):
        assert api.get(address(operation), headers=BEARER).status_code == 200
        (asked,) = services.requests_to("accounts.client_pass")
        assert asked == {"access_token": "t" * 43, "scope": operation.scope, "ip": "127.0.0.1"}
        assert services.passes[-1] == "signed"

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Bearer"},
            {"Authorization": f"Bearer {'t' * 43}"},
            {"Authorization": f"Bearer {sealed('t' * 43)}"},
            {"Authorization": f"Basic {TOKEN}"},
            {"Cookie": f"sid={TOKEN}"},
            {"X-Application-Token": TOKEN},
        ],
    )
    def test_what_is_no_access_token_of_ours_is_refused_without_asking_anybody(
        self, api, services, operation, headers
    ):
        refused = api.get(address(operation), headers=headers)
        assert (refused.status_code, refused.get_json()["errors"]) == (
            401,
            {"refusal": ["CLIENT_TOKEN_INVALID"]},
        )
        wanted = 'Bearer realm="MTNet"' + (', error="invalid_token"' if "Authorization" in headers else "")
        assert refused.headers["WWW-Authenticate"] == wanted
        assert services.asked == []

    def test_a_token_without_the_scope_is_told_which_it_lacks(self, api, services, operation):
        detail = {"scope": operation.scope}
        services.answers["accounts.client_pass"] = Refused("SCOPE_MISSING", detail=detail)
        refused = api.get(address(operation), headers=BEARER)
        assert refused.status_code == 403
        assert refused.headers["WWW-Authenticate"] == (
            f'Bearer realm="MTNet", error="insufficient_scope", scope="{operation.scope}"'
        )
        assert len(services.asked) == 1

    def test_a_token_that_ended_is_refused(self, api, services, operation):
        services.answers["accounts.client_pass"] = Refused("CLIENT_TOKEN_INVALID")
        refused = api.get(address(operation), headers=BEARER)
        assert refused.status_code == 401
        assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]

    def test_no_key_makes_a_look_a_copy_of_another(self, api, services, operation):
        api.get(address(operation), headers=BEARER | {"Idempotency-Key": "one"})
        assert services.keys_to(f"{operation.call.service}.{operation.call.name}") == [None]

    def test_the_description_names_the_scope(self, api, operation):
        found = api.get("/api/v1/openapi.json").get_json()
        path = address(operation).replace("vessels", "{system}").replace(UUID, "{account_id}")
        assert found["paths"][path]["get"]["security"] == [{"client": [operation.scope]}]
        flow = found["components"]["securitySchemes"]["client"]["flows"]["clientCredentials"]
        assert operation.scope in flow["scopes"]
        assert flow["tokenUrl"] == "http://portal.example/oauth/token"

    def test_what_has_not_changed_is_not_sent_again(self, api, services, operation):
        first = api.get(address(operation), headers=BEARER)
        if not operation.has_etag:
            assert "ETag" not in first.headers
            assert first.headers["Cache-Control"] == "no-store"
            return
        name = f"{operation.call.service}.{operation.call.name}"
        if "as_of" in services.answers[name]:
            services.answers[name] |= {"as_of": "2026-11-27T05:00:00+00:00"}
        again = api.get(address(operation), headers=BEARER | {"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "private, no-cache"
        assert "RateLimit" in again.headers
        services.answers[name] = json.loads(json.dumps(services.answers[name]).replace('"member"', '"other"'))
        changed = services.answers[name]
        changed |= {"next": UUID} if "next" in changed else {"name": "another"}
        later = api.get(address(operation), headers=BEARER | {"If-None-Match": first.headers["ETag"]})
        assert later.status_code == 200


class TestLimits:
    @pytest.fixture
    def counting(self, settings, services):
        answer(services)
        services.answers["accounts.client_pass"] = lambda request: {
            "signed_pass": "signed",
            "client_id": request["access_token"][0],
        }
        return create_app(replace(settings, rate_limits=True), services).test_client()

    @staticmethod
    def ask(api, client="a"):
        token = Seal(SECRET_KEY, b"access token").sealed(client * 43)
        return api.get("/api/v1/systems/vessels/accounts", headers={"Authorization": f"Bearer {token}"})

    def test_each_client_has_its_own_and_sees_how_it_stands(self, counting, monkeypatch):
        most = REQUESTS.limit.amount
        monkeypatch.setattr(REQUESTS.limit, "amount", 3)
        found = [self.ask(counting) for _ in range(4)]
        assert [each.status_code for each in found] == [200, 200, 200, 429]
        assert found[0].headers["RateLimit-Policy"] == '"requests";q=3;w=60'
        assert [each.headers["RateLimit"].split(";")[1] for each in found] == ["r=2", "r=1", "r=0", "r=0"]
        refused = found[-1]
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.get_json()["errors"] == {"refusal": ["TOO_MANY_REQUESTS"]}
        assert "Retry-After" not in found[0].headers
        assert self.ask(counting, "b").status_code == 200
        assert most == 600
