"""What messages to the owners of downstream systems can be filled with."""

from collections.abc import Mapping

from mtnet_contracts.vocabulary.texts import N_

from notify.templates.placeholders import Form, Placeholder
from notify.templates.rules import Kind

SYSTEM = (
    Placeholder("title", Form.WORDS, N_("What the downstream system is called"), "船舶登記系統"),
    Placeholder("system_name", Form.WORDS, N_("The short name of the downstream system"), "vessels"),
)
ENDS = {
    "secret": N_("A secret of the downstream system"),
    "grant": N_("Events of the downstream system"),
    "scope": N_("Rights of the downstream system at the API"),
}
OF_SYSTEMS: Mapping[Kind, tuple[Placeholder, ...]] = {
    Kind.SUBSCRIBER_REMINDER: (
        *SYSTEM,
        Placeholder("what", Form.CHOICE, N_("What ends"), "grant", ENDS),
        Placeholder(
            "items",
            Form.WORDS,
            N_("Which secret, events or rights"),
            "accounts.AccountActivated",
            necessary=True,
        ),
        Placeholder("ends_on", Form.DAY, N_("The day on which it ends"), "2027-06-30", necessary=True),
        Placeholder("days_left", Form.WORDS, N_("How many days are left"), 30),
    ),
    Kind.SUBSCRIBER_QUEUE: (
        *SYSTEM,
        Placeholder("queue", Form.WORDS, N_("The name of the queue"), "downstream.vessels", necessary=True),
        Placeholder("messages", Form.WORDS, N_("How many messages wait"), 512000),
        Placeholder("share", Form.WORDS, N_("How full it is, in per cent of the limit that is nearest"), 51),
        Placeholder(
            "oldest_hours",
            Form.WORDS,
            N_("The age of the oldest message in hours"),
            "60",
            may_be_empty=True,
        ),
        Placeholder("measured_at", Form.MOMENT, N_("When this was measured"), "2026-02-19T09:25:24+00:00"),
    ),
    Kind.WEBHOOK_TROUBLE: (
        *SYSTEM,
        Placeholder(
            "trouble",
            Form.CHOICE,
            N_("What has happened to the webhook"),
            "gone",
            {"gone": N_("It answered 410 and was stopped"), "failing": N_("It has taken nothing for a day")},
        ),
        Placeholder("problem", Form.WORDS, N_("What the webhook answered last"), "HTTP 410"),
        Placeholder(
            "since",
            Form.MOMENT,
            N_("Since when the webhook has taken no events"),
            "2026-02-19T09:25:24+00:00",
        ),
    ),
}
