"""How operators ask who is in a segment."""

from __future__ import annotations

from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.accounts import segments as calls
from mtnet_contracts.vocabulary.choices import Role

from accounts.segments import actions
from accounts.segments.store import SegmentStore

OPERATORS: tuple[Role, ...] = ("operator",)


class SegmentEndpoints:
    @endpoint(calls.SEGMENT_ACCOUNTS, roles=OPERATORS)
    def segment_accounts(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        return actions.accounts_of(SegmentStore(tx), **request)

    @endpoint(calls.ACCOUNTS_NAMED, roles=OPERATORS)
    def accounts_named(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        return actions.accounts_named(SegmentStore(tx), request["account_names"])
