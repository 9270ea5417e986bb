"""Where providers post receipts: bytes and signature reach notify as they came, and every answer says what to do."""

import base64

import pytest
from gateway.rpc.client import ServiceUnavailable

SIGNED = {"X-Signature": "sha256=abc", "Content-Type": "application/json"}


def post(portal, path="/webhooks/fax", body=b'{"status": "busy"}', headers=SIGNED):
    return portal.test_client().post(path, data=body, headers=headers)


def test_the_bytes_and_the_signature_go_to_notify_as_they_came(portal, services):
    services.answers["notify.receive_receipts"] = {"outcome": "recorded"}
    answer = post(portal, body=b"\xff{not json", headers=SIGNED | {"Cookie": "sid=x", "X-Other": "y"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Set-Cookie" not in answer.headers
    (asked,) = services.requests_to("notify.receive_receipts")
    assert asked == {
        "channel": "fax",
        "provider": "",
        "body": base64.b64encode(b"\xff{not json").decode(),
        "headers": {"x-signature": "sha256=abc"},
    }


def test_a_provider_has_an_address_of_its_own(portal, services):
    services.answers["notify.receive_receipts"] = {"outcome": "recorded"}
    post(portal, "/webhooks/sms/second", headers={"Authorization": "Bearer x"})
    (asked,) = services.requests_to("notify.receive_receipts")
    assert (asked["channel"], asked["provider"], asked["headers"]) == (
        "sms",
        "second",
        {"authorization": "Bearer x"},
    )


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("recorded", 204), ("unknown", 503), ("forged", 403), ("unreadable", 422), ("not_offered", 404)],
)  # fmt: skip
def test_the_status_says_whether_to_send_it_again(portal, services, outcome, status):
    services.answers["notify.receive_receipts"] = {"outcome": outcome}
    answer = post(portal)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_while_notify_is_away_the_provider_is_to_try_again(portal, services):
    services.answers["notify.receive_receipts"] = ServiceUnavailable("notify", "away")
    assert post(portal).status_code == 503


@pytest.mark.parametrize(
    "path", ["/webhooks/pigeon", "/webhooks/sms/UP", "/webhooks/sms/" + "a" * 41, "/webhooks/sms/a/b"]
)
def test_other_addresses_are_none(portal, services, path):
    assert post(portal, path).status_code == 404
    assert services.asked == []


def test_a_large_body_is_not_taken(portal, services):
    assert post(portal, body=b"x" * (3001)).status_code == 413
    assert services.asked == []
    services.answers["notify.receive_receipts"] = {"outcome": "unreadable"}
    assert post(portal, body=b"x" * (3000)).status_code == 422
