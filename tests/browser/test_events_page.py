"""The sandbox's page of events: what arrives is seen, on a telephone as on a desk, with and without scripts."""

import json
import socket

import pika
import pytest
from playwright.sync_api import expect
from sandbox.events.words import WORDS
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

from tests.browser.conftest import PHONE, draw

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

BOTH = ("light", "phone")


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def sandbox(broker):
    """One that reads a queue of ours, and `send(event, **fields)` to it."""
    queue = "downstream.demo"
    broker.management.call("PUT", f"/queues/{broker.vhost}/{queue}", {"durable": True})
    user = f"{queue}.{broker.vhost}"
    broker.management.set_user(user, "shown-here-only")
    rights = {"configure": "^$", "write": "^$", "read": "^downstream\\.demo$"}
    broker.management.call("PUT", f"/permissions/{broker.vhost}/{user}", rights)
    url = f"amqp://{user}:shown-here-only@{broker.amqp_url.rpartition('@')[2]}"
    running = SandboxInThread(
        Settings(a_free_port(), a_free_port(), {"sms": "t", "line": "t"}, events_url=url)
    )
    with pika.BlockingConnection(pika.URLParameters(broker.amqp_url)) as connection:
        channel = connection.channel()

        def send(event, sequence, **body):
            headers = {
                "cloudEvents_id": "0193-f3c2",
                "cloudEvents_type": event,
                "cloudEvents_source": "/mtnet/accounts",
                "cloudEvents_subject": "6d0c3a2e-6a54-4d0e-9df3-0d8f3a2c9b11",
                "cloudEvents_sequence": f"{sequence:020}",
                "cloudEvents_time": "2026-11-27T03:50:00+00:00",
            }
            properties = pika.BasicProperties(headers=headers)
            channel.basic_publish("", queue, json.dumps(body).encode(), properties)

        yield running, send
    running.close()
    broker.management.call("DELETE", f"/users/{user}")


@pytest.mark.parametrize(("language", "javascript"), [("zh", False), ("en", True)])
def test_events_are_seen_as_they_arrive(sandbox, screen, look, language, javascript):
    running, send = sandbox
    words = WORDS[language]
    page = screen(locale="zh-TW" if language == "zh" else "en-GB", javascript=javascript)
    page.goto(f"{running.url}/events")
    expect(page.locator("h1")).to_have_text(words["title"])
    # axe needs JavaScript; the page is the same without.
    look(page, f"events-{language}-empty", check=javascript, pictures=BOTH)
    items = page.locator("#seen > li")
    for number, event in enumerate(("accounts.AccountActivated", "accounts.AccountFrozen"), 1):
        send(event, number, account_id="6d0c3a2e-6a54-4d0e-9df3-0d8f3a2c9b11", reason="不活躍超過 90 天")
        for _ in range(200):
            if items.count() == number:
                break
            page.wait_for_timeout(100)
            if not javascript:
                page.get_by_role("link", name=words["reload"]).click()
        expect(items.first.locator("h3")).to_have_text(event)
    expect(page.locator("#state")).to_have_text(words["state_reading"])
    items.first.locator("summary").click()
    expect(items.first.locator("dl")).to_contain_text("cloudEvents_sequence")
    look(page, f"events-{language}", check=javascript, pictures=BOTH)
    page.set_viewport_size(PHONE | {"width": 390})
    page.locator("details.panel summary").click()
    expect(page.locator("details.panel")).to_contain_text("shown-here-only")
    draw(page, f"events-{language}-390")
