"""The application as a server process imports it: one RPC connection a process."""

from __future__ import annotations

import logging
import sys

import structlog

from gateway.app import create_app
from gateway.clients import Rpc
from gateway.settings import settings_from_environment

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
app = create_app(settings, Rpc(settings.amqp_url).start())
