"""How a device becomes known by a code, how its owner forgets it, and what they do about a login of somebody else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, caller_of, endpoint
from mtnet_contracts.calls.accounts import devices as own_calls
from mtnet_contracts.calls.accounts import sessions as calls
from mtnet_contracts.vocabulary.choices import ROLES

from accounts.attempts.store import GuessStore
from accounts.audit.store import AuditStore
from accounts.devices import actions
from accounts.devices.actions import DeviceStores
from accounts.devices.rules import NoticeNotValid
from accounts.devices.store import DeviceStore
from accounts.registry.store import AccountStore
from accounts.settings import settings
from accounts.vault import vault_of
from accounts.verification.actions import code_sender
from accounts.verification.store import ChallengeStore

Request = dict[str, Any]


class DeviceEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {NoticeNotValid: "NOTICE_NOT_VALID"}

    @endpoint(calls.REQUEST_DEVICE_CODE, authorise=Anybody("a stranger learns nothing"))
    def request_device_code(self, tx: Tx, actor: None, request: Request) -> Any:
        sender, accounts, now = code_sender(tx, settings()), AccountStore(tx), datetime.now(UTC)
        return actions.request_device_code(sender, accounts, request["account_name"], request["ip"], now)

    @endpoint(calls.CONFIRM_DEVICE, authorise=Anybody("the code is judged, and the try counted, each time"))
    def confirm_device(self, tx: Tx, actor: None, request: Request) -> Any:
        vault, now = vault_of(settings()), datetime.now(UTC)
        stores = ChallengeStore(tx), GuessStore(tx)
        return {"device_token": actions.confirm_device(*stores, vault, **request, now=now)}

    @endpoint(own_calls.DEVICES, roles=ROLES)
    def devices(self, tx: Tx, actor: Actor, request: Request) -> Any:
        found = actions.devices_of(DeviceStore(tx), vault_of(settings()), actor.account_id)
        return {"devices": [vars(device) for device in found]}

    @endpoint(
        own_calls.FORGET_DEVICE, roles=ROLES, authorise=lambda service, tx, actor, request: caller_of(actor)
    )
    def forget_device(self, tx: Tx, actor: Actor, request: Request) -> Any:
        vault, now = vault_of(settings()), datetime.now(UTC)
        actions.forget_device(device_stores(tx), vault, actor.account_id, **request, now=now)

    @endpoint(own_calls.LOGIN_NOTICE)
    def login_notice(self, tx: Tx, actor: None, request: Request) -> Any:
        notice, name = actions.login_notice(device_stores(tx), request["notice_token"], datetime.now(UTC))
        return {"account_name": name, "device": notice.device, "logged_in_at": notice.logged_in_at}

    @endpoint(own_calls.DISOWN_LOGIN, authorise=Anybody("the token of the mail is judged each time"))
    def disown_login(self, tx: Tx, actor: None, request: Request) -> Any:
        vault, now = vault_of(settings()), datetime.now(UTC)
        actions.disown_login(device_stores(tx), vault, **request, now=now)


def device_stores(tx: Tx) -> DeviceStores:
    return DeviceStores(AccountStore(tx), DeviceStore(tx), AuditStore(tx), Outbox(tx))
