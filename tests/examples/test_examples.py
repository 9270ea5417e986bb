"""The programs under examples/, each as a process of its own, with the rights of a registered system and no more."""

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import pytest
from mtnet_chassis.testing.downstream import Announced, Registered
from mtnet_chassis.testing.pytest_plugin import eventually
from packaging.requirements import Requirement

EXAMPLES = Path(__file__).parents[2] / "examples"
EVENTS = (("accounts", "AccountActivated"), ("accounts", "AccountFrozen"))
PROGRAMS = {
    "pika": [sys.executable, "vessels.py"],
    "subscriber": [sys.executable, "vessels.py"],
    "nameko": [sys.executable, "-W", "ignore::DeprecationWarning", "run.py"],
    "node": ["node", "vessels.mjs"],
}
ACTIVATED, FROZEN = "accounts.AccountActivated", "accounts.AccountFrozen"


@pytest.fixture(scope="module")
def registered(broker):
    registered = Registered(
        broker.management, broker.amqp_url, f"vessels-{secrets.token_hex(3)}", EVENTS, "on_event"
    )
    yield registered
    registered.remove()


@pytest.fixture(scope="module")
def node_modules(tmp_path_factory):
    """The folder of the Node example with its packages."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node and npm are not on this machine; the example for Node is not tried.")
    folder = tmp_path_factory.mktemp("node") / "node"
    shutil.copytree(EXAMPLES / "node", folder, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
        cwd=folder,
        check=True,
    )
    return folder


class Program:
    """An example with a store of its own."""

    def __init__(self, name, folder, place, registered):
        self.command, self.folder = PROGRAMS[name], folder
        self.by_nameko = name == "nameko"
        self.store = place / ("vessels.json" if name == "node" else "vessels.db")
        self.environment = os.environ | {
            "AMQP_URL": registered.url,
            "SYSTEM": registered.name,
            "STORE": str(self.store),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.log = (place / "log").open("w")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, env=self.environment, stdout=self.log, stderr=self.log
        )

    def wait_listening(self, registered):
        """Nameko declares its queues at its start; what is sent before does not reach them."""
        queues = registered.system.nameko_queues if self.by_nameko else [registered.queue]
        eventually(lambda: set(queues) <= set(registered.management.queue_depths()), 60)
        eventually(lambda: all(registered.consumers(queue) for queue in queues), 60)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def history(self):
        """What was applied, in its order."""
        if not self.store.exists():
            return []
        if self.store.suffix == ".json":
            return [tuple(each) for each in json.loads(self.store.read_text())["history"]]
        if not self.rows("SELECT 1 FROM sqlite_master WHERE name = 'history'"):
            return []
        return self.rows("SELECT account_id, what FROM history ORDER BY rowid")

    def rows(self, question):
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as db:
            return db.execute(question).fetchall()


@pytest.fixture
def program(request, registered, tmp_path):
    name = request.param
    folder = request.getfixturevalue("node_modules") if name == "node" else EXAMPLES / name
    registered.channel.queue_purge(registered.queue)
    registered.channel.queue_purge(f"{registered.queue}.dead")
    registered.make_streams()
    program = Program(name, folder, tmp_path, registered)
    yield program
    program.kill()
    program.log.close()
    print((tmp_path / "log").read_text()[-5000:])


def account_events(account):
    """Activated, frozen and activated again: numbers 1, 4 and 7 of the account, since not everything is granted."""
    return [
        Announced(name, account, sequence, {"account_id": account, "account_name": "QWERTYUI"})
        for name, sequence in (("AccountActivated", 1), ("AccountFrozen", 4), ("AccountActivated", 7))
    ]


@pytest.mark.parametrize("program", PROGRAMS, indirect=True)
def test_each_event_is_applied_once_and_in_order_though_it_comes_twice_and_the_program_is_killed(
    program, registered
):
    accounts = [str(uuid4()) for _ in range(4)]
    events = [each for account in accounts for each in account_events(account)]
    program.start()
    program.wait_listening(registered)
    registered.send(*events[:6], *events[1:4])
    eventually(lambda: len(program.history()) >= 6, 60)
    program.kill()
    registered.send(*events[3:], *events[:2])
    if not program.by_nameko:  # Kombu decodes before the example sees anything
        registered.send_raw(events[0].headers, b"not json", "AccountActivated")
    program.start()
    last = account_events(str(uuid4()))[:1]
    registered.send(*last)
    eventually(lambda: len(program.history()) >= 13, 60)
    expected = {account: [ACTIVATED, FROZEN, ACTIVATED] for account in accounts} | {
        last[0].subject: [ACTIVATED]
    }
    found = {account: [what for of, what in program.history() if of == account] for account in expected}
    if program.by_nameko:  # a queue for each event: their order is not that of the account
        eventually(lambda: not any(registered.ready(queue) for queue in registered.system.nameko_queues))
        found, expected = ({a: sorted(w) for a, w in each.items()} for each in (found, expected))
        assert program.rows("SELECT count(*) FROM captain WHERE active") == [(5,)]
    else:
        eventually(lambda: registered.ready() == 0)
        eventually(lambda: registered.ready(f"{registered.queue}.dead") == 1)
    assert found == expected
    assert len(program.history()) == 13


@pytest.mark.parametrize("program", ["subscriber"], indirect=True)
def test_a_lost_database_is_filled_again_from_the_streams(program, registered):
    events = [each for _ in range(5) for each in account_events(str(uuid4()))]
    registered.send(*events)
    registered.channel.queue_purge(registered.queue)
    program.start()
    eventually(lambda: len(program.history()) >= 15, 60)
    assert sorted(program.history()) == sorted((each.subject, f"accounts.{each.name}") for each in events)


@pytest.mark.parametrize("name", ["pika", "nameko"])
def test_what_an_example_asks_for_is_what_it_is_tried_with(name):
    for line in (EXAMPLES / name / "requirements.txt").read_text().splitlines():
        wanted = Requirement(line)
        assert version(wanted.name) in wanted.specifier
