"""How the helpdesk asks."""

from __future__ import annotations

from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.accounts import account_card as calls
from mtnet_contracts.vocabulary.desk import DESK

from accounts.account_card import actions
from accounts.account_card.rules import NoSuchAccount
from accounts.account_card.store import AccountCardStore


class AccountCardEndpoints:
    """Everybody of the desk."""

    refusals: ClassVar[dict[type[Exception], Any]] = {NoSuchAccount: "ACCOUNT_NOT_FOUND"}

    @endpoint(calls.ACCOUNT_CARD, roles=DESK)
    def account_card(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        return actions.card(AccountCardStore(tx), request["account_id"])
