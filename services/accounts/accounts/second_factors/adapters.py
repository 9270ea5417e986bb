"""Other people's standards: one-time codes (RFC 6238) and passkeys (WebAuthn level 2)."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.second_factors.rules import STEP_SECONDS, Passkey, PasskeyRefused, SecondFactorWrong

ISSUER = "MTNet"


def new_secret() -> str:
    """160 bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def enrolment_uri(secret: str, account_name: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name=ISSUER)


def fitting_step(secret: str, code: str, steps: tuple[int, ...]) -> int | None:
    """The step whose code it is. All are compared, in the same time."""
    codes, typed = pyotp.TOTP(secret, interval=STEP_SECONDS), code.encode()
    fitting = [step for step in steps if hmac.compare_digest(codes.generate_otp(step).encode(), typed)]
    return fitting[0] if fitting else None


@dataclass(frozen=True)
class RelyingParty:
    """The portal as passkeys know it: the host of its address, and the address itself.

    A number is no host for a passkey; on this machine the portal is reached as `localhost`, too.
    """

    rp_id: str
    origin: str

    @classmethod
    def of(cls, portal_url: str) -> RelyingParty:
        portal_url = portal_url.replace("//127.0.0.1", "//localhost", 1)
        return cls(urlsplit(portal_url).hostname or "", portal_url)

    def registration_options(
        self, challenge: bytes, *, account_id: UUID, account_name: str, name: str, known: list[bytes]
    ) -> str:
        """JSON for `navigator.credentials.create`. A passkey that is `known` is not made again."""
        options = generate_registration_options(
            rp_id=self.rp_id,
            rp_name=ISSUER,
            user_id=account_id.bytes,
            user_name=account_name,
            user_display_name=name,
            challenge=challenge,
            exclude_credentials=[PublicKeyCredentialDescriptor(one) for one in known],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.DISCOURAGED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
        )
        return options_to_json(options)

    def authentication_options(self, challenge: bytes, allowed: list[bytes]) -> str:
        """JSON for `navigator.credentials.get`."""
        options = generate_authentication_options(
            rp_id=self.rp_id,
            challenge=challenge,
            allow_credentials=[PublicKeyCredentialDescriptor(one) for one in allowed],
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return options_to_json(options)

    def registered(self, credential: str, challenge: bytes) -> tuple[bytes, bytes, int]:
        """Credential id, public key and sign count of a passkey that was just made. Raises PasskeyRefused."""
        try:
            found = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
            raise PasskeyRefused from problem
        return found.credential_id, found.credential_public_key, found.sign_count

    def signed(self, credential: str, challenge: bytes, passkey: Passkey) -> int:
        """The new sign count of a passkey that signed this challenge. Raises SecondFactorWrong."""
        try:
            found = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as problem:
            raise SecondFactorWrong from problem
        return found.new_sign_count


def challenge_in(credential: str) -> bytes | None:
    """What was signed, as the browser says; None for what cannot be read."""
    try:
        response = json.loads(credential)["response"]
        client_data = json.loads(base64url_to_bytes(response["clientDataJSON"]))
        return base64url_to_bytes(client_data["challenge"])
    except (ValueError, KeyError, TypeError):
        return None


def credential_id_in(credential: str) -> bytes | None:
    """Which passkey signed, as the browser says; None for what cannot be read."""
    try:
        return base64url_to_bytes(json.loads(credential)["rawId"])
    except (ValueError, KeyError, TypeError):
        return None
