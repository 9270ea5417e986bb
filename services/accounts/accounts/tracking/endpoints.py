"""How a case is opened by code, and what is heard from review."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Anybody, Refused, endpoint
from mtnet_chassis.rpc.holder import PassSigner
from mtnet_contracts.calls.accounts import sessions, tracking

from accounts.activation.store import LinkStore
from accounts.applications.access import token_holder
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.attempts.store import GuessStore
from accounts.consents.store import ConsentStore
from accounts.registry.store import AccountStore, NameStore
from accounts.settings import settings
from accounts.tracking import actions, messages
from accounts.tracking.actions import AccessStores, ApprovalStores
from accounts.tracking.shapes import opened_cases
from accounts.vault import vault_of
from accounts.verification.actions import code_sender
from accounts.verification.rules import CaseCodeWrong
from accounts.verification.store import ChallengeStore

Request = dict[str, Any]


class TrackingEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        CaseCodeWrong: lambda _: Refused("CODE_WRONG", fields={"code": ["CODE_WRONG"]}, keeps_changes=True),
    }

    @endpoint(tracking.REQUEST_CASE_ACCESS, authorise=Anybody("a stranger learns nothing"))
    def request_case_access(self, tx: Tx, actor: None, request: Request) -> Any:
        sender, applications, now = code_sender(tx, settings()), ApplicationStore(tx), datetime.now(UTC)
        query, ip, device = request["query"], request["ip"], request["device_token"]
        return actions.request_case_access(sender, applications, query, ip=ip, device_token=device, now=now)

    @endpoint(tracking.OPEN_CASE, authorise=Anybody("the code is judged, and the try counted, each time"))
    def open_case(self, tx: Tx, actor: None, request: Request) -> Any:
        vault, device, now = vault_of(settings()), request["device_token"], datetime.now(UTC)
        question_id, code = request["challenge_id"], request["code"]
        return opened_cases(*actions.open_case(_access_stores(tx), vault, question_id, code, device, now))

    @endpoint(tracking.APPLICATION_PASS, authorise=token_holder)
    def application_pass(self, tx: Tx, actor: None, request: Request) -> Any:
        stores, signer = (ApplicationStore(tx), GrantStore(tx)), PassSigner(settings().actor_private_key)
        return actions.application_pass(*stores, signer, request["application_token"], datetime.now(UTC))

    @endpoint(sessions.REISSUE_ACTIVATION, authorise=token_holder)
    def reissue_activation(self, tx: Tx, actor: None, request: Request) -> Any:
        stores, key, now = _approval_stores(tx), settings().sealing_public_key, datetime.now(UTC)
        actions.reissue_activation(stores, GrantStore(tx), key, request["application_token"], now)

    @on_event(messages.CaseOpened, messages.CaseForwarded, group="decisions", ordered=True)
    def record_waiting(self, tx: Tx, event: messages.CaseOpened | messages.CaseForwarded) -> None:
        actions.record_waiting(ApplicationStore(tx), event, datetime.now(UTC))

    @on_event(messages.ApplicationReturned, group="decisions", ordered=True)
    def record_return(self, tx: Tx, event: messages.ApplicationReturned) -> None:
        actions.record_return(ApplicationStore(tx), event, datetime.now(UTC))

    @on_event(messages.ApplicationRejected, group="decisions", ordered=True)
    def record_rejection(self, tx: Tx, event: messages.ApplicationRejected) -> None:
        actions.record_rejection(ApplicationStore(tx), NameStore(tx), event, datetime.now(UTC))

    @on_event(messages.ApplicationApproved, group="decisions", ordered=True)
    def open_account(self, tx: Tx, event: messages.ApplicationApproved) -> None:
        key = settings().sealing_public_key
        actions.open_account(_approval_stores(tx), key, event, datetime.now(UTC))


def _access_stores(tx: Tx) -> AccessStores:
    return AccessStores(ApplicationStore(tx), GrantStore(tx), ChallengeStore(tx), GuessStore(tx))


def _approval_stores(tx: Tx) -> ApprovalStores:
    return ApprovalStores(
        ApplicationStore(tx), AccountStore(tx), NameStore(tx), ConsentStore(tx), LinkStore(tx), Outbox(tx)
    )
