"""How events reach the messages: each handler writes the notices of one kind of event."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.consumer import on_event, on_events
from mtnet_chassis.events.inbox import TryLater

from notify.deliveries.actions import DeliveryQueue
from notify.deliveries.rules import URGENT
from notify.deliveries.sender import ChannelState
from notify.messages import actions, messages
from notify.messages.rules import ContactUnknown, Message
from notify.messages.store import MessageStore


class MessageEndpoints:
    """Handlers write messages; the senders of the process are woken after the commit."""

    database: Transactions
    senders: Mapping[str, ChannelState]

    def _write(self, tx: Tx, *notices: Message) -> None:
        """Write the notices, and wake the senders once they are committed."""
        actions.write_messages(MessageStore(tx), DeliveryQueue(tx), notices, datetime.now(UTC))
        for channel in {notice.channel for notice in notices}:
            urgent = any(each.channel == channel and each.priority == URGENT for each in notices)
            self.database.after_commit(tx, partial(self.senders[channel].wake, urgent=urgent))

    # Somebody waits at a screen for these: a queue of their own.

    @on_event(messages.VerificationCodeRequested, group="secrets")
    def write_code(self, tx: Tx, event: messages.VerificationCodeRequested) -> None:
        self._write(tx, messages.code_message(event))

    @on_event(messages.ActivationLinkIssued, group="secrets")
    def write_activation_link(self, tx: Tx, event: messages.ActivationLinkIssued) -> None:
        self._write(tx, messages.activation_message(event))

    @on_event(messages.ApplicationSubmitted, group="applications")
    def write_receipt(self, tx: Tx, event: messages.ApplicationSubmitted) -> None:
        _keep_applicant(tx, event)
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

    @on_event(messages.AccountOpened, group="accounts")
    def keep_account_contact(self, tx: Tx, event: messages.AccountOpened) -> None:
        actions.keep_account(MessageStore(tx), event.account_id, messages.contact_of_account(event))

    @on_event(messages.AccountActivated, group="accounts")
    def write_activation_notice(self, tx: Tx, event: messages.AccountActivated) -> None:
        with later_without_contact():
            contacts = actions.account_contacts(MessageStore(tx), [event.account_id])
        self._write(tx, messages.activated_message(event, contacts[event.account_id]))

    @on_event(messages.AccountReactivated, group="accounts")
    def write_reactivation_notice(self, tx: Tx, event: messages.AccountReactivated) -> None:
        with later_without_contact():
            contacts = actions.account_contacts(MessageStore(tx), [event.account_id])
        self._write(tx, messages.reactivated_message(event, contacts[event.account_id]))

    # These come by the ten thousand from one run of the lifecycle.

    @on_events(messages.AccountFrozen)
    def write_freeze_notices(self, tx: Tx, batch: list[messages.AccountFrozen]) -> None:
        with later_without_contact():
            contacts = actions.account_contacts(MessageStore(tx), [event.account_id for event in batch])
        self._write(tx, *(messages.frozen_message(event, contacts[event.account_id]) for event in batch))

    @on_events(messages.ReminderDue)
    def write_reminders(self, tx: Tx, batch: list[messages.ReminderDue]) -> None:
        with later_without_contact():
            contacts = actions.account_contacts(MessageStore(tx), [event.account_id for event in batch])
        self._write(tx, *(messages.reminder_message(event, contacts[event.account_id]) for event in batch))


@contextmanager
def later_without_contact() -> Iterator[None]:
    """An event may arrive before the one that brings the contact: it is tried again later."""
    try:
        yield
    except ContactUnknown as unknown:
        raise TryLater(f"no contact yet of {unknown}") from unknown


def _keep_applicant(tx: Tx, event: messages.Submitted) -> None:
    contact = messages.contact_of_applicant(event)
    actions.keep_applicant(
        MessageStore(tx), event.application_id, event.case_number, contact, event.submission
    )
