"""Webhooks by the calls of an operator: addresses that are judged, secrets told once, nothing of them kept."""

from uuid import uuid4

import pytest
from mtnet_contracts.calls.call import CALLS
from standardwebhooks import Webhook

from ..builders import an_owner
from ..conftest import refusal

pytestmark = pytest.mark.stack

SERVICES = ("accounts",)
REASON = "依函辦理"
# A name of the machine itself is known to every resolver, and allowed by WEBHOOKS_LOCAL alone.
URL = "http://localhost:8025/receiver/vessels"


@pytest.fixture
def operator():
    return an_owner(uuid4(), account_name="operator1", roles=frozenset({"operator"}))


@pytest.fixture
def act(ask, operator, monkeypatch):
    """A system of a name of its own, and its operator's acts."""
    monkeypatch.setenv("WEBHOOKS_LOCAL", "yes")
    name = f"s{uuid4().hex[:12]}"
    ask(
        "register_subscriber", actor=operator, name=name, title="船舶登記系統", owner="航安組",
        contact_email="ships@example.com", reason=REASON,
    )  # fmt: skip

    def act(call, key=None, **more):
        return ask(call, actor=operator, key=key, name=name, **({"reason": REASON} | more))

    act.name = name
    act.view = lambda: ask("subscriber", actor=operator, name=name)
    return act


def test_a_webhook_is_set_changed_renewed_and_removed_each_on_record(act):
    first = act("set_webhook", url=URL)
    Webhook(first["secret"])
    assert act("set_webhook", url=f"{URL}/v2") == {"name": act.name, "issued": False, "secret": None}
    second = act("renew_webhook_secret", overlap_days=7)
    assert second["issued"]
    assert second["secret"] != first["secret"]
    found = act.view()
    assert found["webhook"]["url"] == f"{URL}/v2"
    assert [(s["number"], s["ends_at"] is None) for s in found["webhook"]["secrets"]] == [
        (2, True),
        (1, False),
    ]
    assert act("remove_webhook")["webhook"] is None
    assert [(t["action"], t["who"], t["about"]) for t in act.view()["trail"]][:4] == [
        ("subscriber_webhook_removed", "operator1", []),
        ("subscriber_webhook_secret_renewed", "operator1", []),
        ("subscriber_webhook_set", "operator1", [f"{URL}/v2"]),
        ("subscriber_webhook_set", "operator1", [URL]),
    ]


def test_a_second_press_makes_no_second_secret_and_tells_none(act, rows):
    asked = {"key": "the-form", "url": URL}
    first, second = act("set_webhook", **asked), act("set_webhook", **asked)
    assert second == first | {"secret": None}
    renewed = [act("renew_webhook_secret", key="another", overlap_days=0) for _ in range(2)]
    assert renewed[1] == renewed[0] | {"secret": None}
    assert [s["number"] for s in act.view()["webhook"]["secrets"]] == [2]
    kept = str(rows("SELECT reply FROM idempotency_key WHERE call LIKE '%%webhook%%'"))
    for told in (first, renewed[0]):
        assert told["secret"].removeprefix("whsec_") not in kept


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "REQUIRED"),
        ("https://ships.example/" + "a" * 500, "TOO_LONG"),
        ("http://127.0.0.1/", "WEBHOOK_NOT_HTTPS"),
        ("https://[::ffff:10.0.0.1]/", "WEBHOOK_NOT_PUBLIC"),
        ("https://[2002:a00:1::1]/", "WEBHOOK_NOT_PUBLIC"),
        ("https://[64:ff9b::a00:1]/", "WEBHOOK_NOT_PUBLIC"),
        ("https://[fd00::1]/", "WEBHOOK_NOT_PUBLIC"),
        ("https://0.0.0.0/", "WEBHOOK_NOT_PUBLIC"),
        ("https://2130706433/", "WEBHOOK_NUMBER"),
        ("https://0177.0.0.1/", "WEBHOOK_NUMBER"),
        ("https://user@ships.example/", "WEBHOOK_WITH_USER"),
        ("https://ships.example:22/", "WEBHOOK_PORT"),
        ("https://localhost/", "WEBHOOK_NOT_PUBLIC"),
        # Full-width digits and letters become plain ones first, and are judged as such.
        ("https://１０.0.0.1/", "WEBHOOK_NOT_PUBLIC"),
        ("https://no-such-host.invalid/", "WEBHOOK_NAME_UNKNOWN"),
    ],
)
def test_a_hostile_address_is_refused_at_its_field_and_nothing_is_stored(
    act, ask, operator, monkeypatch, url, code
):
    monkeypatch.setenv("WEBHOOKS_LOCAL", "no")
    refused = refusal(ask, "set_webhook", actor=operator, name=act.name, reason=REASON, url=url)
    assert refused.fields == {"url": [code]}
    assert act.view()["webhook"] is None


def test_a_system_without_a_webhook_is_said_to_have_none(act, ask, operator):
    for call, more in (("renew_webhook_secret", {"overlap_days": 7}), ("remove_webhook", {})):
        found = refusal(ask, call, actor=operator, name=act.name, reason=REASON, **more)
        assert found.code == "WEBHOOK_NOT_FOUND"
        assert CALLS[f"accounts.{call}"].may_refuse_with(found.code)
