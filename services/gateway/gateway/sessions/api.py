"""Activation, devices and sessions as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation
from gateway.api.samples import UUID

OPERATIONS = (
    Operation(
        "activation",
        "POST",
        "/activations/look",
        accounts.sessions.ACTIVATION,
        N_("See which account an activation link is for"),
        example={"activation_token": "t" * 43},
    ),
    Operation(
        "activate_account",
        "POST",
        "/activations",
        accounts.sessions.ACTIVATE_ACCOUNT,
        N_("Set the first password and activate the account"),
        example={"activation_token": "t" * 43, "password": "Quay!2026side"},
    ),
    Operation(
        "log_in",
        "POST",
        "/sessions",
        accounts.sessions.LOG_IN,
        N_("Log in; a session whose token is sent along ends"),
        status=201,
        example={"account_name": "carrier2026", "password": "Quay!2026side"},
    ),
    Operation(
        "request_device_code",
        "POST",
        "/devices/codes",
        accounts.sessions.REQUEST_DEVICE_CODE,
        N_(
            "Send a code to an account's e-mail address; the answer is the same whether or not the "
            "account exists"
        ),
        example={"account_name": "carrier2026", "locale": "zh-Hant"},
    ),
    Operation(
        "confirm_device",
        "POST",
        "/devices",
        accounts.sessions.CONFIRM_DEVICE,
        N_("Confirm with a code that this device belongs to the account's owner"),
        status=201,
        example={"challenge_id": UUID, "code": "123456"},
    ),
    Operation(
        "session",
        "GET",
        "/sessions/current",
        accounts.sessions.RESUME_SESSION,
        N_("See who is logged in, and until when"),
        "session",
    ),
    Operation(
        "extend_session",
        "POST",
        "/sessions/current/extend",
        accounts.sessions.EXTEND_SESSION,
        N_("Extend the session"),
        "session",
    ),
    Operation(
        "confirm_identity",
        "POST",
        "/sessions/current/confirm",
        accounts.login.CONFIRM_IDENTITY,
        N_("Confirm once more who you are; the session gets a new token, and the former one no longer works"),
        "session",
        example={"password": "Quay!2026side"},
    ),
    Operation(
        "sessions",
        "GET",
        "/sessions",
        accounts.sessions.SESSIONS,
        N_("List one's open sessions"),
        "account",
    ),
    Operation(
        "end_session",
        "DELETE",
        "/sessions/<uuid:session_id>",
        accounts.sessions.END_SESSION,
        N_("End one of one's sessions"),
        "account",
        "nothing",
        204,
    ),
    Operation(
        "end_other_sessions",
        "POST",
        "/sessions/current/end-others",
        accounts.sessions.END_OTHER_SESSIONS,
        N_("End all of one's sessions but this one"),
        "account",
    ),
    Operation(
        "log_out",
        "DELETE",
        "/sessions/current",
        accounts.sessions.LOG_OUT,
        N_("Log out"),
        "session",
        "nothing",
        204,
    ),
)
