"""How long notify keeps personal data, table by table. `docs/retention.md` is written from these rules."""

from __future__ import annotations

from typing import LiteralString

from mtnet_chassis.data.retention import Rule, nothing_personal
from mtnet_chassis.settings import env_int

KEPT = "180 days after the last attempt (`NOTIFY_KEEP_TEXTS_DAYS`); how many went out stays, without names"
BECAUSE = "whoever says that nothing arrived can be answered"
KEEP_TEXTS_DAYS = env_int("NOTIFY_KEEP_TEXTS_DAYS", 180)
# What waits, and what was tried since, is not old, however long ago it was written.
OLD: LiteralString = (
    "message.created_at < %(now)s - interval '1 day' * "
    f"{KEEP_TEXTS_DAYS:d} AND NOT EXISTS (SELECT FROM delivery d WHERE d.message_id = message.message_id"
    f" AND (d.state = 'waiting' OR d.finished_at >= %(now)s - interval '1 day' * {KEEP_TEXTS_DAYS:d}))"
)
OF_AN_OLD_MESSAGE: LiteralString = "message_id IN (SELECT message.message_id FROM message WHERE " + OLD + ")"
OF_A_FORMER_APPLICANT: LiteralString = (
    "(person_kind, person_id) IN"
    " (SELECT p.person_kind, p.person_id FROM person p"
    " WHERE p.person_kind = 'application' AND p.heard_at < %(now)s - interval '2 years')"
)

OF_AN_OLD_BROADCAST: LiteralString = (
    "broadcast_id IN (SELECT broadcast.broadcast_id FROM broadcast"
    " WHERE coalesce(broadcast.ended_at, broadcast.written_at) < %(now)s - interval '180 days')"
)
OF_A_FORGOTTEN_BROADCAST: LiteralString = (
    "broadcast_id IN (SELECT broadcast.broadcast_id FROM broadcast"
    " WHERE coalesce(broadcast.ended_at, broadcast.written_at) < %(now)s - interval '2 years')"
)

RULES: tuple[Rule, ...] = (
    Rule(
        table="delivery_hour",
        holds="how many messages went out in each hour, without names",
        kept="a week",
        because="the chart shows the last day; `delivery_count` keeps the days",
        expired="hour < %(now)s - interval '7 days'",
    ),
    Rule(
        table="line_content",
        holds="LINE user ids of who sent a picture or a file",
        kept="until it was fetched, minutes",
        because="it is on its way to the helpdesk",
    ),
    Rule(
        table="broadcast_chunk",
        holds="LINE user ids of those who were written to together, and what became of them",
        kept="180 days after the broadcast ended",
        because="whoever says that nothing arrived can be answered",
        expired=OF_AN_OLD_BROADCAST,
    ),
    Rule(
        table="broadcast_person",
        holds="whom a broadcast goes to, without addresses",
        kept="180 days after the broadcast ended",
        because="whoever says that nothing arrived can be answered",
        expired=OF_AN_OLD_BROADCAST,
    ),
    Rule(
        table="broadcast_step",
        holds="which operator did what with a broadcast",
        kept="two years after the broadcast ended",
        because="what went to many can be answered for",
        expired=OF_A_FORGOTTEN_BROADCAST,
    ),
    Rule(
        table="broadcast",
        holds="the text of an operator to many, the operator's name, and how many were reached",
        kept="two years after the broadcast ended",
        because="what went to many can be answered for",
        expired="coalesce(ended_at, written_at) < %(now)s - interval '2 years'",
    ),
    Rule(
        table="attempt",
        holds="when and how a message was sent; codes of the provider",
        kept=KEPT,
        because=BECAUSE,
        expired="delivery_id IN (SELECT delivery.delivery_id FROM delivery JOIN message USING (message_id) WHERE "
        + OLD
        + ")",
    ),
    Rule(
        table="delivery",
        holds="e-mail addresses, telephone and fax numbers, LINE user ids",
        kept=KEPT,
        because=BECAUSE,
        expired=OF_AN_OLD_MESSAGE,
    ),
    Rule(
        table="message",
        holds="names, case numbers, reasons; a code or link until it is sent, sealed",
        kept=KEPT,
        because=BECAUSE,
        expired=OLD,
    ),
    Rule(
        table="bounce",
        holds="e-mail addresses that a mail came back from",
        kept="90 days after it came back",
        because="an address that mails come back from too often is suppressed",
        expired="at < %(now)s - interval '90 days'",
    ),
    Rule(
        table="suppression",
        holds="addresses that nothing is sent to; of one that was taken off the list, the masked form",
        kept="180 days after it was taken off the list",
        because="mails would come back, or a person would get what they do not want",
        expired="address IS NOT NULL AND lifted_at < %(now)s - interval '180 days'",
        erase="address = NULL",
    ),
    Rule(
        table="suppression",
        holds="masked addresses, the names of operators, and why",
        kept="two years after it was taken off the list",
        because="whoever asks why nothing arrived can be answered",
        expired="lifted_at < %(now)s - interval '2 years'",
    ),
    Rule(
        table="application_contact",
        holds="name, e-mail address and language of an applicant",
        kept="two years after the last submission",
        because="mails about the case; a returned case lapses long before",
        expired="heard_at < %(now)s - interval '2 years'",
    ),
    Rule(
        table="template_version",
        holds="texts of messages, and the account names of the operators who wrote them; sample values only",
        kept="what was published as long as the portal; a test that an operator sent to themselves 180 days",
        because="a message can be shown as it was written, and who changed a text when and why",
        expired="is_test AND published_at < %(now)s - interval '180 days'",
    ),
    Rule(
        table="template_in_use",
        holds="which text messages are written with; no person",
        kept="as long as the portal",
        because="messages are written with it",
    ),
    Rule(
        table="template_draft",
        holds="the text that an operator is writing, and the operator's account name",
        kept="until the text is published",
        because="it is being written",
    ),
    Rule(
        table="contact_point",
        holds="e-mail addresses, telephone and fax numbers, LINE user ids, and whether something arrives there",
        kept="as long as the account is open; an applicant's two years after the last submission or choice",
        because="messages to whom they belong",
        expired=OF_A_FORMER_APPLICANT,
    ),
    Rule(
        table="preference",
        holds="on which channels a person wants to be told what",
        kept="as long as the account is open; an applicant's two years after the last submission or choice",
        because="messages go where their recipients want them",
        expired=OF_A_FORMER_APPLICANT,
    ),
    Rule(
        table="fax_code",
        holds="fax numbers that were typed; hashes of the codes sent there",
        kept="one week after it was sent",
        because="how many faxes a day, and whether the code that comes back is right",
        expired="sent_at < %(now)s - interval '7 days'",
    ),
    Rule(
        table="person",
        holds="no personal data: whom the rows above belong to, and that an account is closed",
        kept="an applicant's two years after the last submission or choice; an account's for good",
        because="what comes late about a closed account changes nothing",
        expired="person_kind = 'application' AND heard_at < %(now)s - interval '2 years'",
    ),
    Rule(
        table="account_contact",
        holds="name, e-mail address and language of an account's owner",
        kept="as long as the account is open",
        because="mails about the account",
    ),
    Rule(
        table="line_event",
        holds="that LINE told something, and what its user has still to be answered",
        kept="seven days",
        because="LINE sends an event again when it was not taken, and it counts once",
        expired="received_at < %(now)s - interval '7 days'",
    ),
    Rule(
        table="line_user",
        holds="LINE user ids, and whether they have the portal as a friend",
        kept="one year after the last event, or as long as a person is linked",
        because="what LINE tells late does not undo what happened since",
        expired="greatest(as_of, answered_at) < %(now)s - interval '1 year'"
        " AND NOT EXISTS (SELECT FROM contact_point WHERE channel = 'line' AND address = line_user.user_id)",
    ),
    Rule(
        table="line_link_nonce",
        holds="LINE user ids of persons who are about to be linked",
        kept="one day",
        because="LINE tells within minutes that its user agreed; an outage may delay it",
        expired="until < %(now)s - interval '1 day'",
    ),
    Rule(
        table="webhook_delivery",
        holds="events of downstream systems, with the personal data that each was granted",
        kept="14 days after it was taken or given up, 35 days while it waits; of each webhook the newest 10,000",
        because="an event can be sent again, and a system that asks what it was sent can be answered",
        expired="(state <> 'waiting' AND finished_at < %(now)s - interval '14 days')"
        " OR received_at < %(now)s - interval '35 days'",
    ),
    Rule(
        table="webhook_attempt",
        holds="what the receivers of downstream systems answered, at most 2 kB each",
        kept="as long as its event",
        because="an event that was not taken can be explained",
    ),
    Rule(
        table="webhook",
        holds="the contact of the office that answers for a downstream system; signing secrets, sealed",
        kept="as long as the webhook, and 14 days after it was removed",
        because="events are sent there, and its owner is told when they do not arrive",
        expired="state = 'removed' AND changed_at < %(now)s - interval '14 days'",
    ),
    *nothing_personal("provider", "delivery_count", because="the pace of providers, and how much went out"),
)
