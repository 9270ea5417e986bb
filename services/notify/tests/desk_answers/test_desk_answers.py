"""An answer of the helpdesk goes to the address that the person wrote from, as part of their conversation."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from uuid import uuid4

import pytest
from mtnet_contracts.events import AnsweredFile, TicketAcknowledged, TicketAnswered
from mtnet_contracts.examples import example_of
from notify.channels.email.conversations import desk_address_of, desk_thread
from notify.channels.email.mime import mime_message
from notify.deliveries.messages import finished
from notify.deliveries.rules import AwaitedDelivery
from notify.desk_answers.messages import acknowledgement_message, answer_message
from notify.messages.actions import write_messages
from notify.suppressions.actions import suppress
from notify.suppressions.rules import Reason
from notify.templates.actions import current_version, render_mail, render_text
from notify.templates.rules import Kind

from ..builders import LINKS, NOW

SERVICES = ("notify",)


def answered(**changes):
    return replace(example_of(TicketAnswered), **changes)


def the_mail(event):
    by_person = isinstance(event, TicketAnswered)
    message = (answer_message if by_person else acknowledgement_message)(event)
    mail = render_mail(LINKS, message.kind, current_version(message.kind), message.locale, message.details)
    thread = desk_thread(message.details, "service@mtnet.example", message.locale, by_person=by_person)
    content = mime_message(
        uuid4(), "no-reply@mtnet.example", event.address, "x.example", mail, event.locale, None, thread
    )
    return message_from_bytes(content, policy=default)


def test_a_mail_is_part_of_the_conversation_and_can_be_answered():
    event = answered(references=("<1@example.com>", "<2@example.com>"), in_reply_to="<2@example.com>")
    mail = the_mail(event)
    assert mail["In-Reply-To"] == "<2@example.com>"
    assert mail["References"].split() == ["<1@example.com>", "<2@example.com>"]
    assert mail["Reply-To"] == f"service+{event.link_token}@mtnet.example"
    assert mail["Message-ID"] == f"<answer-{event.entry_id}@mtnet.example>"
    assert mail["From"] == "MTNet 客服中心 <service@mtnet.example>"
    assert mail["Subject"] == "無法送出船舶進港申請 [HD2026-000123]"
    assert mail["Auto-Submitted"] is None
    text = mail.get_body(("plain",)).get_content()
    assert event.text in text
    assert f"https://mtnet.example{event.link}" in text
    assert "請勿直接回覆" not in text


@pytest.mark.parametrize(
    "reference", ["<1@example.com>\r\nBcc: x@example.com", "<ü@example.com>", "<" + "x" * 1000]
)
def test_a_reference_that_would_break_the_mail_is_left_out(reference):
    mail = the_mail(answered(references=(reference, "<2@example.com>"), in_reply_to=reference))
    assert mail["References"] == "<2@example.com>"
    assert mail["In-Reply-To"] is None
    assert mail["Bcc"] is None


def test_a_chat_says_the_words_and_where_to_go_on():
    message = answer_message(answered(channel="line", address="U" + "4" * 32))
    text = render_text(LINKS, message.kind, current_version(message.kind), "zh-Hant", message.details, "line")
    assert text.startswith("[HD2026-000123]\n您好，請重新整理頁面後再送出一次。")
    assert "https://mtnet.example/contact/" in text


def test_files_are_told_by_their_links_and_never_sent_along():
    link = "/contact/mzxw6ytboi4dqmrqgm3tsnbvgy3toobz/files/01938c1e-7a42-7e03-9c74-5d816e3f4003"
    event = answered(files=(AnsweredFile(name="操作說明.pdf", link=link),))
    mail = the_mail(event)
    text = mail.get_body(("plain",)).get_content()
    assert "操作說明.pdf" in text
    assert f"https://mtnet.example{link}" in text
    assert f'href="https://mtnet.example{link}"' in mail.get_body(("html",)).get_content()
    assert [part.get_content_type() for part in mail.iter_attachments()] == []
    message = answer_message(event)
    known = (LINKS, message.kind, current_version(message.kind), "zh-Hant", message.details)
    assert f"操作說明.pdf\nhttps://mtnet.example{link}\n" in render_text(*known, "line")
    faxed = render_text(*known, "fax")
    assert link not in faxed
    assert f"https://mtnet.example{event.link}" in faxed
    assert "檔案" in faxed
    assert "檔案" not in render_text(*known[:4], answer_message(answered(files=())).details, "fax")


@pytest.mark.parametrize(
    ("channel", "address"),
    [("email", "clerk@example.com"), ("fax", "+886281927019"), ("line", "U" + "4" * 32)],
)
def test_it_goes_to_that_address_and_to_no_other(transactions, channel, address):
    event = answered(channel=channel, address=address, entry_id=uuid4(), event_id=uuid4())
    for _ in range(2):
        with transactions.transaction() as tx:
            write_messages(tx, [answer_message(event)], NOW)
    with transactions.transaction() as tx:
        found = tx.execute(
            "SELECT d.channel, d.recipient, d.state FROM delivery d JOIN message m USING (message_id)"
            " WHERE m.subject_id = %s",
            (event.entry_id,),
        ).fetchall()
    assert found == [(channel, address, "waiting")]


@pytest.mark.parametrize("failure", [None, "RECIPIENT_REFUSED"])
def test_the_helpdesk_hears_what_became_of_its_answers_and_of_nothing_else(failure):
    def awaited(kind):
        fields = AwaitedDelivery.__dataclass_fields__
        made = AwaitedDelivery.__new__(AwaitedDelivery)
        for name in fields:
            object.__setattr__(made, name, None)
        for name, value in {
            "kind": kind,
            "message_id": uuid4(),
            "subject_id": uuid4(),
            "channel": "email",
        }.items():
            object.__setattr__(made, name, value)
        return made

    answer = awaited(Kind.DESK_ANSWER)
    names = [event.event_name() for event in finished(answer, 1, NOW, failure)]
    assert names == ["MessageFailed" if failure else "MessageDelivered", "DeskAnswerFinished"]
    told = finished(answer, 1, NOW, failure)[1]
    assert (told.entry_id, told.failure) == (answer.subject_id, failure)
    assert len(finished(awaited(Kind.ACCOUNT_FROZEN), 1, NOW, failure)) == 1


def test_an_address_of_the_desk_that_cannot_be_one_is_said_at_the_start():
    assert desk_address_of("", "MTNet <no-reply@mtnet.example>") == "service@mtnet.example"
    for wrong in ("service", "a+b@example.com", "客服@example.com"):
        with pytest.raises(ValueError, match="NOTIFY_DESK_ADDRESS"):
            desk_address_of(wrong, "no-reply@mtnet.example")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh-Hant", ("已收到您的來訊", "於 115-11-26 13:00 前", "回覆本郵件")),
        ("en", ("received your message", "by 2026-11-26 13:00 (Taipei)", "Answer this mail")),
    ],
)
def test_an_acknowledgement_says_the_number_until_when_and_where_to_follow(locale, words):
    event = replace(example_of(TicketAcknowledged), locale=locale)
    mail = the_mail(event)
    text = mail.get_body(("plain",)).get_content()
    assert "[HD2026-000123]" in mail["Subject"]
    for each in words:
        assert each in f"{mail['Subject']} {text}"
    assert f"https://mtnet.example{event.link}" in text
    assert ("請勿直接回覆" in text, "please do not reply" in text) == (False, False)


def test_programs_know_an_acknowledgement_for_one_and_its_reply_finds_the_ticket():
    event = example_of(TicketAcknowledged)
    mail = the_mail(event)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Reply-To"] == f"service+{event.link_token}@mtnet.example"
    assert mail["Message-ID"] == f"<acknowledgement-{event.entry_id}@mtnet.example>"
    assert mail["In-Reply-To"] == mail["References"] == event.in_reply_to


@pytest.mark.parametrize("dead", [False, True])
def test_an_acknowledgement_goes_to_that_address_unless_nothing_arrives_there(transactions, dead):
    event = replace(example_of(TicketAcknowledged), event_id=uuid4(), address=f"{uuid4()}@example.com")
    with transactions.transaction() as tx:
        if dead:
            suppress(tx, "email", [(event.address, "5.1.1")], Reason.HARD_BOUNCE, NOW)
        write_messages(tx, [acknowledgement_message(event)], NOW)
        found = tx.execute("SELECT recipient FROM delivery WHERE recipient = %s", (event.address,)).fetchall()
    assert found == ([] if dead else [(event.address,)])
