"""How things come in: the threads that read and understand, and what notify hears from LINE."""

from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.files import Files
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.runtime.timers import timer_once

from helpdesk.inbound import actions, arriving, messages
from helpdesk.inbound.actions import Understander
from helpdesk.inbound.mailbox import MailReader
from helpdesk.inbound.threads import while_items_wait, while_mails_come_in
from helpdesk.settings import settings


class InboundEndpoints:
    """One replica reads the mailbox, one understands; every replica keeps what arrives by event or call."""

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
