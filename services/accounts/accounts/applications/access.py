"""Who may: judged before anything is done or answered a second time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import caller_of

from accounts.applications import actions
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.vault import token_hash


def token_holder(service: Any, tx: Tx, actor: None, request: dict[str, Any]) -> str:
    """Whoever has a token that opens an application. Raises ApplicationNotFound."""
    token = request["application_token"]
    actions.require_opening(GrantStore(tx), token, datetime.now(UTC))
    return f"token:{token_hash(token).hex()}"


def case_reviewer(service: Any, tx: Tx, actor: Actor, request: dict[str, Any]) -> str:
    """A reviewer whose unit has, or had, the case. Raises Refused(CASE_NOT_FOUND)."""
    actions.require_held(ApplicationStore(tx), actor, request["application_id"])
    return caller_of(actor)
