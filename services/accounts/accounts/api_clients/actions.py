"""Give a downstream system an access token, take it back, and say what it allows."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mtnet_chassis.rpc.client import CLIENT_PASS_LIFE, Client, ClientPassSigner
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.api_clients.rules import (
    MOST_TOKENS,
    TOKEN_LIFE,
    ApiToken,
    ClientNotProved,
    ClientSuspended,
    ScopeMissing,
    TokenNotValid,
    allowed_scopes,
    granted_scopes,
)
from accounts.audit.actions import record
from accounts.subscribers.actions import proved, system_of
from accounts.subscribers.rules import State
from accounts.vault import token_hash

if TYPE_CHECKING:
    from accounts.api_clients.store import ApiTokenStore
    from accounts.audit.store import AuditStore
    from accounts.subscribers.store import SubscriberStore

TOKEN_BYTES = 32


def issue(
    tokens: ApiTokenStore,
    subscribers: SubscriberStore,
    audit: AuditStore,
    name: str,
    secret: str,
    wanted: Collection[str],
    ip: str | None,
    now: datetime,
) -> dict[str, Any]:
    """A new access token. Raises ClientNotProved, ClientSuspended, ScopeNotGranted."""
    found = proved(subscribers, name, secret, now)
    if found is None:
        raise ClientNotProved
    subscriber, used = found
    if subscriber.state is not State.ACTIVE:
        raise ClientSuspended
    scopes = granted_scopes(subscriber, wanted, taipei_day(now))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    issued = ApiToken(subscriber.subscriber_id, used.number, scopes, now, now + TOKEN_LIFE)
    tokens.add(token_hash(token), issued)
    tokens.keep_newest(subscriber.subscriber_id, MOST_TOKENS, now)
    detail = {"name": name, "secret": used.number, "scopes": list(scopes)}
    record(audit, "api_token_issued", now=now, subject_id=subscriber.subscriber_id, detail=detail, ip=ip)
    return {"access_token": token, "expires_at": issued.expires_at, "scopes": scopes}


def revoke(
    tokens: ApiTokenStore,
    subscribers: SubscriberStore,
    audit: AuditStore,
    name: str,
    secret: str,
    token: str,
    ip: str | None,
    now: datetime,
) -> None:
    """The token allows nothing from now on; another system's is left alone. Raises ClientNotProved."""
    found = proved(subscribers, name, secret, now)
    if found is None:
        raise ClientNotProved
    subscriber, _ = found
    if tokens.remove(token_hash(token), subscriber.subscriber_id):
        detail = {"name": name}
        record(audit, "api_token_revoked", now=now, subject_id=subscriber.subscriber_id, detail=detail, ip=ip)


def client_pass(
    tokens: ApiTokenStore,
    subscribers: SubscriberStore,
    signer: ClientPassSigner,
    token: str,
    scope: str,
    ip: str | None,
    now: datetime,
) -> dict[str, Any]:
    """What other endpoints believe. Raises TokenNotValid, ScopeMissing."""
    known = tokens.token(token_hash(token))
    subscriber = system_of(subscribers, known.subscriber_id) if known else None
    scopes = allowed_scopes(known, subscriber, now, taipei_day(now))
    if subscriber is None:
        raise TokenNotValid
    if scope not in scopes:
        raise ScopeMissing(scope)
    client = Client(
        subscriber_id=subscriber.subscriber_id,
        name=subscriber.name,
        system=subscriber.system,
        scopes=scopes,
        ip=ip,
        expires_at=now + CLIENT_PASS_LIFE,
    )
    return {"signed_pass": signer.sign(client), "client_id": client.name}
