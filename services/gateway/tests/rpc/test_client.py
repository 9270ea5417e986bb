"""The RPC client against a real broker: it keeps its time, tells the truth, and does nothing twice by itself."""

import contextlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit, urlunsplit

import pika
import pytest
from gateway.rpc import client as clients
from gateway.rpc import time_budget
from gateway.rpc.client import Refused, Rpc, ServiceUnavailable
from gateway.rpc.connection import CallConnection, Lost
from gateway.rpc.rights import PLAN
from marshmallow import fields
from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.broker.topology import permissions_of, topology_of
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.calls.call import CALLS, Call
from mtnet_contracts.event import catalogue
from mtnet_contracts.vocabulary.shapes import Shape
from structlog.testing import capture_logs

from tests.chaos.proxy import Proxy

pytestmark = pytest.mark.stack


class Anything(Shape):
    number = fields.Integer()


def a_call(name, service="echo", **options):
    call = Call(service=service, name=name, request=Anything, **{"reply": Anything} | options)
    del CALLS[f"{service}.{name}"]
    return call


READ = a_call("read")
WRITE = a_call("write", writes=True)
MISSING = a_call("read", service="nobody")
ALLOWANCE_SECONDS = 0.7


class Echo(threading.Thread):
    """A service that answers with what it was asked; `silent` names calls it swallows, `late` slows it down.

    While `frozen` it takes nothing; while `broken` it answers everything, pings too, with a failure.
    """

    def __init__(self, amqp_url):
        super().__init__(daemon=True)
        self.heard, self.silent, self.late = [], set(), 0.0
        self.frozen, self.broken = False, False
        self._url = amqp_url
        self._over = False
        self.start()

    def run(self):
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        channel = connection.channel()
        for method, properties, body in channel.consume("rpc-echo", inactivity_timeout=0.05, auto_ack=True):
            if self._over:
                break
            while self.frozen:
                time.sleep(0.02)
            if method is None:
                continue
            asked = json.loads(body)["kwargs"]
            self.heard.append((method.routing_key, asked, properties))
            if method.routing_key in self.silent:
                self.silent.discard(method.routing_key)
                continue
            time.sleep(self.late)
            answer = {"result": asked["request"], "error": None}
            if asked["request"].get("number") == 13:
                error = {"exc_type": "Refused", "exc_args": ["UNLUCKY", {"fields": {"number": ["UNLUCKY"]}}]}
                answer = {"result": None, "error": error}
            if self.broken:
                answer = {"result": None, "error": {"exc_type": "PoolTimeout", "exc_args": []}}
            channel.basic_publish(
                "nameko-rpc",
                properties.reply_to,
                json.dumps(answer).encode(),
                pika.BasicProperties(
                    correlation_id=properties.correlation_id,
                    content_type="application/json",
                    content_encoding="utf-8",
                ),
            )
        connection.close()

    def stop(self):
        self._over, self.frozen = True, False
        self.join(5)

    def times(self, name):
        return len([key for key, *_ in self.heard if key == f"echo.{name}"])


@pytest.fixture(scope="module")
def wired(broker):
    broker.apply(topology_of([ServicePlan("echo", (), True)]))
    return broker


@pytest.fixture
def echo(wired):
    wired.management.call("DELETE", f"/queues/{wired.vhost}/rpc-echo/contents")
    echo = Echo(wired.amqp_url)
    yield echo
    echo.stop()


@pytest.fixture
def rpc(wired):
    rpc = Rpc(wired.amqp_url).start()
    eventually(rpc.healthy)
    yield rpc
    rpc.stop()


@pytest.fixture
def proxy(wired):
    address = urlsplit(wired.amqp_url)
    proxy = Proxy(address.hostname, address.port)
    yield proxy
    proxy.close()


@pytest.fixture
def far_rpc(wired, proxy):
    """A client whose way to the broker leads through the proxy."""
    parts = urlsplit(wired.amqp_url)
    place = parts.netloc.rpartition("@")[0] + f"@127.0.0.1:{proxy.port}"
    rpc = Rpc(urlunsplit(parts._replace(netloc=place))).start()
    eventually(rpc.healthy)
    yield rpc
    rpc.stop()


def seconds_of(work):
    began = time.monotonic()
    with pytest.raises(ServiceUnavailable):
        work()
    return time.monotonic() - began


def close_idle_connections(wired):
    """As a broker that restarts would; tells how many there were."""
    names = [
        each["name"]
        for each in wired.management.call("GET", f"/vhosts/{wired.vhost}/connections")
        if each.get("client_properties", {}).get("connection_name") == "gateway-calls"
    ]
    for name in names:
        with contextlib.suppress(HTTPError):  # the list is some seconds old
            wired.management.call("DELETE", f"/connections/{quote(name, safe='')}")
    return len(names)


def test_each_of_many_threads_gets_its_own_reply(rpc, echo):
    def ask(number):
        return rpc.call(READ, {"number": number})["number"]

    numbers = [number for number in range(300) if number != 13]
    with ThreadPoolExecutor(24) as threads:
        assert list(threads.map(ask, numbers)) == numbers
    with pytest.raises(Refused, match="UNLUCKY"):
        rpc.call(READ, {"number": 13})


def test_a_request_is_never_written_to_disk_and_ends_with_its_callers_patience(rpc, echo):
    rpc.call(WRITE, {"number": 1})
    ((_, _, properties),) = (heard for heard in echo.heard if heard[0] != "echo.ping")
    assert properties.delivery_mode == 1
    assert 9_000 < int(properties.expiration) <= 10_000


def test_what_an_answer_of_an_earlier_release_lacks_is_filled_in(rpc, echo):
    class Grown(Anything):
        number = fields.Integer(required=True)
        tags = fields.List(fields.String(), load_default=list)

    assert rpc.call(a_call("read", reply=Grown), {"number": 5}) == {"number": 5, "tags": []}


def test_an_answer_that_lacks_what_it_should_say_costs_no_page_that_shows_none_of_it(rpc, echo):
    class Other(Anything):
        needed = fields.Integer(required=True)
        tags = fields.List(fields.String(), load_default=list)

    with capture_logs() as logs:
        assert rpc.call(a_call("read", reply=Other), {"number": 5}) == {"number": 5, "tags": []}
    (said,) = [each for each in logs if each["event"] == "answer not complete"]
    assert said["lacks"] == ["needed"]


def test_a_service_that_does_not_exist_fails_at_once(rpc):
    assert seconds_of(lambda: rpc.call(MISSING, {})) < ALLOWANCE_SECONDS


def test_a_late_reply_is_dropped_and_the_call_ends_when_it_said(rpc, echo):
    echo.late = 3.3
    assert 3 <= seconds_of(lambda: rpc.call(READ, {"number": 1})) < 3 + ALLOWANCE_SECONDS
    assert echo.times("read") == 1, "a slow service is not asked twice"
    echo.late = 0
    eventually(lambda: answered(rpc))
    assert rpc.call(READ, {"number": 2}) == {"number": 2}


@pytest.mark.parametrize(("call", "patience"), [(READ, 3), (WRITE, 10)])
def test_a_broker_that_falls_silent_takes_no_longer_than_the_call_allows(
    far_rpc, echo, proxy, call, patience
):
    assert far_rpc.call(call, {"number": 1})
    proxy.black_hole()
    assert seconds_of(lambda: far_rpc.call(call, {"number": 2})) < patience + ALLOWANCE_SECONDS
    proxy.forward()
    eventually(lambda: far_rpc.healthy() and answered(far_rpc))


def answered(rpc):
    try:
        return rpc.call(READ, {"number": 3}) == {"number": 3}
    except ServiceUnavailable:
        return False


def lose_the_first_reply(monkeypatch):
    """The message arrives; the connection breaks before its reply does."""
    wait, lost = CallConnection.reply, []

    def lossy(connection, *arguments):
        if not lost:
            lost.append(connection)
            connection.close()
            raise Lost("connection lost: a test", unsent=False)
        return wait(connection, *arguments)

    monkeypatch.setattr(CallConnection, "reply", lossy)


def test_a_write_without_a_key_is_sent_once_whatever_happens(rpc, echo, monkeypatch):
    lose_the_first_reply(monkeypatch)
    assert seconds_of(lambda: rpc.call(WRITE, {"number": 1})) < ALLOWANCE_SECONDS
    eventually(lambda: answered(rpc))  # whatever was sent before this, the service has heard before it
    assert echo.times("write") == 1


@pytest.mark.parametrize(("call", "key"), [(READ, None), (WRITE, "a-key")])
def test_a_read_or_a_write_with_a_key_is_asked_once_more(rpc, echo, monkeypatch, call, key):
    lose_the_first_reply(monkeypatch)
    assert rpc.call(call, {"number": 1}, key=key) == {"number": 1}
    eventually(lambda: echo.times(call.name) == 2)
    assert {asked["idempotency_key"] for name, asked, _ in echo.heard if name != "echo.ping"} == {key}


def test_a_write_whose_reply_is_secret_takes_no_key_and_is_sent_once(rpc, echo, monkeypatch):
    lose_the_first_reply(monkeypatch)
    secret = a_call("write", writes=True, repeat="anew")
    assert seconds_of(lambda: rpc.call(secret, {"number": 1}, key="a-key")) < ALLOWANCE_SECONDS
    eventually(lambda: answered(rpc))  # whatever was sent before this, the service has heard before it
    assert echo.times("write") == 1


def test_a_broken_idle_connection_costs_nobody_a_call(rpc, echo, wired):
    rpc.call(WRITE, {"number": 1})
    eventually(lambda: close_idle_connections(wired))
    assert rpc.call(WRITE, {"number": 2}) == {"number": 2}
    assert echo.times("write") == 2


def test_whoever_waits_on_a_lost_reply_connection_is_told_at_once(far_rpc, echo, proxy):
    echo.silent = {"echo.read", "echo.write"}
    with ThreadPoolExecutor(2) as threads:
        read = threads.submit(far_rpc.call, READ, {"number": 1})
        write = threads.submit(seconds_of, lambda: far_rpc.call(WRITE, {"number": 1}))
        eventually(lambda: echo.times("read") == echo.times("write") == 1)
        proxy.cut()
        assert write.result() < 2, "not the whole ten seconds"
        assert read.result() == {"number": 1}, "asked once more on the new connection"
    assert (echo.times("read"), echo.times("write")) == (2, 1)


def test_more_calls_than_connections_is_no_fault(rpc, echo, monkeypatch):
    held = [rpc._connections.get() for _ in range(clients.CONNECTIONS)]
    assert seconds_of(lambda: rpc.call(READ, {"number": 1})) < 3 + ALLOWANCE_SECONDS
    for connection in held:
        rpc._connections.put(connection)
    assert rpc.call(READ, {"number": 1}) == {"number": 1}


def test_nothing_is_asked_of_a_service_known_to_be_away_until_it_answers_a_ping(rpc, echo):
    echo.frozen = True
    with pytest.raises(ServiceUnavailable):
        rpc.call(READ, {"number": 1})
    eventually(lambda: rpc.is_away("echo"))
    with pytest.raises(ServiceUnavailable, match="known to be away"):
        rpc.call(WRITE, {"number": 2})
    with pytest.raises(ServiceUnavailable, match="no such service"):
        rpc.call(MISSING, {})
    echo.frozen = False
    eventually(lambda: answered(rpc))
    assert echo.times("ping") >= 1
    assert echo.times("write") == 0


def test_a_service_that_answers_everything_with_a_failure_counts_as_away(rpc, echo):
    """As one whose database is gone."""
    echo.broken = True
    with pytest.raises(ServiceUnavailable, match="PoolTimeout"):
        rpc.call(READ, {"number": 1})
    eventually(lambda: rpc.is_away("echo"))
    echo.broken = False
    eventually(lambda: answered(rpc))


def test_a_failure_of_one_call_does_not_make_a_service_away(rpc, echo):
    echo.silent = {"echo.read"}
    with pytest.raises(ServiceUnavailable):
        rpc.call(READ, {"number": 1})
    eventually(lambda: echo.times("ping") >= 1)
    assert rpc.call(READ, {"number": 2}) == {"number": 2}


def test_all_calls_of_a_page_share_its_seconds(rpc, echo):
    time_budget.begin_page()
    time_budget.spend(time_budget.PAGE_SECONDS - 2.5)
    rpc.call(WRITE, {"number": 1})
    with time_budget.at_most(0.5):
        rpc.call(READ, {"number": 2})
    expirations = [int(p.expiration) for key, _, p in echo.heard if key != "echo.ping"]
    assert 1_000 < expirations[0] <= 2_500
    assert expirations[1] <= 500
    time_budget.spend(time_budget.PAGE_SECONDS)
    with pytest.raises(ServiceUnavailable):
        rpc.call(WRITE, {"number": 3})
    assert echo.times("write") == 1


@pytest.fixture
def with_content(broker):
    """What the topology gives content and the gateway, rights and all; the gateway's own address."""
    events = [event for event in catalogue() if event.source == "content"]
    broker.apply(topology_of([ServicePlan("content", (), True)], events))
    user = f"gateway-{broker.vhost}"
    broker.management.set_user(user, "secret")
    (permission,) = permissions_of([], [PLAN])
    broker.management.set_permission(replace(permission, user=user))
    parts = urlsplit(broker.amqp_url)
    yield urlunsplit(parts._replace(netloc=f"{user}:secret@{parts.hostname}:{parts.port}"))
    broker.management.call("DELETE", f"/users/{user}")


def announce(wired, exchange, event):
    connection = pika.BlockingConnection(pika.URLParameters(wired.amqp_url))
    connection.channel().basic_publish(exchange, event, b"{}")
    connection.close()


def test_every_gateway_hears_what_was_published_with_the_rights_it_has(wired, with_content):
    heard, gateways = ([], []), [Rpc(with_content) for _ in range(2)]
    for rpc, mine in zip(gateways, heard, strict=True):
        rpc.on_event("content", "ContentPublished", lambda mine=mine: mine.append(1))
        rpc.start()
        eventually(rpc.healthy)
    assert heard == ([1], [1]), "once at the beginning: something may have been missed"
    announce(wired, "content.events", "ContentPublished")
    eventually(lambda: heard == ([1, 1], [1, 1]))
    for rpc in gateways:
        rpc.stop()


def test_an_event_that_may_not_be_heard_stops_nothing(wired, with_content, echo):
    rpc, heard = Rpc(with_content), []
    rpc.on_event("ledger", "Booked", lambda: heard.append(1))
    rpc.start()
    eventually(rpc.healthy)
    assert rpc.call(READ, {"number": 4}) == {"number": 4}
    assert heard == [1]
    rpc.stop()


def test_the_gateway_may_hear_content_and_nobody_else(wired, with_content):
    wired.management.call(
        "PUT", f"/exchanges/{wired.vhost}/accounts.events", {"type": "topic", "durable": True}
    )
    connection = pika.BlockingConnection(pika.URLParameters(with_content))
    channel = connection.channel()
    channel.queue_declare("gateway-replies-test", exclusive=True)
    channel.queue_bind("gateway-replies-test", "content.events", "ContentPublished")
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refused:
        channel.queue_bind("gateway-replies-test", "accounts.events", "#")
    assert refused.value.reply_code == 403
    connection.close()


def test_every_gateway_hears_what_one_of_them_tells(rpc, wired):
    other = Rpc(wired.amqp_url).start()
    heard = {"here": [], "there": []}
    rpc.on_message("session_changed", heard["here"].append)
    other.on_message("session_changed", heard["there"].append)
    eventually(other.healthy)
    rpc.broadcast({"session_changed": "a name", "unknown": 1})
    eventually(lambda: heard == {"here": ["a name"], "there": ["a name"]})
    other.stop()
