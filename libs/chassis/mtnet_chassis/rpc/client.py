"""Who calls as a downstream system: by a pass that accounts signs for the access token of an OAuth client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mtnet_chassis.rpc.signing import SIGNED_CLIENT, NotSigned, read, signed

CLIENT_PASS_LIFE = timedelta(minutes=2)


class ClientPassNotValid(Exception):
    """The pass lacks a part, was altered, was signed with another key or for another purpose, or has expired."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """A downstream system that calls the API, for two minutes. `expires_at` is a UTC instant.

    `name` is its client id; `system` says which of the portal's systems (申請系統) it is, if any; `scopes` are those
    that its token has and that are granted to it today.
    """

    subscriber_id: UUID
    name: str
    system: str | None
    scopes: frozenset[str]
    ip: str | None
    expires_at: datetime


def client_caller(service: Any, tx: Any, client: Client, request: dict[str, Any]) -> str:
    """An `authorise` step for what any system with the scope may do: the scope was looked at before."""
    return f"client:{client.subscriber_id}"


class ClientPassSigner:
    """Makes passes with the private key of actors (32 raw bytes), which only one service has."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)

    def sign(self, client: Client) -> str:
        values = {
            "subscriber_id": str(client.subscriber_id),
            "name": client.name,
            "system": client.system,
            "scopes": sorted(client.scopes),
            "ip": client.ip,
            "expires_at": client.expires_at.isoformat(),
        }
        return signed(self._key, SIGNED_CLIENT, values)


class ClientPassVerifier:
    """Reads passes with the public key of actors (32 raw bytes)."""

    def __init__(self, public_key: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(public_key)

    def verify(self, token: str, *, now: datetime | None = None) -> Client:
        """Raises ClientPassNotValid."""
        try:
            values = read(self._key, SIGNED_CLIENT, token)
            client = Client(
                subscriber_id=UUID(values["subscriber_id"]),
                name=values["name"],
                system=values["system"],
                scopes=frozenset(values["scopes"]),
                ip=values["ip"],
                expires_at=datetime.fromisoformat(values["expires_at"]),
            )
        except (NotSigned, ValueError, KeyError, TypeError) as problem:
            raise ClientPassNotValid("altered") from problem
        if client.expires_at <= (now or datetime.now(UTC)):
            raise ClientPassNotValid("expired")
        return client
