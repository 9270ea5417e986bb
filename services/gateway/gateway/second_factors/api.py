"""The second step of a login, and one's second factors, as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls.accounts import login, second_factors
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "second_step",
        "POST",
        "/sessions/second-step/look",
        login.SECOND_STEP,
        N_("See how the second step of a login can be done, or set up an authenticator app for it"),
        example={"login_token": "t" * 43},
    ),
    Operation(
        "take_second_step",
        "POST",
        "/sessions/second-step",
        login.TAKE_SECOND_STEP,
        N_("Finish a login with a code or a passkey"),
        status=201,
        example={"login_token": "t" * 43, "code": "123456"},
    ),
    Operation(
        "confirmation",
        "POST",
        "/sessions/current/confirm/look",
        login.CONFIRMATION,
        N_("See what is needed beside the password to confirm who you are"),
        "account",
    ),
    Operation(
        "second_factors",
        "GET",
        "/second-factors",
        second_factors.SECOND_FACTORS,
        N_("See your second factors"),
        "account",
    ),
    Operation(
        "begin_totp",
        "POST",
        "/second-factors/totp/begin",
        second_factors.BEGIN_TOTP,
        N_("Get a key for an authenticator app; it counts once a code of it has come back"),
        "account",
    ),
    Operation(
        "confirm_totp",
        "POST",
        "/second-factors/totp",
        second_factors.CONFIRM_TOTP,
        N_("Use the authenticator app from now on"),
        "account",
        example={"code": "123456"},
    ),
    Operation(
        "remove_totp",
        "DELETE",
        "/second-factors/totp",
        second_factors.REMOVE_TOTP,
        N_("Remove the authenticator app"),
        "account",
        "nothing",
        204,
    ),
    Operation(
        "renew_recovery_codes",
        "POST",
        "/second-factors/recovery-codes",
        second_factors.RENEW_RECOVERY_CODES,
        N_("Get ten new recovery codes; the former ones no longer work"),
        "account",
    ),
    Operation(
        "begin_passkey",
        "POST",
        "/second-factors/passkeys/begin",
        second_factors.BEGIN_PASSKEY,
        N_("Get what a browser is to make a passkey for"),
        "account",
    ),
    Operation(
        "add_passkey",
        "POST",
        "/second-factors/passkeys",
        second_factors.ADD_PASSKEY,
        N_("Add the passkey that the browser made"),
        "account",
        status=201,
        example={"label": "Office computer", "passkey": '{"id": "AX8f", "rawId": "AX8f", "response": {}}'},
    ),
    Operation(
        "rename_passkey",
        "PUT",
        "/second-factors/passkeys/<uuid:passkey_id>",
        second_factors.RENAME_PASSKEY,
        N_("Give a passkey another name"),
        "account",
        "nothing",
        204,
        example={"label": "Office computer"},
    ),
    Operation(
        "remove_passkey",
        "DELETE",
        "/second-factors/passkeys/<uuid:passkey_id>",
        second_factors.REMOVE_PASSKEY,
        N_("Remove a passkey"),
        "account",
        "nothing",
        204,
    ),
)
