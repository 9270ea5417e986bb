"""Faxes by mail, over real SMTP: whom they are sent to, what goes over the wire, and what answers mean."""

from dataclasses import replace
from io import BytesIO
from uuid import uuid4

import pytest
from notify.channels.fax import adapters, fonts
from notify.channels.fax.adapters import CHANNEL
from notify.channels.fax.rules import fax_number, number_as, problem_of_address
from notify.channels.rules import Deferral, Doubt, Failure, Outage, Refusal
from notify.templates.rules import Kind
from PIL import Image

from ..builders import LINKS, an_outgoing

SETTINGS = {setting.name: setting.default for setting in CHANNEL.settings} | {
    "NOTIFY_FAX_TOKEN": "key",
    "NOTIFY_FAX_FROM": "MTNet <fax@mtnet.example>",
}


@pytest.fixture
def fax(mailbox):
    """`fax(NOTIFY_FAX_ADDRESS=…)`: a connection with these settings."""
    opened = []

    def fax(**changes):
        url = {"NOTIFY_FAX_URL": f"smtp://127.0.0.1:{mailbox.port}"}
        opened.append(CHANNEL.connect(SETTINGS | url | changes, LINKS))
        return opened[-1]

    yield fax
    for connection in opened:
        connection.close()


def a_message(**changes):
    return replace(an_outgoing(Kind.APPLICATION_RETURNED), recipient="+886281927019", **changes)


@pytest.mark.parametrize(
    "number",
    ["+886281927019", "+88635551234", "+88637123456", "+886836123456", "+886800022120", "+8867012345678"],
)
def test_numbers_of_taiwan_are_dialled(number):
    assert fax_number(number, abroad=False) == number


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("+886281927019#12", "extension"),
        ("+886912345678", "no fax number"),
        ("+886204123456", "no fax number"),
        ("+85223456789", "abroad"),
        ("0281927019", "no fax number"),
        ("+886", "no fax number"),
        ("+886281927019@evil.example,", "no fax number"),
        ("", "no fax number"),
    ],
)
def test_what_cannot_or_must_not_be_dialled_fails_for_good(number, reason):
    with pytest.raises(Refusal, match=reason) as refused:
        fax_number(number, abroad=False)
    assert refused.value.failure is Failure.RECIPIENT_REFUSED


@pytest.mark.slow
def test_numbers_abroad_are_dialled_where_a_setting_allows_it(fax, mailbox):
    with pytest.raises(Refusal):
        fax().send(replace(a_message(), recipient="+85223456789"))
    fax(NOTIFY_FAX_ABROAD="yes").send(replace(a_message(), recipient="+85223456789"))
    assert mailbox.received[0][0] == ["FAX=+85223456789@fax.example"]
    with pytest.raises(Refusal):
        fax_number("+886912345678", abroad=True)


@pytest.mark.parametrize(
    ("form", "address"),
    [
        ("FAX={e164}@gw.example", "FAX=+886281927019@gw.example"),
        ("{digits}@gw.example", "886281927019@gw.example"),
        ("{national}@gw.example", "0281927019@gw.example"),
    ],
)
def test_a_gateway_gets_the_number_as_it_wants_it(form, address):
    assert problem_of_address(form) == ""
    assert number_as(form, "+886281927019") == address


def test_a_number_abroad_is_dialled_from_taiwan():
    assert number_as("{national}@gw.example", "+85223456789") == "0085223456789@gw.example"


@pytest.mark.parametrize(
    "form",
    [
        "fax.example",
        "{number}@x",
        "{digits}",
        "{digits}{e164}@x",
        "{digits@x",
        "x@{digits}",
        "{}@x",
        "{digits.real}@x",
    ],
)
def test_a_form_of_addresses_that_cannot_work_is_noticed_at_the_start(fax, form):
    with pytest.raises(ValueError, match="NOTIFY_FAX_ADDRESS"):
        fax(NOTIFY_FAX_ADDRESS=form)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTIFY_FAX_URL", "http://fax.example"),
        ("NOTIFY_FAX_ATTACHMENT", "docx"),
        ("NOTIFY_FAX_ABROAD", "perhaps"),
        ("NOTIFY_FAX_FROM", "nobody"),
    ],
)
def test_other_settings_that_cannot_work_are_noticed_too(fax, name, value):
    with pytest.raises(ValueError, match="NOTIFY_"):
        fax(**{name: value})


@pytest.mark.slow
@pytest.mark.parametrize(("attachment", "content_type"), [("tiff", "image/tiff"), ("pdf", "application/pdf")])
def test_the_pages_go_as_an_attachment_and_the_mail_has_no_text(fax, mailbox, attachment, content_type):
    message = a_message()
    connection = fax(NOTIFY_FAX_ATTACHMENT=attachment)
    for _ in range(2):
        connection.send(message)
    (recipients, mail), (_, again) = mailbox.received
    assert recipients == ["FAX=+886281927019@fax.example"]
    assert mail["From"] == "MTNet <fax@mtnet.example>"
    assert "PTAPPLY936EC90162340" in mail["Subject"]
    assert mail["Message-ID"] == again["Message-ID"] == f"<fax.{message.delivery_id}@mtnet.example>"
    assert mail["X-Fax-Reference"] != again["X-Fax-Reference"], "an attempt is told from the next"
    assert mail.get_body(("plain",)).get_content().strip() == ""
    (paper,) = mail.iter_attachments()
    assert paper.get_content_type() == content_type
    content = paper.get_payload(decode=True)
    if attachment == "tiff":
        assert Image.open(BytesIO(content)).size == (1728, 2200)
    else:
        assert content.startswith(b"%PDF-")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "answer", "expected"),
    [
        ("RCPT", "550 5.1.1 No such number", (Refusal, Failure.RECIPIENT_REFUSED)),
        ("DATA", "554 5.6.0 A TIFF or a PDF is needed", (Doubt, Failure.MESSAGE_REFUSED)),
        ("DATA", "450 4.2.1 Busy", (Deferral, None)),
        ("MAIL", "530 5.7.0 Log in first", (Outage, None)),
        ("DATA", "421 4.3.2 Closing", (Outage, None)),
    ],
)
def test_an_answer_means_the_number_or_us(fax, mailbox, stage, answer, expected):
    mailbox.answers[stage] = answer
    with pytest.raises((Refusal, Deferral, Doubt, Outage)) as told:
        fax().send(a_message())
    assert (type(told.value), getattr(told.value, "failure", None)) == expected


def test_a_machine_without_fonts_is_an_outage_and_nothing_is_failed(fax, monkeypatch):
    def missing(*_):
        raise fonts.FontsMissing("Noto Sans CJK TC")

    monkeypatch.setattr(adapters, "drawn", missing)
    with pytest.raises(Outage, match="Noto Sans CJK TC"):
        fax().send(a_message(message_id=uuid4()))
