"""Whether the gateway lives and is ready; what it counts, on a port that is not the public's."""

from __future__ import annotations

import structlog
from flask import Blueprint
from prometheus_client import start_http_server

from gateway.extensions import rpc
from gateway.settings import Settings

log = structlog.get_logger()

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


def serve_metrics(settings: Settings) -> None:
    """For Prometheus, at GATEWAY_METRICS_PORT; of several workers on one host the first one serves them."""
    if settings.metrics_port is None:
        return
    try:
        start_http_server(settings.metrics_port, addr=settings.metrics_host)
    except OSError as problem:
        log.warning("metrics not served", port=settings.metrics_port, problem=str(problem))
