"""What the entries of the suppression list are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_

REASONS = {
    "hard_bounce": N_("No such mailbox: mail came back"),
    "soft_bounces": N_("Mail came back five times in 30 days"),
    "operator": N_("Added by an operator"),
}
STATES = {
    "active": N_("Nothing is sent there"),
    "lifted": N_("Taken off the list"),
}
LIFTED = {
    "operator": N_("by an operator"),
    "owner": N_("its owner confirmed it by a code"),
}
