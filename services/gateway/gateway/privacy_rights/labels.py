"""What kinds, states and steps of requests for personal data are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

KINDS = {
    "view": N_("View my data"),
    "copy": N_("Get a copy"),
    "correct": N_("Supplement or correct"),
    "stop": N_("Stop the collection, processing and use"),
    "delete": N_("Delete my data"),
}
ABOUT = {
    "view": N_("What is not shown in My account, such as paper files. Answered within 15 days."),
    "copy": N_("Of what you cannot download on the page before. Answered within 15 days."),
    "correct": N_("Say what is wrong and what is right, a new name for example. Answered within 30 days."),
    "stop": N_("Your account is closed; the data stay, but are not used. Answered within 30 days."),
    "delete": N_(
        "Your account is closed and your name and contacts are removed from it. Applications and "
        "decisions stay as long as the law demands. Answered within 30 days."
    ),
}
STATES = {
    "open": P_("privacy request", "Open"),
    "done": P_("privacy request", "Done"),
    "refused": P_("privacy request", "Refused"),
    "withdrawn": P_("privacy request", "Withdrawn"),
}
STEPS = {
    "received": P_("privacy step", "Received"),
    "extended": P_("privacy step", "More time is needed"),
    "done": P_("privacy step", "Done"),
    "refused": P_("privacy step", "Refused"),
    "withdrawn": P_("privacy step", "Withdrawn by you"),
}
DECISIONS = {
    "carry_out": (
        N_("Carry out, and answer"),
        N_("The portal does what was asked for. This cannot be undone."),
    ),
    "answer": (N_("Answer"), N_("It was done, or told, outside this page.")),
    "extend": (N_("Extend the time, once"), N_("By as much again. The person has to be told why.")),
    "refuse": (N_("Refuse"), N_("Only for a reason of the Act, Art. 10 or 11, which the person is told.")),
}
