"""The page of events: what a downstream system gets, as it arrives, from a real broker."""

import json
import secrets
import socket
import urllib.request
from urllib.parse import urlsplit

import pika
import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from sandbox.events.watching import KEPT, LONGEST_BODY, Watcher, credentials_in
from sandbox.events.words import WORDS
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def system(broker):
    """A downstream system with its queue: the broker with its user in it, as the sandbox is told."""
    user = f"downstream.d-{secrets.token_hex(4)}.1"
    queue = user.rpartition(".")[0]
    management = broker.management
    management.call("PUT", f"/queues/{broker.vhost}/{queue}", {"durable": True})
    management.set_user(user, "secret")
    path = f"/permissions/{broker.vhost}/{user}"
    management.call("PUT", path, {"configure": "^$", "write": "^$", "read": f"^{queue}$"})
    parts = urlsplit(broker.amqp_url)
    yield f"amqp://{user}:secret@{parts.hostname}:{parts.port}{parts.path}"
    management.call("DELETE", f"/users/{user}")


@pytest.fixture
def sandbox():
    """`sandbox(events_url)` is a running one."""
    started = []

    def start(events_url):
        tokens = {"sms": "t", "line": "t"}
        started.append(SandboxInThread(Settings(a_free_port(), a_free_port(), tokens, events_url=events_url)))
        return started[-1]

    yield start
    for each in started:
        each.close()


def send(broker, url, *events, body=b'{"account_id": "a-1", "note": "<script>alert(1)</script>"}'):
    with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for number, event in enumerate(events, 1):
            headers = {
                "cloudEvents_type": event,
                "cloudEvents_subject": "a-1",
                "cloudEvents_sequence": f"{number:020}",
            }
            channel.basic_publish("", credentials_in(url).queue, body, pika.BasicProperties(headers=headers))


def told(sandbox):
    return json.loads(sandbox.ask("GET", "/api/events")[1])


def names(sandbox):
    return [each["event"] for each in told(sandbox)["events"]]


def test_what_arrives_is_shown_newest_first_with_headers_and_body(broker, system, sandbox):
    running = sandbox(system)
    send(broker, system, "accounts.AccountActivated", "accounts.AccountFrozen")
    eventually(lambda: names(running) == ["accounts.AccountFrozen", "accounts.AccountActivated"])
    for language, words in WORDS.items():
        status, page = running.ask("GET", f"/events?lang={language}")
        assert status == 200
        assert page.index("accounts.AccountFrozen") < page.index("accounts.AccountActivated")
        assert "00000000000000000002" in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert words["title"] in page
        assert words["state_reading"] in page
        assert credentials_in(system).user in page


def test_a_page_that_is_open_gets_what_arrives(broker, system, sandbox):
    running = sandbox(system)
    send(broker, system, "accounts.AccountActivated")
    eventually(lambda: names(running))
    with urllib.request.urlopen(f"{running.url}/events/live?lang=en&after=1", timeout=20) as live:
        assert live.headers["Content-Type"] == "text/event-stream"
        lines = (line.decode() for line in live if line not in (b"\n", b": still here\n"))
        assert next(lines) == "event: state\n"
        assert next(lines) == f"data: {json.dumps(WORDS['en']['state_reading'])}\n"
        send(broker, system, "accounts.AccountFrozen")
        assert next(lines) == "event: seen\n"
        assert next(lines) == "id: 2\n"
        item = json.loads(next(lines).removeprefix("data: "))
        assert "accounts.AccountFrozen" in item
        assert "&lt;script&gt;" in item


def test_as_many_pages_may_follow_as_the_sandbox_can_bear(system, sandbox, monkeypatch):
    monkeypatch.setattr("sandbox.events.pages.MOST_LISTENERS", 1)
    running = sandbox(system)
    with urllib.request.urlopen(f"{running.url}/events/live", timeout=20) as live:
        live.readline()
        assert running.ask("GET", "/events/live")[0] == 503


def test_only_the_newest_are_kept_and_a_long_body_is_cut():
    watcher = Watcher("")
    for number in range(KEPT + 5):
        watcher._keep("AccountActivated", {"n": number}, b'"' + b"x" * (LONGEST_BODY * 2) + b'"')
    kept = watcher.newest_first()
    assert len(kept) == KEPT
    assert dict(kept[0].headers)["n"] == str(KEPT + 4)
    assert len(kept[0].body) == LONGEST_BODY + 1
    assert watcher.newest_first(after=KEPT + 4) == kept[:1]
    assert watcher.newest_first(after=10**6) == kept, "numbers of an earlier process"


def test_it_says_that_the_broker_is_away_and_reads_when_it_is_there(broker, system, sandbox, monkeypatch):
    """A relay in between that is cut off, and there again."""
    monkeypatch.setattr("sandbox.events.watching.AGAIN_SECONDS", 0.1)
    broken = system.replace(str(urlsplit(system).port), str(a_free_port()))
    away = sandbox(broken)
    eventually(lambda: WORDS["zh"]["state_away"] in away.ask("GET", "/events?lang=zh")[1])
    send(broker, system, "accounts.AccountActivated")
    there = sandbox(system)
    eventually(lambda: names(there) == ["accounts.AccountActivated"])
    user = credentials_in(system).user
    connections = broker.management
    path = "/connections?columns=name,user"

    def own():
        return [each["name"] for each in connections.call("GET", path) if each.get("user") == user]

    eventually(own)
    for name in own():
        connections.call("DELETE", f"/connections/{urllib.request.quote(name, safe='')}")
    send(broker, system, "accounts.AccountFrozen")
    eventually(lambda: names(there)[0] == "accounts.AccountFrozen")


def test_it_says_that_the_system_is_not_registered(system, sandbox):
    wrong = system.replace(":secret@", ":other@")
    running = sandbox(wrong)
    eventually(lambda: told(running)["state"] == "refused")
    assert WORDS["en"]["state_refused"] in running.ask("GET", "/events?lang=en")[1]


def test_without_a_system_the_page_says_so(sandbox):
    running = sandbox("")
    assert WORDS["en"]["state_off"] in running.ask("GET", "/events?lang=en")[1]
    assert told(running) == {"state": "off", "events": []}
