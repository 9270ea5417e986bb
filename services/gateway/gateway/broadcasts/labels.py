"""States, segments, channels and outcomes of broadcasts in words."""

from __future__ import annotations

from mtnet_contracts.vocabulary import channels
from mtnet_contracts.vocabulary.texts import N_, P_

CHANNELS = {channel.name: channel.title for channel in channels.CHANNELS.values()}
LANGUAGES = {"zh-Hant": N_("Chinese"), "en": N_("English")}
STATES = {
    "draft": N_("Draft"),
    "scheduled": N_("Scheduled"),
    "running": N_("Being sent"),
    "paused": N_("Paused"),
    "finished": N_("Finished"),
    "cancelled": N_("Cancelled"),
}
CATEGORIES = {
    "information": (
        N_("Information"),
        N_("Only to those who want to be informed, by the channels they chose"),
    ),
    "legal": (N_("Legal notice"), N_("To everybody by e-mail, and by the other channels they chose")),
}
SEGMENTS = {
    "everybody": N_("Everybody with an account"),
    "managers": N_("All managers of organisations"),
    "system": N_("All holders of a system"),
    "unit_cases": N_("The open cases of a unit"),
    "names": N_("A list of account names"),
}
OUTCOMES = {
    "waiting": N_("On its way"),
    "sent": N_("Sent; the receipt is awaited"),
    "delivered": N_("Delivered"),
    "failed": N_("Failed"),
    "cancelled": N_("Called back"),
    "unknown": N_("Perhaps delivered; not sent again"),
    "unreached": N_("Not reached"),
}
REASONS = {
    "SWITCHED_OFF": N_("They do not want to be informed"),
    "NO_ADDRESS": N_("No address is known"),
    "UNREACHABLE": N_("Nothing arrives at their address"),
    "SAME_ADDRESS": N_("Another account with the same LINE user gets it"),
    "UNKNOWN": N_("The account is closed or not known yet"),
}
ACTS = {
    "write": P_("broadcast", "Written"),
    "change": N_("Changed"),
    "count": N_("Counted"),
    "schedule": N_("Scheduled"),
    "start": N_("Started"),
    "begin": N_("Begun at its time"),
    "pause": N_("Paused"),
    "resume": N_("Continued"),
    "cancel": N_("Cancelled"),
    "finish": N_("Finished"),
}
FIELDS = {
    "title_zh": N_("Title in Chinese"),
    "body_zh": N_("Text in Chinese"),
    "title_en": N_("Title in English"),
    "body_en": N_("Text in English"),
    "category": N_("Kind of message"),
    "segment": N_("Who gets it"),
    "system": N_("System"),
    "unit": N_("Unit"),
    "names": N_("Account names"),
    "people": N_("Number of people"),
    "start_at": N_("When it starts"),
    "per_second": N_("Messages a second"),
}
