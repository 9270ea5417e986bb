"""What the pages of contact call the points of satisfaction."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_

SATISFACTION = {
    "5": N_("5: helped very well"),
    "4": N_("4: helped well"),
    "3": N_("3: helped somewhat"),
    "2": N_("2: helped little"),
    "1": N_("1: did not help"),
}
# What the person reads instead of the desk's own words for a state.
STATES = {
    "new": N_("Received, waiting for somebody to look at it"),
    "open": N_("Somebody is working on it"),
    "waiting_customer": N_("Answered: we wait for you"),
    "waiting_third_party": N_("We wait for another unit"),
    "resolved": N_("Solved"),
    "closed": N_("Closed"),
    "reopened": N_("Somebody is working on it again"),
}
# Why a file of theirs, or of an answer, cannot be opened.
HELD_BACK = {
    "not_scanned": N_("It opens once it was looked at for viruses"),
    "infected": N_("A virus was found in it"),
    "kind": N_("A kind of file that is not opened here"),
    "too_large": N_("Too large, not kept"),
    "missing": N_("It did not arrive. Send it again"),
}
