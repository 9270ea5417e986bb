"""What works and what does not, for everybody; kept like other public pages, and shown as it last was, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template
from mtnet_contracts.calls.helpdesk import status as calls
from mtnet_contracts.vocabulary.texts import N_, P_

from gateway.cache.pages import for_everybody, not_the_same, shows
from gateway.extensions import published
from gateway.faults.labels import UPDATES
from gateway.rpc.client import ServiceUnavailable

# Whoever looks whether something is away does not wait for it.
PATIENCE_SECONDS = 1.0

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
def status() -> str | tuple[str, int, dict[str, str]]:
    """An old copy is shown with its time; without one the page says at once that nobody knows."""
    try:
        copy = published().get(calls.STATUS, patience=PATIENCE_SECONDS)
    except ServiceUnavailable:
        not_the_same()
        return _page(None), 503, {"Retry-After": "30"}
    if copy.old:
        not_the_same()
    return _page(shows(copy), copy.known_at if copy.old else None)


def _page(found: dict[str, Any] | None, known_at: datetime | None = None) -> str:
    return render_template(
        "status/status.html",
        found=found,
        known_at=known_at and known_at.isoformat(),
        states=STATES,
        looks=LOOKS,
        updates=UPDATES,
        days=calls.HISTORY_DAYS,
    )
