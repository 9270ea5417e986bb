"""The LINE stand-in over HTTP: its Messaging API with every fault, its webhooks, and the chat."""

import json
import re
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from sandbox.in_thread import SandboxInThread
from sandbox.line.platform import Platform, Refused
from sandbox.line.users import Users
from sandbox.line.webhooks import signature
from sandbox.line.words import WORDS
from sandbox.settings import Settings

TOKEN, SECRET = "token-of-the-test", "secret-of-the-test"
TEXT = [{"type": "text", "text": "您的案件已退回"}]


class Portal(BaseHTTPRequestHandler):
    """Takes webhooks, and answers them as a test tells it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.headers["x-line-signature"], body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def portal():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    server.requests, server.statuses = [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Line(SandboxInThread):
    """The sandbox, asked as LINE."""

    def __init__(self, data, portal):
        url = f"http://127.0.0.1:{portal.server_port}/webhooks/line"
        tokens = {"line": TOKEN}
        super().__init__(
            Settings(
                a_free_port(), a_free_port(), tokens, data=str(data), line_webhook_url=url, line_secret=SECRET
            )
        )
        self.cookie = ""

    def bot(self, method, path, body=None, *, token=TOKEN, key=None):
        """Status, JSON and headers."""
        headers = {"Authorization": f"Bearer {token}"} | ({"X-Line-Retry-Key": str(key)} if key else {})
        status, text = self.ask(method, f"/line/v2/bot{path}", body, **headers)
        return status, json.loads(text)

    def push(self, to, messages=TEXT, key=None):
        return self.bot("POST", "/message/push", {"to": to, "messages": messages}, key=key)

    def person(self, name="王小明", *, friend=True):
        made = json.loads(self.ask("POST", "/api/line/users", {"name": name})[1])["user_id"]
        if friend:
            self.ask("POST", f"/api/line/users/{made}/follow")
        return made

    def user(self, user_id):
        return json.loads(self.ask("GET", f"/api/line/users/{user_id}")[1])

    def state(self):
        return json.loads(self.ask("GET", "/api/line")[1])

    def browse(self, path, **form):
        """Status and page, as a browser that keeps its LINE user and follows redirects within the sandbox."""
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.settings.http_port}{path}", data=data)
        if self.cookie:
            request.add_header("Cookie", self.cookie)
        opener = urllib.request.build_opener(NoRedirect)
        try:
            answer = opener.open(request, timeout=5)
        except urllib.error.HTTPError as problem:
            answer = problem
        with answer:
            if found := answer.headers.get("Set-Cookie"):
                self.cookie = found.split(";")[0]
            if answer.status == 303:
                return self.browse(answer.headers["Location"])
            return answer.status, answer.read().decode()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


@pytest.fixture
def line(tmp_path, portal):
    server = Line(tmp_path / "inbox.sqlite", portal)
    yield server
    server.close()


def events_of(portal):
    return [json.loads(body)["events"][0] for _, body in portal.requests]


class TestMessages:
    def test_a_push_is_shown_in_the_chat_and_in_the_inbox(self, line):
        person = line.person()
        status, _ = line.push(person)
        assert status == 200
        assert [message["text"] for message in line.user(person)["messages"]] == ["您的案件已退回"]
        assert [(m["channel"], m["to"], m["text"]) for m in line.messages()] == [
            ("line", person, "您的案件已退回")
        ]

    def test_the_same_key_is_accepted_once(self, line):
        person, key = line.person(), uuid4()
        assert [line.push(person, key=key)[0] for _ in range(3)] == [200, 409, 409]
        assert line.user(person)["received"] == 1
        assert line.state()["tries"] == 3

    def test_a_409_names_the_request_that_was_accepted(self, line):
        person, key = line.person(), uuid4()
        first, second = (
            urllib.request.Request(
                f"http://127.0.0.1:{line.settings.http_port}/line/v2/bot/message/push",
                data=json.dumps({"to": person, "messages": TEXT}).encode(),
                headers={"Authorization": f"Bearer {TOKEN}", "X-Line-Retry-Key": str(key)},
            )
            for _ in range(2)
        )
        with urllib.request.urlopen(first) as accepted:
            name = accepted.headers["x-line-request-id"]
        with pytest.raises(urllib.error.HTTPError) as known:
            urllib.request.urlopen(second)
        with known.value:
            assert known.value.headers["x-line-accepted-request-id"] == name

    def test_an_unknown_user_is_refused(self, line):
        assert line.push("U" + "0" * 32) == (400, {"message": "Failed to send messages"})

    def test_who_has_blocked_us_sees_nothing_and_we_are_not_told(self, line):
        person = line.person()
        line.ask("POST", f"/api/line/users/{person}/unfollow")
        assert line.push(person)[0] == 200
        assert line.user(person)["received"] == 0
        assert line.state()["used"] == 0

    def test_a_wrong_token_is_not_let_in(self, line):
        assert line.bot("POST", "/message/push", {}, token="wrong")[0] == 401

    @pytest.mark.parametrize(
        "messages",
        [[], TEXT * 6, [{"type": "text", "text": ""}], [{"type": "text", "text": "𠮷" * 2501}], "x"],
    )
    def test_what_line_would_not_take_is_refused(self, line, messages):
        assert line.push(line.person(), messages)[0] == 400

    def test_a_multicast_reaches_friends_and_passes_over_the_others(self, line):
        friend, stranger = line.person(), line.person("甲", friend=False)
        body = {"to": [friend, stranger, "U" + "0" * 32], "messages": TEXT}
        assert line.bot("POST", "/message/multicast", body)[0] == 200
        assert (line.user(friend)["received"], line.user(stranger)["received"]) == (1, 0)

    def test_more_than_500_are_too_many(self, line):
        crowd = json.loads(line.ask("POST", "/api/line/users", {"count": 501})[1])
        assert line.bot("POST", "/message/multicast", {"to": crowd, "messages": TEXT})[0] == 400

    def test_the_month_has_its_limit(self, line):
        person = line.person()
        line.ask("PUT", "/api/line", {"quota": 1})
        assert line.bot("GET", "/message/quota")[1] == {"type": "limited", "value": 1}
        assert line.push(person)[0] == 200
        assert line.push(person) == (429, {"message": "You have reached your monthly limit."})
        assert line.bot("GET", "/message/quota/consumption")[1] == {"totalUsage": 1}

    def test_a_text_that_came_twice_is_counted_whatever_its_key(self, line):
        person = line.person()
        for _ in range(2):
            line.push(person, key=uuid4())
        assert line.state()["doubled"] == 1


class TestFaults:
    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            ({"mode": "refuse"}, 503),
            ({"mode": "busy"}, 429),
            ({"mode": "reject_recipient"}, 400),
            ({"mode": "answer", "answer": "429 concurrency"}, 429),
            ({"mode": "answer", "answer": "500"}, 500),
        ],
    )
    def test_a_fault_is_shown_once_and_nothing_arrives(self, line, told, expected):
        person = line.person()
        assert line.ask("PUT", "/api/faults", {"channel": "line", "count": 1, **told})[0] == 200
        assert line.push(person)[0] == expected
        assert line.user(person)["received"] == 0
        assert line.push(person)[0] == 200

    def test_the_three_429_differ_in_words(self, line):
        person, said = line.person(), set()
        for words in ("rate", "concurrency", "month"):
            line.fault("line", "answer", 1, answer=f"429 {words}")
            said.add(line.push(person)[1]["message"])
        assert len(said) == 3

    def test_a_connection_may_be_cut_after_the_acceptance(self, line):
        person, key = line.person(), uuid4()
        line.fault("line", "drop_after_accept", 1)
        with pytest.raises((OSError, urllib.error.URLError)):
            line.push(person, key=key)
        assert line.user(person)["received"] == 1
        assert line.push(person, key=key)[0] == 409

    def test_an_answer_may_be_garbage(self, line):
        person = line.person()
        line.fault("line", "garbage", 1)
        with pytest.raises(ValueError, match="Expecting value"):
            line.push(person)


class TestRates:
    def test_so_many_multicasts_a_second(self):
        now = [1000.0]
        platform = Platform(Users(), clock=lambda: now[0])
        crowd = platform.users.new_crowd(1)
        for _ in range(200):
            platform.send("multicast", crowd, TEXT, None)
        with pytest.raises(Refused, match="rate limit"):
            platform.send("multicast", crowd, TEXT, None)
        now[0] += 1
        platform.send("multicast", crowd, TEXT, None)

    def test_a_key_is_kept_for_a_day(self):
        now = [1000.0]
        platform = Platform(Users(), clock=lambda: now[0])
        crowd, key = platform.users.new_crowd(1), str(uuid4())
        platform.send("push", crowd, TEXT, key)
        now[0] += 24 * 3600 - 1
        with pytest.raises(Refused):
            platform.send("push", crowd, TEXT, key)
        now[0] += 2
        platform.send("push", crowd, TEXT, key)

    @pytest.mark.slow
    def test_a_hundred_thousand_are_no_work(self):
        platform = Platform(Users(), clock=lambda: time.time() * 1000)
        crowd = platform.users.new_crowd(100_000)
        for start in range(0, len(crowd), 500):
            platform.send("multicast", crowd[start : start + 500], TEXT, str(uuid4()))
        assert platform.users.reached() == 100_000
        assert platform.users.doubled() == 0


class TestWebhooks:
    def test_an_event_is_signed_and_names_its_user(self, line, portal):
        person = line.person()
        eventually(lambda: portal.requests)
        ((signed, body),) = portal.requests
        assert signed == signature(SECRET, body)
        (event,) = events_of(portal)
        assert (event["type"], event["source"]["userId"]) == ("follow", person)
        assert event["deliveryContext"] == {"isRedelivery": False}
        assert re.fullmatch(r"[0-9A-Z]{26}", event["webhookEventId"])

    def test_what_is_not_taken_is_sent_again_and_says_so(self, line, portal):
        portal.statuses = [503]
        line.person()
        eventually(lambda: len(portal.requests) == 2)
        first, second = events_of(portal)
        assert first["webhookEventId"] == second["webhookEventId"]
        assert [e["deliveryContext"]["isRedelivery"] for e in (first, second)] == [False, True]

    def test_an_event_may_come_twice_though_it_was_taken(self, line, portal):
        line.ask("PUT", "/api/line", {"copies": 2})
        line.person()
        eventually(lambda: len(portal.requests) == 2)
        assert len({event["webhookEventId"] for event in events_of(portal)}) == 1

    def test_a_reply_needs_no_quota_and_works_once(self, line, portal):
        person = line.person()
        line.ask("POST", f"/api/line/users/{person}/say", {"text": "你好"})
        eventually(lambda: len(portal.requests) == 2)
        token = next(event["replyToken"] for event in events_of(portal) if event["type"] == "message")
        body = {"replyToken": token, "messages": TEXT}
        assert [line.bot("POST", "/message/reply", body)[0] for _ in range(2)] == [200, 400]
        assert line.state()["used"] == 0
        assert [message["own"] for message in line.user(person)["messages"]] == [True, False]


class TestLinking:
    def link(self, line, nonce="n" * 20):
        """The dialog's address for the person of the browser."""
        user_id = line.cookie.partition("=")[2]
        token = line.bot("POST", f"/user/{user_id}/linkToken", {})[1]["linkToken"]
        return token, f"/line/dialog/accountLink?linkToken={token}&nonce={nonce}"

    def as_friend(self, line, name="王小明"):
        line.browse("/line/people", name=name)
        line.browse("/line/follow", x="1")

    def test_the_user_agrees_and_the_portal_is_told(self, line, portal):
        self.as_friend(line)
        token, address = self.link(line)
        assert WORDS["zh"]["dialog_agree"] in line.browse(address)[1]
        status, page = line.browse("/line/dialog/accountLink", linkToken=token, nonce="n" * 20)
        assert (status, "王小明" in page) == (200, True)
        eventually(lambda: len(portal.requests) == 2)
        assert events_of(portal)[1]["link"] == {"result": "ok", "nonce": "n" * 20}

    def test_somebody_else_s_link_is_refused_and_told_as_failed(self, line, portal):
        self.as_friend(line)
        token, _ = self.link(line)
        self.as_friend(line, "陌生人")
        status, page = line.browse("/line/dialog/accountLink", linkToken=token, nonce="n" * 20)
        assert (status, WORDS["zh"]["dialog_refused"] in page) == (403, True)
        eventually(lambda: len(portal.requests) == 3)
        assert events_of(portal)[2]["link"]["result"] == "failed"

    def test_a_token_works_once(self, line):
        self.as_friend(line)
        token, address = self.link(line)
        line.browse("/line/dialog/accountLink", linkToken=token, nonce="n" * 20)
        assert line.browse(address)[0] == 400

    def test_only_friends_get_one(self, line):
        stranger = line.person(friend=False)
        assert line.bot("POST", f"/user/{stranger}/linkToken", {})[0] == 400


class TestChat:
    def test_one_becomes_somebody_follows_writes_blocks_and_comes_back(self, line, portal):
        assert WORDS["zh"]["who"] in line.browse("/line")[1]
        assert WORDS["zh"]["add"] in line.browse("/line/people", name="王小明")[1]
        assert WORDS["zh"]["block"] in line.browse("/line/follow", x="1")[1]
        assert "請問進度" in line.browse("/line/say", text="請問進度")[1]
        assert WORDS["zh"]["unblock"] in line.browse("/line/block", x="1")[1]
        assert WORDS["zh"]["block"] in line.browse("/line/follow", x="1")[1]
        eventually(lambda: len(portal.requests) == 4)
        assert sorted(event["type"] for event in events_of(portal)) == [
            "follow",
            "follow",
            "message",
            "unfollow",
        ]

    def test_what_people_write_is_shown_as_text(self, line):
        line.browse("/line/people", name="<b>王</b>")
        line.browse("/line/follow", x="1")
        _, page = line.browse("/line/say", text="<script>alert(1)</script>")
        assert "<script>alert(1)" not in page
        assert "<b>王" not in page

    def test_people_and_their_chats_survive_a_restart(self, portal, tmp_path):
        before = Line(tmp_path / "inbox.sqlite", portal)
        person = before.person()
        before.push(person)
        before.close()
        after = Line(tmp_path / "inbox.sqlite", portal)
        found = after.user(person)
        after.close()
        assert ([m["text"] for m in found["messages"]], found["friend"]) == (["您的案件已退回"], True)

    def test_both_languages_say_the_same_things(self):
        assert WORDS["zh"].keys() == WORDS["en"].keys()
