"""What a server process imports: `app` is the WSGI application, `served` the front around it."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys

import orjson
import structlog
from mtnet_chassis.repeated_lines import RepeatedLines

from gateway.app import create_app
from gateway.http.front import Front
from gateway.rpc.client import Rpc
from gateway.settings import settings_from_environment

# Of prctl(2): the kernel sends this signal when the parent ends, however it ends.
PR_SET_PDEATHSIG = 1

settings = settings_from_environment()
logging.basicConfig(format="%(message)s", stream=sys.stdout, level=settings.log_level)
# What strangers cause is one line a minute, however often they do.
repeated = RepeatedLines()
for handler in logging.getLogger().handlers:
    handler.addFilter(repeated.filter)
structlog.configure(
    processors=[
        repeated.bound,
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(orjson.dumps),
    ],
    logger_factory=structlog.BytesLoggerFactory(),
    cache_logger_on_first_use=True,
)


def follow_the_parent() -> None:
    """End with the main process: a worker left behind would go on answering beside its successor."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we asked
        os._exit(1)


follow_the_parent()
rpc = Rpc(settings.amqp_url)
app = create_app(settings, rpc)
rpc.start()
served = Front(app, at_once=app.extensions["kept"].at_once, streams=app.extensions["streams"])
