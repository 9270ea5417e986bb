"""Who may: judged before anything is done or answered a second time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, caller_of

from accounts.applications.rules import ApplicationNotFound
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.vault import token_hash


def token_holder(service: Any, tx: Tx, actor: None, request: dict[str, Any]) -> str:
    """Whoever has a token that opens an application. Raises ApplicationNotFound."""
    token = token_hash(request["application_token"])
    if GrantStore(tx).opens(token, now=datetime.now(UTC)) is None:
        raise ApplicationNotFound
    return f"token:{token.hex()}"


def case_reviewer(service: Any, tx: Tx, actor: Actor, request: dict[str, Any]) -> str:
    """A reviewer who may see the case and its stamped form. Raises Refused(CASE_NOT_FOUND)."""
    require_held(ApplicationStore(tx), actor, request["application_id"])
    return caller_of(actor)


def require_held(applications: ApplicationStore, actor: Actor, application_id: UUID) -> None:
    """A case is seen by reviewers of a unit that has it, or had it. Raises Refused(CASE_NOT_FOUND)."""
    if actor.unit is None or not applications.was_held_by(application_id, actor.unit):
        raise Refused("CASE_NOT_FOUND")
