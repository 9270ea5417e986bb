"""Events through real RabbitMQ become messages: once, to the right person, and never silently lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.runtime.services import entrypoints_of, plan_of
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.calls import CALLS
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import (
    AccountFrozen,
    AccountOpened,
    AccountReactivated,
    ActivationLinkIssued,
    ApplicationReturned,
    ApplicationSubmitted,
    ReminderDue,
    VerificationCodeRequested,
)
from mtnet_contracts.examples import example_of
from notify.service import NotifyService

SERVICES = ("notify",)


def fresh(event, **changes):
    return replace(example_of(event), event_id=new_event_id(), **changes)


def mail_to(mailbox, address):
    return [mail for recipients, mail in mailbox.received if recipients == [address]]


def test_the_queues_are_pinned():
    assert {group.queue: group.ordered for group in plan_of("notify").groups} == {
        "notify.accounts": False,
        "notify.applications": False,
        "notify.decisions": False,
        "notify.desk_answers": False,
        "notify.privacy_requests": False,
        "notify.subscribers": False,
        "notify.webhooks": False,
        "notify.secrets": False,
        "notify.write_disabling_notices": False,
        "notify.write_freeze_notices": False,
        "notify.write_refusal_of_reactivation": False,
        "notify.write_reminders": False,
    }


def test_the_events_that_it_listens_to_are_pinned():
    heard = {contract.event_name() for group in plan_of("notify").groups for contract in group.contracts}
    assert heard == {
        "AccountActivated",
        "AccountClosed",
        "AccountDisabled",
        "AccountFrozen",
        "AccountOpened",
        "AccountReactivated",
        "ActivationLinkIssued",
        "ApplicationRejected",
        "ApplicationResubmitted",
        "ApplicationReturned",
        "ApplicationSubmitted",
        "ApplicationWithdrawn",
        "ContactChangeUndone",
        "ContactChanged",
        "MailLanguageChanged",
        "NewDeviceLogin",
        "PasswordChanged",
        "PasswordResetRequested",
        "PrivacyRequestAnswered",
        "PrivacyRequestDueSoon",
        "PrivacyRequestReceived",
        "ReactivationRefused",
        "ReminderDue",
        "SecondFactorChanged",
        "SubscriberQueueFilling",
        "SubscriberReminderDue",
        "TicketAcknowledged",
        "TicketAnswered",
        "VerificationCodeRequested",
        "WebhookChanged",
    }


def test_every_call_of_notify_has_an_endpoint():
    endpoints = {e.endpoint.call.name for e in entrypoints_of(NotifyService) if hasattr(e, "endpoint")}
    assert {name for name in CALLS if name.startswith("notify.")} == {f"notify.{name}" for name in endpoints}


@pytest.mark.stack
class TestThroughTheBroker:
    def test_a_submission_sends_one_receipt_however_often_it_arrives(
        self, running, publish, mailbox, transactions
    ):
        application_id = uuid4()
        submitted = fresh(ApplicationSubmitted, application_id=application_id)
        for _ in range(3):
            publish(submitted)
        publish(fresh(ApplicationReturned, application_id=application_id))
        eventually(lambda: len(mailbox.received) >= 2)
        subjects = [mail["Subject"] for mail in mail_to(mailbox, submitted.applicant.email)]
        assert sorted(subjects) == [
            "已收到您的帳號申請（案件編號 PTAPPLY936EC90162340）",
            "您的帳號申請退件待補正（案件編號 PTAPPLY936EC90162340）",
        ]

        def announced():
            with transactions.transaction() as tx:
                return tx.execute("SELECT count(*) FROM outbox WHERE name = 'MessageDelivered'").fetchone()

        eventually(lambda: announced() == (2,))

    def test_a_decision_that_overtakes_the_submission_waits_for_its_contact(
        self, running, publish, mailbox, topology
    ):
        application_id = uuid4()
        returned = fresh(ApplicationReturned, application_id=application_id)
        publish(returned)
        eventually(lambda: "event will be retried" in running.log)
        submitted = fresh(ApplicationSubmitted, application_id=application_id)
        mail = replace(submitted.applicant, email="late@example.com")
        publish(replace(submitted, applicant=mail))
        eventually(lambda: len(mail_to(mailbox, "late@example.com")) == 2)

    def test_a_code_is_opened_for_the_text_message_alone(self, running, publish, gateway, sealed):
        challenge_id = uuid4()
        requested = fresh(
            VerificationCodeRequested,
            challenge_id=challenge_id,
            sealed_code=sealed("482913", challenge_id),
            expires_at=datetime.now(UTC) + timedelta(minutes=10),
        )
        publish(requested)
        eventually(lambda: gateway.requests)
        ((_, _, body),) = gateway.requests
        assert (body["to"], body["text"][:6]) == ("+886912345678", "482913")
        assert "482913" not in running.log

    def test_an_account_s_whole_way_is_told_to_the_address_it_was_opened_with(
        self, running, publish, mailbox, sealed
    ):
        account_id = uuid4()
        about = {"account_id": account_id}
        publish(fresh(AccountOpened, email="owner@example.com", locale="en", **about))
        publish(
            fresh(
                ActivationLinkIssued,
                email="owner@example.com",
                locale="en",
                sealed_token=sealed("a-token", account_id),
                expires_at=datetime.now(UTC) + timedelta(days=7),
                **about,
            )
        )
        publish(fresh(AccountFrozen, **about))
        publish(fresh(ReminderDue, **about))
        publish(fresh(AccountReactivated, **about))
        eventually(lambda: len(mail_to(mailbox, "owner@example.com")) == 4, seconds=30)
        mails = {mail["Subject"]: mail for mail in mail_to(mailbox, "owner@example.com")}
        assert set(mails) == {
            "Your MTNet account is approved: activate it",
            "Your MTNet account is frozen",
            "Your MTNet account will be disabled in 30 days",
            "Your MTNet account can be used again",
        }
        activation = mails["Your MTNet account is approved: activate it"]
        assert "https://mtnet.example/activate/a-token" in activation.get_body(("plain",)).get_content()

    def test_an_event_nobody_can_read_lands_in_the_dead_letters_with_its_reason(
        self, running, publish, topology
    ):
        publish(fresh(AccountOpened), body=b"not json")
        ((headers, body),) = topology.wait_for_messages("notify.accounts.dead", 1)
        assert "JSONDecodeError" in headers["x-dead-reason"]
        assert body == b"not json"
