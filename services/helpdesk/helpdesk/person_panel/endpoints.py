"""How agents see who writes, and say that two are one person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.helpdesk import requesters as calls
from mtnet_contracts.vocabulary.desk import DESK

from helpdesk.desk_people.access import desk_person
from helpdesk.person_panel import actions
from helpdesk.requesters.rules import NotJoined, RequesterNotFound, SameRequester, TwoAccounts

Request = dict[str, Any]
Reply = dict[str, Any]


class PersonPanelEndpoints:
    """Everybody of the desk; who joined whom stands in the audit log."""

    refusals: ClassVar[dict[type[Exception], Any]] = {
        RequesterNotFound: "REQUESTER_NOT_FOUND",
        SameRequester: "SAME_REQUESTER",
        TwoAccounts: "TWO_ACCOUNTS",
        NotJoined: "NOTHING_TO_UNDO",
    }

    @endpoint(calls.REQUESTER, roles=DESK)
    def requester(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.panel(tx, request["requester_id"], _now())

    @endpoint(calls.JOIN_REQUESTERS, roles=DESK, authorise=desk_person)
    def join_requesters(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        actions.join(tx, Outbox(tx), actor, **request, now=_now())
        return actions.panel(tx, request["requester_id"], _now())

    @endpoint(calls.UNDO_JOIN, roles=DESK, authorise=desk_person)
    def undo_join(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        actions.undo_join(tx, Outbox(tx), actor, **request, now=_now())
        return actions.panel(tx, request["requester_id"], _now())


def _now() -> datetime:
    return datetime.now(UTC)
