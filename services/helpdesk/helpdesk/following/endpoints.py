"""How a person reaches their own ticket, by its secret link."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.helpdesk import following as calls
from mtnet_contracts.calls.helpdesk import kept_files

from helpdesk.following import actions
from helpdesk.following.rules import LinkNotValid, NotResolvedYet, TicketIsClosed, WrittenOftenEnough
from helpdesk.settings import settings

Request = dict[str, Any]
Reply = dict[str, Any]


def link_holder(service: Any, tx: Tx, actor: None, request: Request) -> str:
    """Whoever has the link. Raises LinkNotValid."""
    return actions.caller_of(tx, request["link_token"])


class FollowingEndpoints:
    """The link is the proof: 160 bits that were sent to the person alone."""

    database: Transactions

    refusals: ClassVar[dict[type[Exception], Any]] = {
        LinkNotValid: "DESK_LINK_INVALID",
        TicketIsClosed: "TICKET_CLOSED",
        WrittenOftenEnough: "WRITTEN_OFTEN_ENOUGH",
        NotResolvedYet: "NOT_RESOLVED_YET",
    }

    @endpoint(calls.FOLLOW_TICKET)
    def follow_ticket(self, tx: Tx, actor: None, request: Request) -> Reply:
        return actions.follow(tx, **request, now=datetime.now(UTC))

    @endpoint(calls.ANSWER_BY_LINK, authorise=link_holder)
    def answer_by_link(self, tx: Tx, actor: None, request: Request) -> Reply:
        return actions.answer(tx, Outbox(tx), **request, now=datetime.now(UTC))

    @endpoint(kept_files.KEEP_FILES_BY_LINK, transaction=False, authorise=link_holder)
    def keep_files_by_link(self, actor: None, request: Request) -> Reply:
        kept = actions.keep_files(self.database, settings(), **request, now=datetime.now(UTC))
        return {"files": kept}

    @endpoint(calls.FOLLOWED_FILE)
    def followed_file(self, tx: Tx, actor: None, request: Request) -> Reply:
        return actions.file(tx, **request)

    @endpoint(calls.RATE_TICKET, authorise=link_holder)
    def rate_ticket(self, tx: Tx, actor: None, request: Request) -> Reply:
        return actions.rate(tx, **request, now=datetime.now(UTC))
