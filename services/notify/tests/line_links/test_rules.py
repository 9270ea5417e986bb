"""Whether it was LINE, what it told, and whose chat a link was written to."""

import base64
import hashlib
import hmac
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.channels.line.link_tokens import HOLDS, LinkTokenNotValid, link_token, user_of_link_token
from notify.line_links.messages import LONGEST_BUTTON_TEXT, chat_messages
from notify.line_links.rules import Answer, Unreadable, What, digest_of, events_of, is_signed

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
USER, OTHER = "U" + "ab" * 16, "U" + "cd" * 16
SECRET = "secret"


def an_event(what="follow", **changes):
    return {
        "type": what,
        "mode": "active",
        "timestamp": int(NOW.timestamp() * 1000),
        "source": {"type": "user", "userId": USER},
        "webhookEventId": "01H810YECXQQZ37VAXPF6H9E6T",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA",
    } | changes


def a_body(*events):
    return json.dumps({"destination": OTHER, "events": list(events)}).encode()


def signed(body, secret=SECRET):
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


class TestSignature:
    def test_the_very_bytes_are_signed(self):
        body = a_body(an_event())
        assert is_signed(body, signed(body), [SECRET])
        assert not is_signed(body + b" ", signed(body), [SECRET])
        assert not is_signed(body, signed(body, "other"), [SECRET])

    def test_while_a_secret_is_changed_both_count(self):
        body = a_body(an_event())
        assert is_signed(body, signed(body, "old"), ["new", "old"])
        assert is_signed(body, signed(body, "new"), ["new", "old"])

    @given(st.binary(max_size=50), st.text(max_size=60))
    def test_nothing_else_is_taken_for_a_signature(self, body, signature):
        assert not is_signed(body, signature, [SECRET])

    def test_without_a_secret_nothing_is_signed(self):
        assert not is_signed(b"", signed(b"", ""), [])


class TestEvents:
    @pytest.mark.parametrize(("told", "expected"), [(what.value, what) for what in What])
    def test_what_happened_is_read(self, told, expected):
        (event,) = events_of(a_body(an_event(told, link={"result": "ok", "nonce": "n" * 20})))
        assert (event.what, event.user_id, event.at) == (expected, USER, NOW)

    def test_the_word_of_line_on_a_link_is_read(self):
        ok = an_event("accountLink", link={"result": "ok", "nonce": "n" * 20})
        failed = an_event("accountLink", link={"result": "failed", "nonce": "n" * 20})
        assert [(e.linked, e.nonce) for e in events_of(a_body(ok, failed))] == [
            (True, "n" * 20),
            (False, "n" * 20),
        ]

    def test_the_oldest_comes_first(self):
        later = an_event(timestamp=int(NOW.timestamp() * 1000) + 5000, webhookEventId="B")
        assert [e.event_id for e in events_of(a_body(later, an_event(webhookEventId="A")))] == ["A", "B"]

    @pytest.mark.parametrize(
        "other",
        [
            an_event("join"), an_event("postback"), an_event(mode="standby"),
            an_event(source={"type": "group", "groupId": "C1", "userId": USER}), an_event(source=None),
        ],
    )  # fmt: skip
    def test_what_is_of_no_use_is_passed_over(self, other):
        assert events_of(a_body(other)) == []

    def test_line_asks_with_no_events_whether_we_are_there(self):
        assert events_of(a_body()) == []

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"\xff", b"[]", b"{}", b'{"events": {}}', b'{"events": [1]}', b'{"events": [{}]}', b"[" * 100_000,
            a_body(an_event(source={"type": "user", "userId": "somebody"})),
            a_body(an_event(webhookEventId="")), a_body(an_event(webhookEventId="x" * 65)),
            a_body(an_event(timestamp=10**30)), a_body(an_event(timestamp="now")),
            a_body(an_event(timestamp=67_768_036_191_676_796_000)), a_body(an_event(timestamp=-(10**17))),
            a_body(an_event(timestamp=253_402_300_800_000)), a_body(an_event(timestamp=[])),
            a_body(an_event("accountLink")), a_body(*[an_event()] * 501),
        ],
    )  # fmt: skip
    def test_what_nobody_can_read_is_said_to_be_so(self, body):
        with pytest.raises(Unreadable):
            events_of(body)

    @given(
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5)
    )
    def test_whatever_is_in_an_event_it_is_read_or_refused(self, value):
        for name in ("timestamp", "source", "webhookEventId", "replyToken", "type", "mode", "link"):
            with suppress(Unreadable):
                events_of(a_body(an_event("accountLink", link={"nonce": "n"}) | {name: value}))


class TestLinkToken:
    def test_it_names_the_user_it_was_written_to(self):
        assert user_of_link_token((SECRET,), link_token(SECRET, USER, NOW), NOW) == USER

    def test_it_needs_no_quoting_in_an_address(self):
        assert link_token(SECRET, USER, NOW).replace("-", "").replace("_", "").isalnum()

    def test_it_holds_for_a_day(self):
        token = link_token(SECRET, USER, NOW)
        assert user_of_link_token((SECRET,), token, NOW + HOLDS) == USER
        with pytest.raises(LinkTokenNotValid):
            user_of_link_token((SECRET,), token, NOW + HOLDS + timedelta(seconds=1))

    def test_a_former_secret_counts_during_a_change_and_no_longer(self):
        token = link_token("old", USER, NOW)
        assert user_of_link_token(("new", "old"), token, NOW) == USER
        with pytest.raises(LinkTokenNotValid):
            user_of_link_token(("new",), token, NOW)

    def test_every_changed_character_is_noticed(self):
        token = link_token(SECRET, USER, NOW)
        for place in range(len(token) - 1):
            changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            with pytest.raises(LinkTokenNotValid):
                user_of_link_token((SECRET,), changed, NOW)

    @given(st.text(max_size=80))
    def test_an_invented_one_is_refused(self, token):
        with pytest.raises(LinkTokenNotValid):
            user_of_link_token((SECRET,), token, NOW)


class TestChat:
    @pytest.mark.parametrize("answer", Answer)
    def test_both_languages_fit_what_line_takes(self, answer):
        said = chat_messages(answer, "PTAPPLY936EC90162340", "https://mtnet.example/line/link?linkToken=x")
        assert 1 <= len(said) <= 5
        for message in said:
            if message["type"] == "text":
                assert "%(" not in message["text"]
                assert any("\u4e00" <= character <= "\u9fff" for character in message["text"])
            else:
                assert len(message["template"]["text"]) <= LONGEST_BUTTON_TEXT
                (action,) = message["template"]["actions"]
                assert len(action["label"]) <= 20
                assert action["uri"].startswith("https://mtnet.example/line/link")


def test_of_a_nonce_only_a_digest_is_kept():
    assert digest_of("n" * 20) != b"n" * 20
    assert len(digest_of("\ud800")) == 32
