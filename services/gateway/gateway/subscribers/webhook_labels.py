"""What the parts of a downstream system's webhook are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

from gateway.subscribers.labels import SecretWords

# State of the webhook: look and words.
STATES = {
    "active": (("green", "●"), P_("webhook", "Events are sent")),
    "suspended": (("red", "■"), P_("webhook", "Its system is suspended")),
    "paused": (("yellow", "▮▮"), P_("webhook", "Paused")),
    "stopped": (("red", "■"), P_("webhook", "Stopped by its receiver (410)")),
}
# State of one event.
EVENT_STATES = {
    "waiting": P_("webhook", "Waiting"),
    "delivered": P_("webhook", "Taken"),
    "failed": P_("webhook", "Given up"),
}
EVENT_LOOKS = {"waiting": ("yellow", "…"), "delivered": ("green", "✓"), "failed": ("red", "✗")}
UNKNOWN = {
    "away": N_(
        "The service that sends does not answer just now. Events are kept; load this page again in a moment."
    ),
    "not yet": N_("The service that sends has not heard of it yet. Load this page again in a moment."),
}
SENT_AGAIN = N_("The event is sent again. Load this page again to see what is answered.")
# The acts that have a page of their own: its title, what it means, and its button.
ACTS = {
    "remove": (
        N_("Remove the webhook"),
        N_(
            "Nothing more is sent there: events that wait to be sent are dropped. From then on the system reads its"
            " queue itself, with its user of the broker."
        ),
    ),
    "test": (
        N_("Send a test event"),
        N_(
            "An event that says nothing but that the way is open, signed like all others. You see what is answered."
        ),
    ),
    "pause": (
        N_("Pause the webhook"),
        N_("Nothing is sent there until it is let go on. Its events are kept meanwhile."),
    ),
    "resume": (
        N_("Let the webhook go on"),
        N_("What has waited is sent now, each subject in its order."),
    ),
}
# The secret that signs what is sent.
SECRET = SecretWords(
    renew=N_("New signing secret"),
    about=N_(
        "What is sent is signed by both secrets for some days, so that the system can change over without a gap."
    ),
    overlap=N_("Days for which the present secret still signs"),
    title=N_("The signing secret of %(name)s"),
    once=N_(
        "It is shown only now: the portal can sign with it, and shows it to nobody. Hand it over safely, by telephone"
        " or sealed, and not by e-mail."
    ),
    shown_before=N_(
        "This was done already, by your first press, and the secret was shown in its answer. It cannot be shown again."
    ),
    again=N_("If you have not seen it, give the webhook a new secret, and let the old one end at once."),
)
