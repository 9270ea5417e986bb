"""Tell a downstream system of accounts, and record each time what it was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import jwt
from mtnet_chassis.rpc.client import Client

from accounts.audit.actions import record
from accounts.registry.rules import State
from accounts.system_accounts.keys import key_id, quarter_of, signing_key
from accounts.system_accounts.rules import (
    STATEMENT_LIFE,
    NoSuchAccount,
    NotActive,
    ToldAccount,
    require_own,
    told,
)

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.system_accounts.store import SystemAccountStore


def accounts_of(
    store: SystemAccountStore,
    audit: AuditStore,
    client: Client,
    system: str,
    *,
    after: UUID | None,
    state: str | None,
    since: datetime | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """A page of the accounts of its system. Raises SystemNotFound."""
    require_own(system, client.system)
    as_of = store.complete_until()
    page = _page(as_of, store.accounts(system, after, state, since, limit + 1), limit)
    detail = {"system": system, "count": len(page["items"])}
    _record(audit, "accounts_listed", client, client.subscriber_id, detail, now)
    return page


def account_of(
    store: SystemAccountStore, audit: AuditStore, client: Client, system: str, account_id: UUID, now: datetime
) -> ToldAccount:
    """One account of its system. Raises SystemNotFound, NoSuchAccount."""
    require_own(system, client.system)
    return _looked_up(store, audit, client, system, account_id, "account_told", now)


def statement(
    store: SystemAccountStore,
    audit: AuditStore,
    private_key: bytes,
    issuer: str,
    client: Client,
    system: str,
    account_id: UUID,
    now: datetime,
) -> dict[str, Any]:
    """Who an active account is, signed for its system. Raises SystemNotFound, NoSuchAccount, NotActive."""
    require_own(system, client.system)
    account = _looked_up(store, audit, client, system, account_id, "account_statement_signed", now)
    if account.state is not State.ACTIVE:
        raise NotActive
    key, expires_at = signing_key(private_key, quarter_of(now)), now + STATEMENT_LIFE
    organisation = account.organisation
    claims = {
        "iss": issuer,
        "aud": system,
        "sub": str(account.account_id),
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": str(uuid4()),
        "client_id": client.name,
        "account_name": account.account_name,
        "name": account.name,
        "identity_type": account.identity_type,
        "roles": list(account.roles),
        "organisation": asdict(organisation) | {"organisation_id": str(organisation.organisation_id)}
        if organisation
        else None,
    }
    headers = {"kid": key_id(key), "typ": "mtnet-account+jwt"}
    return {"statement": jwt.encode(claims, key, "EdDSA", headers), "expires_at": expires_at}


def snapshot(
    store: SystemAccountStore,
    audit: AuditStore,
    client: Client,
    *,
    after: UUID | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """A page of all accounts, to begin from."""
    as_of = store.complete_until()
    page = _page(as_of, store.snapshot(after, limit + 1), limit)
    detail = {"count": len(page["items"])}
    _record(audit, "accounts_snapshot_told", client, client.subscriber_id, detail, now)
    return page


def _page(as_of: datetime, found: Sequence[ToldAccount], limit: int) -> dict[str, Any]:
    """`found` has one more than the page where there is a next one."""
    items = [told(each) for each in found[:limit]]
    return {"as_of": as_of, "items": items, "next": items[-1].account_id if len(found) > limit else None}


def _looked_up(
    store: SystemAccountStore,
    audit: AuditStore,
    client: Client,
    system: str,
    account_id: UUID,
    action: str,
    now: datetime,
) -> ToldAccount:
    """Recorded also where there is nothing: whoever tries ids is seen. Raises NoSuchAccount."""
    found = store.account(system, account_id)
    detail: dict[str, Any] = {"system": system} | ({} if found else {"found": False})
    _record(audit, action, client, account_id, detail, now)
    if found is None:
        raise NoSuchAccount
    return told(found)


def _record(
    audit: AuditStore, action: str, client: Client, subject_id: UUID, detail: dict[str, Any], now: datetime
) -> None:
    detail = detail | {"client": client.name}
    record(audit, action, now=now, subject_id=subject_id, detail=detail, ip=client.ip)
