"""Who may call what of notify: each role at each operation, an applicant with a pass, and nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.rpc.actor import ActorSigner
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, Refused
from mtnet_chassis.rpc.holder import PassSigner
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_contracts.vocabulary.choices import ROLES
from notify.service import NotifyService

from .asking import KEY, VERIFIER, a_holder, an_owner

ENDPOINTS = {
    e.endpoint.call.name: e.endpoint for e in entrypoints_of(NotifyService) if hasattr(e, "endpoint")
}
# Everybody who is logged in, about themselves.
OWN = frozenset(
    {
        "confirm_fax_code",
        "mark_messages_read",
        "own_message",
        "own_messages",
        "remove_fax_number",
        "request_fax_code",
        "send_message_again",
    }
)
# And an applicant, who shows a pass, about their case.
OWN_OR_BY_PASS = frozenset(
    {
        "line_link",
        "line_link_target",
        "own_notifications",
        "save_notifications",
        "start_line_link",
        "unlink_line",
    }
)
OPERATORS = frozenset(
    {
        "add_to_broadcast",
        "broadcast",
        "broadcast_people",
        "broadcast_preview",
        "broadcasts",
        "cancel_broadcast",
        "change_broadcast",
        "count_broadcast",
        "find_deliveries",
        "lift_suppression",
        "pause_broadcast",
        "pause_provider",
        "pause_webhook",
        "preview_template",
        "providers",
        "publish_template",
        "restore_template",
        "resume_broadcast",
        "resume_provider",
        "resume_webhook",
        "save_template_draft",
        "send_delivery_again",
        "send_event_again",
        "start_broadcast",
        "suppress",
        "suppressions",
        "template",
        "template_difference",
        "template_versions",
        "templates",
        "test_template",
        "test_webhook",
        "webhook_delivery",
        "webhook_log",
        "write_broadcast",
    }
)
# A signature or a signed link inside the request is judged by the operation itself; tests of their topics show how.
SIGNED = {
    "receive_line_webhook": "signature",
    "receive_receipts": "headers",
    "unsubscribe": "unsubscribe_token",
    "unsubscribe_link": "unsubscribe_token",
}
# What reaches thousands, or changes what they read, wants somebody who confirmed of late who they are.
CONFIRMED = frozenset({"publish_template", "restore_template", "start_broadcast"})
MAY = dict.fromkeys(OWN | OWN_OR_BY_PASS, frozenset(ROLES)) | dict.fromkeys(
    OPERATORS, frozenset({"operator"})
)


class Reached(Exception):
    """The caller was let through to the operation's own judgement."""


class NoDatabase:
    def transaction(self):
        raise Reached


def outcome(name, actor=None, holder=None):
    """`in` for whoever is let through, else the refusal. What is asked for is empty: nothing is done."""
    body = {"idempotency_key": None, "request": {}}
    if actor is not None:
        body["actor"] = ActorSigner(KEY.private_bytes_raw()).sign(actor)
    if holder is not None:
        body["pass"] = PassSigner(KEY.private_bytes_raw()).sign(holder)
    service = NotifyService()
    service.database = NoDatabase()
    try:
        ENDPOINTS[name].answer(service, body, database=service.database, verifier=VERIFIER)
    except Reached:
        return "in"
    except Refused as refused:
        return "in" if refused.code == "INVALID" else refused.code
    raise AssertionError(f"{name} was done without a database")


def somebody(*roles, **changes):
    return replace(an_owner(), roles=frozenset(roles), confirmed_at=datetime.now(UTC), **changes)


def test_every_operation_says_who_may_call_it():
    assert set(ENDPOINTS) == set(MAY) | set(SIGNED)
    assert not set(MAY) & set(SIGNED)
    assert {name for name, endpoint in ENDPOINTS.items() if endpoint.confirmed_within} == CONFIRMED


@pytest.mark.parametrize("name", sorted(MAY))
def test_a_role_is_let_through_where_it_may_and_nowhere_else(name):
    found = {role: outcome(name, somebody(role)) for role in ROLES}
    assert found == {role: "in" if role in MAY[name] else "NOT_ALLOWED" for role in ROLES}


@pytest.mark.parametrize("name", sorted(MAY))
def test_nobody_is_let_through_without_a_valid_token(name):
    past = datetime.now(UTC) - timedelta(seconds=1)
    assert outcome(name) == "NOT_SIGNED_IN"
    assert outcome(name, somebody(*ROLES, expires_at=past)) == "NOT_SIGNED_IN"
    assert outcome(name, somebody()) == "NOT_ALLOWED"
    assert outcome(name, holder=replace(a_holder(), expires_at=past)) == "NOT_SIGNED_IN"


@pytest.mark.parametrize("name", sorted(MAY))
def test_an_applicant_is_let_through_to_what_is_their_own_and_to_nothing_else(name):
    found = outcome(name, holder=a_holder())
    assert found == "in" if name in OWN_OR_BY_PASS else found in ("NOT_SIGNED_IN", "NOT_ALLOWED")


@pytest.mark.parametrize("name", sorted(CONFIRMED))
def test_what_reaches_many_wants_a_login_or_confirmation_of_late(name):
    before = datetime.now(UTC) - CONFIRMED_WITHIN - timedelta(seconds=1)
    for confirmed_at in (None, before):
        assert outcome(name, replace(somebody(*ROLES), confirmed_at=confirmed_at)) == "CONFIRMATION_REQUIRED"


@pytest.mark.parametrize(("name", "proof"), sorted(SIGNED.items()))
def test_a_stranger_s_request_holds_what_proves_the_right(name, proof):
    assert proof in ENDPOINTS[name].call.request().fields
    assert outcome(name) == "in"
