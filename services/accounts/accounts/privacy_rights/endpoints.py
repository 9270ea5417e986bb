"""How people use their rights to personal data, and how the desk answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, caller_of, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.accounts import privacy_rights as calls
from mtnet_contracts.vocabulary.choices import ROLES, Role
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.attempts.store import GuessStore
from accounts.audit.store import AuditStore
from accounts.documents.adapters import StoredFiles
from accounts.documents.pool import pool_for
from accounts.privacy_rights import actions, copying, rules
from accounts.privacy_rights.actions import PrivacyStores
from accounts.privacy_rights.copying import CopyStores
from accounts.privacy_rights.shapes import case_view, desk_item, own_view
from accounts.privacy_rights.store import PrivacyStore
from accounts.profile.store import ProfileStore
from accounts.registry.store import AccountStore
from accounts.settings import settings
from accounts.vault import vault_of

Request = dict[str, Any]
DESK: tuple[Role, ...] = ("operator",)


def person(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """Everybody signed in has these rights for themselves; whose a request is, is judged with it."""
    return caller_of(actor)


# Also for whoever has not agreed to a new privacy notice: the rights do not depend on it.
own_right = partial(endpoint, roles=ROLES, authorise=person, before_consent=True)


class PrivacyEndpoints:
    database: Transactions
    refusals: ClassVar[dict[type[Exception], Any]] = {
        rules.RequestOpen: "REQUEST_OPEN",
        rules.TooManyRequests: "TOO_MANY_REQUESTS",
        rules.RequestNotFound: "REQUEST_NOT_FOUND",
        rules.RequestClosed: "REQUEST_CLOSED",
        rules.RequestChanged: "STALE_VERSION",
        rules.OwnRequest: "OWN_CASE",
        rules.ExtendedAlready: "EXTENDED_ALREADY",
        rules.NotCarriedOut: "NOT_CARRIED_OUT",
    }

    @own_right(calls.COPY_OF_OWN_DATA, confirmed_within=CONFIRMED_WITHIN)
    def copy_of_own_data(self, tx: Tx, actor: Actor, request: Request) -> Any:
        vault, now = vault_of(settings()), datetime.now(UTC)
        return {"data": copying.copy_of_own_data(_copy_stores(tx), vault, actor, now)}

    @own_right(calls.DOCUMENT_OF_OWN_DATA, transaction=False, confirmed_within=CONFIRMED_WITHIN)
    def document_of_own_data(self, actor: Actor, request: Request) -> Any:
        own, vault = settings(), vault_of(settings())
        files, pool = StoredFiles(own.files_url), pool_for(own.files_url, own.document_slots)
        stores, locale = self._copy_stores, request["locale"]
        return copying.document_of_own_data(stores, vault, files, pool, actor, locale)

    @contextmanager
    def _copy_stores(self) -> Iterator[CopyStores]:
        with self.database.transaction() as tx:
            yield _copy_stores(tx)

    @own_right(calls.OWN_PRIVACY_REQUESTS)
    def own_privacy_requests(self, tx: Tx, actor: Actor, request: Request) -> Any:
        found = actions.own_requests(_stores(tx), actor.account_id)
        return {"requests": [own_view(each) for each in found]}

    @own_right(calls.ASK_FOR_PRIVACY_RIGHT, confirmed_within=CONFIRMED_WITHIN)
    def ask_for_privacy_right(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return own_view(actions.ask(_stores(tx), actor, **request, now=datetime.now(UTC)))

    @own_right(calls.WITHDRAW_PRIVACY_REQUEST)
    def withdraw_privacy_request(self, tx: Tx, actor: Actor, request: Request) -> Any:
        return own_view(actions.withdraw(_stores(tx), actor, request["request_id"], datetime.now(UTC)))

    @endpoint(calls.PRIVACY_DESK, roles=DESK)
    def privacy_desk(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        found, total, late = actions.desk(_stores(tx), **request, now=now)
        items = [desk_item(each, name, taipei_day(now)) for each, name in found]
        page = {name: request[name] for name in ("page", "page_size")}
        return page | {"total": total, "overdue": late, "requests": items}

    @endpoint(calls.PRIVACY_CASE, roles=DESK, authorise=person)
    def privacy_case(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return case_view(actions.case(_stores(tx), actor, request["request_id"], now), taipei_day(now))

    @endpoint(calls.ANSWER_PRIVACY_REQUEST, roles=DESK, authorise=person)
    def answer_privacy_request(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return case_view(actions.answer(_stores(tx), actor, **request, now=now), taipei_day(now))

    @endpoint(calls.REFUSE_PRIVACY_REQUEST, roles=DESK, authorise=person)
    def refuse_privacy_request(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return case_view(actions.refuse(_stores(tx), actor, **request, now=now), taipei_day(now))

    @endpoint(calls.EXTEND_PRIVACY_REQUEST, roles=DESK, authorise=person)
    def extend_privacy_request(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return case_view(actions.extend(_stores(tx), actor, **request, now=now), taipei_day(now))

    @endpoint(
        calls.CARRY_OUT_PRIVACY_REQUEST, roles=DESK, authorise=person, confirmed_within=CONFIRMED_WITHIN
    )
    def carry_out_privacy_request(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        return case_view(actions.carry_out(_stores(tx), actor, **request, now=now), taipei_day(now))

    @timer_once(3600, variable="ACCOUNTS_PRIVACY_SECONDS")
    def remind_of_privacy_requests(self, tx: Tx) -> None:
        """Looks every hour; each request is named once a day at most."""
        actions.remind(_stores(tx), datetime.now(UTC))


def _stores(tx: Tx) -> PrivacyStores:
    return PrivacyStores(PrivacyStore(tx), AccountStore(tx), AuditStore(tx), Outbox(tx))


def _copy_stores(tx: Tx) -> CopyStores:
    return CopyStores(_stores(tx), ProfileStore(tx), GuessStore(tx))
