"""How the privacy notice is read and agreed to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_contracts.calls.accounts import consents as calls
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.choices import ROLES

from accounts.audit.store import AuditStore
from accounts.consents import actions
from accounts.consents.actions import ConsentStores
from accounts.consents.rules import NoticeOutdated
from accounts.consents.shapes import own_consents_view
from accounts.consents.store import ConsentStore
from accounts.registry.store import AccountStore
from accounts.sessions.endpoints import own_session
from accounts.sessions.store import SessionStore

Request = dict[str, Any]


class ConsentEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        NoticeOutdated: lambda _: Refused(INVALID, fields={"notice_version": ["NOTICE_OUTDATED"]}),
    }

    @endpoint(calls.PRIVACY_NOTICE)
    def privacy_notice(self, tx: Tx, actor: None, request: Request) -> Any:
        return actions.privacy_notice(ConsentStore(tx), datetime.now(UTC))

    @endpoint(calls.OWN_CONSENTS, roles=ROLES, before_consent=True)
    def own_consents(self, tx: Tx, actor: Actor, request: Request) -> Any:
        found = actions.own_consents(ConsentStore(tx), actor.account_id, datetime.now(UTC))
        return own_consents_view(found)

    @endpoint(calls.AGREE_TO_NOTICE, roles=ROLES, authorise=own_session, before_consent=True)
    def agree_to_notice(self, tx: Tx, actor: Actor, request: Request) -> Any:
        version, now = request["notice_version"], datetime.now(UTC)
        return own_consents_view(actions.agree_to_notice(_stores(tx), actor, version, now))

    @endpoint(calls.DECLINE_NOTICE, roles=ROLES, authorise=own_session, before_consent=True)
    def decline_notice(self, tx: Tx, actor: Actor, request: Request) -> Any:
        actions.decline_notice(_stores(tx), actor, datetime.now(UTC))


def _stores(tx: Tx) -> ConsentStores:
    return ConsentStores(ConsentStore(tx), AccountStore(tx), SessionStore(tx), AuditStore(tx))
