"""How an account is reactivated: by its owner with a code, and by the helpdesk's approval."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.inbox import Poison
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, Refused, caller_of, endpoint
from mtnet_chassis.rpc.statements import StatementSigner
from mtnet_contracts.calls.accounts import reactivation as calls
from mtnet_contracts.vocabulary.desk import DESK

from accounts.attempts.store import GuessStore
from accounts.audit.store import AuditStore
from accounts.passwords.store import PasswordStore
from accounts.reactivation import actions, messages
from accounts.reactivation.actions import ReactivationStores
from accounts.reactivation.rules import ApprovalNotValid, NothingToReactivate, OwnReactivation
from accounts.reactivation.store import ReactivationStore
from accounts.registry.rules import AccountNotFound
from accounts.registry.store import AccountStore
from accounts.settings import settings
from accounts.vault import vault_of
from accounts.verification.actions import code_sender
from accounts.verification.store import ChallengeStore

Request = dict[str, Any]


def _desk_person(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """The role is what it takes; that it is not their own account is judged with it."""
    return caller_of(actor)


def _at_name(refusal: str) -> Refused:
    return Refused(refusal, fields={"account_name": [refusal]})


class ReactivationEndpoints:
    database: Transactions
    refusals: ClassVar[dict[type[Exception], Any]] = {
        NothingToReactivate: lambda _: _at_name("NOTHING_TO_REACTIVATE"),
        OwnReactivation: lambda _: _at_name("OWN_REACTIVATION"),
    }

    @endpoint(calls.REQUEST_REACTIVATION_CODE, authorise=Anybody("a stranger learns nothing"))
    def request_reactivation_code(self, tx: Tx, actor: None, request: Request) -> Any:
        sender, accounts, now = code_sender(tx, settings()), AccountStore(tx), datetime.now(UTC)
        name, channel, ip = request["account_name"], request["channel"], request["ip"]
        return actions.request_reactivation_code(sender, accounts, name, channel, ip, now)

    @endpoint(
        calls.REACTIVATE_ACCOUNT,
        transaction=False,
        authorise=Anybody("the code is judged, and the try counted, each time"),
    )
    def reactivate_account(self, actor: None, request: Request) -> Any:
        account = actions.reactivate_frozen_account(
            self._reactivation_stores, vault_of(settings()), **request
        )
        return {"account_name": account.account_name}

    @endpoint(calls.ACCOUNT_FOR_REACTIVATION, roles=DESK, authorise=_desk_person)
    def account_for_reactivation(self, tx: Tx, actor: Actor, request: Request) -> Any:
        accounts, audit, now = AccountStore(tx), AuditStore(tx), datetime.now(UTC)
        signer = StatementSigner(settings().actor_private_key)
        return actions.account_for_reactivation(accounts, audit, signer, actor, **request, now=now)

    @on_event(messages.ReactivationApproved)
    def reactivate_on_approval(self, tx: Tx, event: messages.ReactivationApproved) -> None:
        """An approval that can never count becomes a dead letter at once, with the reason."""
        approval, now = messages.approval_in(event), datetime.now(UTC)
        with _poison_if_invalid():
            actions.apply_approval(stores_in(tx), ReactivationStore(tx), approval, now)

    @contextmanager
    def _reactivation_stores(self) -> Iterator[ReactivationStores]:
        with self.database.transaction() as tx:
            yield stores_in(tx)


@contextmanager
def _poison_if_invalid() -> Iterator[None]:
    """To try again would not help. Raises Poison."""
    try:
        yield
    except (ApprovalNotValid, NothingToReactivate, AccountNotFound) as problem:
        raise Poison(f"{type(problem).__name__}: {problem}") from problem


def stores_in(tx: Tx) -> ReactivationStores:
    return ReactivationStores(
        AccountStore(tx), ChallengeStore(tx), GuessStore(tx), AuditStore(tx), PasswordStore(tx), Outbox(tx)
    )
