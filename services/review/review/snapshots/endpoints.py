"""What downstream systems ask of review."""

from __future__ import annotations

from typing import Any

from mtnet_chassis.data.complete import complete_until
from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.client import Client
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.review import snapshots as calls
from mtnet_contracts.vocabulary.scopes import CASES_READ

from review.snapshots import actions
from review.snapshots.store import SnapshotStore


class SnapshotEndpoints:
    """Cases belong to no system, so whoever may see them sees all; nothing in them is about a person."""

    @endpoint(calls.CASES_SNAPSHOT, scope=CASES_READ)
    def cases_snapshot(self, tx: Tx, client: Client, request: dict[str, Any]) -> Any:
        return actions.cases(SnapshotStore(tx), client, complete_until(tx), **request)
