"""Who may call what of accounts: each role at each operation, and nobody; strangers bring what proves their right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from accounts.service import AccountsService
from mtnet_chassis.rpc.actor import ActorSigner, ActorVerifier
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, Refused
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_contracts.vocabulary.choices import ROLES
from mtnet_contracts.vocabulary.desk import DESK

from .builders import a_reviewer
from .conftest import ACTOR_KEY

ENDPOINTS = {
    e.endpoint.call.name: e.endpoint for e in entrypoints_of(AccountsService) if hasattr(e, "endpoint")
}
# Everybody who is logged in, for their own account.
OWN = frozenset(
    {
        "add_passkey",
        "agree_to_notice",
        "ask_for_privacy_right",
        "begin_passkey",
        "begin_totp",
        "change_password",
        "close_own_account",
        "confirm_contact_change",
        "confirm_totp",
        "confirmation",
        "copy_of_own_data",
        "decline_notice",
        "devices",
        "document_of_own_data",
        "end_other_sessions",
        "end_session",
        "forget_device",
        "make_contact_primary",
        "own_consents",
        "own_contacts",
        "own_history",
        "own_privacy_requests",
        "own_profile",
        "remove_contact",
        "remove_passkey",
        "remove_totp",
        "rename_passkey",
        "renew_recovery_codes",
        "request_contact_change",
        "resend_contact_code",
        "save_profile",
        "second_factors",
        "sessions",
        "withdraw_privacy_request",
    }
)
REVIEWERS = frozenset(
    {
        "case_form",
        "case_form_page",
        "reveal_id_number",
    }
)
# People of the helpdesk, for whoever hands in evidence.
HELPDESK = frozenset({"account_for_reactivation"})
OPERATORS = frozenset(
    {
        "accounts_named",
        "answer_privacy_request",
        "apply_to_broker",
        "audit_entries",
        "broker_differences",
        "carry_out_privacy_request",
        "change_subscriber",
        "close_account",
        "extend_privacy_request",
        "grant_events",
        "grant_scopes",
        "lifecycle_changes",
        "lifecycle_preview",
        "lifecycle_runs",
        "privacy_case",
        "privacy_desk",
        "refuse_privacy_request",
        "register_subscriber",
        "renew_webhook_secret",
        "remove_subscriber",
        "remove_webhook",
        "resume_subscriber",
        "revoke_event",
        "revoke_scope",
        "rotate_subscriber_secret",
        "run_lifecycle_now",
        "segment_accounts",
        "subscriber",
        "subscriber_queue",
        "subscribers",
        "suspend_subscriber",
        "set_webhook",
    }
)
DESK_CALLS = frozenset({"account_card"})
# A token, a code or a password inside the request proves the right.
WITH_PROOF = frozenset(
    {
        "activate_account",
        "activation",
        "application",
        "application_pass",
        "attach_form",
        "client_pass",
        "confirm_device",
        "confirm_identity",
        "contact_change_to_undo",
        "disown_login",
        "extend_session",
        "generate_form",
        "issue_client_token",
        "leave_application",
        "log_in",
        "log_out",
        "login_notice",
        "open_case",
        "own_form",
        "own_form_preview",
        "password_reset",
        "reactivate_account",
        "receipt",
        "reissue_activation",
        "remove_form",
        "request_contact_code",
        "reset_password",
        "revoke_client_token",
        "resume_session",
        "save_section",
        "second_step",
        "submit_application",
        "take_second_step",
        "undo_contact_change",
        "verify_contact",
        "withdraw_application",
    }
)
# Nothing that anybody may not see or ask for: what it costs is limited, and the answer tells nothing.
OPEN = frozenset(
    {
        "privacy_notice",
        "start_application",
        "request_case_access",
        "request_device_code",
        "request_password_reset",
        "request_reactivation_code",
        "statement_keys",
        "opened_applications",
    }
)
# What changes who can log in, or how the owner is reached, wants somebody who confirmed of late who they are.
CONFIRMED = frozenset(
    {
        "add_passkey",
        "apply_to_broker",
        "ask_for_privacy_right",
        "begin_passkey",
        "begin_totp",
        "carry_out_privacy_request",
        "change_subscriber",
        "close_account",
        "close_own_account",
        "confirm_totp",
        "copy_of_own_data",
        "document_of_own_data",
        "grant_events",
        "grant_scopes",
        "make_contact_primary",
        "register_subscriber",
        "renew_webhook_secret",
        "remove_contact",
        "remove_passkey",
        "remove_subscriber",
        "remove_webhook",
        "remove_totp",
        "renew_recovery_codes",
        "request_contact_change",
        "resume_subscriber",
        "revoke_event",
        "revoke_scope",
        "rotate_subscriber_secret",
        "suspend_subscriber",
        "set_webhook",
    }
)
# Downstream systems, by scope.
CLIENTS = {
    "system_accounts": "accounts.read",
    "system_account": "accounts.read",
    "system_account_statement": "accounts.read",
    "accounts_snapshot": "snapshots.read",
}
MAY = (
    dict.fromkeys(OWN, frozenset(ROLES))
    | dict.fromkeys(REVIEWERS, frozenset({"reviewer"}))
    | dict.fromkeys(OPERATORS, frozenset({"operator"}))
    | dict.fromkeys(DESK_CALLS, frozenset(DESK))
    | dict.fromkeys(HELPDESK, frozenset(DESK))
)


class Reached(Exception):
    """The caller was let through to the operation's own judgement."""


class NoDatabase:
    def transaction(self):
        raise Reached


def outcome(name, actor):
    """`in` for whoever is let through, else the refusal. What is asked for is empty: nothing is done."""
    signed = actor and ActorSigner(ACTOR_KEY.private_bytes_raw()).sign(actor)
    verifier = ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw())
    body = {"actor": signed, "idempotency_key": None, "request": {}}
    service = AccountsService()
    service.database = NoDatabase()  # of a call that has transactions of its own
    try:
        ENDPOINTS[name].answer(service, body, database=service.database, verifier=verifier)
    except Reached:
        return "in"
    except Refused as refused:
        return "in" if refused.code == "INVALID" else refused.code
    raise AssertionError(f"{name} was done without a database")


def somebody(*roles, **changes):
    return replace(a_reviewer(None), roles=frozenset(roles), confirmed_at=datetime.now(UTC), **changes)


def test_every_operation_says_who_may_call_it():
    assert set(ENDPOINTS) == set(MAY) | WITH_PROOF | OPEN | set(CLIENTS)
    assert not set(MAY) & (WITH_PROOF | OPEN | set(CLIENTS))
    assert {name: endpoint.scope for name, endpoint in ENDPOINTS.items() if endpoint.scope} == CLIENTS
    assert {name for name, endpoint in ENDPOINTS.items() if endpoint.confirmed_within} == CONFIRMED


@pytest.mark.parametrize("name", sorted(MAY))
def test_a_role_is_let_through_where_it_may_and_nowhere_else(name):
    found = {role: outcome(name, somebody(role)) for role in ROLES}
    assert found == {role: "in" if role in MAY[name] else "NOT_ALLOWED" for role in ROLES}


@pytest.mark.parametrize("name", sorted(MAY))
def test_nobody_is_let_through_without_a_valid_token_of_an_actor(name):
    expired = somebody(*ROLES, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert outcome(name, None) == "NOT_SIGNED_IN"
    assert outcome(name, expired) == "NOT_SIGNED_IN"
    assert outcome(name, somebody()) == "NOT_ALLOWED"


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_what_is_for_systems_is_for_nobody_who_is_logged_in(name):
    assert {outcome(name, somebody(*ROLES)), outcome(name, None)} == {"NOT_SIGNED_IN"}


@pytest.mark.parametrize("name", sorted(CONFIRMED))
def test_what_is_dangerous_wants_a_login_or_confirmation_of_late(name):
    before = datetime.now(UTC) - CONFIRMED_WITHIN - timedelta(seconds=1)
    for confirmed_at in (None, before):
        found = outcome(name, replace(somebody(*ROLES), confirmed_at=confirmed_at))
        assert found == "CONFIRMATION_REQUIRED"


@pytest.mark.parametrize("name", sorted(WITH_PROOF))
def test_a_stranger_s_request_holds_what_proves_the_right(name):
    fields = ENDPOINTS[name].call.request().fields
    ends = ("_token", "_secret", "password", "code")
    proofs = {field for field, kind in fields.items() if kind.required and field.endswith(ends)}
    assert proofs, f"{name} proves nothing"
    assert outcome(name, None) == "in"
