"""What agents do with a ticket, on the service's own tables and by its own calls."""

from datetime import timedelta
from uuid import uuid4

import pytest
from helpdesk.file_checks.rules import StoredFile
from helpdesk.recording.actions import record_inbound
from helpdesk.tickets.actions import close_resolved, forget_tickets
from helpdesk.tickets.answering import note_delivery
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import NOW, an_actor, an_inbound, days

SERVICES = ("helpdesk",)


@pytest.fixture
def desk(asking, transactions, rows):
    return TicketDesk(asking, transactions, rows)


class TicketDesk:
    """A ticket of somebody new, and two agents and a lead who work on it."""

    def __init__(self, asking, transactions, rows):
        self.asking, self.transactions, self.rows = asking, transactions, rows
        self.one, self.other = an_actor(), an_actor()
        self.lead = an_actor("helpdesk_agent", "helpdesk_lead")
        self.address = f"clerk-{uuid4().hex}@example.com"

    def receive(self, now=NOW, **changes):
        inbound = an_inbound(**{"address": self.address, "received_at": now} | changes)
        with self.transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), inbound, now)

    def ticket(self, number, of=None):
        return self.asking("ticket", of=of or self.one, number=number)

    def answer(self, number, text="請重新整理。", of=None, **more):
        ticket = self.ticket(number)
        return self.asking(
            "answer_ticket",
            of=of or self.one,
            ticket_id=ticket["ticket_id"],
            **{"version": ticket["version"], "text": text} | more,
        )

    def change(self, number, of=None, **changes):
        ticket = self.ticket(number)
        return self.asking("change_ticket", of=of or self.one, ticket_id=ticket["ticket_id"], changes=changes)

    def announced(self, name, number):
        found = self.rows("SELECT payload::jsonb FROM outbox WHERE name = %s ORDER BY sequence", name)
        return [payload for (payload,) in found if payload.get("number") == number]

    def delivered(self, entry_id, failure, now=NOW):
        with self.transactions.transaction() as tx:
            note_delivery(tx, Outbox(tx), entry_id, failure, now, now)


def code(call, *arguments, **more):
    with pytest.raises(Refused) as refused:
        call(*arguments, **more)
    return refused.value.code


# Answering.


def test_an_answer_goes_back_to_where_the_person_wrote_from(desk):
    number = desk.receive(message_id="<1@example.com>", subject="Re: 查詢").number
    answered = desk.answer(number)
    ticket = desk.ticket(number)
    assert (answered["state"], ticket["state"]) == ("waiting_customer", "waiting_customer")
    assert ticket["owner_id"] == str(desk.one.account_id)
    assert (ticket["entries"][-1]["kind"], ticket["entries"][-1]["delivery"]) == ("answer", "sending")
    (event,) = desk.announced("TicketAnswered", number)
    assert (event["channel"], event["address"]) == ("email", desk.address)
    assert (event["in_reply_to"], event["title"]) == ("<1@example.com>", "查詢")
    assert event["link"] == ticket["link"]
    assert desk.receive(references=(f"<answer-{event['entry_id']}@mtnet.example>",)).number == number
    assert desk.ticket(number)["state"] == "open"


def test_two_agents_do_not_both_answer(desk):
    number = desk.receive().number
    ticket_id = desk.ticket(number)["ticket_id"]
    desk.asking("lease_ticket", of=desk.one, ticket_id=ticket_id)
    assert desk.ticket(number, of=desk.one)["leased_by_me"]
    assert desk.ticket(number, of=desk.other)["lease_by"] == "客服人員"
    assert code(desk.asking, "lease_ticket", of=desk.other, ticket_id=ticket_id) == "LEASED_BY_ANOTHER"
    assert code(desk.answer, number, of=desk.other) == "LEASED_BY_ANOTHER"
    assert code(desk.asking, "lease_ticket", of=desk.lead, ticket_id=ticket_id) == "LEASED_BY_ANOTHER"
    assert desk.ticket(number, of=desk.one)["leased_by_me"], "a lead who only looks or types takes nothing"
    assert [desk.ticket(number, of=each)["may_take_over"] for each in (desk.lead, desk.other, desk.one)] == [
        True, False, False,
    ]  # fmt: skip
    take = {"ticket_id": ticket_id, "take_over": True}
    assert code(desk.asking, "lease_ticket", of=desk.other, **take) == "LEASED_BY_ANOTHER"
    assert desk.asking("lease_ticket", of=desk.lead, **take)["holder_changed"]
    assert not desk.asking("lease_ticket", of=desk.lead, **take)["holder_changed"]
    assert desk.ticket(number)["entries"][-1]["changes"] == [
        {"field": "answering", "before": "客服人員", "after": desk.ticket(number)["lease_by"]}
    ]
    assert code(desk.answer, number, of=desk.one) == "LEASED_BY_ANOTHER"
    assert not desk.asking("release_ticket", of=desk.one, ticket_id=ticket_id)["holder_changed"]
    assert desk.asking("release_ticket", of=desk.lead, ticket_id=ticket_id)["holder_changed"]
    assert desk.answer(number, of=desk.other)["entry_id"]


def test_whoever_has_not_seen_the_last_message_answers_nothing(desk):
    number = desk.receive().number
    version = desk.ticket(number)["version"]
    desk.receive(text="等一下，已經好了。")
    assert code(desk.answer, number, version=version) == "TICKET_CHANGED"
    assert desk.announced("TicketAnswered", number) == []


def test_the_same_key_answers_once(desk):
    number = desk.receive().number
    ticket = desk.ticket(number)
    asked = {"ticket_id": ticket["ticket_id"], "version": ticket["version"], "text": "您好"}
    first = desk.asking("answer_ticket", of=desk.one, key="k" * 20, **asked)
    assert desk.asking("answer_ticket", of=desk.one, key="k" * 20, **asked) == first
    assert len(desk.announced("TicketAnswered", number)) == 1


@pytest.mark.parametrize(
    ("changes", "channel"),
    [
        ({"channel": "line", "address": f"U{uuid4().hex}"}, "line"),
        ({"channel": "fax", "address": "+886281927019"}, "fax"),
        ({"channel": "web"}, "email"),
    ],
)
def test_each_channel_is_answered_by_its_own(desk, changes, channel):
    number = desk.receive(**changes).number
    assert desk.ticket(number)["answer_channel"] == channel
    desk.answer(number)
    assert desk.announced("TicketAnswered", number)[0]["channel"] == channel


def test_who_left_no_address_reads_the_answer_on_their_page(desk):
    number = desk.receive(channel="web", address="").number
    desk.answer(number)
    assert desk.ticket(number)["entries"][-1]["delivery"] == "page"
    assert desk.announced("TicketAnswered", number) == []


def test_an_answer_that_comes_back_has_the_desk_look_again(desk):
    number = desk.receive().number
    entry_id = desk.answer(number, then="resolved")["entry_id"]
    desk.delivered(entry_id, None)
    assert desk.ticket(number)["entries"][-1]["delivery"] == "delivered"
    for _ in range(2):
        desk.delivered(entry_id, "BOUNCED")
    ticket = desk.ticket(number)
    answer = next(each for each in ticket["entries"] if each["kind"] == "answer")
    assert (answer["delivery"], answer["delivery_reason"]) == ("failed", "BOUNCED")
    assert ticket["state"] == "reopened"
    assert [event["because"] for event in desk.announced("TicketReopened", number)] == ["undelivered"]
    desk.delivered(uuid4(), "BOUNCED")


def test_a_call_is_logged_in_one_step_and_answered_in_writing(desk):
    phone, mail = f"09{uuid4().int % 10**8:08}", f"caller-{uuid4().hex}@example.com"
    logged = desk.asking(
        "log_call", of=desk.one, phone=phone, name="報關行", email=mail, text="詢問帳單", solved=True
    )
    ticket = desk.ticket(logged["number"])
    assert (ticket["state"], ticket["channel"], ticket["subject"]) == ("resolved", "phone", "詢問帳單")
    assert (ticket["entries"][0]["kind"], ticket["entries"][0]["direction"]) == ("call", "in")
    desk.answer(logged["number"], then="resolved")
    assert desk.announced("TicketAnswered", logged["number"])[0]["address"] == mail
    bare = desk.asking("log_call", of=desk.one, text="沒有留下資料")
    assert code(desk.answer, bare["number"]) == "NO_WAY_BACK"


# Changing.


def test_what_changes_leaves_a_row_and_what_does_not_leaves_none(desk):
    number = desk.receive().number
    assert desk.change(number, priority="urgent", category="vessels")["entry_id"]
    assert desk.change(number, priority="urgent")["entry_id"] is None
    ticket = desk.ticket(number)
    (row,) = (each for each in ticket["entries"] if each["kind"] == "change")
    assert {(c["field"], c["before"], c["after"]) for c in row["changes"]} == {
        ("priority", "normal", "urgent"),
        ("category", None, "vessels"),
    }
    assert code(desk.change, number, state="closed") == "STATE_NOT_ALLOWED"
    assert code(desk.change, number, owner_id=str(uuid4())) == "NOT_AN_AGENT"
    desk.answer(number, of=desk.other)
    assert desk.change(number, owner_id=str(desk.other.account_id))


def test_of_many_each_is_judged_by_itself(desk):
    numbers = [desk.receive(subject=str(n)).number for n in range(3)]
    desk.answer(numbers[0], then="resolved")
    ids = [desk.ticket(number)["ticket_id"] for number in numbers]
    missing = str(uuid4())
    reply = desk.asking(
        "change_tickets", of=desk.one, ticket_ids=[*ids, missing], changes={"state": "closed"}
    )
    assert [each["refusal"] for each in reply["results"]] == [
        None,
        "STATE_NOT_ALLOWED",
        "STATE_NOT_ALLOWED",
        "TICKET_NOT_FOUND",
    ]
    assert [desk.ticket(number)["state"] for number in numbers] == ["closed", "new", "new"]


def test_a_note_is_for_the_desk_alone_and_hinders_no_colleague(desk):
    number = desk.receive().number
    version = desk.ticket(number)["version"]
    desk.asking("add_note", of=desk.other, ticket_id=desk.ticket(number)["ticket_id"], text="內部註記")
    desk.answer(number, version=version)
    token = desk.ticket(number)["link"].rpartition("/")[2]
    assert "內部註記" not in str(desk.asking("follow_ticket", link_token=token))


def test_addresses_are_masked_until_somebody_says_why(desk):
    number = desk.receive().number
    ticket = desk.ticket(number)
    assert desk.address not in str(ticket)
    shown = desk.asking("reveal_addresses", of=desk.one, ticket_id=ticket["ticket_id"], reason="回撥")
    assert shown["addresses"] == [{"channel": "email", "address": desk.address}]
    acts = desk.rows("SELECT payload::jsonb FROM outbox WHERE name = 'DeskActed'")
    (act,) = (p for (p,) in acts if {"name": "number", "value": number} in p["facts"])
    assert (act["action"], act["actor_account_id"]) == (
        "reveal_requester_addresses",
        str(desk.one.account_id),
    )
    assert desk.address not in str(act)


# Joining.


def test_a_merged_ticket_goes_on_in_the_other_and_can_be_taken_back(desk):
    first, second = (desk.receive(subject=name).number for name in ("進港", "帳單"))
    ids = [desk.ticket(number)["ticket_id"] for number in (first, second)]
    desk.asking("merge_ticket", of=desk.one, ticket_id=ids[0], other=second)
    thread = desk.ticket(first)
    assert (thread["number"], len([e for e in thread["entries"] if e["kind"] == "inbound"])) == (second, 2)
    assert desk.receive(subject="x", ticket_number=first).number == second
    assert code(desk.asking, "merge_ticket", of=desk.one, ticket_id=ids[0], other=second) == "TICKET_MERGED"
    assert code(desk.asking, "merge_ticket", of=desk.one, ticket_id=ids[1], other=first) == "SAME_TICKET"
    desk.asking("undo_merge", of=desk.other, ticket_id=ids[0])
    assert [e["text"] for e in desk.ticket(first)["entries"] if e["kind"] == "inbound"] == [
        "按下送出後沒有反應，請協助。"
    ]
    assert code(desk.asking, "undo_merge", of=desk.one, ticket_id=ids[0]) == "NOTHING_TO_UNDO"


def test_whoever_has_a_link_never_reads_what_was_merged_from_somebody_else(desk):
    mine = desk.receive(text="我的內容").number
    stranger = desk.receive(address=f"x-{uuid4().hex}@example.net", text="別人的秘密").number
    token = desk.ticket(mine)["link"].rpartition("/")[2]
    desk.asking("merge_ticket", of=desk.one, ticket_id=desk.ticket(mine)["ticket_id"], other=stranger)
    desk.answer(stranger, text="給別人的回覆")
    shown = desk.asking("follow_ticket", link_token=token)
    assert [each["text"] for each in shown["entries"]] == ["我的內容"]
    desk.asking("answer_by_link", link_token=token, text="我的補充")
    shown = desk.asking("follow_ticket", link_token=token)
    assert [each["text"] for each in shown["entries"]] == ["我的內容", "我的補充"]
    assert (shown["number"], shown["state"]) == (mine, "open")


def test_rows_of_a_thread_become_a_ticket_of_their_own_and_go_back(desk):
    number = desk.receive(text="第一件").number
    desk.receive(text="第二件")
    ticket = desk.ticket(number)
    ids = [each["entry_id"] for each in ticket["entries"]]
    split = {"of": desk.one, "ticket_id": ticket["ticket_id"], "subject": "另一件"}
    assert code(desk.asking, "split_ticket", entry_ids=ids, **split) == "NOTHING_LEFT"
    assert code(desk.asking, "split_ticket", entry_ids=[str(uuid4())], **split) == "ENTRY_NOT_HERE"
    made = desk.asking("split_ticket", entry_ids=ids[1:], **split)
    assert [e["text"] for e in desk.ticket(made["number"])["entries"]] == ["第二件"]
    assert desk.ticket(number)["others"][0]["relation"] == "split"
    desk.asking("undo_split", of=desk.one, ticket_id=made["ticket_id"])
    assert desk.ticket(made["number"])["number"] == number
    texts = [e["text"] for e in desk.ticket(number)["entries"] if e["kind"] == "inbound"]
    assert texts == ["第一件", "第二件"]


def test_linked_tickets_name_each_other_until_they_are_unlinked(desk):
    first, second = (desk.receive(subject=name).number for name in ("進港", "帳單"))
    ticket_id = desk.ticket(first)["ticket_id"]
    desk.asking("link_tickets", of=desk.one, ticket_id=ticket_id, other=second)
    assert [o["number"] for o in desk.ticket(second)["others"]] == [first]
    desk.asking("unlink_tickets", of=desk.one, ticket_id=ticket_id, other=second)
    assert desk.ticket(second)["others"] == []
    assert code(desk.asking, "unlink_tickets", of=desk.one, ticket_id=ticket_id, other=second) == (
        "NOTHING_TO_UNDO"
    )


# The person's page, and time.


def test_the_person_says_whether_it_helped_once_it_is_solved(desk):
    number = desk.receive().number
    token = desk.ticket(number)["link"].rpartition("/")[2]
    assert code(desk.asking, "rate_ticket", link_token=token, satisfaction=5) == "NOT_RESOLVED_YET"
    desk.answer(number, then="resolved")
    for stars in (2, 5):
        desk.asking("rate_ticket", link_token=token, satisfaction=stars, comment="謝謝")
    ticket = desk.ticket(number)
    assert (ticket["satisfaction"], ticket["satisfaction_comment"]) == (5, "謝謝")
    assert code(desk.asking, "follow_ticket", link_token="z" * 32) == "DESK_LINK_INVALID"


def test_one_link_is_not_written_by_without_end(desk):
    number = desk.receive().number
    token = desk.ticket(number)["link"].rpartition("/")[2]
    with desk.transactions.transaction() as tx:
        tx.execute(
            "INSERT INTO entry (entry_id, ticket_id, kind, at) SELECT gen_random_uuid(), ticket_id, 'inbound', now()"
            " FROM ticket, generate_series(1, 30) WHERE number = %s",
            (number,),
        )
    assert code(desk.asking, "answer_by_link", link_token=token, text="x") == "WRITTEN_OFTEN_ENOUGH"


def test_what_nobody_wrote_to_for_two_weeks_is_closed_and_forgotten_after_three_years(desk):
    file = StoredFile(uuid4(), "a.pdf", "application/pdf", 1, "0" * 64, f"helpdesk/{uuid4()}", pages=2)
    number = desk.receive(attachments=(file,)).number
    desk.answer(number, then="resolved")
    resolved_at = desk.rows("SELECT resolved_at FROM ticket WHERE number = %s", number)[0][0]
    with desk.transactions.transaction() as tx:
        close_resolved(tx, Outbox(tx), resolved_at + days(13))
    assert desk.ticket(number)["state"] == "resolved"
    with desk.transactions.transaction() as tx:
        assert close_resolved(tx, Outbox(tx), resolved_at + days(15))
    assert desk.ticket(number)["state"] == "closed"
    assert len(desk.announced("TicketClosed", number)) == 1
    assert desk.receive(now=resolved_at + days(16)).number != number
    with desk.transactions.transaction() as tx:
        forget_tickets(tx, resolved_at + timedelta(days=4 * 366), 2_000)
    assert code(desk.ticket, number) == "TICKET_NOT_FOUND"
    (count,) = desk.rows("SELECT count(*) FROM file_to_delete WHERE file_key LIKE %s", f"{file.key}%")[0]
    assert count == 3


def test_a_long_thread_is_read_in_parts_by_the_desk_and_by_the_link(desk, monkeypatch):
    """Nothing is left out between two parts, and nothing comes twice; the link never shows what the desk noted."""
    monkeypatch.setattr("helpdesk.tickets.shapes.MOST_ENTRIES", 3)
    monkeypatch.setattr("helpdesk.following.actions.MOST_SHOWN", 2)
    number = desk.receive(text="0").number
    ticket_id = desk.ticket(number)["ticket_id"]
    for n in range(1, 5):
        desk.receive(NOW + days(n), text=str(n))
        desk.asking("add_note", of=desk.one, ticket_id=ticket_id, text=f"note {n}")

    def parts(ask):
        found, before = [], None
        while True:
            part = ask(before)
            found = part["entries"] + found
            before = part["older_before"]
            if before is None:
                return found

    shown = parts(lambda before: desk.asking("ticket", of=desk.one, number=number, before=before))
    assert [each["text"] for each in shown if each["kind"] == "inbound"] == ["0", "1", "2", "3", "4"]
    assert [each["text"] for each in shown if each["kind"] == "note"] == [f"note {n}" for n in range(1, 5)]
    assert len({each["entry_id"] for each in shown}) == len(shown)
    token = desk.ticket(number)["link"].rpartition("/")[2]
    seen = parts(lambda before: desk.asking("follow_ticket", link_token=token, before=before))
    assert [each["text"] for each in seen] == ["0", "1", "2", "3", "4"]
