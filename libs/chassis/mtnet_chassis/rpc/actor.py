"""Who calls: signed by one service, verified by every other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mtnet_chassis.rpc.client import ClientPassVerifier
from mtnet_chassis.rpc.holder import PassVerifier
from mtnet_chassis.rpc.signing import SIGNED_ACTOR, NotSigned, read, signed

TOKENS_REMEMBERED = 1000
ACTOR_LIFE = timedelta(minutes=2)


class ActorNotValid(Exception):
    """The token lacks a part, was altered, was signed with another key, or has expired."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The person behind a call, for two minutes. `expires_at` is a UTC instant.

    `person_key` is the keyed fingerprint of the ID number that events carry too, so that a service can tell when people
    would decide about themselves. `acting_for` is the principal of a delegate. `confirmed_at` is when they last proved
    who they are, by logging in or once more since. `needs_consent`: they have not agreed to the privacy notice in force
    when they logged in.
    """

    account_id: UUID
    account_name: str
    display_name: str
    roles: frozenset[str]
    session_id: UUID
    expires_at: datetime
    unit: str | None = None
    organisation_id: UUID | None = None
    acting_for: UUID | None = None
    person_key: str | None = None
    ip: str | None = None
    confirmed_at: datetime | None = None
    needs_consent: bool = False

    @property
    def signed_at(self) -> datetime:
        """When the account had these roles."""
        return self.expires_at - ACTOR_LIFE

    def has_confirmed(self, *, within: timedelta, now: datetime) -> bool:
        """Whether they proved who they are no longer ago than that."""
        return self.confirmed_at is not None and now - self.confirmed_at <= within

    def has_role(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)


class ActorSigner:
    """Makes tokens with the private key (32 raw bytes), which only one service has."""

    def __init__(self, private_key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)

    def sign(self, actor: Actor) -> str:
        return signed(self._key, SIGNED_ACTOR, _to_json(actor))


class ActorVerifier:
    """Reads tokens with the public key (32 raw bytes); `passes` reads those of applicants, who have no account yet,
    `clients` those of downstream systems."""

    def __init__(self, public_key: bytes) -> None:
        self.passes = PassVerifier(public_key)
        self.clients = ClientPassVerifier(public_key)
        self._key = Ed25519PublicKey.from_public_bytes(public_key)
        # The gateway shows one token for all calls of half a second; its signature is as good the second time.
        self._signed = lru_cache(TOKENS_REMEMBERED)(self._read)

    def verify(self, token: str, *, now: datetime | None = None) -> Actor:
        """Raises ActorNotValid."""
        actor = self._signed(token)
        if actor.expires_at <= (now or datetime.now(UTC)):
            raise ActorNotValid("expired")
        return actor

    def _read(self, token: str) -> Actor:
        """Raises ActorNotValid."""
        try:
            return _from_json(read(self._key, SIGNED_ACTOR, token))
        except (NotSigned, ValueError, KeyError, TypeError) as problem:
            raise ActorNotValid("altered") from problem


def _to_json(actor: Actor) -> dict[str, Any]:
    return {
        "account_id": str(actor.account_id),
        "account_name": actor.account_name,
        "display_name": actor.display_name,
        "roles": sorted(actor.roles),
        "session_id": str(actor.session_id),
        "expires_at": actor.expires_at.isoformat(),
        "unit": actor.unit,
        "organisation_id": str(actor.organisation_id) if actor.organisation_id else None,
        "acting_for": str(actor.acting_for) if actor.acting_for else None,
        "person_key": actor.person_key,
        "ip": actor.ip,
        "confirmed_at": actor.confirmed_at.isoformat() if actor.confirmed_at else None,
        "needs_consent": actor.needs_consent,
    }


def _from_json(values: dict[str, Any]) -> Actor:
    return Actor(
        account_id=UUID(values["account_id"]),
        account_name=values["account_name"],
        display_name=values["display_name"],
        roles=frozenset(values["roles"]),
        session_id=UUID(values["session_id"]),
        expires_at=datetime.fromisoformat(values["expires_at"]),
        unit=values["unit"],
        organisation_id=UUID(values["organisation_id"]) if values["organisation_id"] else None,
        acting_for=UUID(values["acting_for"]) if values["acting_for"] else None,
        person_key=values["person_key"],
        ip=values["ip"],
        # A token signed by an earlier version says nothing of it, for the two minutes that it lives.
        confirmed_at=datetime.fromisoformat(values["confirmed_at"]) if values.get("confirmed_at") else None,
        needs_consent=values.get("needs_consent", False),
    )
