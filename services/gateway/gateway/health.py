"""Whether the gateway lives, is ready, and what it counts."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway import web

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> dict[str, bool]:
    return {"alive": True}


@pages.get("/readyz")
def ready() -> tuple[dict[str, object], int]:
    healthy = web.rpc().healthy()
    return {
        "ready": healthy,
        "problems": {} if healthy else {"broker": "no connection"},
    }, 200 if healthy else 503


@pages.get("/metrics")
def metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
