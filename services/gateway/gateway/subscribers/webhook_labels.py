"""What the parts of a downstream system's webhook are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

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
