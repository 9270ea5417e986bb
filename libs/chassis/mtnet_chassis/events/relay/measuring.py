"""Measure the depth and age of the outbox, in a session of its own: also while the broker is away or another relay is
active, since that is when somebody looks.
"""

from __future__ import annotations

import math
import threading
from contextlib import suppress

import psycopg

from mtnet_chassis.events.relay.rows import OutboxRows
from mtnet_chassis.telemetry import OUTBOX_AGE_SECONDS, OUTBOX_DEPTH, UNDELIVERABLE, logger

log = logger()

MEASURE_SECONDS = 5.0


class Measuring:
    """Sets the gauges of one service's outbox until stopped."""

    def __init__(self, service: str, dsn: str) -> None:
        self._service = service
        self._dsn = dsn
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="measuring", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        rows: OutboxRows | None = None
        while not self._stopping.is_set():
            try:
                rows = rows or OutboxRows(self._dsn)
                measured = rows.measure()
                self._report(measured.depth, measured.age_seconds, measured.dead)
            except Exception as problem:
                # Whatever it was, measure again next time; if the thread ended, old figures would stay for ever.
                away = isinstance(problem, psycopg.Error)
                log.warning(
                    "outbox not measured",
                    service=self._service,
                    problem=type(problem).__name__,
                    exc_info=None if away else problem,
                )
                # An old figure would look like a present one.
                self._report(math.nan, math.nan, math.nan)
                if rows is not None:
                    with suppress(Exception):
                        rows.close()
                rows = None
            self._stopping.wait(MEASURE_SECONDS)
        if rows is not None:
            rows.close()

    def _report(self, depth: float, age_seconds: float, dead: float) -> None:
        OUTBOX_DEPTH.labels(self._service).set(depth)
        OUTBOX_AGE_SECONDS.labels(self._service).set(age_seconds)
        UNDELIVERABLE.labels(self._service).set(dead)
