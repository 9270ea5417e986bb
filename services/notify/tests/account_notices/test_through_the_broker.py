"""Events of accounts through real RabbitMQ: one-time links reach one mailbox, are opened late, and are erased."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import (
    AccountClosed,
    AccountDisabled,
    AccountFrozen,
    AccountOpened,
    ContactChanged,
    MailLanguageChanged,
    NewDeviceLogin,
    PasswordChanged,
    PasswordResetRequested,
    PrivacyRequestDueSoon,
    SecondFactorChanged,
)
from mtnet_contracts.examples import example_of
from notify.channels.rules import Receipt, ReceiptOutcome
from notify.deliveries.actions import record_receipt

SERVICES = ("notify",)


def fresh(event, **changes):
    return replace(example_of(event), event_id=new_event_id(), **changes)


@pytest.mark.stack
def test_the_life_of_an_account_is_told_to_whom_it_concerns(
    running, publish, mailbox, gateway, sealed, transactions
):
    account_id, soon = uuid4(), datetime.now(UTC) + timedelta(hours=72)
    about = {"account_id": account_id, "account_name": "carrier2026"}

    def subjects_of(address):
        return [mail["Subject"] for recipients, mail in mailbox.received if recipients == [address]]

    def text_to(address):
        (mail,) = [mail for recipients, mail in mailbox.received if recipients == [address]]
        return mail.get_body(("plain",)).get_content()

    publish(fresh(AccountOpened, email="old@example.com", locale="zh-Hant", **about))
    publish(
        fresh(
            ContactChanged, old="old@example.com", new="new@example.com", email="new@example.com", locale="en",
            emails=("old@example.com",), sealed_token=sealed("undo-it", account_id), undo_until=soon, **about,
        )
    )  # fmt: skip
    publish(
        fresh(
            ContactChanged, channel="sms", old="+886912345678", new="+886922333444", email="new@example.com",
            emails=("third@example.com",), sealed_token=sealed("undo-this", account_id), undo_until=soon, **about,
        )
    )  # fmt: skip
    publish(fresh(MailLanguageChanged, locale="en", **about))
    publish(
        fresh(
            NewDeviceLogin, email="owner@example.com", sealed_token=sealed("not-me-token", account_id),
            expires_at=soon, **about,
        )
    )  # fmt: skip
    publish(
        fresh(
            PasswordResetRequested, email="forgot@example.com", sealed_token=sealed("reset-it", account_id),
            expires_at=soon, **about,
        )
    )  # fmt: skip
    publish(fresh(PasswordChanged, emails=("changed@example.com",), mobiles=("+886955555555",), **about))
    publish(fresh(SecondFactorChanged, emails=("owner2@example.com",), locale="en", **about))
    publish(fresh(PrivacyRequestDueSoon, emails=("desk@example.com",)))
    eventually(lambda: len(mailbox.received) == 8, seconds=30)
    assert "https://mtnet.example/contacts/undo/undo-it" in text_to("old@example.com")
    assert "undo" not in text_to("new@example.com").lower()
    assert "https://mtnet.example/not-me/not-me-token" in text_to("owner@example.com")
    assert subjects_of("owner2@example.com") == ["A passkey was added to your MTNet account"]
    assert subjects_of("desk@example.com") == ["個人資料請求 PD20260219-0001 須於 3 天內答復"]
    assert "https://mtnet.example/reset-password/reset-it" in text_to("forgot@example.com")
    assert subjects_of("changed@example.com") == ["您的 MTNet 帳號密碼已變更"]
    eventually(lambda: len(gateway.requests) == 2)
    texts = {body["to"]: body["text"] for _, _, body in gateway.requests}
    assert texts["+886912345678"].splitlines()[-1] == "https://mtnet.example/contacts/undo/undo-this"
    assert "carrier2026" in texts["+886955555555"]

    # What comes by the thousand goes to the contact as it is now, in the language that was chosen.
    publish(fresh(AccountDisabled, **about))
    eventually(lambda: "Your MTNet account is disabled" in subjects_of("new@example.com"), seconds=30)
    publish(fresh(AccountClosed, **about))
    eventually(lambda: "Your MTNet account is closed" in subjects_of("new@example.com"), seconds=30)

    def left(sql):
        with transactions.transaction() as tx:
            return tx.execute(sql).fetchone()[0]

    kept = "SELECT count(*) FROM account_contact WHERE email <> '' OR name <> ''"
    assert left(kept) == 0, "a closed account is forgotten"
    applied = running.events_handled()["applied"]
    publish(fresh(AccountFrozen, **about))  # it was on its way when the account was closed
    eventually(lambda: running.events_handled()["applied"] == applied + 1)
    assert running.events_handled()["retried"] == 0
    secrets = "SELECT count(*) FROM message WHERE sealed_secret IS NOT NULL"
    eventually(lambda: left(secrets) == 1)
    # Until the company says that a text message arrived, another way may have to take its place and need the secret.
    with transactions.transaction() as tx:
        sent = tx.execute("SELECT delivery_id, provider_ref FROM delivery WHERE state = 'sent'").fetchall()
        for delivery_id, ref in sent:
            assert record_receipt(
                tx, Receipt("sms", ReceiptOutcome.DELIVERED, ref, delivery_id), datetime.now(UTC)
            )
    assert len(sent) == 2
    assert left(secrets) == 0
    for secret in ("undo-it", "undo-this", "not-me-token", "reset-it"):
        assert secret not in running.log
