"""Everybody may ask how the systems are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.helpdesk import status as calls

from helpdesk.status import actions


class StatusEndpoints:
    @endpoint(calls.STATUS)
    def status(self, tx: Tx, actor: Actor | None, request: dict[str, Any]) -> dict[str, Any]:
        return actions.status(tx, datetime.now(UTC))
