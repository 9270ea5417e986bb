"""Passwords as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls import accounts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "change_password",
        "POST",
        "/passwords",
        accounts.passwords.CHANGE_PASSWORD,
        N_("Change the password; all other sessions end"),
        "account",
        example={"current_password": "Quay!2026side", "password": "Buoy?7tide-moor"},
    ),
    Operation(
        "request_password_reset",
        "POST",
        "/passwords/resets",
        accounts.passwords.REQUEST_PASSWORD_RESET,
        N_(
            "Send a link to set a new password; the answer is the same whether or not name and address belong together"
        ),
        example={"account_name": "carrier2026", "email": "clerk@carrier.example.com"},
    ),
    Operation(
        "password_reset",
        "POST",
        "/passwords/resets/look",
        accounts.passwords.PASSWORD_RESET,
        N_("See which account a link sets a new password for"),
        example={"reset_token": "t" * 43},
    ),
    Operation(
        "reset_password",
        "POST",
        "/passwords/resets/use",
        accounts.passwords.RESET_PASSWORD,
        N_("Set a new password with a link; every session ends"),
        example={"reset_token": "t" * 43, "password": "Buoy?7tide-moor"},
    ),
)
