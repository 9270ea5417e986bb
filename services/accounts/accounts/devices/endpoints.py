"""How a device becomes known: a code is asked for, and comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_contracts.calls.accounts import sessions as calls

from accounts.devices import actions
from accounts.registry.store import AccountStore
from accounts.settings import settings
from accounts.vault import vault_of
from accounts.verification.actions import code_sender
from accounts.verification.store import ChallengeStore, GuessStore

Request = dict[str, Any]


class DeviceEndpoints:
    @endpoint(calls.REQUEST_DEVICE_CODE, authorise=Anybody("a stranger learns nothing"))
    def request_device_code(self, tx: Tx, actor: None, request: Request) -> Any:
        sender, accounts, now = code_sender(tx, settings()), AccountStore(tx), datetime.now(UTC)
        return actions.request_device_code(sender, accounts, request["account_name"], request["ip"], now)

    @endpoint(calls.CONFIRM_DEVICE, authorise=Anybody("the code is judged, and the try counted, each time"))
    def confirm_device(self, tx: Tx, actor: None, request: Request) -> Any:
        vault, now = vault_of(settings()), datetime.now(UTC)
        stores = ChallengeStore(tx), GuessStore(tx)
        return {"device_token": actions.confirm_device(*stores, vault, **request, now=now)}
