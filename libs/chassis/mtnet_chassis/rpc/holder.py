"""Who calls without an account: an applicant, by a pass that accounts signs for the token of the application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mtnet_chassis.rpc.signing import SIGNED_PASS, NotSigned, read, signed

PASS_LIFE = timedelta(minutes=2)


class PassNotValid(Exception):
    """The pass lacks a part, was altered, was signed with another key or for another purpose, or has expired."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whoever holds the token of one application, for two minutes. `expires_at` is a UTC instant."""

    application_id: UUID
    case_number: str
    expires_at: datetime


class PassSigner:
    """Makes passes with the private key of actors (32 raw bytes), which only one service has."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)

    def sign(self, holder: Holder) -> str:
        values = {
            "application_id": str(holder.application_id),
            "case_number": holder.case_number,
            "expires_at": holder.expires_at.isoformat(),
        }
        return signed(self._key, SIGNED_PASS, values)


class PassVerifier:
    """Reads passes with the public key of actors (32 raw bytes)."""

    def __init__(self, public_key: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(public_key)

    def verify(self, token: str, *, now: datetime | None = None) -> Holder:
        """Raises PassNotValid."""
        try:
            values = read(self._key, SIGNED_PASS, token)
            holder = Holder(
                application_id=UUID(values["application_id"]),
                case_number=values["case_number"],
                expires_at=datetime.fromisoformat(values["expires_at"]),
            )
        except (NotSigned, ValueError, KeyError, TypeError) as problem:
            raise PassNotValid("altered") from problem
        if holder.expires_at <= (now or datetime.now(UTC)):
            raise PassNotValid("expired")
        return holder
