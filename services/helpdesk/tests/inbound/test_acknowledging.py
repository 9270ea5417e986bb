"""Who writes by mail or by the form is told at once that it came in: once, never a program, never by the hundred."""

import json
import threading
from datetime import datetime, timedelta

import pytest
from helpdesk.acknowledgements.rules import MOST_OF_ONE_MAILBOX
from helpdesk.inbound.arriving import receive_form

from .conftest import NOW
from .corpus import of_file, simple
from .test_web_form import a_form

SERVICES = ("helpdesk",)


@pytest.fixture
def told(desk):
    """What was announced, oldest first."""
    return lambda: [
        json.loads(payload)
        for (payload,) in desk.rows(
            "SELECT payload FROM outbox WHERE name = 'TicketAcknowledged' ORDER BY position"
        )
    ]


@pytest.fixture
def send(desk):
    return lambda **changes: receive_form(desk.database, desk.files, desk.reader, a_form(**changes), NOW)


def test_a_mail_is_acknowledged_in_its_language_with_number_link_and_the_first_answer_s_deadline(desk, told):
    desk.take_in(simple(1, subject="Berth", text="When is berth 12 free?"))
    (event,) = told()
    ((number, link_token, due, entry_id),) = desk.rows(
        "SELECT number, link_token, first_answer_due_at, entry_id FROM ticket JOIN entry USING (ticket_id)"
    )
    assert (event["number"], event["link"]) == (number, f"/contact/{link_token}")
    assert (event["address"], event["locale"]) == ("clerk@agency.example", "en")
    assert datetime.fromisoformat(event["answer_by"]) == due
    assert (event["entry_id"], event["in_reply_to"]) == (str(entry_id), "<simple1@agency.example>")
    assert "berth" not in json.dumps(event).lower(), "whoever forges a sender sends no words of theirs by us"


def test_an_answer_to_it_belongs_to_the_ticket_and_what_goes_on_is_not_acknowledged_again(desk, told):
    desk.take_in(simple(1, subject="Berth"))
    (event,) = told()
    ours = f"<acknowledgement-{event['entry_id']}@mtnet.example>"
    desk.take_in(
        simple(1, subject="Berth"), simple(2, subject="Berth"), simple(3, subject="Thanks", In_Reply_To=ours)
    )
    assert desk.rows("SELECT count(DISTINCT ticket_id), count(*) FROM entry") == [(1, 3)]
    assert len(told()) == 1


@pytest.mark.parametrize(
    "mail",
    [
        of_file("out_of_office"),
        of_file("delivery_report"),
        simple(Precedence="bulk"),
        simple(List_Id="<news.agency.example>"),
        simple(Auto_Submitted="auto-replied"),
        simple(X_Spam_Flag="YES"),
        simple(sender="no-reply@mtnet.example"),
        simple(sender="service+abc@mtnet.example"),
        simple(sender="not an address"),
        simple(Authentication_Results="mx.mtnet.example; spf=pass; dmarc=fail (p=none) header.from=agency.example"),
    ],
)  # fmt: skip
def test_programs_lists_spam_forged_senders_and_ourselves_are_not(desk, told, mail):
    desk.take_in(mail)
    assert told() == []


def test_a_mail_that_our_server_found_to_be_its_sender_s_is(desk, told):
    desk.take_in(simple(Authentication_Results="mx.mtnet.example; spf=pass; dkim=pass; dmarc=pass"))
    assert len(told()) == 1


def test_a_mailbox_gets_a_few_an_hour_whoever_writes_in_its_name(desk, told):
    desk.take_in(
        *(
            simple(
                n, subject=f"Matter {n}", sender=f"victim{'+' * (n % 2)}{n if n % 2 else ''}@agency.example"
            )
            for n in range(MOST_OF_ONE_MAILBOX + 3)
        ),
        simple(90, subject="Mine", sender="somebody@agency.example"),
    )
    assert desk.rows("SELECT count(*) FROM ticket") == [(MOST_OF_ONE_MAILBOX + 4,)]
    assert [event["address"].startswith("victim") for event in told()] == [True] * MOST_OF_ONE_MAILBOX + [
        False
    ]
    desk.clock.passes(minutes=61)
    desk.take_in(simple(91, subject="Later", sender="victim@agency.example"))
    assert len(told()) == MOST_OF_ONE_MAILBOX + 2


def test_a_form_is_acknowledged_once_however_often_it_is_sent(desk, told, send):
    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    send()
    (event,) = told()
    ((number, link_token),) = desk.rows("SELECT number, link_token FROM ticket")
    assert (event["number"], event["link"]) == (number, f"/contact/{link_token}")
    assert event.get("in_reply_to") is None


@pytest.mark.parametrize(
    "changes",
    [{"email": "", "phone": "0912-345-678"}, {"email": "service@mtnet.example"}, {"suspicious": True}],
)
def test_a_form_without_a_mail_address_of_somebody_else_is_not(told, send, changes):
    send(**changes)
    assert told() == []


def test_forms_in_somebody_s_name_and_mails_of_theirs_share_one_bound(desk, told, send):
    for number in range(MOST_OF_ONE_MAILBOX + 1):
        send(subject=f"Matter {number}", source=f"192.0.2.{number}")
    desk.clock.at = NOW + timedelta(minutes=5)
    desk.take_in(simple(1, subject="Mine"))
    assert len(told()) == MOST_OF_ONE_MAILBOX
