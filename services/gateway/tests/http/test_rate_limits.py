"""Requests are counted by source, by all gateways together, whatever proxies stand in front."""

import json
import time
from dataclasses import replace

import pytest
from gateway.app import create_app
from gateway.http.rate_limits import MOST_IN_A_MESSAGE, POSTS_A_MINUTE, TOPIC, SharedCounts

from ..conftest import Browser

pytestmark = pytest.mark.slow  # sends thousands of requests


class Hub:
    """Carries what gateways tell each other as the broker does: to all of them, as JSON."""

    def __init__(self):
        self.hearing, self.carried, self.away = [], [], False

    def on_message(self, what, act):
        if what == TOPIC:
            self.hearing.append(act)

    def broadcast(self, facts):
        if self.away:
            return
        self.carried.append(facts)
        for act in self.hearing:
            act(json.loads(json.dumps(facts))[TOPIC])


def eventually(fact):
    for _ in range(600):
        if fact():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come true")


class Connected:
    """A gateway's RPC client: the services of a test, and the hub."""

    def __init__(self, services, hub):
        self.services, self.on_message, self.broadcast = services, hub.on_message, hub.broadcast

    def __getattr__(self, name):
        return getattr(self.services, name)


def gateways(count, settings, services, **changes):
    hub, told = Hub(), replace(settings, rate_limits=True, **changes)
    return hub, [create_app(told, Connected(services, hub)) for _ in range(count)]


def posts(app, times, forwarded=None):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return [app.test_client().post("/login", headers=headers).status_code for _ in range(times)]


def counted(app):
    (limiter,) = app.extensions["limiter"]
    return sum(limiter.storage.storage.values())


def test_two_gateways_allow_together_what_one_allows(settings, services):
    _, (one, other) = gateways(2, settings, services)
    assert posts(one, 20) == [400] * 20
    assert posts(other, 10) == [400] * 10
    eventually(lambda: counted(one) == counted(other) == 30)
    assert posts(one, 1) == [429]
    eventually(lambda: counted(other) == 31)
    assert posts(other, 1) == [429]


def test_what_one_tells_it_does_not_count_twice(settings, services):
    hub, (one,) = gateways(1, settings, services)
    posts(one, 5)
    eventually(
        lambda: sum(amount for told in hub.carried for _, amount in told[TOPIC]["counts"].values()) == 5
    )
    assert counted(one) == 5


def test_without_the_broker_each_counts_alone_and_no_page_fails(settings, services):
    hub, (one, other) = gateways(2, settings, services)
    hub.away = True
    assert posts(one, 31) == [400] * 30 + [429]
    assert posts(other, 1) == [400]


def test_counts_go_on_after_a_message_that_failed(monkeypatch):
    hub = Hub()
    counts, hearing = SharedCounts(rpc=hub), SharedCounts(rpc=hub)
    failed = []

    def fails(facts):
        failed.append(facts)
        raise ValueError("a mistake")

    monkeypatch.setattr(hub, "broadcast", fails)
    counts.incr("source", 600)
    eventually(lambda: failed)
    monkeypatch.undo()
    counts.incr("source", 600)
    eventually(lambda: sum(hearing.storage.values()) == 1)


def test_a_flood_becomes_few_messages_and_none_is_long():
    hub = Hub()
    counts, hearing = SharedCounts(rpc=hub), SharedCounts(rpc=hub)
    for n in range(3000):
        counts.incr(f"source-{n % 1200}", 600)
    eventually(lambda: sum(hearing.storage.values()) == 3000)
    assert len(hub.carried) < 1000
    assert max(len(told[TOPIC]["counts"]) for told in hub.carried) <= MOST_IN_A_MESSAGE


@pytest.mark.parametrize("proxies", [1, 2, 3])
def test_people_behind_proxies_are_not_one_visitor(settings, services, proxies):
    _, (app,) = gateways(1, settings, services, proxies=proxies)
    behind = "".join(f", 10.0.0.{n}" for n in range(1, proxies))
    for person in range(32):
        assert posts(app, 2, f"203.0.113.{person}{behind}") == [400, 400]
    assert posts(app, 29, f"203.0.113.7:5123{behind}") == [400] * 28 + [429]
    # What somebody writes in front of it changes nothing.
    assert posts(app, 1, f"198.51.100.1, 203.0.113.7{behind}") == [429]


def test_a_page_says_when_to_come_back(settings, services):
    _, (app,) = gateways(1, settings, services)
    posts(app, 30)
    answer = app.test_client().post("/login", headers={"Accept-Language": "en"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert "Please wait a moment" in answer.text


@pytest.mark.parametrize("header", [{}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Proto": "nonsense"}])
def test_the_portals_address_says_the_scheme_and_no_header_does(portal_with, header):
    secure = portal_with(portal_url="https://portal.example", proxies=2)
    answer = secure.test_client().get("/login", headers=header)
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert secure.test_client().get("/apply", headers=header).headers["Location"] == "/apply/"
    answer = portal_with().test_client().get("/login", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_reading_pages_is_not_counted(settings, services):
    _, (app,) = gateways(1, settings, services)
    browser = Browser(app)
    assert {browser.get("/contact").status_code for _ in range(300)} == {200}
    assert counted(app) == 0


def test_every_limit_is_for_requests_that_write(settings, services):
    """Others are not looked up among the limits at all."""
    _, (app,) = gateways(1, settings, services)
    (limiter,) = app.extensions["limiter"]
    manager = limiter.limit_manager
    groups = [*manager._blueprint_limits.values(), *manager._decorated_limits.values()]
    limits = [limit for group in groups for each in group for limit in each]
    assert len(limits) > 3
    assert all(limit.methods and {"get", "head"}.isdisjoint(limit.methods) for limit in limits)
    assert not [*manager.application_limits, *manager.default_limits]


OFFICE = "203.0.113.7"


def saves(app, person, times, *, case=None, token=None):
    """A person of an office, behind one address, fills in a form."""
    client = app.test_client()
    number = case or f"PTAPPLY{person:013X}"
    client.set_cookie(f"case-{number}", token or f"application-secret-{person:04}")
    path, headers = f"/apply/{number}/section/identity", {"X-Forwarded-For": OFFICE}
    return [client.post(path, headers=headers).status_code for _ in range(times)]


def test_thirty_two_people_behind_one_address_fill_in_forms_in_the_same_minute(settings, services):
    _, (app,) = gateways(1, settings, services, proxies=1)
    for person in range(32):
        assert saves(app, person, 6) == [400] * 6
    begins = [
        app.test_client().post("/apply/identity-type", headers={"X-Forwarded-For": OFFICE}).status_code
        for _ in range(32)
    ]
    assert begins == [400] * 32


def test_one_draft_has_its_own_limit_and_takes_nothing_from_the_others(settings, services):
    _, (app,) = gateways(1, settings, services, proxies=1)
    assert saves(app, 1, 61) == [400] * 60 + [429]
    assert saves(app, 2, 3) == [400] * 3


def test_invented_drafts_come_to_an_end_with_their_address(settings, services, monkeypatch):
    monkeypatch.setitem(POSTS_A_MINUTE, "applying", 100)
    hub, (app,) = gateways(1, settings, services, proxies=1)
    for person in range(2):
        assert saves(app, person, 50) == [400] * 50
    assert saves(app, 999, 1) == [429]
    eventually(lambda: any("applying" in key for told in hub.carried for key in told[TOPIC]["counts"]))
    assert "application-secret" not in json.dumps(hub.carried), "the key of a case stays in the gateway"


def test_the_key_of_another_case_is_no_draft_of_its_own(settings, services):
    """Whoever shows keys that do not belong to the address is counted with the address."""
    _, (app,) = gateways(1, settings, services, proxies=1)
    client = app.test_client()
    client.set_cookie("case-PTAPPLY0000000000001", "application-secret-0001")
    path = "/apply/PTAPPLY0000000000002/section/identity"
    sent = [client.post(path, headers={"X-Forwarded-For": OFFICE}).status_code for _ in range(61)]
    assert sent == [400] * 61
    assert saves(app, 1, 1) == [400]
