"""The LINE platform's protocol against its stand-in: what each answer means, retry keys, the month's quota, texts."""

import json
import socket
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.channels.line import rules
from notify.channels.line.adapters import LineApi, LineConnection, UserUnknown, line_api, text_message
from notify.channels.line.quota import QuotaGuard
from notify.channels.line.rules import Answer, Quota, fitted, length, meaning_of, with_our_links_only
from notify.channels.rules import Deferral, Doubt, Failure, Outage, Refusal
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

from ..builders import LINKS, NOW

TOKEN = "token-of-the-test"
PORTAL = "https://mtnet.example"
TEXT = [text_message("您的案件已退回")]
NOBODY = "U" + "0" * 32


def meaning(exception):
    return type(exception), getattr(exception, "failure", None)


def a_free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def platform():
    server = SandboxInThread(Settings(a_free_port(), a_free_port(), {"line": TOKEN}))
    yield server
    server.close()


@pytest.fixture
def line(platform):
    """The stand-in with nobody there and nothing wrong."""
    platform.ask("DELETE", "/api/line")
    platform.ask("PUT", "/api/line", {"quota": None})
    platform.fault("line", "none")
    return platform


@pytest.fixture
def friend(line):
    made = json.loads(line.ask("POST", "/api/line/users", {"count": 1})[1])
    return made[0]


@pytest.fixture
def api(line):
    client = LineApi(f"{line.url}/line", TOKEN)
    yield client
    client.close()


def received(line, user_id):
    return json.loads(line.ask("GET", f"/api/line/users/{user_id}")[1])["received"]


class TestMeaning:
    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (Answer(200), (type(None), None)),
            (Answer(409, "The retry key is already accepted"), (type(None), None)),
            (Answer(200, is_json=False), (Doubt, None)),
            (Answer(400, "Failed to send messages"), (Refusal, Failure.RECIPIENT_REFUSED)),
            (Answer(400, "The property, 'to', in the request body is invalid"), (Refusal, Failure.RECIPIENT_REFUSED)),
            (Answer(400, "The request body has 1 error(s)"), (Refusal, Failure.MESSAGE_REFUSED)),
            (Answer(404, "Not found"), (Doubt, Failure.RECIPIENT_REFUSED)),
            (Answer(413), (Refusal, Failure.MESSAGE_REFUSED)),
            (Answer(429, "You have reached your monthly limit."), (Refusal, Failure.QUOTA)),
            (Answer(429, "The API rate limit has been exceeded. Try again later."), (Outage, None)),
            (Answer(429, "The number of concurrent operations has exceeded the limit."), (Deferral, None)),
            (Answer(429, ""), (Outage, None)),
            (Answer(500), (Doubt, None)),
            *((Answer(status), (Outage, None)) for status in (301, 302, 401, 403, 405, 415, 502, 503, 504)),
        ],
    )  # fmt: skip
    def test_an_answer_means_the_user_the_message_the_month_or_us(self, answer, expected):
        assert meaning(meaning_of(answer)) == expected

    @given(st.integers(100, 599), st.text(max_size=80), st.booleans())
    def test_every_answer_means_something_and_none_of_its_words_are_kept(self, status, said, is_json):
        found = meaning_of(Answer(status, said, is_json))
        assert found is None or found.detail.split()[0] == str(status)

    def test_no_further_try_when_the_key_may_be_forgotten(self):
        now = datetime(2026, 11, 26, tzinfo=UTC)
        assert rules.may_still_be_tried(None, now)
        assert rules.may_still_be_tried(now - timedelta(hours=22, minutes=59), now)
        assert not rules.may_still_be_tried(now - timedelta(hours=23), now)
        assert rules.LAST_TRY_AFTER < rules.RETRY_KEY_HOLDS


class TestPush:
    def test_it_arrives_once_however_often_it_is_sent_with_its_key(self, line, api, friend):
        key = uuid4()
        answers = [api.push(key, friend, TEXT) for _ in range(3)]
        assert [answer.detail for answer in answers] == ["200", "409", "409"]
        assert len({answer.provider_ref for answer in answers} - {None}) == 1, (
            "a 409 names the request that was accepted"
        )
        assert received(line, friend) == 1

    def test_a_connection_cut_after_the_acceptance_is_asked_about_at_once(self, line, api, friend):
        line.fault("line", "drop_after_accept", 1)
        assert api.push(uuid4(), friend, TEXT).detail == "409"
        assert received(line, friend) == 1

    def test_a_connection_cut_again_and_again_leaves_doubt(self, line, api, friend):
        line.fault("line", "drop_after_accept")
        with pytest.raises(Doubt) as told:
            api.push(uuid4(), friend, [text_message("x")])
        # The second time the stand-in answers 409 and cuts, too.
        assert meaning(told.value) == (Doubt, None)

    @pytest.mark.parametrize(
        ("mode", "answer", "expected"),
        [
            ("refuse", "", (Outage, None)),
            ("busy", "", (Outage, None)),
            ("reject_recipient", "", (Refusal, Failure.RECIPIENT_REFUSED)),
            ("answer", "429 rate", (Outage, None)),
            ("answer", "429 concurrency", (Deferral, None)),
            ("answer", "429 month", (Refusal, Failure.QUOTA)),
            ("answer", "500", (Doubt, None)),
            ("answer", "404 Not found", (Doubt, Failure.RECIPIENT_REFUSED)),
            ("answer", "401", (Outage, None)),
        ],
    )
    def test_what_goes_wrong_is_told_apart_and_mended_with_the_same_key(
        self, line, api, friend, mode, answer, expected
    ):
        key = uuid4()
        line.fault("line", mode, 1, **({"answer": answer} if answer else {}))
        with pytest.raises((Refusal, Deferral, Doubt, Outage)) as told:
            api.push(key, friend, TEXT)
        assert meaning(told.value) == expected
        assert api.push(key, friend, TEXT).detail == "200"
        assert received(line, friend) == 1

    def test_garbage_is_no_acceptance_and_asking_again_is_harmless(self, line, api, friend):
        key = uuid4()
        line.fault("line", "garbage", 1)
        with pytest.raises(Doubt, match="garbage"):
            api.push(key, friend, TEXT)
        assert api.push(key, friend, TEXT).detail == "409"
        assert received(line, friend) == 1

    def test_a_platform_that_answers_too_late_leaves_doubt(self, line, api, friend, monkeypatch):
        monkeypatch.setattr("notify.channels.line.adapters.ANSWER_SECONDS", 0.2)
        line.fault("line", "slow", 1, seconds=0.6)
        key = uuid4()
        with pytest.raises(Doubt):
            api.push(key, friend, TEXT)

    def test_a_platform_that_is_not_there_is_an_outage(self):
        with pytest.raises(Outage):
            LineApi("http://127.0.0.1:9/line", TOKEN).push(uuid4(), NOBODY, TEXT)

    def test_a_wrong_token_is_about_us(self, line, friend):
        with pytest.raises(Outage, match="401"):
            LineApi(f"{line.url}/line", "wrong").push(uuid4(), friend, TEXT)

    @pytest.mark.parametrize("recipient", ["", "U123", "captain@example.com", NOBODY + "\n"])
    def test_what_is_no_user_id_is_asked_of_nobody(self, recipient):
        with pytest.raises(Refusal) as told:
            LineApi("http://127.0.0.1:9", TOKEN).push(uuid4(), recipient, TEXT)
        assert told.value.failure is Failure.RECIPIENT_REFUSED


class TestMulticast:
    def test_500_at_once_and_never_twice(self, line, api):
        crowd = json.loads(line.ask("POST", "/api/line/users", {"count": 500})[1])
        key = uuid4()
        line.fault("line", "drop_after_accept", 1)
        assert [api.multicast(key, crowd, "颱風公告").detail for _ in range(2)] == ["409", "409"]
        state = json.loads(line.ask("GET", "/api/line")[1])
        assert (state["reached"], state["doubled"]) == (500, 0)

    def test_501_and_none_are_mistakes_of_ours(self, api):
        for recipients in ([], [NOBODY] * 501):
            with pytest.raises(ValueError, match="1 to 500"):
                api.multicast(uuid4(), recipients, "x")

    def test_chunks_hold_500_and_lose_nobody(self):
        crowd = [str(number) for number in range(1201)]
        found = list(rules.chunks(crowd))
        assert [len(chunk) for chunk in found] == [500, 500, 201]
        assert [one for chunk in found for one in chunk] == crowd


class TestQuota:
    def test_what_is_left_is_kept_for_legal_notices(self):
        read = iter([Quota(100, 88), Quota(100, 90), Quota(100, 90)])
        now = [0.0]
        guard = QuotaGuard(lambda: next(read), elapsed=lambda: now[0])
        guard.take(uuid4(), 1, legal=False)
        guard.take(uuid4(), 1, legal=False)
        with pytest.raises(Refusal) as told:
            guard.take(uuid4(), 1, legal=False)
        assert told.value.failure is Failure.QUOTA
        for _ in range(10):
            guard.take(uuid4(), 1, legal=True)
        with pytest.raises(Refusal):
            guard.take(uuid4(), 1, legal=True)

    def test_a_further_try_is_not_counted_again(self):
        guard = QuotaGuard(lambda: Quota(1_000, 0), elapsed=lambda: 0.0)
        key = uuid4()
        for _ in range(10):
            guard.take(key, 500, legal=True)
        guard.take(uuid4(), 500, legal=True)
        guard.take(key, 500, legal=True)
        with pytest.raises(Refusal):
            guard.take(uuid4(), 1, legal=True)

    def test_operators_are_told_what_line_said_and_only_when_it_said_something(self):
        guard = QuotaGuard(lambda: Quota(200, 20), elapsed=lambda: 0.0)
        connection = LineConnection(LineApi("http://127.0.0.1:9", TOKEN, guard), LINKS, lambda: NOW)
        assert connection.found_out() == {}
        guard.take(uuid4(), 1, legal=True)
        told = {"quota": {"allowed": 200, "used": 20, "at": NOW.isoformat()}}
        assert [connection.found_out(), connection.found_out()] == [told, {}]

    def test_a_new_month_is_noticed(self):
        read, now = iter([Quota(100, 100), Quota(100, 0)]), [0.0]
        guard = QuotaGuard(lambda: next(read), elapsed=lambda: now[0])
        with pytest.raises(Refusal):
            guard.take(uuid4(), 1, legal=True)
        now[0] = 61.0
        guard.take(uuid4(), 1, legal=False)

    def test_it_asks_no_more_than_once_a_minute_however_many_are_refused(self):
        asked, now = [], [0.0]

        def read():
            asked.append(now[0])
            return Quota(10, 10)

        guard = QuotaGuard(read, elapsed=lambda: now[0])
        for second in range(100):
            now[0] = float(second)
            with pytest.raises(Refusal):
                guard.take(uuid4(), 1, legal=False)
        assert len(asked) == 2

    def test_without_an_answer_messages_go_on(self):
        def read():
            raise Outage("503")

        QuotaGuard(read).take(uuid4(), 1, legal=False)

    def test_a_plan_without_a_limit_allows_everything(self):
        QuotaGuard(lambda: Quota(None, 10**9)).take(uuid4(), 500, legal=False)

    def test_a_multicast_counts_each_recipient(self):
        guard = QuotaGuard(lambda: Quota(1000, 0))
        guard.take(uuid4(), 500, legal=False)
        with pytest.raises(Refusal):
            guard.take(uuid4(), 401, legal=False)
        guard.take(uuid4(), 400, legal=False)

    def test_when_line_says_it_is_used_up_nothing_more_is_asked_of_it(self, line, friend):
        line.ask("PUT", "/api/line", {"quota": 1})
        api = line_api({"NOTIFY_LINE_URL": f"{line.url}/line", "NOTIFY_LINE_TOKEN": TOKEN})
        api.push(uuid4(), friend, TEXT, legal=True)
        for _ in range(3):
            with pytest.raises(Refusal) as told:
                api.push(uuid4(), friend, TEXT, legal=True)
            assert told.value.failure is Failure.QUOTA
        assert json.loads(line.ask("GET", "/api/line")[1])["tries"] <= 2
        api.close()

    @given(st.integers(0, 1000), st.integers(0, 1500), st.integers(1, 500))
    def test_nothing_but_legal_notices_touches_the_reserve(self, limit, used, count):
        quota = Quota(limit, used)
        if quota.allows(count, legal=False):
            assert quota.after(count).left >= int(limit * rules.RESERVED_SHARE)
            assert quota.allows(count, legal=True)


class TestLookingUp:
    def test_a_friend_has_a_name_and_gets_a_link_token(self, api, friend):
        assert api.display_name(friend) == "-"
        assert len(api.link_token(friend)) >= 10

    @pytest.mark.parametrize("user_id", [NOBODY, "../quota", ""])
    def test_others_have_none(self, api, user_id):
        for look in (api.display_name, api.link_token):
            with pytest.raises(UserUnknown):
                look(user_id)

    def test_the_quota_is_read(self, line, api):
        line.ask("PUT", "/api/line", {"quota": 200})
        assert api.quota().limit == 200
        line.ask("PUT", "/api/line", {"quota": None})
        assert api.quota().limit is None


class TestText:
    def test_rare_characters_count_as_two(self):
        assert (length("a"), length("港"), length("𠮷"), length("🍎")) == (1, 1, 2, 2)

    @given(st.text(max_size=6000), st.sampled_from([PORTAL, "x"]))
    def test_every_text_fits(self, text, ending):
        assert length(fitted(text, ending)) <= rules.LONGEST_TEXT

    def test_a_long_text_ends_with_whole_lines_and_where_the_rest_is(self):
        text = "\n".join(["第一行" * 100] * 40)
        cut = fitted(text, f"全文：{PORTAL}")
        assert cut.endswith(f"\n\n全文：{PORTAL}")
        assert set(cut.split("\n")[:-2]) == {"第一行" * 100}

    def test_one_long_line_is_cut_between_characters(self):
        cut = fitted("𠮷" * 4000, PORTAL)
        assert cut.split("\n")[0] == "𠮷" * len(cut.split("\n")[0])

    @pytest.mark.parametrize(
        "own", [PORTAL, f"{PORTAL}/case?number=PTAPPLY1", f"{PORTAL}/.", "service@mtnet.gov.tw"]
    )
    def test_links_of_the_portal_stay(self, own):
        assert with_our_links_only(f"請至 {own} 查看", PORTAL) == f"請至 {own} 查看"

    @pytest.mark.parametrize(
        "foreign",
        [
            "https://evil.example/a", "http://evil.example", "www.evil.example", "evil.example", "line://ti/p/evil",
            "a@evil.example", f"{PORTAL}.evil.example", f"{PORTAL}@evil.example", f"evil.example/{PORTAL}/",
            "HTTPS://EVIL.EXAMPLE",
        ],
    )  # fmt: skip
    def test_others_stay_readable_and_are_no_links(self, foreign):
        said = with_our_links_only(f"王小明（{foreign}）您好", PORTAL)
        assert said.replace(rules.NO_WIDTH, "") == f"王小明（{foreign}）您好"
        assert foreign not in said
        assert "://" not in said.replace(f"{PORTAL}/", "")

    @pytest.mark.parametrize("text", ["", "x" * 5001])
    def test_what_line_would_not_take_is_not_sent(self, text):
        with pytest.raises(Refusal):
            text_message(text)
