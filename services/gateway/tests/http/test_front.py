"""Slow, broken, lying and endless bodies, and readers that do not read, cost nobody else the portal."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection

import pytest
from gateway.http.front import Front, Limits, environ_of

HEADERS = [(b"host", b"portal.example")]
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
SLOW = b"POST /login HTTP/1.1\r\nHost: localhost\r\n" + FORM + b"Content-Length: 5000\r\n\r\n"


def scope(path="/", method="POST", headers=(), raw=None):
    return {
        "type": "http",
        "method": method,
        "raw_path": raw or path.encode(),
        "path": path,
        "query_string": b"",
        "http_version": "1.1",
        "client": ("203.0.113.7", "1"),
        "server": ("127.0.0.1", "8000"),
        "headers": [*HEADERS, *headers],
    }


class Application:
    """Answers with the body it was given; knows how often and with what it was called."""

    def __init__(self, answer=None):
        self.called, self.answer = [], answer

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read()
        self.called.append((environ, body))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body if self.answer is None else self.answer]


class Exchange:
    """One request: gives its messages one by one, then waits as a client does that has no more to say."""

    def __init__(self, *messages):
        self.messages, self.sent, self.stuck = list(messages), [], asyncio.Event()

    async def receive(self):
        if self.messages:
            return self.messages.pop(0)
        self.stuck.set()
        await asyncio.Event().wait()

    async def send(self, message):
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def body(self):
        return b"".join(m.get("body", b"") for m in self.sent[1:])


def piece(body, more=False):
    return {"type": "http.request", "body": body, "more_body": more}


def length(size):
    return [(b"content-length", str(size).encode())]


def ask(front, exchange, **asked):
    asyncio.run(front(scope(**asked), exchange.receive, exchange.send))
    return exchange


def test_a_request_without_a_body_is_not_waited_for():
    app = Application(b"page")
    exchange = ask(Front(app), Exchange(), method="GET")
    assert (exchange.status, exchange.body) == (200, b"page")
    assert not exchange.stuck.is_set()


@pytest.mark.parametrize("headers", [length(9), [(b"transfer-encoding", b"chunked")]])
def test_a_body_is_whole_before_the_application_is_called(headers):
    app = Application()
    exchange = ask(
        Front(app), Exchange(piece(b"one ", True), piece(b"two", True), piece(b"!!")), headers=headers
    )
    assert exchange.body == b"one two!!"
    assert app.called[0][0]["CONTENT_LENGTH"] == "9"
    assert "HTTP_TRANSFER_ENCODING" not in app.called[0][0]


def test_a_body_larger_than_the_memory_allows_is_whole_too():
    front = Front(app := Application(b"got it"), Limits(memory_bytes=1000))
    pieces = [piece(bytes([n]) * 900, True) for n in range(50)]
    ask(front, Exchange(*pieces, piece(b"")), path="/apply/x/form", headers=length(45_000))
    assert app.called[0][1] == b"".join(p["body"] for p in pieces)
    assert front._body_bytes == 0


@pytest.mark.parametrize("messages", [[], [piece(b"ab", True)]])
def test_a_client_that_goes_in_the_middle_costs_no_thread(messages):
    front = Front(app := Application())
    exchange = ask(front, Exchange(*messages, {"type": "http.disconnect"}), headers=length(5000))
    assert (app.called, exchange.status) == ([], 400)
    assert (front._bodies, front._body_bytes) == (set(), 0)


@pytest.mark.parametrize("path", ["/login", "/api/v1/sessions", "/oauth/token"])
def test_a_body_that_is_too_slow_is_ended_and_told_so(path):
    front = Front(app := Application(), Limits(first_seconds=0.05))
    exchange = ask(front, Exchange(piece(b"a", True)), path=path, headers=length(5000))
    assert exchange.status == 408
    assert app.called == []
    assert (front._bodies, front._body_bytes) == (set(), 0)
    if path.startswith("/api"):
        assert json.loads(exchange.body)["errors"] == {"refusal": ["BODY_TOO_SLOW"]}
    elif path.startswith("/oauth"):
        assert json.loads(exchange.body)["error"] == "invalid_request"
    else:
        assert "資料傳送太慢" in exchange.body.decode()
        assert "too slowly" in exchange.body.decode()


def test_what_arrives_earns_time():
    """Without the earned second it would end before the last piece, which comes after the first deadline."""

    class Later(Exchange):
        async def receive(self):
            if len(self.messages) == 1:
                await asyncio.sleep(0.3)
            return await super().receive()

    limits = Limits(first_seconds=0.1, least_bytes_per_second=10)
    exchange = ask(Front(Application()), Later(piece(b"x" * 600, True), piece(b"!")), headers=length(601))
    assert exchange.status == 200
    exchange = ask(
        Front(Application(), limits), Later(piece(b"x" * 600, True), piece(b"!")), headers=length(601)
    )
    assert exchange.status == 200
    limits = Limits(first_seconds=0.1, least_bytes_per_second=1_000_000)
    exchange = ask(
        Front(Application(), limits), Later(piece(b"x" * 600, True), piece(b"!")), headers=length(601)
    )
    assert exchange.status == 408


def test_where_too_many_bodies_arrive_the_slowest_goes_and_the_next_is_taken():
    async def story():
        front = Front(Application(), Limits(bodies=3))
        slow = [Exchange(piece(b"x" * size, True)) for size in (500, 1, 400)]
        tasks = [
            asyncio.create_task(front(scope(headers=length(5000)), one.receive, one.send)) for one in slow
        ]
        for one in slow:
            await one.stuck.wait()
        last = Exchange(piece(b"done"))
        await front(scope(headers=length(4)), last.receive, last.send)
        await tasks[1]
        assert not tasks[0].done()
        assert not tasks[2].done()
        for task in (tasks[0], tasks[2]):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        assert (front._bodies, front._body_bytes) == (set(), 0)
        return slow[1].status, last.status

    assert asyncio.run(story()) == (408, 200)


def test_the_bytes_of_all_bodies_are_bounded():
    exchange = ask(
        Front(Application(), Limits(body_bytes=100)), Exchange(piece(b"x" * 101)), headers=length(101)
    )
    assert exchange.status == 503
    assert dict(exchange.sent[0]["headers"])[b"retry-after"] == b"10"


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_thrown_away_and_its_size_told(declared):
    front = Front(app := Application())
    size = 600 * 1024
    pieces = [piece(b"x" * 100 * 1024, True) for _ in range(6)]
    headers = length(size) if declared else [(b"transfer-encoding", b"chunked")]
    exchange = Exchange(*pieces, piece(b""))
    ask(front, exchange, headers=headers)
    environ, body = app.called[0]
    assert (environ["CONTENT_LENGTH"], body) == (str(size), b"")
    assert exchange.messages == []
    assert front._body_bytes == 0


def test_a_body_that_is_told_to_be_too_large_is_not_asked_for():
    front = Front(app := Application())
    exchange = ask(front, Exchange(), headers=[*length(20 * 1024 * 1024), (b"expect", b"100-continue")])
    assert not exchange.stuck.is_set()
    assert app.called[0][0]["CONTENT_LENGTH"] == str(20 * 1024 * 1024)
    exchange = ask(front, Exchange(), headers=length(10**12))
    assert not exchange.stuck.is_set()


@pytest.mark.parametrize("headers", [length(200_000_000), [(b"transfer-encoding", b"chunked")]])
@pytest.mark.parametrize(
    "limits", [Limits(discard_seconds=0.2, discard_bytes=10**12), Limits(discard_bytes=2_000_000)]
)
def test_an_endless_body_is_not_read_for_ever(headers, limits):
    class Endless(Exchange):
        async def receive(self):
            await asyncio.sleep(0)
            return piece(b"x" * 100_000, True)

    front = Front(app := Application(), limits)
    assert ask(front, Endless(), headers=headers).status == 200
    environ, body = app.called[0]
    assert int(environ["CONTENT_LENGTH"]) > 512 * 1024
    assert body == b""


def test_a_reader_that_does_not_read_is_left():
    class Deaf(Exchange):
        async def send(self, message):
            if len(self.sent) == 3:
                await asyncio.Event().wait()
            await super().send(message)

    front = Front(Application(b"x" * 500_000), Limits(piece_seconds=0.05))
    exchange = ask(front, Deaf(), method="GET")
    assert len(exchange.body) == 2 * 64 * 1024
    assert exchange.sent[-1]["more_body"]
    assert front._answer_bytes == 0


def test_a_large_answer_arrives_whole_and_all_together_are_bounded():
    answer = os.urandom(500_001)
    front = Front(Application(answer), Limits(answer_bytes=600_000))
    exchange = ask(front, Exchange(), method="GET")
    assert exchange.body == answer
    assert not exchange.sent[-1]["more_body"]
    front._answer_bytes = 200_000
    assert ask(front, Exchange(), method="GET").status == 503


def test_what_is_known_is_answered_without_a_thread():
    app = Application(b"from a thread")

    def at_once(environ):
        known = environ["PATH_INFO"] == "/known"
        return ("200 OK", [("X-Kept", "1")], b"at once") if known else None

    front = Front(app, at_once=at_once)
    assert ask(front, Exchange(), method="GET", path="/known").body == b"at once"
    assert app.called == []
    assert ask(front, Exchange(), method="GET", path="/other").body == b"from a thread"
    exchange = ask(front, Exchange(piece(b"x")), path="/known", headers=length(1))
    assert exchange.body == b"from a thread"


def test_those_who_wait_for_a_thread_are_bounded():
    front = Front(Application(), Limits(threads=2, waiting=3))
    front._waiting = 5
    assert ask(front, Exchange(), method="GET").status == 503


def test_an_application_that_writes_and_fails_is_heard():
    closed = []

    class Found(list):
        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("201 Created", [("X-A", "é")])(b"first ")
        return Found([b"second"])

    exchange = ask(Front(app), Exchange(), method="GET")
    assert (exchange.status, exchange.body, closed) == (201, b"first second", [True])
    assert exchange.sent[0]["headers"] == [(b"x-a", b"\xe9")]


def test_an_environ_holds_what_the_request_says_byte_by_byte():
    headers = [
        (b"cookie", b"a=1"),
        (b"cookie", b"b=\xff"),
        (b"x-forwarded-for", b"203.0.113.1"),
        (b"x-forwarded-for", b"203.0.113.2"),
        (b"x_forwarded_for", b"203.0.113.3"),
        (b"content-type", b"text/plain"),
    ]
    environ = environ_of(scope(raw=b"/%E5%B0%8F%2F%ff", headers=headers))
    assert environ["PATH_INFO"].encode("latin-1") == "/小/".encode() + b"\xff"
    assert environ["HTTP_COOKIE"] == "a=1; b=\xff"
    assert environ["HTTP_X_FORWARDED_FOR"] == "203.0.113.1,203.0.113.2"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"


# The whole process, by sockets


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    port = free_port()
    process = served(port, tmp_path_factory.mktemp("files"))
    yield port
    process.terminate()
    assert process.wait(60) == 0


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def served(port, files, **more):
    """A gateway without any service: the pages that need none are there."""
    told = {
        "GATEWAY_PORT": str(port),
        "GATEWAY_SECRET_KEY": "k" * 40,
        "AMQP_URL": "amqp://127.0.0.1:1",
        "FILES_URL": f"file://{files}",
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "ERROR",
        "GATEWAY_WORKERS": "1",  # without a broker each worker counts requests alone
    } | more
    process = subprocess.Popen([sys.executable, "-m", "gateway"], env=os.environ | told, cwd=files)
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return process
        assert process.poll() is None
        time.sleep(0.1)
    raise AssertionError("the gateway does not listen")


def page(port, path="/contact"):
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def said(connection):
    """All that comes until the other side closes."""
    found = b""
    while more := connection.recv(65536):
        found += more
    return found


def raw(port, data):
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(data)
        return said(connection)


def is_open(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


HELD = {
    "slow body": (SLOW, b"x"),
    "slow token": (SLOW.replace(b"/login", b"/oauth/token"), b"x"),
    "slow chunks": (SLOW.replace(b"Content-Length: 5000", b"Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "slow upload": (
        b"POST /apply/PTAPPLY936EC90162340/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n",
        b"x",
    ),
    "slow headers": (b"GET /contact HTTP/1.1\r\nHost: localhost\r\nX-A: ", b"x"),
    "first byte only": (b"P", b"O"),
    "nothing": (b"", b""),
    "kept alive": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
    "slow after expecting": (SLOW.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"), b"x"),
    "slow reader": (b"GET /static/portal.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20, b""),
}


@pytest.mark.stack
@pytest.mark.parametrize("kind", HELD)
def test_two_hundred_held_connections_stop_nobody(port, kind):
    begin, more = HELD[kind]
    with contextlib.ExitStack() as held:
        connections = []
        for _ in range(200):
            connection = held.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", port))
            connection.sendall(begin)
            connections.append(connection)
        for _ in range(2):
            for connection in connections:
                connection.sendall(more)
            assert page(port, "/healthz")[0] == 200
            status, body = page(port)
            assert (status, b"</html>" in body) == (200, True)
        assert all(is_open(connection) for connection in connections)


@pytest.mark.stack
def test_a_held_body_ends_by_itself(port):
    with socket.create_connection(("127.0.0.1", port), 120) as connection:
        connection.sendall(SLOW + b"x")
        assert said(connection).startswith(b"HTTP/1.1 408 ")


@pytest.mark.stack
def test_at_each_address_for_programs_a_held_body_ends_and_a_program_can_read_why(port):
    """Nobody logs in first: a stranger must not hold what a client waits for."""
    _, document = page(port, "/api/v1/openapi.json")
    found = [
        (method.upper(), re.sub(r"\{[^}]+\}", "00000000-0000-4000-8000-000000000000", path))
        for path, operations in json.loads(document)["paths"].items()
        for method, operation in operations.items()
        if "requestBody" in operation
    ]
    asked = [(method, f"/api/v1{path.removeprefix('/api/v1')}") for method, path in found]
    asked += [("POST", "/oauth/token"), ("POST", "/oauth/revoke")]
    assert len(asked) > 20
    with contextlib.ExitStack() as held:
        slow = {}
        for method, path in asked:
            connection = held.enter_context(socket.create_connection(("127.0.0.1", port), 120))
            head = SLOW.replace(b"POST /login", f"{method} {path}".encode())
            connection.sendall(head + b"x")
            slow[method, path] = connection
        for (method, path), connection in slow.items():
            head, _, body = said(connection).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 408 "), (method, path)
            told = json.loads(body)
            if path.startswith("/api/"):
                assert told["errors"] == {"refusal": ["BODY_TOO_SLOW"]}, (method, path)
            else:
                assert told == {"error": "invalid_request", "error_description": "Request Timeout."}


@pytest.mark.stack
@pytest.mark.parametrize("megabytes", [11.5, 30, 200])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_browser_that_sends_a_file_that_is_too_large_reads_why(port, megabytes, chunked):
    """A browser reads the answer after it has sent all of it."""
    size, block = int(megabytes * 1024 * 1024), b"x" * 65536
    told = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    head = (
        f"POST /apply/PTAPPLY936EC90162340/form HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{told}\r\n"
        f"Origin: http://127.0.0.1:{port}\r\nAccept-Language: en\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), 120) as connection:
        connection.sendall(head.encode())
        for _ in range(size // len(block)):
            connection.sendall(b"10000\r\n" + block + b"\r\n" if chunked else block)
        connection.sendall(b"0\r\n\r\n" if chunked else b"x" * (size % len(block)))
        answer = said(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"under 10 MB" in answer
    assert b'href="/apply/PTAPPLY936EC90162340/form"' in answer


@pytest.mark.stack
def test_who_asks_before_sending_too_much_is_answered_before(port):
    head = (
        b"POST /apply/PTAPPLY936EC90162340/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99000000\r\n"
        b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    assert raw(port, head).startswith(b"HTTP/1.1 413 ")


@pytest.mark.stack
def test_who_asks_before_sending_what_may_be_sent_is_told_to_go_on(port):
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(
            b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"a=b")
        assert said(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.stack
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (
            b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            400,
        ),
        (b"GET /apply HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
        (b"GET http://evil.example/apply HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
        (b"GET /apply HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400),
        (b"GET /apply HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (b"GET /contact HTTP/1.0\r\n\r\n", 200),
        (b"GET /contact?\xe5=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
        (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n", 421),
        (b"TRACE / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 405),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: 1\r\n" * 5000 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"x" * 200_000 + b"\r\n\r\n", 431),
    ],
)
def test_odd_requests_are_answered_and_lead_nowhere(port, request_, status):
    answer = raw(port, request_)
    assert int(answer.split(b" ")[1]) == status
    assert b"evil" not in answer
    assert page(port)[0] == 200


CHUNKS = b"POST %b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "shorter than told": SLOW + b"half",
    "no number of a chunk": CHUNKS % b"/login" + b"zz\r\na\r\n0\r\n\r\n",
    "a negative chunk": CHUNKS % b"/login" + b"-1\r\na\r\n0\r\n\r\n",
    "a chunk larger than any number": CHUNKS % b"/login" + b"f" * 16 + b"\r\na",
    "a chunk without its end": CHUNKS % b"/login" + b"1\r\nab\r\n0\r\n\r\n",
    "no last chunk": CHUNKS % b"/login" + b"1\r\na\r\n",
    "much behind the number": CHUNKS % b"/login" + b"1;" + b"x" * 100_000 + b"\r\na\r\n0\r\n\r\n",
    "many headers behind the body": CHUNKS % b"/login" + b"0\r\n" + b"X: a\r\n" * 200_000 + b"\r\n",
    "of a program": CHUNKS % b"/api/v1/sessions" + b"g\r\n",
    "of a downstream system": CHUNKS % b"/oauth/token" + b"g\r\n",
}


@pytest.mark.stack
@pytest.mark.parametrize("kind", BROKEN)
def test_a_body_that_is_broken_is_no_fault_of_ours(port, kind):
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        with contextlib.suppress(OSError):  # closed before all was sent
            connection.sendall(BROKEN[kind])
            connection.shutdown(socket.SHUT_WR)
        answer = said(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert (b"BODY_BROKEN" in answer) is (kind == "of a program")
    assert page(port)[0] == 200


@pytest.mark.stack
@pytest.mark.parametrize(
    "body", [b"1\r\na\r\n0\r\n\r\n", b"1;x=y\r\na\r\n0\r\nContent-Length: 99\r\nHost: evil.example\r\n\r\n"]
)
def test_chunks_with_what_may_stand_beside_them_are_read(port, body):
    head = CHUNKS.replace(b"\r\n\r\n", b"\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n")
    answer = raw(port, head % b"/api/v1/sessions" + body)
    assert answer.startswith(b"HTTP/1.1 415 ")
    assert b"NOT_JSON" in answer


@pytest.mark.stack
@pytest.mark.parametrize("cookie", ["nick=小明".encode(), "nick=é".encode("latin-1")])
def test_a_foreign_cookie_leaves_our_own_readable(port, cookie):
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: %b; lang=en\r\n\r\n" % cookie
    assert b'<html lang="en"' in raw(port, head)


@pytest.mark.stack
def test_a_stop_does_not_wait_for_those_who_hold_a_connection(tmp_path):
    port = free_port()
    process = served(port, tmp_path)
    with contextlib.ExitStack() as held:
        for _ in range(20):
            held.enter_context(socket.create_connection(("127.0.0.1", port), 60)).sendall(SLOW + b"x")
        assert page(port)[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0
