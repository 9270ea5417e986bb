"""Open pages of the desk hear that something changed: by helpdesk's events, and of agents' acts by the gateways."""

from __future__ import annotations

from flask import Response, request

from gateway.extensions import rpc
from gateway.http.streams import FOLLOWER, MEDIA_TYPE, TOPIC

# What open pages of the desk follow.
DESK_TOPIC = "desk"
WRITES = ("/desk/", "/api/v1/desk/")


def stream_for(follower: str) -> Response:
    response = Response(content_type=MEDIA_TYPE)
    response.headers[TOPIC], response.headers[FOLLOWER] = DESK_TOPIC, follower
    # nginx would keep pieces until they are many.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def tell_of_changes(response: Response) -> Response:
    """An agent has done something: every gateway wakes the pages that are open there."""
    wrote = request.method not in ("GET", "HEAD") and request.path.startswith(WRITES)
    if wrote and response.status_code < 400:
        rpc().broadcast({"desk_changed": True})
    return response
