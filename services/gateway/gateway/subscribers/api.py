"""Downstream systems as a program of an operator sees them."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

calls = accounts.subscribers
REASON = "依航安組書函辦理"
DESCRIBED = {
    "title": "船舶登記系統",
    "owner": "航安組",
    "contact_email": "ships@example.com",
    "system": "vessels",
    "reason": REASON,
}

OPERATIONS = (
    Operation(
        "subscribers",
        "GET",
        "/operations/subscribers",
        calls.SUBSCRIBERS,
        N_("List the downstream systems"),
        "operator",
    ),
    Operation(
        "register_subscriber",
        "POST",
        "/operations/subscribers",
        calls.REGISTER_SUBSCRIBER,
        N_("Register a downstream system; its secret is told this once"),
        "operator",
        status=201,
        example={"name": "vessels", **DESCRIBED},
    ),
    Operation(
        "subscriber",
        "GET",
        "/operations/subscribers/<name>",
        calls.SUBSCRIBER,
        N_("See a downstream system: grants, secrets, what was done"),
        "operator",
    ),
    Operation(
        "change_subscriber",
        "PUT",
        "/operations/subscribers/<name>",
        calls.CHANGE_SUBSCRIBER,
        N_("Change what a downstream system is called, its owner and contact"),
        "operator",
        example=DESCRIBED,
    ),
    Operation(
        "grant_events",
        "POST",
        "/operations/subscribers/<name>/grants",
        calls.GRANT_EVENTS,
        N_("Grant events to a downstream system"),
        "operator",
        example={
            "events": ["accounts.AccountActivated", "review.CaseOpened"],
            "ends_on": "2027-06-30",
            "reason": REASON,
        },
    ),
    Operation(
        "revoke_event",
        "POST",
        "/operations/subscribers/<name>/grants/revoke",
        calls.REVOKE_EVENT,
        N_("Take an event from a downstream system"),
        "operator",
        example={"event": "accounts.AccountActivated", "reason": REASON},
    ),
    Operation(
        "rotate_subscriber_secret",
        "POST",
        "/operations/subscribers/<name>/secrets",
        calls.ROTATE_SECRET,
        N_("Give a downstream system a new secret, which is told this once"),
        "operator",
        status=201,
        example={"overlap_days": 7, "reason": REASON},
    ),
    Operation(
        "suspend_subscriber",
        "POST",
        "/operations/subscribers/<name>/suspend",
        calls.SUSPEND_SUBSCRIBER,
        N_("Suspend a downstream system"),
        "operator",
        example={"reason": REASON},
    ),
    Operation(
        "resume_subscriber",
        "POST",
        "/operations/subscribers/<name>/resume",
        calls.RESUME_SUBSCRIBER,
        N_("Let a suspended downstream system in again"),
        "operator",
        example={"reason": REASON},
    ),
    Operation(
        "remove_subscriber",
        "POST",
        "/operations/subscribers/<name>/remove",
        calls.REMOVE_SUBSCRIBER,
        N_("Remove a downstream system for good"),
        "operator",
        example={"confirm_name": "vessels", "reason": REASON},
    ),
    Operation(
        "subscriber_queue",
        "GET",
        "/operations/subscribers/<name>/queue",
        calls.SUBSCRIBER_QUEUE,
        N_("See what waits in the queue of a downstream system"),
        "operator",
    ),
    Operation(
        "broker_differences",
        "GET",
        "/operations/subscribers-on-the-broker",
        calls.BROKER_DIFFERENCES,
        N_("See what the broker lacks or has too much of downstream systems"),
        "operator",
    ),
    Operation(
        "apply_to_broker",
        "POST",
        "/operations/subscribers-on-the-broker",
        calls.APPLY_TO_BROKER,
        N_("Bring the broker in line with the downstream systems"),
        "operator",
        example={},
    ),
)
