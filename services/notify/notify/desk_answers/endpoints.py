"""How the helpdesk's answers and acknowledgements reach those who wrote."""

from collections.abc import Mapping

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.consumer import on_event

from notify.deliveries.sender import ChannelState
from notify.desk_answers import messages
from notify.messages.actions import send


class DeskAnswerEndpoints:
    """It is written; the senders of the process are woken after the commit."""

    database: Transactions
    senders: Mapping[str, ChannelState]

    @on_event(messages.TicketAnswered, group="desk_answers")
    def write_desk_answer(self, tx: Tx, event: messages.TicketAnswered) -> None:
        send(tx, self.database, self.senders, [messages.answer_message(event)])

    @on_event(messages.TicketAcknowledged, group="desk_answers")
    def write_desk_acknowledgement(self, tx: Tx, event: messages.TicketAcknowledged) -> None:
        send(tx, self.database, self.senders, [messages.acknowledgement_message(event)])
