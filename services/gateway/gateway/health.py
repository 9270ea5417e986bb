"""Whether the gateway lives and is ready."""

from __future__ import annotations

from flask import Blueprint

from gateway.extensions import rpc

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> dict[str, bool]:
    return {"alive": True}


@pages.get("/readyz")
def ready() -> tuple[dict[str, object], int]:
    healthy = rpc().healthy()
    return {
        "ready": healthy,
        "problems": {} if healthy else {"broker": "no connection"},
    }, 200 if healthy else 503
