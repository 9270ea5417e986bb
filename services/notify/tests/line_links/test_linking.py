"""Links between persons and LINE users, against PostgreSQL and the stand-in of the platform."""

import json
import socket
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.holder import Holder
from mtnet_chassis.testing.emptying import emptying
from mtnet_contracts.vocabulary.notices import Category
from notify.channels.line.link_tokens import LinkTokenNotValid
from notify.contact_points import actions as contact_points
from notify.contact_points import rules as persons
from notify.contact_points.rules import LINE, AccountClosed, CaseHasAccount
from notify.line_links import actions
from notify.line_links.actions import Sending
from notify.line_links.adapters import LineAway, LinePlatform, UserUnknown
from notify.line_links.rules import NONCE_HOLDS, NotFromLine, Unreadable
from notify.messages.rules import Contact
from notify.messages.store import MessageStore
from notify.preferences import actions as preferences
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

from ..asking import choices_on_record
from .test_rules import NOW, OTHER, SECRET, USER, a_body, an_event, signed

SERVICES = ("notify",)
pytestmark = pytest.mark.stack
TOKEN = "token-of-the-test"
CONTACT = Contact("王小明", "clerk@carrier.example.com", "zh-Hant")


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
def platform(sandbox):
    sandbox.ask("DELETE", "/api/line")
    return LinePlatform(
        {
            "NOTIFY_LINE_URL": f"{sandbox.url}/line",
            "NOTIFY_LINE_TOKEN": TOKEN,
            "NOTIFY_LINE_CHANNEL_SECRET": SECRET,
            "NOTIFY_LINE_ADD_FRIEND_URL": f"{sandbox.url}/line",
            "NOTIFY_LINE_DIALOG_URL": f"{sandbox.url}/line/dialog/accountLink",
        },
        "https://mtnet.example",
    )


class Woken(dict):
    """Senders that nobody looks at."""

    def __missing__(self, channel):
        return self

    def wake(self, *, urgent):
        pass


@pytest.fixture
def sending(transactions):
    with transactions.transaction() as tx:
        tx.execute(
            emptying(
                *("line_event", "line_user", "line_link_nonce", "person", "contact_point", "preference"),
                *("message", "account_contact", "application_contact"),
            )
        )
    return Sending(transactions, Woken())


@pytest.fixture
def ask(sending):
    def ask(question):
        with sending.database.transaction() as tx:
            return question(tx)

    return ask


@pytest.fixture
def hear(sending, platform):
    """`hear(event, …)`: LINE tells, with its signature."""

    def hear(*events, now=NOW):
        body = a_body(*events)
        actions.receive(sending, platform, body, signed(body), now)

    return hear


@pytest.fixture
def friend(sandbox, platform):
    """A person in the stand-in who has us as a friend."""
    return a_friend(sandbox)


def a_friend(sandbox, name="小明"):
    user_id = json.loads(sandbox.ask("POST", "/api/line/users", {"name": name})[1])["user_id"]
    sandbox.ask("POST", f"/api/line/users/{user_id}/follow")
    return user_id


@pytest.fixture
def owner(ask):
    """Somebody with an account, logged in."""
    actor = Actor(
        account_id=uuid4(),
        account_name="QWERTYUI",
        display_name="王小明",
        roles=frozenset({"member"}),
        session_id=uuid4(),
        expires_at=NOW + timedelta(minutes=2),
    )
    ask(lambda tx: MessageStore(tx).keep_account(actor.account_id, CONTACT, NOW))
    return actor


@pytest.fixture
def applicant(ask):
    holder = Holder(application_id=uuid4(), case_number="PTAPPLY936EC90162340", expires_at=NOW)
    ask(lambda tx: MessageStore(tx).keep_applicant(holder.application_id, holder.case_number, CONTACT, 1))
    return holder


def source(user_id):
    return {"source": {"type": "user", "userId": user_id}}


def an_id():
    return {"webhookEventId": f"01J{uuid4().hex[:23].upper()}"}


def at(seconds):
    return {"timestamp": int((NOW.timestamp() + seconds) * 1000)}


def nonce_of(sending, platform, caller, user_id, now=NOW):
    """The person agrees; LINE gets this."""
    token = parse_qs(urlsplit(platform.link_address(user_id, now)).query)["linkToken"][0]
    address = actions.begin(sending.database, platform, caller, token, now)
    return parse_qs(urlsplit(address).query)["nonce"][0]


def agreed(user_id, nonce, result="ok", **more):
    return an_event(
        "accountLink", **source(user_id), **an_id(), link={"result": result, "nonce": nonce}, **more
    )


def state(ask, platform, caller):
    return ask(lambda tx: actions.link(tx, platform, caller))


def notices(ask):
    return ask(
        lambda tx: tx.execute("SELECT kind, details->>'change' FROM message ORDER BY created_at").fetchall()
    )


class TestLinking:
    @pytest.mark.parametrize("who", ["owner", "applicant"])
    def test_a_person_agrees_line_s_user_agrees_and_they_are_linked(
        self, request, sending, platform, hear, ask, friend, who
    ):
        caller = request.getfixturevalue(who)
        assert state(ask, platform, caller)["linked"] is False
        hear(agreed(friend, nonce_of(sending, platform, caller, friend)))
        found = state(ask, platform, caller)
        assert (found["linked"], found["reachable"], found["linked_at"]) == (True, True, NOW)
        person = contact_points.person_of(caller)
        assert ask(lambda tx: contact_points.of(tx, person, LINE)).address == friend
        chosen = ask(lambda tx: preferences.chosen_channels(tx, [person]))[person]
        assert LINE in chosen[Category.LEGAL], "who links gets what matters most"
        assert notices(ask) == [("line_link_changed", "linked")], "told by mail, in case it was somebody else"

    def test_the_page_names_the_user_to_whom_the_link_was_written(self, platform, friend):
        token = parse_qs(urlsplit(platform.link_address(friend, NOW)).query)["linkToken"][0]
        assert actions.target(platform, token, NOW) == "小明"

    def test_a_link_that_is_too_old_or_invented_leads_nowhere(self, sending, platform, friend, owner):
        token = parse_qs(urlsplit(platform.link_address(friend, NOW)).query)["linkToken"][0]
        for wrong, when in ((token, NOW + timedelta(days=2)), ("x" * 50, NOW)):
            with pytest.raises(LinkTokenNotValid):
                actions.target(platform, wrong, when)
            with pytest.raises(LinkTokenNotValid):
                actions.begin(sending.database, platform, owner, wrong, when)

    def test_who_blocked_us_meanwhile_is_not_asked(self, sandbox, sending, platform, friend, owner):
        sandbox.ask("POST", f"/api/line/users/{friend}/unfollow")
        with pytest.raises(UserUnknown):
            nonce_of(sending, platform, owner, friend)

    def test_while_line_is_away_nothing_is_begun(self, sandbox, sending, platform, owner):
        away = replace(platform, values={**platform.values, "NOTIFY_LINE_URL": "http://127.0.0.1:9"})
        with pytest.raises(LineAway):
            nonce_of(sending, away, owner, USER)

    def test_a_nonce_works_once(self, sending, platform, hear, ask, sandbox, friend, owner):
        nonce = nonce_of(sending, platform, owner, friend)
        hear(agreed(friend, nonce))
        ask(lambda tx: actions.unlink(tx, sending, owner, NOW))
        hear(agreed(friend, nonce))
        assert state(ask, platform, owner)["linked"] is False

    @pytest.mark.parametrize(("seconds", "linked"), [(600, True), (601, False)])
    def test_a_nonce_holds_ten_minutes(self, sending, platform, hear, ask, friend, owner, seconds, linked):
        assert timedelta(minutes=10) == NONCE_HOLDS
        nonce = nonce_of(sending, platform, owner, friend)
        hear(agreed(friend, nonce, **at(seconds)), now=NOW + timedelta(hours=3))
        assert state(ask, platform, owner)["linked"] is linked, "what counts is when LINE's user agreed"

    def test_a_newer_beginning_takes_the_place_of_an_older_one(
        self, sending, platform, hear, ask, friend, owner
    ):
        first = nonce_of(sending, platform, owner, friend)
        second = nonce_of(sending, platform, owner, friend)
        hear(agreed(friend, first))
        assert state(ask, platform, owner)["linked"] is False
        hear(agreed(friend, second))
        assert state(ask, platform, owner)["linked"] is True

    def test_a_refusal_of_line_s_user_links_nobody_and_ends_the_nonce(
        self, sending, platform, hear, ask, friend, owner
    ):
        nonce = nonce_of(sending, platform, owner, friend)
        hear(agreed(friend, nonce, "failed"))
        hear(agreed(friend, nonce))
        assert state(ask, platform, owner)["linked"] is False

    def test_nobody_else_s_line_is_linked_with_a_nonce(
        self, sending, platform, hear, ask, sandbox, friend, owner
    ):
        """Somebody sends the nonce of my account to LINE with a token of their own."""
        nonce = nonce_of(sending, platform, owner, friend)
        hear(agreed(a_friend(sandbox, "壞人"), nonce))
        assert state(ask, platform, owner)["linked"] is False

    def test_an_invented_nonce_links_nobody(self, hear, ask, friend):
        hear(agreed(friend, "n" * 43))
        assert ask(lambda tx: contact_points.is_of_somebody(tx, LINE, friend)) is False

    def test_an_account_and_a_case_may_have_the_same_line(
        self, sending, platform, hear, ask, friend, owner, applicant
    ):
        for caller in (owner, applicant):
            hear(agreed(friend, nonce_of(sending, platform, caller, friend)))
        assert all(state(ask, platform, caller)["linked"] for caller in (owner, applicant))

    def test_another_line_takes_the_place_of_the_former(
        self, sending, platform, hear, ask, sandbox, friend, owner
    ):
        other = a_friend(sandbox, "新手機")
        for user_id in (friend, other):
            hear(agreed(user_id, nonce_of(sending, platform, owner, user_id)))
        person = contact_points.person_of(owner)
        assert ask(lambda tx: contact_points.of(tx, person, LINE)).address == other

    def test_a_closed_account_is_linked_with_nobody(self, sending, platform, hear, ask, friend, owner):
        nonce = nonce_of(sending, platform, owner, friend)
        ask(lambda tx: contact_points.forget(tx, contact_points.person_of(owner)))
        hear(agreed(friend, nonce))
        assert state(ask, platform, owner)["linked"] is False
        with pytest.raises(AccountClosed):
            nonce_of(sending, platform, owner, friend)

    def test_a_case_that_became_an_account_leaves_it_to_its_owner(
        self, sending, platform, ask, friend, applicant
    ):
        ask(lambda tx: contact_points.take_over(tx, applicant.application_id, uuid4(), None, NOW))
        with pytest.raises(CaseHasAccount):
            nonce_of(sending, platform, applicant, friend)

    def test_what_an_applicant_linked_is_the_account_s(
        self, sending, platform, hear, ask, friend, applicant, owner
    ):
        hear(agreed(friend, nonce_of(sending, platform, applicant, friend)))
        ask(lambda tx: contact_points.take_over(tx, applicant.application_id, owner.account_id, None, NOW))
        assert state(ask, platform, owner)["linked"] is True

    def test_unlinking_twice_is_unlinking_once(self, sending, platform, hear, ask, friend, owner):
        hear(agreed(friend, nonce_of(sending, platform, owner, friend)))
        for _ in range(2):
            ask(lambda tx: actions.unlink(tx, sending, owner, NOW))
        assert state(ask, platform, owner)["linked"] is False
        assert sorted(notices(ask)) == [("line_link_changed", "linked"), ("line_link_changed", "unlinked")]
        on_record = choices_on_record(sending.database, owner.account_id)
        assert [event["change"] for event in on_record] == ["line_linked", "line_unlinked"]
        assert friend not in str(on_record)


class TestFollowing:
    @pytest.fixture
    def linked(self, sending, platform, hear, friend, owner):
        hear(agreed(friend, nonce_of(sending, platform, owner, friend)))
        return friend

    def follow(self, user_id, seconds):
        return an_event("follow", **source(user_id), **an_id(), **at(seconds))

    def unfollow(self, user_id, seconds):
        return an_event("unfollow", **source(user_id), **an_id(), **at(seconds), replyToken=None)

    def test_who_blocks_us_is_not_reached_and_who_comes_back_is(self, hear, ask, platform, linked, owner):
        hear(self.unfollow(linked, 10))
        assert state(ask, platform, owner)["reachable"] is False
        hear(self.follow(linked, 20))
        assert state(ask, platform, owner)["reachable"] is True

    def test_an_old_follow_does_not_undo_a_later_unfollow(self, hear, ask, platform, linked, owner):
        hear(self.unfollow(linked, 20))
        hear(self.follow(linked, 10))
        assert state(ask, platform, owner)["reachable"] is False

    def test_in_one_body_their_times_count_and_not_their_order(self, hear, ask, platform, linked, owner):
        hear(self.follow(linked, 20), self.unfollow(linked, 10))
        assert state(ask, platform, owner)["reachable"] is True

    def test_a_block_that_is_heard_before_the_link_counts(self, sending, hear, ask, platform, friend, owner):
        nonce = nonce_of(sending, platform, owner, friend)
        hear(self.unfollow(friend, 5))
        hear(agreed(friend, nonce))
        found = state(ask, platform, owner)
        assert (found["linked"], found["reachable"]) == (True, False)

    def test_all_persons_of_the_user_are_out_of_reach(
        self, sending, hear, ask, platform, linked, owner, applicant
    ):
        hear(agreed(linked, nonce_of(sending, platform, applicant, linked)))
        hear(self.unfollow(linked, 10))
        assert not any(state(ask, platform, caller)["reachable"] for caller in (owner, applicant))


class TestWebhook:
    def test_what_is_not_signed_is_not_read(self, sending, platform):
        with pytest.raises(NotFromLine):
            actions.receive(sending, platform, b"not even JSON", "x" * 44, NOW)

    def test_what_is_signed_and_unreadable_is_refused(self, sending, platform):
        with pytest.raises(Unreadable):
            actions.receive(sending, platform, b"{}", signed(b"{}"), NOW)

    def test_a_look_whether_we_are_there_is_answered(self, hear):
        hear()

    def test_an_event_that_comes_again_changes_nothing(self, sending, platform, hear, ask, friend, owner):
        event = agreed(friend, nonce_of(sending, platform, owner, friend))
        for _ in range(3):
            hear(event)
        hear({**event, "deliveryContext": {"isRedelivery": True}})
        assert len(notices(ask)) == 1

    def test_one_event_twice_in_one_body_counts_once(self, sending, platform, hear, ask, friend, owner):
        event = agreed(friend, nonce_of(sending, platform, owner, friend))
        hear(event, event)
        assert state(ask, platform, owner)["linked"] is True
        assert len(notices(ask)) == 1

    def test_events_are_forgotten_after_a_week(self, hear, ask):
        hear(an_event("follow", webhookEventId="old"), now=NOW - timedelta(days=8))
        hear(an_event("follow", webhookEventId="new"))
        kept = ask(lambda tx: tx.execute("SELECT event_id FROM line_event").fetchall())
        assert kept == [("new",)]

    def test_of_groups_nothing_is_kept(self, hear, ask):
        hear(an_event("follow", source={"type": "group", "groupId": "C1"}))
        assert ask(lambda tx: tx.execute("SELECT count(*) FROM line_event").fetchone()) == (0,)


class TestAnswers:
    """The stand-in's own webhooks are off here, so the test hands over what the stand-in would tell."""

    def said_to(self, sandbox, user_id):
        found = json.loads(sandbox.ask("GET", f"/api/line/users/{user_id}")[1])["messages"]
        return [each.get("text") or each["template"]["text"] for each in found if not each["own"]]

    def reply_token(self, sandbox, user_id):
        """What LINE gave with its last event."""
        return json.loads(sandbox.ask("GET", f"/api/line/users/{user_id}")[1])["reply_token"]

    def said(self, sandbox, user_id, **more):
        return an_event(
            "message", **source(user_id), **an_id(), replyToken=self.reply_token(sandbox, user_id), **more
        )

    def test_a_new_friend_gets_a_button_that_leads_to_the_portal(self, sandbox, hear, friend):
        hear(an_event("follow", **source(friend), replyToken=self.reply_token(sandbox, friend)))
        found = json.loads(sandbox.ask("GET", f"/api/line/users/{friend}")[1])["messages"]
        (action,) = found[0]["template"]["actions"]
        assert action["uri"].startswith("https://mtnet.example/line/link?linkToken=")

    def test_who_writes_is_told_where_to_turn_once_in_a_while(self, sandbox, hear, friend):
        hear(self.said(sandbox, friend))
        assert "0800-022-120" in self.said_to(sandbox, friend)[0]
        sandbox.ask("POST", f"/api/line/users/{friend}/say", {"text": "還在嗎"})
        hear(self.said(sandbox, friend))
        assert len(self.said_to(sandbox, friend)) == 2, "text and button, and no second time"
        hear(self.said(sandbox, friend), now=NOW + timedelta(minutes=11))
        assert len(self.said_to(sandbox, friend)) == 4

    @pytest.mark.parametrize(
        ("message", "kind", "text"),
        [
            ({"type": "text", "id": "1", "text": "請問\x00進度\ud83d"}, "text", "請問進度?"),
            ({"type": "text", "id": "1", "text": "長" * 6_000}, "text", "長" * 5_000),
            ({"type": "sticker", "id": "1", "text": "no words"}, "sticker", ""),
            ({"type": "video", "id": "1"}, "video", ""),
        ],
    )
    def test_what_is_written_is_announced_to_the_helpdesk_once(self, hear, ask, friend, message, kind, text):
        event = an_event("message", **source(friend), **an_id(), message=message)
        for _ in range(2):
            hear(event)
        found = ask(
            lambda tx: tx.execute(
                "SELECT payload::jsonb FROM outbox WHERE name = 'LineMessageReceived'"
                " AND payload::jsonb->>'line_user_id' = %s",
                (friend,),
            ).fetchall()
        )
        assert [(each["kind"], each["text"]) for (each,) in found] == [(kind, text)]

    def test_an_answer_that_could_not_be_given_is_given_when_the_event_comes_again(
        self, sandbox, sending, platform, friend
    ):
        body = a_body(an_event("follow", **source(friend), replyToken=self.reply_token(sandbox, friend)))
        away = replace(platform, values={**platform.values, "NOTIFY_LINE_URL": "http://127.0.0.1:9"})
        actions.receive(sending, away, body, signed(body), NOW)
        assert self.said_to(sandbox, friend) == []
        for _ in range(2):
            actions.receive(sending, platform, body, signed(body), NOW)
        assert len(self.said_to(sandbox, friend)) == 1

    def test_a_token_that_works_no_more_is_tried_once(self, sandbox, hear, ask, friend):
        hear(an_event("follow", **source(friend), replyToken="0" * 32))
        assert self.said_to(sandbox, friend) == []
        owed = ask(
            lambda tx: tx.execute("SELECT count(*) FROM line_event WHERE answer IS NOT NULL").fetchone()
        )
        assert owed == (0,)

    def test_somebody_unknown_to_line_is_no_trouble(self, hear):
        hear(an_event("follow", **source(OTHER)))


def test_persons_are_told_apart():
    assert persons.account(uuid4()).kind != persons.application(uuid4()).kind
