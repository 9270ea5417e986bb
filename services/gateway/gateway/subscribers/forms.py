"""What a form about a downstream system holds, and what is said where it was refused."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request
from mtnet_contracts.calls.accounts import subscribers as calls

from gateway.calls import call
from gateway.problems import faults_called, refusal_text
from gateway.rpc.client import Refused
from gateway.subscribers import labels

# Said at the top of the page: what was asked for cannot be done as things are now.
OF_THE_WHOLE = (
    "SUBSCRIBER_STATE",
    "WEBHOOK_NOT_FOUND",
    "WEBHOOK_PAUSED",
    "WEBHOOK_NOT_PAUSED",
    "STILL_ON_ITS_WAY",
)


def typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in names}


def system_named(name: str) -> dict[str, Any]:
    try:
        return call(calls.SUBSCRIBER, name=name)
    except Refused as refused:
        if refused.code in ("SUBSCRIBER_NOT_FOUND", "INVALID"):
            abort(404)
        raise


def status_of(refused: Refused) -> int:
    return 422 if refused.fields else 409


def faults_in(refused: Refused) -> dict[str, str]:
    """Words at the fields, or at the top of the page. Raises what belongs to neither."""
    g.another_key = True
    if refused.code == "SUBSCRIBER_NOT_FOUND":
        abort(404)
    if refused.fields:
        return faults_called(refused, labels.FIELDS)
    if refused.code in OF_THE_WHOLE:
        return {"": refusal_text(refused)}
    raise refused
