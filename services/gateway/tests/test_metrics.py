"""The counts of all workers of one gateway, on a port that is not the public's."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from gateway import metrics

ENVIRONMENT = {
    "GATEWAY_SECRET_KEY": "k" * 40,
    "AMQP_URL": "amqp://nobody:nothing@127.0.0.1:1/nowhere",
    "FILES_URL": "file:///nowhere",
    "PORTAL_URL": "http://localhost",
    "GATEWAY_WORKERS": "2",
}


@pytest.fixture(scope="module")
def ports():
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def gateway(ports, temporary):
    """The last test of this file ends it."""
    port, metrics_port = ports
    variables = ENVIRONMENT | {"GATEWAY_PORT": str(port), "GATEWAY_METRICS_PORT": str(metrics_port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway"],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(temporary), **variables},
    )
    try:
        wait_until(lambda: status_of(f"http://127.0.0.1:{port}/healthz") == 200)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def wait_until(true, seconds=150):
    by = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < by, "waited in vain"
        time.sleep(0.05)


def status_of(address):
    try:
        with urlopen(address, timeout=10) as answer:
            return answer.status
    except HTTPError as refused:
        return refused.code
    except OSError:
        return None


def told(metrics_port):
    with urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=10) as answer:
        return answer.read().decode()


def calls_counted(metrics_port):
    counts = re.findall(r"(?m)^mtnet_gateway_call_seconds_count\{.*\} ([\d.]+)$", told(metrics_port))
    return sum(float(count) for count in counts)


def workers_of(process):
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@pytest.mark.slow  # starts a gateway
def test_workers_are_counted_together_and_a_count_outlives_its_worker(gateway, ports):
    port, metrics_port = ports
    wait_until(lambda: len(workers_of(gateway)) == 2)
    for _ in range(12):
        assert status_of(f"http://127.0.0.1:{port}/api/v1/pages?kind=news") == 503
    assert calls_counted(metrics_port) == 12
    before = workers_of(gateway)
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(after := workers_of(gateway)) == 2 and before[0] not in after)
    assert calls_counted(metrics_port) == 12


def test_a_worker_that_has_ended_leaves_no_gauge_behind(tmp_path):
    """It may have found a service away that its successor reaches."""
    variables = {"PATH": os.environ["PATH"], metrics.DIRECTORY_VARIABLE: str(tmp_path)}
    setting = "from gateway.rpc.circuit_breaker import AWAY; AWAY.labels('review').set(1); input()"
    with subprocess.Popen([sys.executable, "-c", setting], env=variables, stdin=subprocess.PIPE) as worker:
        wait_until(lambda: values_of("mtnet_gateway_service_away", tmp_path) == [1])
        worker.kill()
        worker.wait(30)
    assert values_of("mtnet_gateway_service_away", tmp_path) == []


def values_of(name, directory):
    found = metrics.WorkersCollector(str(directory)).collect()
    return [sample.value for metric in found if metric.name == name for sample in metric.samples]


def test_the_public_port_does_not_show_them(browser):
    assert browser.http.get("/metrics").status_code == 404


@pytest.mark.slow  # starts a gateway
def test_nothing_is_left_behind(gateway, temporary):
    assert any(temporary.glob("mtnet-gateway-*"))
    gateway.terminate()
    assert gateway.wait(60) == 0
    assert not any(temporary.glob("mtnet-gateway-*"))
