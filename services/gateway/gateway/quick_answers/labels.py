"""What the states, decisions and changes of quick answers are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

STATES = {
    "draft": P_("quick answer", "Draft"),
    "published": P_("quick answer", "Published"),
    "retired": P_("quick answer", "Retired"),
}
TAGS = {"draft": "yellow", "published": "green", "retired": "grey"}
DECISIONS = {
    "publish": N_("Publish: agents find it"),
    "confirm": N_("It is still right"),
    "take_over": N_("Take it over: I look after it"),
    "retire": N_("Retire: agents find it no more"),
    "reopen": N_("Reopen as a draft"),
}
CHANGES = {
    "written": N_("Written"),
    "publish": P_("quick answer", "Published"),
    "confirm": N_("Found to be right still"),
    "take_over": N_("Taken over"),
    "retire": P_("quick answer", "Retired"),
    "reopen": N_("Reopened"),
}
DONE = {
    "saved": N_("The answer is saved."),
    "proposed": N_("Your proposal is kept as a draft. A team lead publishes it."),
    "decided": N_("Done. Agents see it within a second."),
}
