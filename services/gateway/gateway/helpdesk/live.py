"""Open pages of the desk hear that something changed: by helpdesk's events, and of agents' acts by the gateways."""

from __future__ import annotations

from typing import Any

from flask import Response, g
from mtnet_contracts.calls import Call
from mtnet_contracts.calls.helpdesk import canned_answers, kept_files, quick_answers, tickets

from gateway.extensions import rpc, signed_calls
from gateway.http.streams import FOLLOWER, MEDIA_TYPE, TOPIC

# What open pages of the desk follow.
DESK_TOPIC = "desk"
# What agents write that no page of a colleague shows: audited looks, counts, what is prepared, what is one's own.
SHOWN_TO_NOBODY_ELSE = (
    tickets.REVEAL_ADDRESSES,
    kept_files.KEEP_FILES,
    quick_answers.NOTE_MISSING_ANSWER,
    quick_answers.USE_QUICK_ANSWERS,
    canned_answers.SAVE_VIEW,
    canned_answers.REMOVE_VIEW,
)
LEASES = (tickets.LEASE_TICKET, tickets.RELEASE_TICKET)


def stream_for(follower: str) -> Response:
    response = Response(content_type=MEDIA_TYPE)
    response.headers[TOPIC], response.headers[FOLLOWER] = DESK_TOPIC, follower
    # nginx would keep pieces until they are many.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def tell_of_changes(response: Response) -> Response:
    """An agent has changed something: every gateway wakes the pages that are open there."""
    if any(_others_see_it(call, answered) for call, answered in g.get("written", ())):
        rpc().broadcast({"desk_changed": True})
    return response


def _others_see_it(call: Call, answered: dict[str, Any]) -> bool:
    """What strangers write, helpdesk's events tell."""
    if call.service != "helpdesk" or f"helpdesk.{call.name}" not in signed_calls():
        return False
    if call in LEASES:
        return bool(answered["holder_changed"])
    return call not in SHOWN_TO_NOBODY_ELSE
