"""How long notify keeps personal data, table by table. `docs/retention.md` is written from these rules."""

from __future__ import annotations

from typing import LiteralString

from mtnet_chassis.data.retention import Rule

KEPT = "one year after it was written"
BECAUSE = "whoever says that nothing arrived can be answered"
OF_AN_OLD_MESSAGE: LiteralString = (
    "message_id IN"
    " (SELECT message.message_id FROM message WHERE message.created_at < %(now)s - interval '1 year')"
)

RULES: tuple[Rule, ...] = (
    Rule(
        table="attempt",
        holds="when and how a message was sent; codes of the provider",
        kept=KEPT,
        because=BECAUSE,
        expired=OF_AN_OLD_MESSAGE,
    ),
    Rule(
        table="delivery",
        holds="e-mail addresses and telephone numbers",
        kept=KEPT,
        because=BECAUSE,
        expired=OF_AN_OLD_MESSAGE,
    ),
    Rule(
        table="message",
        holds="names, case numbers, reasons; a code or link until it is sent, sealed",
        kept=KEPT,
        because=BECAUSE,
        expired="created_at < %(now)s - interval '1 year'",
    ),
    Rule(
        table="application_contact",
        holds="name, e-mail address and language of an applicant",
        kept="two years after the last submission",
        because="mails about the case; a returned case lapses long before",
        expired="heard_at < %(now)s - interval '2 years'",
    ),
    Rule(
        table="account_contact",
        holds="name, e-mail address and language of an account's owner",
        kept="as long as the account is open",
        because="mails about the account",
    ),
)
