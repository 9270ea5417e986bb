"""How the desk's list is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.calls.helpdesk import ticket_list as calls
from mtnet_contracts.vocabulary.desk import DESK
from mtnet_search.interface import NotReady
from mtnet_search.number_index import NumberIndex

from helpdesk.desk_people.access import desk_person
from helpdesk.desk_people.actions import people
from helpdesk.ticket_list import actions
from helpdesk.ticket_list.rules import Asked, NotAPlace
from helpdesk.ticket_list.searching import found

Request = dict[str, Any]
Reply = dict[str, Any]
PAGED = ("requester_id", "after", "limit")


def not_a_place(problem: NotAPlace) -> Refused:
    return Refused(INVALID, fields={"after": ["NOT_VALID"]})


class TicketListEndpoints:
    """The whole list is everybody's of the desk."""

    ticket_index: NumberIndex
    refusals: ClassVar[dict[type[Exception], Any]] = {
        NotAPlace: not_a_place,
        NotReady: "SEARCH_NOT_READY",
    }

    @endpoint(calls.LIST_TICKETS, roles=DESK)
    def list_tickets(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        text, paged = request.pop("text"), {name: request.pop(name) for name in PAGED}
        asked, me, now = Asked(**request | {"states": tuple(request["states"])}), actor.account_id, _now()
        if not text:
            return actions.page(tx, asked, me, now, **paged)
        return found(tx, self.ticket_index, asked, text, me, now, **paged)

    @endpoint(calls.COUNT_TICKETS, roles=DESK, authorise=desk_person)
    def count_tickets(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return {"counts": actions.counts(tx, actor.account_id, _now(), calls.MOST_COUNTED)}

    @endpoint(calls.DESK_CHANGES, roles=DESK)
    def desk_changes(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        items, after = actions.changes(tx, request["after"], _now(), calls.MOST_TICKETS)
        return {"items": items, "after": after}

    @endpoint(calls.DESK_PEOPLE, roles=DESK, authorise=desk_person)
    def desk_people(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return {"people": [{"account_id": id_, "name": name} for id_, name in people(tx, _now())]}


def _now() -> datetime:
    return datetime.now(UTC)
