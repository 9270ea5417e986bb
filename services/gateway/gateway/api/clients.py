"""Requests of downstream systems: who it is, how much it may ask, and whether it has the answer already."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, g, jsonify, request
from mtnet_contracts.calls.accounts.api_clients import CLIENT_PASS
from werkzeug.exceptions import TooManyRequests

from gateway.extensions import client_limits, client_seal, rpc
from gateway.http.client_limits import REQUESTS
from gateway.rpc.client import Refused
from gateway.session import bearer_text

# Of an answer that is the same as before: when it was asked.
NOT_COMPARED = frozenset({"as_of"})


def client_pass(scope: str) -> str:
    """The pass that accounts signs for the access token of this request: asked for each time, so what was revoked is
    refused at once.

    Raises Refused, ServiceUnavailable; ends with 429 where the client has asked too much.
    """
    token = client_seal().opened(bearer_text())
    if token is None:
        raise Refused("CLIENT_TOKEN_INVALID")
    given = rpc().call(CLIENT_PASS, {"access_token": token, "scope": scope, "ip": request.remote_addr})
    g.client_count = client_limits().count(REQUESTS, given["client_id"])
    if not g.client_count.admitted:
        raise TooManyRequests
    signed_pass: str = given["signed_pass"]
    return signed_pass


def tell_count(response: Response) -> Response:
    """The headers of the limit, on every answer to a client that is known."""
    if "client_count" in g:
        response.headers.update(g.client_count.headers())
    return response


def with_etag(reply: dict[str, Any]) -> Response:
    """The reply with a weak ETag (RFC 9110, 8.8.3), or 304 where the client has it."""
    compared = {name: value for name, value in reply.items() if name not in NOT_COMPARED}
    digest = hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()[:32]
    response = Response(status=304) if request.if_none_match.contains_weak(digest) else jsonify(reply)
    response.set_etag(digest, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response
