"""Where providers post receipts. The bytes and their signature go to notify, which judges them."""

from __future__ import annotations

import base64
import re

from flask import Blueprint, Response, abort, request
from mtnet_contracts.calls import notify
from mtnet_contracts.vocabulary.channels import CHANNELS

from gateway.calls import call
from gateway.rpc.client import ServiceUnavailable

pages = Blueprint("receipts", __name__)

# What providers make of an answer: below 300 done, 5xx is sent again, other 4xx is given up.
STATUSES = {"recorded": 204, "unknown": 503, "forged": 403, "unreadable": 422, "not_offered": 404}
AGAIN_AFTER_SECONDS = 5
PROVIDER = re.compile(r"[a-z0-9-]{1,40}")


def body_of_request(largest: int) -> bytes:
    """The bytes that were posted. Aborts with 413 where there are more than `largest`."""
    if (request.content_length or 0) > largest:
        abort(413)
    return request.get_data(cache=False)[: largest + 1]


@pages.post("/webhooks/<channel>")
@pages.post("/webhooks/<channel>/<provider>")
def receipts(channel: str, provider: str = "") -> Response:
    """For programs alone: no session, no cookie, no page."""
    if channel not in CHANNELS or (provider and not PROVIDER.fullmatch(provider)):
        abort(404)
    body = body_of_request(notify.receipts.LARGEST_RECEIPT_BYTES)
    headers = {
        name: value[: notify.receipts.LONGEST_HEADER]
        for name in notify.receipts.SIGNATURES
        if (value := request.headers.get(name, "")).isascii() and value.isprintable() and value
    }
    try:
        answer = call(
            notify.receipts.RECEIVE_RECEIPTS,
            channel=channel,
            provider=provider,
            body=base64.b64encode(body).decode(),
            headers=headers,
        )
    except ServiceUnavailable:
        answer = {"outcome": "unknown"}
    status = STATUSES[answer["outcome"]]
    return Response(
        status=status, headers={"Retry-After": str(AGAIN_AFTER_SECONDS)} if status == 503 else None
    )
