"""How forms and receipts are got, and stamped forms handed over and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.accounts import documents as calls

from accounts.applications.access import case_reviewer, token_holder
from accounts.applications.rules import Application
from accounts.applications.shapes import application_view
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.audit.store import AuditStore
from accounts.consents.store import ConsentStore
from accounts.documents import actions
from accounts.documents.actions import Documents, DocumentStores
from accounts.documents.adapters import StoredFiles
from accounts.documents.pool import pool_for
from accounts.documents.store import FormStore
from accounts.settings import settings
from accounts.vault import vault_of

Request = dict[str, Any]


class DocumentEndpoints:
    database: Transactions

    @endpoint(calls.GENERATE_FORM, transaction=False, authorise=token_holder)
    def generate_form(self, actor: None, request: Request) -> Any:
        return documents_of(self.database).form(request["application_token"], request["ip"])

    @endpoint(calls.ATTACH_FORM, transaction=False, authorise=token_holder)
    def attach_form(self, actor: None, request: Request) -> Any:
        return self._view(documents_of(self.database).attach(**request))

    @endpoint(calls.REMOVE_FORM, transaction=False, authorise=token_holder)
    def remove_form(self, actor: None, request: Request) -> Any:
        return self._view(documents_of(self.database).remove(request["application_token"]))

    @endpoint(calls.OWN_FORM)
    def own_form(self, tx: Tx, actor: None, request: Request) -> Any:
        token, now = request["application_token"], datetime.now(UTC)
        return actions.own_form(ApplicationStore(tx), GrantStore(tx), token, now)

    @endpoint(calls.OWN_FORM_PREVIEW, transaction=False)
    def own_form_preview(self, actor: None, request: Request) -> Any:
        return documents_of(self.database).preview(request["application_token"])

    @endpoint(calls.RECEIPT, transaction=False, authorise=token_holder)
    def receipt(self, actor: None, request: Request) -> Any:
        return documents_of(self.database).receipt(request["application_token"])

    @endpoint(calls.CASE_FORM, roles={"reviewer"}, authorise=case_reviewer)
    def case_form(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return actions.case_form(document_stores(tx), actor, **request, now=datetime.now(UTC))

    @endpoint(calls.CASE_FORM_PAGE, roles={"reviewer"}, transaction=False, authorise=case_reviewer)
    def case_form_page(self, actor: Actor, request: Request) -> Any:
        return documents_of(self.database).page(actor, **request)

    def _view(self, application: Application) -> Any:
        with self.database.transaction() as tx:
            return application_view(tx, application)


def document_stores(tx: Tx) -> DocumentStores:
    return DocumentStores(
        ApplicationStore(tx), GrantStore(tx), ConsentStore(tx), FormStore(tx), AuditStore(tx)
    )


def documents_of(transactions: Transactions) -> Documents:
    """The work on documents of this process."""

    @contextmanager
    def stores() -> Iterator[DocumentStores]:
        with transactions.transaction() as tx:
            yield document_stores(tx)

    own = settings()
    files, pool = StoredFiles(own.files_url), pool_for(own.files_url, own.document_slots)
    return Documents(stores, vault_of(own), own.portal_url, files, pool)
