"""The doors of the notify service: events in, messages out, deliveries to look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from mtnet_chassis.actor import Actor
from mtnet_chassis.database import Database, Transactions, Tx
from mtnet_chassis.doors import door
from mtnet_chassis.entrypoints import on_event, on_events
from mtnet_chassis.inbox import TryLater
from mtnet_contracts.calls import notify as calls
from nameko.extensions import DependencyProvider
from nameko.timer import timer

from notify import events
from notify.actions import reading, writing
from notify.actions.rendering import Places
from notify.actions.sending import Outlet, Sender, by_mail, by_sms
from notify.clients import HttpSmsChannel, SmtpChannel
from notify.domain.delivering import Pace
from notify.domain.messages import EMAIL, SMS, ContactUnknown, Message
from notify.settings import settings
from notify.store import Store

SENDING_PAUSE_SECONDS = 0.5
LONGEST_TURN_SECONDS = 10


class Outlets(DependencyProvider):  # type: ignore[misc]
    """One outlet per channel and process; what it knows of its provider outlives a turn."""

    def setup(self) -> None:
        told = settings()
        places = Places(told.portal_url)
        mail = by_mail(SmtpChannel(told.smtp_url, told.mail_from), places)
        sms = by_sms(HttpSmsChannel(told.sms_url, told.sms_token), places)
        self.outlets = {
            EMAIL: Outlet(EMAIL, mail, places, told.unsealing_key, Pace(told.mails_per_second)),
            SMS: Outlet(SMS, sms, places, told.unsealing_key, Pace(told.sms_per_second)),
        }

    def get_dependency(self, worker_ctx: Any) -> dict[str, Outlet]:
        return self.outlets


class NotifyService:
    """Handlers write messages down; the senders send them after the commit."""

    name = "notify"

    database = Database()
    outlets = Outlets()

    @door(calls.DELIVERIES)
    def deliveries(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        return reading.deliveries(Store(tx), **request)

    # Somebody waits at a screen for these: a queue of their own.

    @on_event(events.VerificationCodeRequested, group="secrets")
    def write_code(self, tx: Tx, event: events.VerificationCodeRequested) -> None:
        _write(tx, events.code_message(event))

    @on_event(events.ActivationLinkIssued, group="secrets")
    def write_activation_link(self, tx: Tx, event: events.ActivationLinkIssued) -> None:
        _write(tx, events.activation_message(event))

    @on_event(events.ApplicationSubmitted, group="applications")
    def write_receipt(self, tx: Tx, event: events.ApplicationSubmitted) -> None:
        _keep_applicant(tx, event)
        _write(tx, events.received_message(event))

    @on_event(events.ApplicationResubmitted, group="applications")
    def write_second_receipt(self, tx: Tx, event: events.ApplicationResubmitted) -> None:
        _keep_applicant(tx, event)
        _write(tx, events.resubmitted_message(event))

    @on_event(events.ApplicationWithdrawn, group="applications")
    def write_withdrawal_notice(self, tx: Tx, event: events.ApplicationWithdrawn) -> None:
        with later_without_contact():
            contact = writing.applicant(Store(tx), event.application_id)
        _write(tx, events.withdrawn_message(event, contact))

    @on_event(events.ApplicationReturned, group="decisions")
    def write_return_notice(self, tx: Tx, event: events.ApplicationReturned) -> None:
        with later_without_contact():
            contact = writing.applicant(Store(tx), event.application_id)
        _write(tx, events.returned_message(event, contact))

    @on_event(events.ApplicationRejected, group="decisions")
    def write_rejection_notice(self, tx: Tx, event: events.ApplicationRejected) -> None:
        with later_without_contact():
            contact = writing.applicant(Store(tx), event.application_id)
        _write(tx, events.rejected_message(event, contact))

    @on_event(events.AccountOpened, group="accounts")
    def keep_account_contact(self, tx: Tx, event: events.AccountOpened) -> None:
        writing.keep_account(Store(tx), event.account_id, events.contact_of_account(event))

    @on_event(events.AccountActivated, group="accounts")
    def write_activation_notice(self, tx: Tx, event: events.AccountActivated) -> None:
        with later_without_contact():
            contacts = writing.account_contacts(Store(tx), [event.account_id])
        _write(tx, events.activated_message(event, contacts[event.account_id]))

    @on_event(events.AccountReactivated, group="accounts")
    def write_reactivation_notice(self, tx: Tx, event: events.AccountReactivated) -> None:
        with later_without_contact():
            contacts = writing.account_contacts(Store(tx), [event.account_id])
        _write(tx, events.reactivated_message(event, contacts[event.account_id]))

    # These come by the ten thousand from one run of the lifecycle.

    @on_events(events.AccountFrozen)
    def write_freeze_notices(self, tx: Tx, batch: list[events.AccountFrozen]) -> None:
        with later_without_contact():
            contacts = writing.account_contacts(Store(tx), [event.account_id for event in batch])
        _write(tx, *(events.frozen_message(event, contacts[event.account_id]) for event in batch))

    @on_events(events.ReminderDue)
    def write_reminders(self, tx: Tx, batch: list[events.ReminderDue]) -> None:
        with later_without_contact():
            contacts = writing.account_contacts(Store(tx), [event.account_id for event in batch])
        _write(tx, *(events.reminder_message(event, contacts[event.account_id]) for event in batch))

    # Every replica sends; a delivery is leased by one of them at a time.

    @timer(interval=SENDING_PAUSE_SECONDS)  # type: ignore[untyped-decorator]
    def send_mails(self) -> None:
        _take_a_turn(self.outlets[EMAIL], self.database)

    @timer(interval=SENDING_PAUSE_SECONDS)  # type: ignore[untyped-decorator]
    def send_sms(self) -> None:
        _take_a_turn(self.outlets[SMS], self.database)


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


def _write(tx: Tx, *messages: Message) -> None:
    writing.write_messages(Store(tx), messages, _now())


def _take_a_turn(outlet: Outlet, database: Transactions) -> None:
    """Send while there is something to send, but let a stopping process stop."""
    sender = Sender(outlet, database.transaction, _now)
    ends = monotonic() + LONGEST_TURN_SECONDS
    while sender.send_due() and monotonic() < ends:
        pass


def _now() -> datetime:
    return datetime.now(UTC)
