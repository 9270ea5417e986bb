"""A process that is killed in the middle of a broadcast: everybody gets it once, whoever goes on with it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from mtnet_chassis.failpoints import POINTS_OF_BROADCASTS
from mtnet_chassis.testing.pytest_plugin import eventually
from notify.broadcasts import actions
from notify.broadcasts.actions import Stores
from notify.broadcasts.threads import now

from ..builders import LINKS
from ..conftest import EVERY_SETTING
from .conftest import OPERATOR, TEXTS, add_people, add_to

SERVICES = ("notify",)


class Line(BaseHTTPRequestHandler):
    """Takes a multicast a key once, and then says 409, as LINE does. Each answer takes a while."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers["X-Line-Retry-Key"]
        known = self.server.accepted.setdefault(key, body["to"]) is not body["to"]
        time.sleep(self.server.seconds)
        self._answer(409 if known else 200, {})

    def do_GET(self):
        self._answer(200, {"type": "none"} if self.path.endswith("quota") else {"totalUsage": 0})

    def _answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that was killed."""


@pytest.fixture
def line():
    server = Server(("127.0.0.1", 0), Line)
    server.accepted, server.seconds = {}, 0.2
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def serve(topology, run_process, mailbox, unsealing_key, line):
    def serve(**more):
        return run_process(
            "serve",
            "notify",
            **EVERY_SETTING
            | {
                "NOTIFY_SEALING_PRIVATE_KEY": unsealing_key,
                "NOTIFY_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
                "NOTIFY_SMS_URL": "http://127.0.0.1:9/sms",
                "NOTIFY_LINE_URL": f"http://127.0.0.1:{line.server_port}",
                "NOTIFY_MAIL_FROM": "MTNet <no-reply@mtnet.example>",
                "PORTAL_URL": "https://mtnet.example",
            }
            | more,
        )

    return serve


@pytest.fixture
def running(empty):
    """`running(line=…, email=…)`: the id of a broadcast that has just been started, and its people."""

    def running(**ways):
        ids = add_people(empty, **ways)
        with empty.transaction() as tx:
            new = actions.write(Stores.of(tx), LINKS, OPERATOR, now(), **TEXTS)
        add_to(empty, new.broadcast_id, ids)
        with empty.transaction() as tx:
            counted = actions.count(Stores.of(tx), OPERATOR, now(), broadcast_id=new.broadcast_id)
            actions.start(
                Stores.of(tx), OPERATOR, now(), broadcast_id=new.broadcast_id, version=counted.version,
                people=len(ids), start_at=None, per_second=None,
            )  # fmt: skip
        return new.broadcast_id, ids

    return running


def test_everybody_gets_it_once_although_processes_are_killed(empty, serve, running, line, mailbox, rows):
    line.seconds = 3
    broadcast_id, ids = running(line=9_900, email=100)
    for _ in range(2):
        before = len(line.accepted)
        process = serve()
        eventually(lambda before=before: len(line.accepted) > before, seconds=40)
        process.kill()
    state = "SELECT state FROM broadcast WHERE broadcast_id = %s"
    assert rows(state, broadcast_id) == [("running",)]
    line.seconds = 0
    serve()
    serve()
    eventually(lambda: rows(state, broadcast_id) == [("finished",)], seconds=60)
    told = [each for recipients in line.accepted.values() for each in recipients]
    assert sorted(told) == sorted(f"U{each.hex}" for each in ids[:9_900])
    # A mail may come twice where a process died between acceptance and record; nobody is left out.
    mailed = {recipients[0] for recipients, _ in mailbox.received}
    assert mailed == {f"{each}@example.com" for each in ids[9_900:]}
    written = "SELECT count(*), count(DISTINCT person_id) FROM message WHERE subject_id = %s"
    assert rows(written, broadcast_id) == [(10_000, 10_000)]


@pytest.mark.parametrize("point", POINTS_OF_BROADCASTS)
def test_nobody_is_left_out_or_told_twice_where_a_process_is_killed_at(serve, running, line, rows, point):
    line.seconds = 0
    # All people are one slice; of their six chunks the second is in hand.
    first = serve(FAILPOINT=f"{point}:kill:{1 if 'slice' in point else 2}")
    broadcast_id, ids = running(line=2_600)
    eventually(lambda: not first.alive, seconds=40)
    state = "SELECT state FROM broadcast WHERE broadcast_id = %s"
    assert rows(state, broadcast_id) == [("running",)]
    serve()
    eventually(lambda: rows(state, broadcast_id) == [("finished",)], seconds=90)
    # What was accepted and not recorded is sent again under its key, which LINE knows.
    told = [each for recipients in line.accepted.values() for each in recipients]
    assert sorted(told) == sorted(f"U{each.hex}" for each in ids)
    written = "SELECT count(*), count(DISTINCT person_id) FROM message WHERE subject_id = %s"
    assert rows(written, broadcast_id) == [(2_600, 2_600)]


def test_a_pause_is_kept_by_a_process_within_a_second(empty, serve, running, line, rows):
    line.seconds = 0.5
    serve()
    broadcast_id, _ = running(line=20_000)
    eventually(lambda: len(line.accepted) >= 2, seconds=40)
    with empty.transaction() as tx:
        actions.pause(Stores.of(tx), OPERATOR, now(), broadcast_id=broadcast_id)
    time.sleep(1)
    sent = len(line.accepted)
    time.sleep(1)
    assert len(line.accepted) == sent < 40
