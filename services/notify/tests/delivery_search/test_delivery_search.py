"""Operators find deliveries by what they know, page by page, never see an address, and send one once more."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.testing.emptying import emptying
from mtnet_contracts.calls.notify.delivery_search import FIND_DELIVERIES
from mtnet_contracts.event import new_event_id
from mtnet_contracts.vocabulary.channels import CHANNELS
from notify.contact_points.rules import EMAIL
from notify.delivery_search import actions
from notify.delivery_search.rules import (
    MOST_COPIES,
    AddressSuppressed,
    DeliveryNotFound,
    NotSentTwice,
    SentOftenEnough,
    StillOnItsWay,
    spellings,
)
from notify.delivery_search.store import DeliverySearchStore
from notify.messages.actions import write_messages
from notify.messages.rules import message_id_for
from notify.suppressions import actions as suppressions
from notify.suppressions.rules import Reason
from notify.templates.rules import Kind

from ..builders import NOW, an_example

ACTOR = Actor(
    account_id=uuid4(),
    account_name="operator1",
    display_name="王小明",
    roles=frozenset({"operator"}),
    session_id=uuid4(),
    expires_at=datetime(2099, 1, 1, tzinfo=UTC),
)
ANYTHING = {
    "name": None,
    "address": None,
    "state": None,
    "channel": None,
    "kind": None,
    "from_day": None,
    "to_day": None,
    "before": None,
    "limit": 25,
}
CASE = "PTAPPLY936EC90162340"


class Woken:
    def wake(self, *, urgent):
        pass


@pytest.fixture
def empty(transactions):
    with transactions.transaction() as tx:
        tx.execute(emptying("message", "outbox", "suppression"))
    return transactions


@pytest.fixture
def write(empty):
    def write(
        kind=Kind.ACCOUNT_FROZEN, address="clerk@carrier.example.com", at=NOW, state="delivered", **changes
    ):
        event_id = new_event_id()
        message = replace(
            an_example(kind),
            event_id=event_id,
            message_id=message_id_for(event_id, kind, EMAIL),
            named=((EMAIL, address),),
            person=None,
            **changes,
        )
        with empty.transaction() as tx:
            write_messages(tx, [message], at)
            due = "next_attempt_at" if state == "waiting" else "NULL"
            tx.execute(
                f"UPDATE delivery SET state = %s, next_attempt_at = {due} WHERE message_id = %s",
                (state, message.message_id),
            )
            row = tx.execute(
                "SELECT delivery_id FROM delivery WHERE message_id = %s", (message.message_id,)
            ).fetchone()
        return row[0]

    return write


@pytest.fixture
def find(empty):
    def find(**asked):
        with empty.transaction() as tx:
            found = actions.find(DeliverySearchStore(tx), NOW, **ANYTHING | asked)
        assert FIND_DELIVERIES.dump_reply(found)
        return found

    return find


@pytest.fixture
def again(empty):
    def again(delivery_id, at=NOW):
        with empty.transaction() as tx:
            sending = tx, empty, dict.fromkeys(CHANNELS, Woken())
            return actions.send_again(DeliverySearchStore(tx), sending, ACTOR, delivery_id, "asked for", at)

    return again


def ids(found):
    return [each["delivery_id"] for each in found["items"]]


def test_each_question_finds_what_it_asks_for(write, find):
    of_case = write(Kind.APPLICATION_RECEIVED, at=NOW)
    of_account = write(Kind.ACCOUNT_FROZEN, address="Someone@Else.example", at=NOW + timedelta(days=2))
    failed = write(Kind.ACCOUNT_CLOSED, at=NOW + timedelta(days=4), state="failed")
    assert ids(find()) == [failed, of_account, of_case]
    assert ids(find(name=CASE)) == ids(find(name=CASE.lower())) == [of_case]
    assert ids(find(name="qwertyui")) == [failed, of_account]
    assert ids(find(name="nobody")) == []
    assert ids(find(address=" someone@else.EXAMPLE ")) == [of_account]
    assert ids(find(address="someone@else")) == []
    assert ids(find(state="failed")) == [failed]
    assert ids(find(kind="application_received")) == [of_case]
    assert ids(find(channel="sms")) == []
    assert ids(find(from_day=date(2026, 11, 25), to_day=date(2026, 11, 25))) == [of_account]
    assert ids(find(to_day=date(2026, 11, 24))) == [of_case]
    assert ids(find(name="qwertyui", state="failed", channel="email", from_day=date(2026, 11, 1))) == [failed]


def test_no_address_and_no_text_is_shown(write, find):
    write(address="someone@else.example")
    (line,) = find(address="someone@else.example")["items"]
    assert line["recipient"] == "s•••@else.example"
    assert "someone" not in str(FIND_DELIVERIES.dump_reply(find()))
    assert "details" not in line


def test_pages_follow_each_other_without_gap_or_repeat_also_where_many_are_of_one_moment(write, find):
    every = {write() for _ in range(5)} | {write(at=NOW + timedelta(seconds=n)) for n in range(4)}
    seen, before = [], None
    while True:
        found = find(before=before, limit=2)
        seen += ids(found)
        before = found["next_before"]
        if before is None:
            break
    assert len(seen) == len(every)
    assert set(seen) == every


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0912-345-678", "+886912345678"),
        ("02 3343 6767", "+886233436767"),
        ("+886912345678", "+886912345678"),
        ("A@B.example", "a@b.example"),
        ("U4af4980629", "u4af4980629"),
    ],
)
def test_an_address_is_found_as_people_write_it(typed, stored):
    assert stored in spellings(typed)


def test_what_has_ended_goes_out_once_more_as_a_message_of_its_own(write, again, find, empty):
    delivery_id = write(Kind.APPLICATION_RETURNED, state="failed", address="clerk@carrier.example.com")
    sent = again(delivery_id, NOW + timedelta(minutes=1))
    assert sent["delivery_id"] != delivery_id
    newest, first = find(name=CASE)["items"]
    assert (newest["state"], newest["again_of"]) == ("waiting", first["message_id"])
    assert newest["recipient"] == first["recipient"]
    with empty.transaction() as tx:
        one, other = tx.execute("SELECT details, template_version, locale FROM message").fetchall()
        assert one == other
        ((name, payload),) = tx.execute("SELECT name, payload::jsonb FROM outbox").fetchall()
    facts = {fact["name"]: fact["value"] for fact in payload["facts"]}
    assert (name, payload["action"]) == ("OperatorActed", "message_sent_again")
    assert facts["reason"] == "asked for"
    assert "clerk" not in str(payload)


def test_what_is_on_its_way_is_not_sent_beside_itself(write, again, find):
    for state in ("waiting", "sent"):
        delivery_id = write(state=state)
        with pytest.raises(StillOnItsWay):
            again(delivery_id)
    assert {each["may_be_sent_again"] for each in find()["items"]} == {False}


def test_a_code_and_a_link_that_works_once_are_not_sent_again(write, again):
    for kind in (Kind.VERIFICATION_CODE, Kind.ACTIVATION_LINK):
        delivery_id = write(kind, state="failed")
        with pytest.raises(NotSentTwice):
            again(delivery_id)
    delivery_id = write(state="failed", expires_at=NOW)
    with pytest.raises(NotSentTwice):
        again(delivery_id)


def test_a_message_is_not_sent_without_end(write, again, empty):
    delivery_id = write()
    for _ in range(MOST_COPIES):
        again(delivery_id)
    with pytest.raises(SentOftenEnough):
        again(delivery_id)
    with empty.transaction() as tx:
        assert tx.execute("SELECT count(*) FROM delivery").fetchone() == (1 + MOST_COPIES,)


def test_nothing_is_sent_to_an_address_that_is_suppressed(write, again, empty):
    delivery_id = write(address="gone@carrier.example.com", state="failed")
    with empty.transaction() as tx:
        suppressions.suppress(tx, EMAIL, [("gone@carrier.example.com", "5.1.1")], Reason.HARD_BOUNCE, NOW)
    with pytest.raises(AddressSuppressed):
        again(delivery_id)
    with pytest.raises(DeliveryNotFound):
        again(uuid4())


def test_every_question_has_its_index(write, empty):
    """With an empty plan the database would read all messages: as if there were millions, each has its way."""
    write()
    wanted = {
        "message_of_case": "m.details ? 'case_number' AND m.details ->> 'case_number' = 'X'",
        "message_of_account_name": "m.details ? 'account_name' AND lower(m.details ->> 'account_name') = 'x'",
        "message_of_kind": "m.kind = 'account_frozen'",
        "delivery_to": "lower(d.recipient) = ANY(ARRAY['x'])",
    }
    with empty.transaction() as tx:
        tx.execute("SET LOCAL enable_seqscan = off")
        for index, condition in wanted.items():
            rows = tx.execute(
                f"EXPLAIN SELECT 1 FROM message m JOIN delivery d USING (message_id) WHERE {condition}"
            ).fetchall()
            assert index in " ".join(row[0] for row in rows)
