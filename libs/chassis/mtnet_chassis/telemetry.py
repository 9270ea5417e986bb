"""JSON logs, metrics, and the small HTTP server that reports whether a process is alive and ready."""

from __future__ import annotations

import json
import logging
import os
import threading
import traceback
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from mtnet_chassis.repeated_lines import RepeatedLines, say_left_out

EVENTS_HANDLED = Counter(
    "mtnet_events_handled_total",
    "Events by handler group and result (applied, duplicate, out_of_order, retried, dead).",
    ["group", "result"],
)
EVENTS_RELAYED = Counter("mtnet_events_relayed_total", "Events the broker confirmed.", ["service"])
CALL_SECONDS = Histogram(
    "mtnet_call_seconds",
    "How long an endpoint took, by call and result (done, refused, failed).",
    ["call", "result"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OUTBOX_DEPTH = Gauge("mtnet_outbox_depth", "Events waiting in the outbox.", ["service"])
OUTBOX_AGE_SECONDS = Gauge("mtnet_outbox_age_seconds", "Age of the oldest event in the outbox.", ["service"])
UNDELIVERABLE = Gauge("mtnet_undeliverable", "Events that can never be sent.", ["service"])
RELAY_ACTIVE = Gauge("mtnet_relay_active", "1 for the relay that sends, 0 for one on standby.", ["service"])
QUEUE_DEPTH = Gauge(
    "mtnet_queue_depth",
    "Messages ready in a queue, plus those this process has received and not begun.",
    ["queue"],
)
QUEUE_AGE_SECONDS = Gauge(
    "mtnet_queue_age_seconds", "Age of the event this process is handling; 0 when there is none.", ["queue"]
)
OUT_OF_ORDER_EVENTS = Gauge(
    "mtnet_out_of_order_events", "Events of an ordered group that wait for an earlier one.", ["queue"]
)
OUT_OF_ORDER_AGE_SECONDS = Gauge(
    "mtnet_out_of_order_age_seconds", "How long the oldest of them has waited.", ["queue"]
)
DEAD_LETTERS = Gauge("mtnet_dead_letters", "Messages in <queue>.dead, whoever put them there.", ["queue"])
UNROUTED_MESSAGES = Gauge(
    "mtnet_unrouted",
    "Messages that should have reached a subscriber and did not; every service reports the same number.",
)
DOWNSTREAM_MESSAGES = Gauge(
    "mtnet_downstream_messages", "Messages in the queue of a downstream system.", ["system", "queue"]
)
DOWNSTREAM_WAITING_SECONDS = Gauge(
    "mtnet_downstream_waiting_seconds", "How long it has taken nothing although something waits.", ["system"]
)
DOWNSTREAM_SHARE = Gauge(
    "mtnet_downstream_share",
    "How full its queue is, by the nearest of its limits; at 1 the oldest go.",
    ["system"],
)

Check = Callable[[], None]


def logger() -> Any:
    """The process's logger: `logger().info("application submitted", application_id=…)`. Never personal data."""
    return structlog.get_logger()


def worded(problem: BaseException) -> str:
    """The text of an exception without personal data. PostgreSQL's messages quote values ("Failing row contains …"),
    so of its exceptions only the SQLSTATE and the name of the constraint are given."""
    name = type(problem).__name__
    diagnosis, state = getattr(problem, "diag", None), getattr(problem, "sqlstate", None)
    if state is None or diagnosis is None:
        return f"{name}: {problem}"
    constraint = f", constraint {diagnosis.constraint_name}" if diagnosis.constraint_name else ""
    return f"{name}: sqlstate {state}{constraint}"


def _traceback(exc_info: Any) -> str:
    """As the interpreter would print it, the cause first; each exception as `worded` gives it."""
    chain: list[BaseException] = []
    problem: BaseException | None = exc_info[1]
    while problem is not None and problem not in chain:
        chain.append(problem)
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    return "\n".join(
        "".join(traceback.format_tb(each.__traceback__)) + worded(each) for each in reversed(chain)
    )


def configure_logging(process: str, level: str = "INFO") -> None:
    """One JSON line per outcome on standard error; the standard library's loggers go the same way.

    Of warnings and errors of one kind one line a minute.
    """
    repeated = RepeatedLines()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.ExceptionRenderer(_traceback),
    ]
    structlog.configure(
        processors=[repeated.bound, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.addFilter(repeated.filter)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                say_left_out,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.EventRenamer("message"),
                _with(process=process),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("amqp", "kombu", "nameko"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # pika logs a lost connection in five lines; the relay logs it in one.
    logging.getLogger("pika").setLevel(logging.CRITICAL)


def _with(**facts: Any) -> Any:
    def add(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
        return event | facts

    return add


class HealthServer:
    """/healthz: the process runs. /readyz: every check passes. /metrics: Prometheus."""

    def __init__(self, port: int, checks: Mapping[str, Check]) -> None:
        """Listen on HEALTH_HOST, by default on every address, since probes come from other hosts."""
        self._checks = checks
        host = os.environ.get("HEALTH_HOST") or "0.0.0.0"  # noqa: S104
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = server.respond(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Probes come every few seconds and are not worth a line."""

        self._http = ThreadingHTTPServer((host, port), Handler)
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]

    def start(self) -> None:
        """Serve in a thread. The port is written to the file that HEALTH_PORT_FILE names, if it is set."""
        threading.Thread(target=self._http.serve_forever, name="health", daemon=True).start()
        if port_file := os.environ.get("HEALTH_PORT_FILE"):
            Path(port_file).write_text(str(self.port), encoding="ascii")

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def respond(self, path: str) -> tuple[int, str, bytes]:
        if path == "/healthz":
            return 200, "application/json", b'{"alive": true}'
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest()
        if path == "/readyz":
            problems = {name: problem for name, check in self._checks.items() if (problem := _problem(check))}
            body = json.dumps({"ready": not problems, "problems": problems}).encode()
            return (503 if problems else 200), "application/json", body
        return 404, "application/json", b"{}"


def _problem(check: Check) -> str | None:
    try:
        check()
    except Exception as problem:
        return type(problem).__name__
    return None
