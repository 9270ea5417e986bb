"""The endpoints of the notify service: events in, messages out, deliveries to look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Database, Tx
from mtnet_chassis.events.consumer import on_event, on_events
from mtnet_chassis.events.inbox import TryLater
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.notify import deliveries as calls

from notify import events
from notify.actions import reading, writing
from notify.actions.sending import Sender
from notify.actions.watching import Watch
from notify.domain.messages import EMAIL, SMS, URGENT, ContactUnknown, Message
from notify.service.lanes import Outlets, lanes, now, watcher
from notify.store import Store


class NotifyService:
    """Handlers write messages down; the senders send them after the commit."""

    name = "notify"

    database = Database()
    outlets = Outlets()

    def _write(self, tx: Tx, *messages: Message) -> None:
        """Write down, and wake the senders when it is committed."""
        writing.write_messages(Store(tx), messages, now())
        for channel in {message.channel for message in messages}:
            urgent = any(each.channel == channel and each.priority == URGENT for each in messages)
            self.database.after_commit(tx, partial(self.outlets[channel].call, urgent=urgent))

    @endpoint(calls.DELIVERIES, roles={"operator"})
    def deliveries(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        return reading.deliveries(Store(tx), **request)

    # Somebody waits at a screen for these: a queue of their own.

    @on_event(events.VerificationCodeRequested, group="secrets")
    def write_code(self, tx: Tx, event: events.VerificationCodeRequested) -> None:
        self._write(tx, events.code_message(event))

    @on_event(events.ActivationLinkIssued, group="secrets")
    def write_activation_link(self, tx: Tx, event: events.ActivationLinkIssued) -> None:
        self._write(tx, events.activation_message(event))

    @on_event(events.ApplicationSubmitted, group="applications")
    def write_receipt(self, tx: Tx, event: events.ApplicationSubmitted) -> None:
        _keep_applicant(tx, event)
        self._write(tx, events.received_message(event))

    @on_event(events.ApplicationResubmitted, group="applications")
    def write_second_receipt(self, tx: Tx, event: events.ApplicationResubmitted) -> None:
        _keep_applicant(tx, event)
        self._write(tx, events.resubmitted_message(event))

    @on_event(events.ApplicationWithdrawn, group="applications")
    def write_withdrawal_notice(self, tx: Tx, event: events.ApplicationWithdrawn) -> None:
        with later_without_contact():
            contact = writing.applicant(Store(tx), event.application_id)
        self._write(tx, events.withdrawn_message(event, contact))

    @on_event(events.ApplicationReturned, group="decisions")
    def write_return_notice(self, tx: Tx, event: events.ApplicationReturned) -> None:
        with later_without_contact():
            contact = writing.applicant(Store(tx), event.application_id)
        self._write(tx, events.returned_message(event, contact))

    @on_event(events.ApplicationRejected, group="decisions")
    def write_rejection_notice(self, tx: Tx, event: events.ApplicationRejected) -> None:
        with later_without_contact():
            contact = writing.applicant(Store(tx), event.application_id)
        self._write(tx, events.rejected_message(event, contact))

    @on_event(events.AccountOpened, group="accounts")
    def keep_account_contact(self, tx: Tx, event: events.AccountOpened) -> None:
        writing.keep_account(Store(tx), event.account_id, events.contact_of_account(event))

    @on_event(events.AccountActivated, group="accounts")
    def write_activation_notice(self, tx: Tx, event: events.AccountActivated) -> None:
        with later_without_contact():
            contacts = writing.account_contacts(Store(tx), [event.account_id])
        self._write(tx, events.activated_message(event, contacts[event.account_id]))

    @on_event(events.AccountReactivated, group="accounts")
    def write_reactivation_notice(self, tx: Tx, event: events.AccountReactivated) -> None:
        with later_without_contact():
            contacts = writing.account_contacts(Store(tx), [event.account_id])
        self._write(tx, events.reactivated_message(event, contacts[event.account_id]))

    # These come by the ten thousand from one run of the lifecycle.

    @on_events(events.AccountFrozen)
    def write_freeze_notices(self, tx: Tx, batch: list[events.AccountFrozen]) -> None:
        with later_without_contact():
            contacts = writing.account_contacts(Store(tx), [event.account_id for event in batch])
        self._write(tx, *(events.frozen_message(event, contacts[event.account_id]) for event in batch))

    @on_events(events.ReminderDue)
    def write_reminders(self, tx: Tx, batch: list[events.ReminderDue]) -> None:
        with later_without_contact():
            contacts = writing.account_contacts(Store(tx), [event.account_id for event in batch])
        self._write(tx, *(events.reminder_message(event, contacts[event.account_id]) for event in batch))

    # Every replica sends; a delivery is in the hand of one of them at a time.

    @lanes(EMAIL)
    def send_mails(self, sender: Sender) -> int:
        return sender.send_due()

    @lanes(SMS)
    def send_sms(self, sender: Sender) -> int:
        return sender.send_due()

    @watcher
    def give_back_what_the_dead_had_in_hand(self, watch: Watch, own_id: UUID) -> int:
        return watch.look(own_id)


Service = NotifyService


@contextmanager
def later_without_contact() -> Iterator[None]:
    """An event may overtake the one that brings the contact; it comes back."""
    try:
        yield
    except ContactUnknown as unknown:
        raise TryLater(f"no contact yet of {unknown}") from unknown


def _keep_applicant(tx: Tx, event: events.Submitted) -> None:
    contact = events.contact_of_applicant(event)
    writing.keep_applicant(Store(tx), event.application_id, event.case_number, contact, event.submission)
