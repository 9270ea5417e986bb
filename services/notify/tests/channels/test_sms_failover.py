"""Two text message companies: shares, how one loses its own and gets it back, and no message in two hands."""

import threading
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.channels.rules import Failure, Outage, Refusal
from notify.channels.sms.adapters import CHANNEL
from notify.channels.sms.failover import Failover, Shares
from notify.channels.sms.providers import FormGateway, SmsGateway
from notify.channels.sms.rules import FAILING, PROBE_EVERY, WHOLE_SHARE_AFTER, Share, order

from ..builders import LINKS, NOW, seconds

EVENTS = st.lists(st.tuples(st.booleans(), st.integers(0, 120)), max_size=40)


@given(EVENTS, st.integers(1, 100))
def test_only_a_minute_of_nothing_but_outages_costs_the_share(events, weight):
    share, now, failing_since, lost = Share("first", weight), NOW, None, False
    for accepted, later in events:
        now += seconds(later)
        share = share.after_acceptance(now) if accepted else share.after_outage(now)
        failing_since = None if accepted else failing_since or now
        lost = not accepted and (lost or now - failing_since >= FAILING)
        assert share.is_lost == lost
        assert (share.part(now) == 0) == lost
        assert share.part(now) <= weight
    assert share.after_acceptance(now).part(now + WHOLE_SHARE_AFTER) == weight, "and it gets all of it back"


@given(EVENTS, EVENTS, st.integers(0, 9), st.integers(0, 9), st.floats(0, 1, exclude_max=True))
def test_every_provider_is_in_the_order_once(first, second, one, other, point):
    shares, now = [], NOW
    for name, weight, events in (("first", one, first), ("second", other, second)):
        share = Share(name, weight)
        for accepted, later in events:
            now += seconds(later)
            share = share.after_acceptance(now) if accepted else share.after_outage(now)
        shares.append(share)
    assert sorted(share.name for share in order(shares, now, point)) == ["first", "second"]


def test_messages_go_by_weight():
    shares = [Share("first", 70), Share("second", 30)]
    first = Counter(order(shares, NOW, point / 1000)[0].name for point in range(1000))
    assert first == {"first": 700, "second": 300}
    assert order([Share("first", 0), Share("second", 1)], NOW, 0.0)[0].name == "second"


def test_a_lost_share_is_probed_and_comes_back_by_and_by():
    lost = Share("first", 50).after_outage(NOW).after_outage(NOW + FAILING)
    shares = [lost, Share("second", 50)]
    now = NOW + FAILING
    assert {order(shares, now, point / 100)[0].name for point in range(100)} == {"second"}
    assert order(shares, now + PROBE_EVERY, 0.9)[0].name == "first"
    back = lost.after_acceptance(now)
    assert [back.part(now + timedelta(minutes=each)) for each in (0, 1, 2.5, 5, 9)] == [5, 10, 25, 50, 50]


class Forms(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.forms.append({name: value[0] for name, value in parse_qs(body).items()})
        status, text = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def second():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Forms)
    server.forms, server.answer = [], (200, "OK 1")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class Clock:
    now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sms(gateway, second, clock):
    providers = {
        "first": SmsGateway(f"http://127.0.0.1:{gateway.server_port}/sms", "token"),
        "second": FormGateway(f"http://127.0.0.1:{second.server_port}/send", "key"),
    }
    shares = Shares({name: Share(name, 50) for name in providers})
    failover = Failover(providers, shares, clock)
    yield failover
    failover.close()


FOR_FIRST, FOR_SECOND = UUID(int=0), UUID(int=9_999)
NUMBER = "+886912345678"


def test_each_message_goes_to_one_company_and_to_the_same_one_again(sms, gateway, second):
    assert sms.send(FOR_FIRST, NUMBER, "一") == sms.send(FOR_FIRST, NUMBER, "一") == "first: 202"
    assert sms.send(FOR_SECOND, NUMBER, "二") == "second: OK"
    assert [body["text"] for _, _, body in gateway.requests] == ["一", "一"]
    assert second.forms == [{"key": "key", "to": NUMBER, "body": "二", "id": str(FOR_SECOND)}]


@pytest.mark.parametrize("status", [401, 402, 404, 429, 503])
def test_what_one_has_not_taken_goes_to_the_other_at_once(sms, gateway, second, status):
    gateway.answer = status
    assert sms.send(FOR_FIRST, NUMBER, "x") == "second: OK"


def test_one_that_is_not_there_leaves_its_messages_to_the_other(sms, second):
    sms.providers["first"].url = "http://127.0.0.1:9/sms"
    assert sms.send(FOR_FIRST, NUMBER, "x") == "second: OK"


@pytest.mark.parametrize("status", [500, 502, 504])
def test_what_one_may_have_taken_is_not_given_to_the_other(sms, gateway, second, status):
    gateway.answer = status
    with pytest.raises(Outage):
        sms.send(FOR_FIRST, NUMBER, "x")
    assert second.forms == []


def test_a_wrong_number_is_wrong_at_both(sms, gateway, second):
    gateway.answer = 422
    with pytest.raises(Refusal):
        sms.send(FOR_FIRST, NUMBER, "x")
    second.answer = (200, "ERROR 12")
    with pytest.raises(Refusal) as refused:
        sms.send(FOR_SECOND, NUMBER, "x")
    assert refused.value.failure is Failure.RECIPIENT_REFUSED
    assert len(second.forms) == 1


def test_after_a_minute_it_is_left_alone_and_later_it_gets_its_share_back(sms, gateway, second, clock):
    gateway.answer = 503
    for _ in range(3):
        assert sms.send(FOR_FIRST, NUMBER, "x") == "second: OK"
        clock.now += seconds(30)
    assert len(gateway.requests) == 3
    sms.send(FOR_FIRST, NUMBER, "x")
    tried = len(gateway.requests)
    for _ in range(5):
        sms.send(FOR_FIRST, NUMBER, "x")
    assert len(gateway.requests) == tried, "it has lost its share"
    gateway.answer = 202
    clock.now += PROBE_EVERY
    assert sms.send(FOR_SECOND, NUMBER, "x") == "first: 202", "one message tries it"
    clock.now += WHOLE_SHARE_AFTER
    assert {sms.send(uuid4(), NUMBER, "x").split(":")[0] for _ in range(64)} == {"first", "second"}


def test_both_away_is_an_outage_of_the_channel(sms, gateway, second):
    gateway.answer = 503
    for answer in ((200, "ERROR 3"), (503, "")):
        second.answer = answer
        with pytest.raises(Outage, match="first: 503"):
            sms.send(FOR_FIRST, NUMBER, "x")
    second.answer = (200, "<html>log in</html>")
    with pytest.raises(Outage, match="not understood"):
        sms.send(FOR_FIRST, NUMBER, "x")


SETTINGS = {setting.name: setting.default or "x" for setting in CHANNEL.settings}


@pytest.mark.parametrize("shares", ["", "50", "50:", "a:b", "0:0", "-1:2", "1:2:3"])
def test_shares_that_are_none_are_noticed_at_the_start(shares):
    with pytest.raises(ValueError, match="NOTIFY_SMS_SHARES"):
        CHANNEL.connect(SETTINGS | {"NOTIFY_SMS_SECOND_URL": "http://x", "NOTIFY_SMS_SHARES": shares}, LINKS)


def test_one_company_is_enough():
    one = CHANNEL.connect(SETTINGS | {"NOTIFY_SMS_SECOND_URL": ""}, LINKS)
    two = CHANNEL.connect(SETTINGS | {"NOTIFY_SMS_SECOND_URL": "http://x"}, LINKS)
    assert (type(one.gateway), type(two.gateway)) == (SmsGateway, Failover)
