"""What comes in goes where it belongs, once."""

from uuid import uuid4

import pytest
from helpdesk.tickets.actions import record_inbound
from helpdesk.tickets.rules import StoredFile
from mtnet_chassis.events.outbox import Outbox

from ..builders import NOW, an_actor, an_inbound, days, hours

SERVICES = ("helpdesk",)


@pytest.fixture
def record(transactions):
    """By one person for each test: the tables are those of all of them."""
    own = {"address": f"clerk-{uuid4().hex}@example.com"}

    def record(now=NOW, **changes):
        changes = own | changes
        with transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), an_inbound(received_at=now, **changes), now)

    return record


@pytest.fixture
def shown(asking):
    """The ticket as an agent sees it."""
    agent = an_actor()
    return lambda recorded: asking("ticket", of=agent, number=recorded.number)


def test_a_first_message_opens_a_ticket_with_its_thread(record, shown):
    file = StoredFile(uuid4(), "畫面.png", "image/png", 1234, "0" * 64, "helpdesk/inbound/1")
    recorded = record(attachments=(file,))
    ticket = shown(recorded)
    assert recorded.new
    assert recorded.number.startswith("HD2026-")
    assert (ticket["state"], ticket["priority"], ticket["team"]) == ("new", "normal", "first_line")
    assert ticket["address"] == "c•••@example.com"
    (entry,) = ticket["entries"]
    assert (entry["kind"], entry["author_name"]) == ("inbound", "船務代理公司承辦人")
    assert entry["attachments"][0]["filename"] == "畫面.png"


def test_the_same_item_counts_once(record, shown):
    item_id = uuid4()
    first, second = record(item_id=item_id), record(item_id=item_id)
    assert (second.entry_id, second.again, second.new) == (first.entry_id, True, False)
    assert len(shown(first)["entries"]) == 1


def test_the_same_matter_of_the_same_person_is_one_thread(record, shown):
    first = record()
    again = record(NOW + hours(2), subject="RE: 回覆：無法送出船舶進港申請", text="再補充畫面。")
    other = record(NOW + hours(3), subject="查詢帳單")
    assert again.ticket_id == first.ticket_id
    assert other.new


def test_an_old_matter_is_a_new_ticket(record):
    first = record()
    assert record(NOW + days(8)).ticket_id != first.ticket_id


def test_a_reference_is_believed_whoever_answers(record, shown):
    first = record(message_id=(first_id := f"<{uuid4()}@example.com>"))
    colleague = record(
        NOW + hours(1), address="colleague@example.com", subject="Re: x", references=(first_id,)
    )
    assert colleague.ticket_id == first.ticket_id
    # The answer goes to the ticket's person, not to whoever wrote last.
    assert shown(first)["address"] == "c•••@example.com"
    assert shown(first)["entries"][-1]["text"]


def test_a_number_in_the_subject_counts_for_its_own_person_alone(record, shown):
    first = record()
    mine = record(NOW + hours(1), subject="查詢進度", ticket_number=first.number)
    stranger = record(
        NOW + hours(1), subject="查詢進度", ticket_number=first.number, address="stranger@example.net"
    )
    assert mine.ticket_id == first.ticket_id
    assert stranger.new
    assert [each["number"] for each in shown(stranger)["others"]] == [first.number]
    assert "再" not in str(shown(stranger)["entries"])


def test_the_link_of_a_ticket_leads_there(record, shown):
    first = record()
    token = shown(first)["link"].rpartition("/")[2]
    again = record(NOW + hours(1), subject="x", link_token=token.upper(), address="other@example.net")
    assert again.ticket_id == first.ticket_id


def test_line_and_mail_of_one_person_are_told_apart_until_they_are_joined(record, asking):
    mail = record()
    chat = record(channel="line", address=f"U{uuid4().hex}", subject="")
    agent = an_actor()
    one, other = (asking("ticket", of=agent, number=each.number)["requester_id"] for each in (mail, chat))
    joined = asking("join_requesters", of=agent, requester_id=str(one), other_id=str(other))
    assert {each["number"] for each in joined["tickets"]} == {mail.number, chat.number}
    assert len(joined["addresses"]) == 2
    parted = asking("undo_join", of=agent, requester_id=str(other))
    assert [each["number"] for each in parted["tickets"]] == [chat.number]
