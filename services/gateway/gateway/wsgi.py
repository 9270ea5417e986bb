"""The application as a server process imports it: one RPC connection a process."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time

import structlog

from gateway.app import create_app
from gateway.clients import Rpc
from gateway.settings import settings_from_environment

PARENT_SECONDS = 0.2

settings = settings_from_environment()
logging.basicConfig(format="%(message)s", stream=sys.stdout, level=settings.log_level)
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
    logger_factory=structlog.PrintLoggerFactory(),
)


def follow_the_parent() -> None:
    """End when the main process is gone: a worker left behind would go on answering beside its successor."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


follow_the_parent()
app = create_app(settings, Rpc(settings.amqp_url).start())
