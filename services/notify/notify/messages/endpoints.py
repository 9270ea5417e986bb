"""How events of applications reach the messages: each handler writes the notices of one kind of event."""

from collections.abc import Mapping

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.consumer import on_event

from notify.contact_points.actions import keep_points
from notify.contact_points.messages import addresses_of_applicant, proved_addresses
from notify.contact_points.rules import application
from notify.deliveries.sender import ChannelState
from notify.messages import actions, messages
from notify.messages.actions import later_without_contact
from notify.messages.rules import Message
from notify.messages.store import MessageStore
from notify.suppressions.actions import lift_proved


class MessageEndpoints:
    """Handlers write messages; the senders of the process are woken after the commit."""

    database: Transactions
    senders: Mapping[str, ChannelState]

    def _write(self, tx: Tx, *notices: Message) -> None:
        actions.send(tx, self.database, self.senders, notices)

    # Somebody waits at a screen for these: a queue of their own.

    @on_event(messages.VerificationCodeRequested, group="secrets")
    def write_code(self, tx: Tx, event: messages.VerificationCodeRequested) -> None:
        self._write(tx, messages.code_message(event))

    @on_event(messages.ApplicationSubmitted, group="applications")
    def write_receipt(self, tx: Tx, event: messages.ApplicationSubmitted) -> None:
        _keep_applicant(tx, event)
        lift_proved(tx, proved_addresses(event), event.submitted_at)
        self._write(tx, messages.received_message(event))

    @on_event(messages.ApplicationResubmitted, group="applications")
    def write_second_receipt(self, tx: Tx, event: messages.ApplicationResubmitted) -> None:
        _keep_applicant(tx, event)
        self._write(tx, messages.resubmitted_message(event))

    @on_event(messages.ApplicationWithdrawn, group="applications")
    def write_withdrawal_notice(self, tx: Tx, event: messages.ApplicationWithdrawn) -> None:
        with later_without_contact():
            contact = actions.applicant(MessageStore(tx), event.application_id)
        self._write(tx, messages.withdrawn_message(event, contact))

    @on_event(messages.ApplicationReturned, group="decisions")
    def write_return_notice(self, tx: Tx, event: messages.ApplicationReturned) -> None:
        with later_without_contact():
            contact = actions.applicant(MessageStore(tx), event.application_id)
        self._write(tx, messages.returned_message(event, contact))

    @on_event(messages.ApplicationRejected, group="decisions")
    def write_rejection_notice(self, tx: Tx, event: messages.ApplicationRejected) -> None:
        with later_without_contact():
            contact = actions.applicant(MessageStore(tx), event.application_id)
        self._write(tx, messages.rejected_message(event, contact))


def _keep_applicant(tx: Tx, event: messages.Submitted) -> None:
    contact = messages.contact_of_applicant(event)
    actions.keep_applicant(
        MessageStore(tx), event.application_id, event.case_number, contact, event.submission
    )
    keep_points(tx, application(event.application_id), addresses_of_applicant(event), event.submitted_at)
