"""What accounts says of one account to somebody who asked it: signed, so that another service may act on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mtnet_chassis.rpc.signing import SIGNED_STATEMENT, NotSigned, read, signed

STATEMENT_LIFE = timedelta(minutes=2)


class StatementNotValid(Exception):
    """The statement was altered, was made for somebody else, or has expired."""


@dataclass(frozen=True, kw_only=True)
class AccountStatement:
    """An account as it is now, told to `told_to`, an account of the staff. `expires_at` is a UTC instant.

    `person_key` is the keyed fingerprint of its holder's ID number, which actors carry too.
    """

    account_id: UUID
    account_name: str
    name: str
    state: str
    organisation_name: str | None
    person_key: str | None
    told_to: UUID
    expires_at: datetime


class StatementSigner:
    """Makes statements with the private key of actors (32 raw bytes), which only one service has."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)

    def sign(self, statement: AccountStatement) -> str:
        values = {
            "account_id": str(statement.account_id),
            "account_name": statement.account_name,
            "name": statement.name,
            "state": statement.state,
            "organisation_name": statement.organisation_name,
            "person_key": statement.person_key,
            "told_to": str(statement.told_to),
            "expires_at": statement.expires_at.isoformat(),
        }
        return signed(self._key, SIGNED_STATEMENT, values)


class StatementVerifier:
    """Reads statements with the public key of actors (32 raw bytes)."""

    def __init__(self, public_key: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(public_key)

    def verify(self, token: str, *, told_to: UUID, now: datetime | None = None) -> AccountStatement:
        """Raises StatementNotValid."""
        try:
            values = read(self._key, SIGNED_STATEMENT, token)
            statement = AccountStatement(
                account_id=UUID(values["account_id"]),
                account_name=values["account_name"],
                name=values["name"],
                state=values["state"],
                organisation_name=values["organisation_name"],
                person_key=values["person_key"],
                told_to=UUID(values["told_to"]),
                expires_at=datetime.fromisoformat(values["expires_at"]),
            )
        except (NotSigned, ValueError, KeyError, TypeError) as problem:
            raise StatementNotValid("altered") from problem
        if statement.told_to != told_to:
            raise StatementNotValid("made for somebody else")
        if statement.expires_at <= (now or datetime.now(UTC)):
            raise StatementNotValid("expired")
        return statement
