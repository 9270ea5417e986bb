"""Of warnings and errors of one kind, one line a minute goes into the log; how many were left out is counted.

Mails, failed calls and forged webhooks come as often as strangers send them. A line for each would fill a disk and
hide what else happened. The next line of the kind says how many were left out before it, and the metrics at any time.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import Counter

EVERY_SECONDS = 60.0
# Kinds come from the code, not from what is sent: there are some hundred. What is above shares one for each level.
MOST_KINDS = 1_000
# What tells kinds with the same words apart: names from the code and the topology, never what somebody sent.
NAMING_FACTS = ("call", "queue", "service", "channel", "provider", "timer", "rule", "webhook", "code")
BOUND_METHODS = frozenset({"warning", "warn", "error", "exception", "critical", "fatal"})

LEFT_OUT = Counter(
    "mtnet_log_lines_left_out_total",
    "Warnings and errors that the log has not, since one of the kind is enough.",
    ["level"],
)


@dataclass
class _Kind:
    written_at: float = float("-inf")
    left_out: int = 0


class RepeatedLines:
    """Once for each process, for structlog and for the standard library's loggers; any thread may log."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[Hashable, _Kind] = {}

    def bound(self, _: Any, method: str, event: Any) -> Any:
        """A structlog processor, before exceptions are made text. Raises structlog.DropEvent."""
        if method not in BOUND_METHODS:
            return event
        named = tuple(str(event.get(fact, "")) for fact in NAMING_FACTS)
        level = "error" if method in ("exception", "critical", "fatal") else method
        left_out = self.left_out(level, (event.get("event"), named, _origin(event.get("exc_info"))))
        if left_out is None:
            raise structlog.DropEvent
        if left_out:
            event["left_out"] = left_out
        return event

    def filter(self, record: logging.LogRecord) -> bool:
        """A filter for a handler: what libraries log, by its words before they are filled in."""
        if record.levelno < logging.WARNING or isinstance(record.msg, dict):  # structlog's own were judged
            return True
        kind = (record.name, str(record.msg), _origin(record.exc_info))
        left_out = self.left_out("error" if record.levelno >= logging.ERROR else "warning", kind)
        if left_out:
            record.__dict__["left_out"] = left_out
        return left_out is not None

    def left_out(self, level: str, kind: Hashable) -> int | None:
        """How many lines of this kind were left out before this one; None: leave this one out, too."""
        now = self._clock()
        with self._lock:
            known = self._known((level, kind), now)
            if now - known.written_at >= EVERY_SECONDS:
                left_out, known.left_out, known.written_at = known.left_out, 0, now
                return left_out
            known.left_out += 1
        LEFT_OUT.labels(level).inc()
        return None

    def _known(self, kind: tuple[str, Hashable], now: float) -> _Kind:
        if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
            recent = {k: v for k, v in self._kinds.items() if now - v.written_at < EVERY_SECONDS}
            self._kinds = recent
            if len(recent) >= MOST_KINDS:
                kind = (kind[0], "others")
        return self._kinds.setdefault(kind, _Kind())


def say_left_out(_: Any, __: str, event: Any) -> Any:
    """A processor of the formatter: what `filter` noted at a library's line."""
    if (record := event.get("_record")) is not None and (left_out := record.__dict__.get("left_out")):
        event["left_out"] = left_out
    return event


def _origin(exc_info: Any) -> str:
    """The class of an exception and the line that raised it."""
    problem = sys.exc_info()[1] if exc_info is True else exc_info
    if isinstance(problem, tuple):
        problem = problem[1]
    if not isinstance(problem, BaseException):
        return ""
    raised = problem.__traceback__
    while raised is not None and raised.tb_next is not None:
        raised = raised.tb_next
    at = "" if raised is None else f" {raised.tb_frame.f_code.co_filename}:{raised.tb_lineno}"
    return f"{type(problem).__name__}{at}"
