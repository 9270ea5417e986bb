"""What the endpoints of second factors answer with."""

from __future__ import annotations

from accounts.second_factors.rules import Factors, Passkey


def factors_view(factors: Factors, required: bool) -> dict[str, object]:
    """The call's SecondFactorsView."""
    return {
        "required": required,
        "totp_since": factors.totp_since,
        "passkeys": [vars(one) for one in factors.passkeys],
        "recovery_codes_left": factors.codes_left,
    }


def added_passkey_view(passkey: Passkey, recovery_codes: list[str]) -> dict[str, object]:
    """The call's AddPasskeyReply."""
    return {"passkey_id": passkey.passkey_id, "recovery_codes": recovery_codes}
