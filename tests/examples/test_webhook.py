"""The example of a webhook as a process of its own, sent to by the portal's own sender."""

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import pytest
from mtnet_chassis.testing.downstream import Announced
from mtnet_chassis.testing.pytest_plugin import eventually
from notify.webhooks.adapters import Receiver
from notify.webhooks.rules import DueEvent, event_of
from packaging.requirements import Requirement

FOLDER = Path(__file__).parents[2] / "examples" / "webhook"
FORMER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ACTIVATED, FROZEN = "accounts.AccountActivated", "accounts.AccountFrozen"


class Program:
    def __init__(self, place):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.store = place / "vessels.db"
        self.log = (place / "log").open("w")
        self.process = None
        # A connection to each of the programs that come one after another, as the portal would keep it.
        self.sender = Receiver(f"http://127.0.0.1:{self.port}/", local=True)

    def start(self):
        environment = os.environ | {
            "PORT": str(self.port),
            "STORE": str(self.store),
            "WEBHOOK_SECRETS": f"{FORMER} {SECRET}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "vessels.py"], cwd=FOLDER, env=environment, stdout=self.log, stderr=self.log
        )
        eventually(self.listens, 60)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def send(self, *events, secrets=(SECRET,)):
        """What was answered to each."""
        return [self.sender.post(each, list(secrets)).status for each in events]

    def rows(self, question):
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as db:
            return db.execute(question).fetchall()


@pytest.fixture
def program(tmp_path):
    program = Program(tmp_path)
    program.start()
    yield program
    program.kill()
    program.sender.close()
    program.log.close()
    print((tmp_path / "log").read_text()[-5000:])


def events_of(account):
    """Activated, frozen, activated again."""
    announced = [
        Announced(name, account, sequence, {"account_id": account, "account_name": "QWERTYUI"})
        for name, sequence in (("AccountActivated", 1), ("AccountFrozen", 4), ("AccountActivated", 7))
    ]
    return [due(each) for each in announced]


def due(announced):
    event = event_of(announced.headers, announced.body)
    return DueEvent(1, event.event_id, event.event, event.subject, event.attributes, event.body, 0, 0, None)


def test_each_event_is_applied_once_and_in_order_though_it_comes_twice_and_the_program_is_killed(program):
    account = str(uuid4())
    first, second, third = events_of(account)
    assert program.send(first, second, second) == [204, 204, 204]
    program.kill()
    assert program.send(third) == [None]
    program.start()
    assert program.send(third, first) == [204, 204]
    assert program.rows("SELECT account_id, what FROM history ORDER BY rowid") == [
        (account, what) for what in (ACTIVATED, FROZEN, ACTIVATED)
    ]
    assert program.rows("SELECT account_name, active FROM captain") == [("QWERTYUI", 1)]


def test_what_was_answered_is_stored_whenever_the_program_is_killed(program):
    """Killed at once after an answer: that answer was the promise."""
    accounts = [str(uuid4()) for _ in range(5)]
    for account in accounts:
        assert program.send(events_of(account)[0]) == [204]
        program.kill()
        program.start()
    assert [row[0] for row in program.rows("SELECT account_id FROM history ORDER BY rowid")] == accounts


def test_an_old_event_that_is_sent_again_under_another_id_does_not_bring_back_what_was(program):
    account = str(uuid4())
    activated, frozen, _ = events_of(account)
    late = events_of(account)[0]
    assert program.send(activated, frozen, late) == [204, 204, 204]
    assert program.rows("SELECT active FROM captain") == [(0,)]


def test_both_secrets_are_taken_while_one_is_renewed_and_no_other(program):
    first, second, third = events_of(str(uuid4()))
    assert program.send(first, secrets=[SECRET, FORMER]) == [204]
    assert program.send(second, secrets=[FORMER]) == [204]
    assert program.send(third, secrets=["whsec_" + "A" * 32]) == [401]
    assert program.rows("SELECT count(*) FROM history") == [(2,)]


@pytest.mark.parametrize("length", [-1, 1024 * 1024 + 1, 10**30])
def test_a_body_whose_length_is_not_told_or_too_large_is_not_read(program, length):
    """A stranger needs no secret to send: what comes before the signature is looked at must be bounded."""
    with socket.create_connection(("127.0.0.1", program.port), 30) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_what_it_asks_for_is_what_it_is_tried_with():
    (wanted,) = (Requirement(line) for line in (FOLDER / "requirements.txt").read_text().splitlines())
    assert version(wanted.name) in wanted.specifier
