"""The message centre: one's own messages and nobody else's, in full but without secrets, unread first."""

from dataclasses import replace
from uuid import uuid4

import pytest
from mtnet_chassis.rpc.endpoint import Refused
from notify.contact_points import actions as contact_points
from notify.contact_points.rules import account, addresses, application
from notify.message_centre import rules
from notify.message_centre.rules import NotSentAgain, OwnMessage, SentOftenEnough, holds
from notify.messages.actions import write_messages
from notify.templates.rules import PAGES_OF_TOKENS, Kind

from ..asking import a_holder, an_owner, choices_on_record
from ..builders import NOW, an_example, seconds

SERVICES = ("notify",)


@pytest.fixture
def told(transactions):
    """`told(owner, Kind.…)`: a message to the owner of an account, each a minute after the last. Returns its id."""
    written = []

    def told(owner, kind, **details):
        example = an_example(kind)
        message = replace(
            example,
            message_id=uuid4(),
            person=account(owner.account_id),
            details=example.details | details,
            sealed_secret=None,
        )
        written.append(message)
        with transactions.transaction() as tx:
            write_messages(tx, [message], NOW + seconds(60 * len(written)))
        return str(message.message_id)

    return told


def ids(reply):
    return [item["message_id"] for item in reply["items"]]


def a_stored(**changes):
    return OwnMessage(
        **{
            "message_id": uuid4(),
            "event_id": uuid4(),
            "subject_id": uuid4(),
            "kind": Kind.APPLICATION_RETURNED,
            "category": "legal",
            "locale": "en",
            "template_version": 1,
            "details": {},
            "created_at": NOW,
            "read_at": None,
            "copies": 0,
            "copied_at": None,
        }
        | changes
    )


def test_words_are_found_however_they_are_written():
    assert holds("ptapply 退件", ["您的案件 PTAPPLY936 已", "退件"])
    assert holds("ＰＴＡＰＰＬＹ", ["PTAPPLY936"])
    assert not holds("PTAPPLY 核准", ["PTAPPLY936", "退件"])


@pytest.mark.parametrize("kind", [*PAGES_OF_TOKENS, Kind.VERIFICATION_CODE])
def test_what_held_a_code_or_a_link_is_never_sent_again(kind):
    with pytest.raises(NotSentAgain):
        rules.require_copyable(a_stored(kind=kind), 0, NOW + seconds(3600))
    assert not rules.can_be_copied(a_stored(kind=kind))
    shown = rules.without_secret(kind, {"name": "王小明"}, "…")
    assert "…" in shown.values()


@pytest.mark.parametrize(
    ("message", "of_day", "after", "refused"),
    [
        (a_stored(), 0, 300, False),
        (a_stored(), 0, 299, True),
        (a_stored(copies=2, copied_at=NOW + seconds(600)), 9, 900, False),
        (a_stored(copies=2, copied_at=NOW + seconds(600)), 9, 899, True),
        (a_stored(copies=3, copied_at=NOW), 3, 3600, True),
        (a_stored(), 10, 3600, True),
    ],
)
def test_a_message_is_sent_again_now_and_then(message, of_day, after, refused):
    if refused:
        with pytest.raises(SentOftenEnough):
            rules.require_copyable(message, of_day, NOW + seconds(after))
    else:
        rules.require_copyable(message, of_day, NOW + seconds(after))


@pytest.mark.stack
def test_unread_messages_come_first_and_then_the_newest(asking, told):
    owner = an_owner()
    kinds = (Kind.ACCOUNT_ACTIVATED, Kind.REMINDER_DUE, Kind.ACCOUNT_FROZEN, Kind.ACCOUNT_REACTIVATED)
    first, second, third, fourth = (told(owner, kind) for kind in kinds)
    assert asking("mark_messages_read", of=owner, message_ids=[second, fourth]) == {"unread": 2}
    reply = asking("own_messages", of=owner)
    assert (ids(reply), reply["total"], reply["unread"]) == ([third, first, fourth, second], 4, 2)
    page = asking("own_messages", of=owner, page=2, page_size=3)
    assert (ids(page), page["total"]) == ([second], 4)
    assert ids(asking("own_messages", of=owner, unread=True)) == [third, first]
    assert asking("mark_messages_read", of=owner) == {"unread": 0}
    assert asking("own_messages", of=owner, unread=True)["items"] == []


@pytest.mark.stack
def test_a_message_is_shown_in_full_with_where_it_went(asking, told, transactions):
    owner = an_owner()
    message_id = told(owner, Kind.ACCOUNT_FROZEN, account_name="QWERTYUI")
    with transactions.transaction() as tx:
        tx.execute(
            "UPDATE delivery SET state = 'failed', failure = 'RECIPIENT_REFUSED', next_attempt_at = NULL"
            " WHERE message_id = %s",
            (message_id,),
        )
    shown = asking("own_message", of=owner, message_id=message_id)
    assert "QWERTYUI" in shown["text"]
    assert shown["subject"]
    assert "<" not in shown["text"]
    assert shown["can_be_sent_again"]
    (delivery,) = shown["deliveries"]
    assert (delivery["channel"], delivery["state"], delivery["failure"]) == (
        "email",
        "failed",
        "RECIPIENT_REFUSED",
    )
    assert delivery["recipient"] == "c•••@carrier.example.com", "enough to recognise it by"


@pytest.mark.stack
def test_a_link_that_works_once_is_shown_to_nobody_again(asking, told):
    owner = an_owner()
    message_id = told(owner, Kind.ACTIVATION_LINK)
    shown = asking("own_message", of=owner, message_id=message_id)
    assert "/activate" not in shown["text"]
    assert not shown["can_be_sent_again"]


@pytest.mark.stack
def test_a_message_is_sent_again_to_the_address_of_now_as_a_message_of_its_own(asking, told, transactions):
    owner = an_owner()
    person = account(owner.account_id)
    message_id = told(owner, Kind.ACCOUNT_FROZEN)
    with transactions.transaction() as tx:
        contact_points.keep_points(tx, person, addresses(emails=["new@carrier.example.com"]), NOW)
    again = asking("send_message_again", of=owner, message_id=message_id, key="once")
    assert asking("send_message_again", of=owner, message_id=message_id, key="once") == again
    assert [(d["recipient"], d["state"]) for d in again["deliveries"]] == [
        ("c•••@carrier.example.com", "waiting"),
        ("n•••@carrier.example.com", "waiting"),
    ]
    assert asking.senders.channels == ["email"]
    listed = asking("own_messages", of=owner)
    assert (ids(listed), listed["total"], listed["unread"]) == ([message_id], 1, 1), (
        "the copy is no second message"
    )
    with pytest.raises(Refused, match="SENT_OFTEN_ENOUGH"):
        asking("send_message_again", of=owner, message_id=message_id)
    with pytest.raises(Refused, match="MESSAGE_NOT_FOUND"):
        asking("send_message_again", of=an_owner(), message_id=message_id)
    with pytest.raises(Refused, match="NOT_SENT_AGAIN"):
        asking("send_message_again", of=owner, message_id=told(owner, Kind.ACTIVATION_LINK))
    with transactions.transaction() as tx:
        versions = tx.execute(
            "SELECT count(DISTINCT template_version), count(*) FROM message"
            " WHERE message_id = %(id)s OR again_of = %(id)s",
            {"id": message_id},
        ).fetchone()
    assert versions == (1, 2)


@pytest.mark.stack
def test_nobody_sees_or_marks_what_is_somebody_else_s(asking, told):
    owner, other = an_owner(), an_owner()
    message_id = told(owner, Kind.ACCOUNT_FROZEN)
    with pytest.raises(Refused, match="MESSAGE_NOT_FOUND"):
        asking("own_message", of=other, message_id=message_id)
    assert asking("own_messages", of=other)["items"] == []
    asking("mark_messages_read", of=other, message_ids=[message_id])
    asking("mark_messages_read", of=other)
    assert asking("own_messages", of=owner)["unread"] == 1
    for call in ("own_messages", "mark_messages_read"):
        with pytest.raises(Refused, match="NOT_SIGNED_IN"):
            asking(call, of=a_holder())


@pytest.mark.stack
def test_messages_are_found_by_what_they_say(asking, told):
    owner = an_owner()
    found = told(owner, Kind.ACCOUNT_FROZEN, account_name="HARBOUR01")
    told(owner, Kind.ACCOUNT_FROZEN, account_name="QWERTYUI")
    reply = asking("own_messages", of=owner, query="harbour01")
    assert (ids(reply), reply["total"], reply["unread"]) == ([found], 1, 2)
    assert asking("own_messages", of=owner, query="harbour01 qwertyui")["items"] == []


@pytest.mark.stack
def test_choices_are_shown_and_saved_by_account_and_by_pass(asking, transactions):
    owner, holder = an_owner(), a_holder()
    with transactions.transaction() as tx:
        contact_points.keep_points(tx, account(owner.account_id), addresses(emails=["clerk@x.tw"]), NOW)
    shown = asking("own_notifications", of=owner)
    (email,) = shown["contact_points"]
    assert (email["address"], email["own"], email["unreachable_since"]) == ("clerk@x.tw", False, None)
    by_category = {each["category"]: each["channels"] for each in shown["categories"]}
    assert list(by_category) == ["legal", "security", "reminder", "information"]
    assert by_category["legal"][0] == {"channel": "email", "chosen": True, "always": True}
    assert by_category["reminder"][0] == {"channel": "email", "chosen": True, "always": False}
    wanted = [{"category": "reminder", "channels": []}]
    saved = asking("save_notifications", of=owner, categories=wanted)
    chosen = {each["category"]: each["channels"][0]["chosen"] for each in saved["categories"]}
    assert chosen == {"legal": True, "security": True, "reminder": False, "information": True}
    assert [c["category"] for c in asking("own_notifications", of=holder)["categories"]] == [
        "legal",
        "information",
    ]
    with pytest.raises(Refused, match="NOT_CHOOSABLE"):
        asking("save_notifications", of=holder, categories=wanted)
    with pytest.raises(Refused, match="NOT_CHOOSABLE"):
        asking("save_notifications", of=owner, categories=[{"category": "reminder", "channels": ["sms"]}])


@pytest.mark.stack
def test_a_case_whose_account_was_opened_takes_no_choice_any_more(asking, transactions):
    holder = a_holder()
    asking("save_notifications", of=holder, categories=[{"category": "information", "channels": []}])
    with transactions.transaction() as tx:
        assert contact_points.take_over(tx, application(holder.application_id).id, uuid4(), None, NOW)
    with pytest.raises(Refused, match="CASE_HAS_ACCOUNT"):
        asking(
            "save_notifications", of=holder, categories=[{"category": "information", "channels": ["email"]}]
        )


@pytest.mark.stack
def test_a_choice_goes_on_record_and_what_was_so_before_does_not(asking, transactions):
    owner, holder = replace(an_owner(), ip="192.0.2.7"), a_holder()
    for _ in range(2):
        categories = [
            {"category": "reminder", "channels": []},
            {"category": "information", "channels": ["email"]},
        ]
        asking("save_notifications", of=owner, categories=categories)
    asking("save_notifications", of=holder, categories=[{"category": "information", "channels": []}])
    (event,) = choices_on_record(transactions, owner.account_id)
    assert (event["change"], event["categories"]) == ("notifications_changed", ["reminder"])
    assert (event["actor_account_id"], event["ip"]) == (str(owner.account_id), "192.0.2.7")
    (by_pass,) = choices_on_record(transactions, holder.application_id)
    assert (by_pass["person_kind"], by_pass.get("actor_account_id")) == ("application", None)
