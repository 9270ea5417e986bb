"""What the states of proposed questions are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

STATES = {
    "proposed": P_("question", "Proposed"),
    "published": P_("question", "Published"),
    "declined": P_("question", "Declined"),
}
TAGS = {"proposed": "yellow", "published": "green", "declined": "grey"}
DONE = {
    "saved": N_("The draft is saved."),
    "published": N_("Published. Everybody finds it among the questions now."),
    "declined": N_("Declined. Whoever proposed it reads why in the ticket."),
}
