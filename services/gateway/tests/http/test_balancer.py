"""The shipped HAProxy, alone and behind a TLS proxy: slow senders, files that are too large, and 32 people."""

import contextlib
import re
import shutil
import socket
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from .test_front import FORM, SLOW, free_port, is_open, page, said, served

CONFIGURATION = Path(__file__).resolve().parents[4] / "infra" / "docker" / "balancer.cfg"
HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed"),
]


def haproxy(directory, name, text):
    file = directory / f"{name}.cfg"
    file.write_text(text)
    return subprocess.Popen([HAPROXY, "-db", "-q", "-f", str(file)], stdout=subprocess.DEVNULL)


def shipped(port, gateway):
    """balancer.cfg with addresses of this machine in place of the containers'."""
    text = re.sub(r"resolvers containers\n(?: .*\n)+", "", CONFIGURATION.read_text())
    text, bound = re.subn(r"bind :8000", f"bind 127.0.0.1:{port}", text)
    text, named = re.subn(r"server-template .*", f"server gateway 127.0.0.1:{gateway} check inter 1s", text)
    # Ready is who has a broker; these tests need none.
    text, asked = re.subn(r"httpchk GET /readyz", "httpchk GET /healthz", text)
    assert (bound, named, asked) == (1, 1, 1)
    return text


def tls_proxy(port, balancer):
    """What stands before it elsewhere (its TLS is not what is tried): another Host, an address with a port."""
    return f"""defaults
    mode http
    timeout connect 2s
    timeout client 120s
    timeout server 120s
frontend public
    bind 127.0.0.1:{port}
    http-request set-header X-Forwarded-For "%[req.hdr(x-test-person)]:51234"
    http-request set-header Host balancer:8000
    default_backend balancer
backend balancer
    server balancer 127.0.0.1:{balancer}
"""


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """Of the balancer, of the proxy before it."""
    directory = tmp_path_factory.mktemp("proxies")
    gateway, balancer, public = free_port(), free_port(), free_port()
    processes = [
        served(gateway, directory, GATEWAY_PROXIES="2", PORTAL_URL="https://portal.example"),
        haproxy(directory, "balancer", shipped(balancer, gateway)),
        haproxy(directory, "public", tls_proxy(public, balancer)),
    ]
    for _ in range(300):
        with contextlib.suppress(OSError):
            if page(public, "/healthz")[0] == 200:
                break
        time.sleep(0.1)
    yield balancer, public
    for process in processes:
        process.terminate()
        process.wait(60)


class Person:
    """A browser behind the proxy."""

    def __init__(self, port, address):
        self.port, self.address = port, address

    def ask(self, method, path, body=None, **headers):
        told = {"X-Test-Person": self.address, "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, told | headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()

    def log_in(self, times=1):
        answer, text = self.ask("GET", "/login")
        cookie = answer.getheader("Set-Cookie").split(";")[0]
        assert cookie.startswith("__Host-form=")
        token = BeautifulSoup(text, "html.parser").find("input", {"name": "csrf_token"})["value"]
        body = f"csrf_token={token}&account_name=demomember&password=x"
        return [self.ask("POST", "/login", body, Cookie=cookie)[0].status for _ in range(times)]


def test_thirty_two_people_log_in_and_a_flood_is_one_of_theirs(ports):
    """Accounts is away here, so 503 is as far as a login comes; 429 would be the limit."""
    _, public = ports
    assert [Person(public, f"203.0.113.{n}").log_in(2) for n in range(32)] == [[503, 503]] * 32
    assert Person(public, "198.51.100.7").log_in(31) == [503] * 30 + [429]
    assert Person(public, "198.51.100.8").log_in() == [503]


def test_redirects_lead_to_no_other_scheme_or_host(ports):
    for port in ports:
        answer, _ = Person(port, "203.0.113.7").ask("GET", "/apply")
        assert (answer.status, answer.getheader("Location")) == (308, "/apply/")
        assert "max-age" in answer.getheader("Strict-Transport-Security")


@pytest.mark.parametrize("megabytes", [11.5, 30, 200])
def test_a_file_that_is_too_large_is_told_so_through_proxies(ports, megabytes):
    _, public = ports
    size, block = int(megabytes * 1024 * 1024), b"x" * 65536
    with socket.create_connection(("127.0.0.1", public), 120) as connection:
        connection.sendall(
            f"POST /apply/PTAPPLY936EC90162340/form HTTP/1.1\r\nHost: portal.example\r\nConnection: close\r\n"
            f"X-Test-Person: 203.0.113.9\r\nOrigin: https://portal.example\r\nContent-Length: {size}\r\n"
            "Accept-Language: en\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n".encode()
        )
        for _ in range(size // len(block)):
            connection.sendall(block)
        connection.sendall(b"x" * (size % len(block)))
        answer = said(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"under 10 MB" in answer
    assert b'href="/apply/PTAPPLY936EC90162340/form"' in answer


def test_what_was_typed_is_kept_where_the_host_is_rewritten_and_the_cookie_is_gone(ports):
    _, public = ports
    typed = "name_zh=" + "%E8%88%AA" * 800
    answer, text = Person(public, "203.0.113.7").ask(
        "POST", "/apply/PTAPPLY936EC90162340/section/company", typed, Origin="https://portal.example"
    )
    assert answer.status == 400
    assert "航" * 800 in text


@pytest.mark.parametrize("begin", [SLOW, SLOW.replace(FORM, b"Expect: 100-continue\r\n" + FORM)])
def test_two_hundred_slow_senders_stop_nobody_behind_the_balancer(ports, begin):
    balancer, public = ports
    with contextlib.ExitStack() as held:
        connections = []
        for _ in range(200):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", balancer), 60))
            connection.sendall(begin)
            connections.append(connection)
        for _ in range(2):
            for connection in connections:
                connection.sendall(b"x")
            assert page(balancer)[0] == page(public)[0] == 200
        assert all(is_open(connection) for connection in connections)
