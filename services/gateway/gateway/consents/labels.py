"""How somebody agreed to the privacy notice, in words."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_

HOW = {
    "application": N_("In the application for the account"),
    "login": N_("At a login"),
    "demonstration": N_("Demonstration account"),
}
