"""A picture by LINE comes with its message: fetched within bounds, tried again, and named where it cannot be had."""

import json
import socket
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from mtnet_chassis.data.files import Files
from mtnet_chassis.events.outbox import Outbox
from notify.channels.rules import Doubt, Outage
from notify.line_content import adapters, rules
from notify.line_content.actions import Fetcher, forget_files, hand_over
from notify.line_content.adapters import LineContent
from notify.line_content.rules import TRY_AGAIN_AFTER, NotFetched, Received
from notify.line_links.rules import events_of
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

SERVICES = ("notify",)
pytestmark = pytest.mark.stack
TOKEN = "token-of-the-test"
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"1" * 5_000


def a_free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def sandbox():
    server = SandboxInThread(Settings(a_free_port(), a_free_port(), {"line": TOKEN}))
    yield server
    server.close()


@pytest.fixture
def files(tmp_path):
    return Files((tmp_path / "files").as_uri())


@pytest.fixture
def chat(sandbox, transactions, files):
    with transactions.transaction() as tx:
        tx.execute("TRUNCATE line_content")
    return Chat(sandbox, transactions, files)


class Chat:
    """Somebody in LINE, and the portal that hears of it; `passes` moves the clock."""

    def __init__(self, sandbox, transactions, files):
        self.sandbox, self.transactions, self.files = sandbox, transactions, files
        made = json.loads(sandbox.ask("POST", "/api/line/users", {"name": "小明"})[1])
        self.user_id, self.now = made["user_id"], NOW
        sandbox.ask("POST", f"/api/line/users/{self.user_id}/follow")
        self.fault()
        values = {"NOTIFY_LINE_DATA_URL": f"{sandbox.url}/line", "NOTIFY_LINE_TOKEN": TOKEN}
        self.fetcher = Fetcher(transactions, files, LineContent(values), lambda: self.now)

    def fault(self, mode="none", **more):
        self.sandbox.ask("PUT", "/api/faults", {"channel": "line", "mode": mode, **more})

    def send(self, content=PICTURE, content_type="image/png"):
        request = urllib.request.Request(
            f"{self.sandbox.url}/api/line/users/{self.user_id}/picture",
            content,
            {"Content-Type": content_type},
        )
        urllib.request.urlopen(request).close()
        found = json.loads(self.sandbox.ask("GET", f"/api/line/users/{self.user_id}")[1])
        return found["messages"][-1]["id"]

    def hears(self, content_id, kind="image", **changes):
        """What the webhook does with it."""
        event_id = f"01JDK{uuid4().hex[:21].upper()}"
        known = {"message_id": uuid4(), "webhook_event_id": event_id, "line_user_id": self.user_id}
        received = Received(**known, kind=kind, text="", sent_at=NOW, content_id=content_id, **changes)
        with self.transactions.transaction() as tx:
            hand_over(tx, Outbox(tx), received, self.now)
        return received

    def passes(self, delay):
        self.now += delay

    def told(self):
        with self.transactions.transaction() as tx:
            rows = tx.execute(
                "SELECT payload::jsonb FROM outbox WHERE name = 'LineMessageReceived'"
                " AND payload::jsonb->>'line_user_id' = %s ORDER BY sequence",
                (self.user_id,),
            ).fetchall()
        return [payload for (payload,) in rows]


def test_a_picture_is_fetched_and_handed_over_with_its_message(chat):
    received = chat.hears(chat.send())
    assert chat.told() == [], "not before its picture is here"
    assert chat.fetcher.work()
    (told,) = chat.told()
    assert told["file"] == {
        "key": f"line/{received.message_id}",
        "filename": "LINE.png",
        "size": len(PICTURE),
    }
    assert chat.files.get(told["file"]["key"]) == PICTURE
    assert not chat.fetcher.work()
    assert len(chat.told()) == 1


def test_what_brings_no_file_is_handed_over_at_once(chat):
    for kind, content_id in (("text", "1"), ("video", "2"), ("image", "")):
        chat.hears(content_id, kind)
    assert [each["kind"] for each in chat.told()] == ["text", "video", "image"]
    assert all("file" not in each for each in chat.told())


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "refuse"},
        {"mode": "busy"},
        {"mode": "garbage"},
        {"mode": "drop_after_accept"},
        {"mode": "answer", "answer": "202"},
        {"mode": "answer", "answer": "401"},
    ],
)
def test_what_line_cannot_give_now_is_tried_again(chat, fault):
    chat.hears(chat.send())
    chat.fault(**fault, count=1)
    assert chat.fetcher.work()
    assert chat.told() == []
    assert not chat.fetcher.work(), "not at once"
    chat.passes(TRY_AGAIN_AFTER[0])
    assert chat.fetcher.work()
    assert chat.told()[0]["file"]["size"] == len(PICTURE)


def test_what_line_does_not_give_in_time_comes_without_it_and_says_so(chat):
    chat.hears(chat.send())
    chat.fault("refuse")
    for delay in TRY_AGAIN_AFTER:
        assert chat.fetcher.work()
        assert chat.told() == []
        chat.passes(delay)
    assert chat.fetcher.work()
    (told,) = chat.told()
    assert ("file" in told, told["not_fetched"]) == (False, "away")
    assert not chat.fetcher.work()


def test_what_is_gone_or_too_large_is_not_asked_for_again(chat, monkeypatch):
    monkeypatch.setattr(adapters, "LARGEST_BYTES", 100)
    chat.hears(chat.send())
    chat.hears("99")
    while chat.fetcher.work():
        pass
    assert sorted(each["not_fetched"] for each in chat.told()) == ["gone", "too_large"]


def test_a_process_that_ends_in_between_leaves_it_to_another(chat):
    class Ends:
        def content(self, content_id):
            raise SystemExit

    chat.hears(chat.send())
    with pytest.raises(SystemExit):
        Fetcher(chat.transactions, chat.files, Ends(), lambda: chat.now).work()
    assert not chat.fetcher.work(), "somebody may still be at it"
    chat.passes(rules.LEASED_FOR)
    assert chat.fetcher.work()
    assert len(chat.told()) == 1


def test_two_that_fetch_the_same_hand_it_over_once(chat):
    chat.hears(chat.send())
    slow = Fetcher(chat.transactions, chat.files, chat.fetcher._api, lambda: chat.now)

    class Slow:
        def content(self, content_id):
            chat.passes(rules.LEASED_FOR)
            assert chat.fetcher.work()
            return PICTURE, "image/png"

    slow._api = Slow()
    assert slow.work()
    assert len(chat.told()) == 1


class Endless(BaseHTTPRequestHandler):
    """Sends without end, and without saying how much."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    def log_message(self, *_):
        pass


@contextmanager
def serving(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield {
            "NOTIFY_LINE_DATA_URL": f"http://127.0.0.1:{server.server_port}",
            "NOTIFY_LINE_TOKEN": TOKEN,
        }
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_never_ends_is_ended_by_size_and_by_time(monkeypatch):
    with serving(Endless) as values:
        with pytest.raises(NotFetched, match="too_large"):
            LineContent(values).content("1")
        monkeypatch.setattr(adapters, "TOGETHER_SECONDS", 0.0)
        with pytest.raises(Doubt):
            LineContent(values).content("1")
    with pytest.raises((Outage, Doubt)):
        LineContent(values).content("1")


def test_files_are_forgotten_once_helpdesk_has_long_taken_them(chat):
    chat.hears(chat.send())
    chat.fetcher.work()
    present = datetime.now(UTC)
    assert forget_files(chat.files, present) == 0
    assert forget_files(chat.files, present + rules.FILES_KEPT + timedelta(minutes=1)) == 1


@pytest.mark.parametrize(
    ("message", "content_id", "filename"),
    [
        ({"type": "image", "id": "123", "contentProvider": {"type": "line"}}, "123", ""),
        ({"type": "image", "id": "1", "contentProvider": {"type": "external"}}, "", ""),
        ({"type": "file", "id": "123", "fileName": "表單.pdf"}, "123", "表單.pdf"),
        ({"type": "image", "id": "../../v2/bot/info"}, "", ""),
        ({"type": "image", "id": "1" * 41}, "", ""),
        ({"type": "image"}, "", ""),
    ],
)
def test_only_what_line_itself_has_under_an_id_is_asked_for(message, content_id, filename):
    told = {
        "type": "message",
        "source": {"type": "user", "userId": "U" + "4" * 32},
        "timestamp": 1,
        "webhookEventId": "1",
        "message": message,
    }
    (event,) = events_of(json.dumps({"events": [told]}).encode())
    assert (event.content_id, event.filename) == (content_id, filename)
