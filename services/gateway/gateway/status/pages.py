"""What works and what does not, for everybody; kept like other public pages, and shown as it last was."""

from __future__ import annotations

from flask import Blueprint, render_template
from mtnet_contracts.calls.helpdesk import status as calls
from mtnet_contracts.vocabulary.texts import N_, P_

from gateway.cache.pages import for_everybody, not_the_same, shows
from gateway.extensions import published
from gateway.faults.labels import UPDATES
from gateway.rpc.client import ServiceUnavailable

pages = Blueprint("status", __name__)

STATES = {
    "working": P_("system", "Working"),
    "impaired": N_("Partly disturbed"),
    "down": P_("system", "Cannot be used"),
}


# By colour and by symbol.
LOOKS = {"working": ("green", "✓"), "impaired": ("orange", "▲"), "down": ("red", "✕")}


@pages.get("/status")
@for_everybody()
def status() -> str:
    try:
        found = shows(published().get(calls.STATUS))
    except ServiceUnavailable:
        not_the_same()
        found = None
    return render_template(
        "status/status.html",
        found=found,
        states=STATES,
        looks=LOOKS,
        updates=UPDATES,
        days=calls.HISTORY_DAYS,
    )
