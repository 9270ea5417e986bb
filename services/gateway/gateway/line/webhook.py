"""Where LINE tells what its users do. Notify judges the signature; here only what could not be one is turned away."""

from __future__ import annotations

import base64
import re

import structlog
from flask import Blueprint, Response, request
from mtnet_contracts.calls.notify import line as calls

from gateway.calls import call
from gateway.receipts.pages import body_of_request
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.rpc.time_budget import at_most

log = structlog.get_logger()

webhook = Blueprint("line_webhook", __name__)

# LINE waits two seconds, and sends again what was not answered with 200.
SECONDS = 1.8
# HMAC-SHA256 in base64.
SIGNATURE = re.compile(r"[A-Za-z0-9+/]{43}=")
STATUSES = {"WEBHOOK_SIGNATURE_WRONG": 401}


@webhook.post("/webhooks/line")
def receive() -> Response:
    """200 once notify has it; 503 while notify is away, so that LINE sends it again."""
    signature = request.headers.get("X-Line-Signature", "")
    if not SIGNATURE.fullmatch(signature):
        return Response(status=401)
    body = body_of_request(calls.LARGEST_WEBHOOK_BYTES)
    try:
        with at_most(SECONDS):
            call(calls.RECEIVE_LINE_WEBHOOK, body=base64.b64encode(body).decode(), signature=signature)
    except Refused as refused:
        log.warning("LINE webhook refused", code=refused.code)
        return Response(status=STATUSES.get(refused.code, 400))
    except ServiceUnavailable:
        return Response(status=503, headers={"Retry-After": "30"})
    return Response(status=200)
