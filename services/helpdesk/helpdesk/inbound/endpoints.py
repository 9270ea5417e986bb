"""How things come in: the workers that read and understand, and what notify hears from LINE."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.data.files import Files
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Anybody, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.helpdesk import held_items as held_calls
from mtnet_contracts.calls.helpdesk import web_form as calls
from mtnet_contracts.vocabulary.desk import DESK_LEADS

from helpdesk.desk_people.access import desk_person
from helpdesk.file_checks.rules import FileEmpty, FileMissing, FileTooLarge
from helpdesk.inbound import actions, arriving, held, messages
from helpdesk.inbound.actions import Understander
from helpdesk.inbound.mailbox import MailReader
from helpdesk.inbound.rules import FormsEnough, HeldItemNotFound
from helpdesk.inbound.workers import reader_of, while_items_wait, while_mails_come_in
from helpdesk.settings import settings


class InboundEndpoints:
    """One replica reads the mailbox, one understands; every replica keeps what arrives by event or call."""

    database: Transactions

    refusals: ClassVar[dict[type[Exception], Any]] = {
        HeldItemNotFound: "HELD_ITEM_NOT_FOUND",
        FormsEnough: "WRITTEN_OFTEN_ENOUGH",
        FileMissing: "FILE_MISSING",
        FileEmpty: "FILE_EMPTY",
        FileTooLarge: "FILE_TOO_LARGE",
    }

    @endpoint(
        calls.SEND_FORM,
        transaction=False,
        authorise=Anybody("whoever has no account writes to the desk, too; bounded by address and source"),
    )
    def send_form(self, actor: None, request: dict[str, Any]) -> dict[str, str]:
        own, at = reader_of(settings()), datetime.now(UTC)
        return arriving.receive_form(self.database, own.files, own, request, at)

    @endpoint(held_calls.HELD_ITEMS, roles=DESK_LEADS)
    def held_items(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        return held.held_items(tx, request["after"])

    @endpoint(held_calls.DECIDE_HELD_ITEM, roles=DESK_LEADS, authorise=desk_person)
    def decide_held_item(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        return held.decide_at_the_desk(tx, Outbox(tx), actor, **request, now=datetime.now(UTC))

    @while_mails_come_in
    def keep_new_mails(self, reader: MailReader) -> int:
        return reader.read_new()

    @while_items_wait
    def understand_inbound_items(self, understander: Understander) -> int:
        return understander.work()

    @on_event(messages.LineMessageReceived, group="inbound")
    def keep_line_message(self, tx: Tx, event: messages.LineMessageReceived) -> None:
        arriving.keep_line_message(tx, event, datetime.now(UTC))

    @timer_once(3600)
    def forget_raw_files(self, tx: Tx) -> None:
        actions.forget_raw_files(tx, Files(settings().files_url), datetime.now(UTC))
