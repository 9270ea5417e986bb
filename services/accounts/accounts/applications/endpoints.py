"""How an application is begun, filled in and looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, Renewal, endpoint
from mtnet_contracts.calls.accounts import applications as calls

from accounts.applications import actions, shapes
from accounts.applications.access import case_reviewer, token_holder
from accounts.applications.actions import DraftStores
from accounts.applications.rules import AnswersChanged, ApplicationNotFound, NotEditable, SectionNotAsked
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.attempts.store import GuessStore
from accounts.audit.store import AuditStore
from accounts.consents.store import ConsentStore
from accounts.registry.store import AccountStore, NameStore
from accounts.settings import settings
from accounts.vault import new_token, vault_of

Request = dict[str, Any]

# A second call gets the draft of the first, under a new token: the first one is not stored.
STARTED = Renewal(
    keeps=lambda reply: {"application_id": reply["application"]["application_id"]},
    renews=lambda service, tx, actor, request, kept: shapes.started_again(tx, kept["application_id"]),
)


class ApplicationEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        ApplicationNotFound: "APPLICATION_TOKEN_INVALID",
        NotEditable: "NOT_EDITABLE",
        SectionNotAsked: "SECTION_NOT_ASKED",
        AnswersChanged: "ANSWERS_CHANGED",
    }

    @endpoint(calls.START_APPLICATION, authorise=Anybody("a draft is begun by strangers"), renewal=STARTED)
    def start_application(self, tx: Tx, actor: None, request: Request) -> Any:
        device_token, now = request.pop("device_token"), datetime.now(UTC)
        begun = actions.start_application(ApplicationStore(tx), GrantStore(tx), **request, now=now)
        # Nobody's yet: a contact that is verified from there makes it its owner's.
        return shapes.started(tx, *begun) | {"device_token": None if device_token else new_token()}

    @endpoint(calls.APPLICATION)
    def application(self, tx: Tx, actor: None, request: Request) -> Any:
        token, now = request["application_token"], datetime.now(UTC)
        opened = actions.opened(ApplicationStore(tx), GrantStore(tx), token, now)
        return shapes.application_view(tx, opened, reveal=True)

    @endpoint(calls.OPENED_APPLICATIONS)
    def opened_applications(self, tx: Tx, actor: None, request: Request) -> Any:
        tokens, now = request["application_tokens"], datetime.now(UTC)
        return {"applications": actions.opened_applications(GrantStore(tx), tokens, now)}

    @endpoint(calls.SAVE_SECTION, authorise=token_holder)
    def save_section(self, tx: Tx, actor: None, request: Request) -> Any:
        token, vault, now = request.pop("application_token"), vault_of(settings()), datetime.now(UTC)
        saved = actions.save_section(_draft_stores(tx), vault, token, **request, now=now)
        return shapes.application_view(tx, saved)

    @endpoint(calls.LEAVE_APPLICATION, authorise=Anybody("ends the token it brings, known or not"))
    def leave_application(self, tx: Tx, actor: None, request: Request) -> Any:
        actions.leave_application(GrantStore(tx), request["application_token"])

    @endpoint(calls.REVEAL_ID_NUMBER, roles={"reviewer"}, authorise=case_reviewer)
    def reveal_id_number(self, tx: Tx, actor: Actor, request: Request) -> Any:
        stores, vault = (ApplicationStore(tx), AuditStore(tx)), vault_of(settings())
        number = actions.reveal_id_number(*stores, vault, actor, **request, now=datetime.now(UTC))
        return {"id_number": number}


def _draft_stores(tx: Tx) -> DraftStores:
    return DraftStores(
        ApplicationStore(tx),
        GrantStore(tx),
        ConsentStore(tx),
        AccountStore(tx),
        NameStore(tx),
        GuessStore(tx),
    )
