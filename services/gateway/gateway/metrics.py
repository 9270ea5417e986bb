"""What all workers of a gateway count together, for Prometheus, on a port that is not the public's.

Workers keep their counts in files of one directory, which the main process reads and adds up when it is asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from gateway.settings import Settings

# Read by prometheus_client when a worker imports it.
DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class WorkersCollector(MultiProcessCollector):
    """The counts of all workers. Of a worker that has ended only what it counted remains, not its gauges."""

    def __init__(self, directory: str) -> None:
        super().__init__(None, directory)  # type: ignore[no-untyped-call]
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        for process in _processes(self._directory):
            if not Path(f"/proc/{process}").exists():
                mark_process_dead(process, self._directory)  # type: ignore[no-untyped-call]
        collected: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]
        return collected


@contextmanager
def served_metrics(settings: Settings) -> Iterator[None]:
    """Serve them at GATEWAY_METRICS_PORT for as long as the workers run, which are to be started inside."""
    if settings.metrics_port is None:
        yield
        return
    with TemporaryDirectory(prefix="mtnet-gateway-") as directory:
        os.environ[DIRECTORY_VARIABLE] = directory
        registry = CollectorRegistry()
        registry.register(WorkersCollector(directory))
        try:
            start_http_server(settings.metrics_port, addr=settings.metrics_host, registry=registry)
        except OSError as problem:
            sys.stderr.write(f"Metrics are not served at port {settings.metrics_port}: {problem}.\n")
        yield


def _processes(directory: str) -> set[int]:
    """Those that have written gauges, by the names of their files."""
    return {int(path.stem.rpartition("_")[2]) for path in Path(directory).glob("gauge_live*_*.db")}
