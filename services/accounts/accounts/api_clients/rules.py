"""How long an access token lives, and when it allows what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.subscribers.rules import State, Subscriber

TOKEN_LIFE = timedelta(minutes=10)
# Of one system. Where it asks for more, its oldest ends.
MOST_TOKENS = 50


class ClientNotProved(Exception):
    """No system has this name, the secret is not one of its secrets, or that one has ended."""


class ClientSuspended(Exception):
    """The right secret of a system that is turned away at present."""


class ScopeNotGranted(Exception):
    """The system was not granted what it asks for, or nothing at all."""


class TokenNotValid(Exception):
    """The token was never issued, has expired, or was revoked; the same is said of all of them."""


class ScopeMissing(Exception):
    """The token is good, but not for this."""


@dataclass(frozen=True)
class ApiToken:
    """`secret_number`: the secret that it was issued for. Times are UTC instants."""

    subscriber_id: UUID
    secret_number: int
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime


def granted_scopes(subscriber: Subscriber, wanted: Collection[str], today: date) -> tuple[str, ...]:
    """The scopes of a new token: those that are wanted, or all that it has. Raises ScopeNotGranted."""
    held = {each.scope for each in subscriber.scopes if each.holds_on(today)}
    chosen = held & set(wanted) if wanted else held
    if not chosen or not set(wanted) <= held:
        raise ScopeNotGranted
    return tuple(sorted(chosen))


def allowed_scopes(
    token: ApiToken | None, subscriber: Subscriber | None, now: datetime, today: date
) -> frozenset[str]:
    """What the token allows at this moment. Raises TokenNotValid.

    It ends with its ten minutes, with its system, with the secret that it was issued for, and with a suspension, after
    which it does not come back. A scope of it ends with the grant, and does not come back with a new one.
    """
    if token is None or subscriber is None or now >= token.expires_at:
        raise TokenNotValid
    if subscriber.state is not State.ACTIVE or (
        subscriber.state_changed_at is not None and token.issued_at < subscriber.state_changed_at
    ):
        raise TokenNotValid
    if not any(each.number == token.secret_number and each.holds_at(now) for each in subscriber.secrets):
        raise TokenNotValid
    return frozenset(
        each.scope
        for each in subscriber.scopes
        if each.scope in token.scopes and each.holds_on(today) and each.granted_at <= token.issued_at
    )
