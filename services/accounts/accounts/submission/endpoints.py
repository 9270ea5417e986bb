"""How an application is submitted and withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_contracts.calls.accounts import applications as calls

from accounts.applications.access import token_holder
from accounts.applications.rules import Incomplete, NothingChanged, NotWithdrawable
from accounts.applications.shapes import application_view
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.consents.store import ConsentStore
from accounts.registry.rules import AccountNameTaken
from accounts.registry.store import AccountStore, NameStore
from accounts.settings import settings
from accounts.submission import actions
from accounts.submission.actions import SubmissionStores
from accounts.submission.store import SubmissionStore
from accounts.vault import vault_of

Request = dict[str, Any]


class SubmissionEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        NotWithdrawable: "NOT_WITHDRAWABLE",
        NothingChanged: "NOTHING_CHANGED",
        AccountNameTaken: "ACCOUNT_NAME_TAKEN",
        Incomplete: lambda p: Refused("INCOMPLETE", detail={"missing": list(p.missing)}),
    }

    @endpoint(calls.SUBMIT_APPLICATION, authorise=token_holder)
    def submit_application(self, tx: Tx, actor: None, request: Request) -> Any:
        vault, token, now = vault_of(settings()), request["application_token"], datetime.now(UTC)
        versions, must_change, stores = request["versions"], request["must_change"], submission_stores(tx)
        submit = actions.submit_application
        submitted = submit(stores, vault, token, versions, must_change=must_change, now=now)
        return application_view(tx, submitted)

    @endpoint(calls.WITHDRAW_APPLICATION, authorise=token_holder)
    def withdraw_application(self, tx: Tx, actor: None, request: Request) -> Any:
        token, now = request["application_token"], datetime.now(UTC)
        return application_view(tx, actions.withdraw_application(submission_stores(tx), token, now))


def submission_stores(tx: Tx) -> SubmissionStores:
    return SubmissionStores(
        ApplicationStore(tx),
        GrantStore(tx),
        ConsentStore(tx),
        SubmissionStore(tx),
        AccountStore(tx),
        NameStore(tx),
        Outbox(tx),
    )
