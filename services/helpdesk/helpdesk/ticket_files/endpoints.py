"""How agents open the files of tickets."""

from __future__ import annotations

from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.helpdesk import ticket_files as calls
from mtnet_contracts.vocabulary.desk import DESK

from helpdesk.file_checks.rules import FileMissing
from helpdesk.ticket_files import actions

Request = dict[str, Any]
Reply = dict[str, Any]


class TicketFileEndpoints:
    """Everybody of the desk opens what people sent to it, but for what is held back."""

    refusals: ClassVar[dict[type[Exception], Any]] = {FileMissing: "FILE_MISSING"}

    @endpoint(calls.TICKET_FILE, roles=DESK)
    def ticket_file(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.file(tx, **request)

    @endpoint(calls.TICKET_FILE_PAGE, roles=DESK)
    def ticket_file_page(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.page(tx, **request)
