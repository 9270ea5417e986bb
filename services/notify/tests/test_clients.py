"""Real SMTP and HTTP: what each answer of a provider means for a message."""

from uuid import uuid4

import pytest
from notify.clients import HttpSmsChannel, SmtpChannel
from notify.domain.delivering import Deferral, Failure, Outage, Refusal
from notify.domain.messages import Mail

MAIL = Mail("您的帳號申請需要修改", "純文字\n第二行", "<p>超文字</p>")


@pytest.fixture
def channel(mailbox):
    return SmtpChannel(f"smtp://127.0.0.1:{mailbox.port}", "MTNet <no-reply@mtnet.example>")


def send(channel, recipient="clerk@example.com", message_id=None):
    return channel.send(message_id or uuid4(), recipient, MAIL, "zh-Hant")


class TestMail:
    def test_arrives_as_text_and_html_in_its_language(self, mailbox, channel):
        message_id = uuid4()
        with channel:
            send(channel, message_id=message_id)
        ((recipients, mail),) = mailbox.received
        assert recipients == ["clerk@example.com"]
        assert mail["Subject"] == MAIL.subject
        assert mail["From"] == "MTNet <no-reply@mtnet.example>"
        assert mail["Message-ID"] == f"<{message_id}@mtnet.example>"
        assert (mail["Content-Language"], mail["Auto-Submitted"]) == ("zh-Hant", "auto-generated")
        assert mail.get_body(("plain",)).get_content().splitlines() == ["純文字", "第二行"]
        assert mail.get_body(("html",)).get_content().strip() == "<p>超文字</p>"

    def test_sent_again_is_recognisable_by_its_message_id(self, mailbox, channel):
        message_id = uuid4()
        for _ in range(2):
            with channel:
                send(channel, message_id=message_id)
        assert len({mail["Message-ID"] for _, mail in mailbox.received}) == 1

    def test_a_batch_uses_one_connection(self, mailbox, channel):
        with channel:
            for _ in range(5):
                send(channel)
        assert (len(mailbox.received), mailbox.connections) == (5, 1)

    @pytest.mark.parametrize(
        ("stage", "answer", "failure"),
        [
            ("RCPT", "550 no such mailbox", Failure.RECIPIENT_REFUSED),
            ("DATA", "554 looks like spam", Failure.MESSAGE_REFUSED),
        ],
    )
    def test_a_permanent_refusal_says_what_was_refused(self, mailbox, channel, stage, answer, failure):
        mailbox.answers[stage] = answer
        with channel, pytest.raises(Refusal, match=answer[:3]) as refused:
            send(channel)
        assert refused.value.failure is failure

    @pytest.mark.parametrize(
        ("answer", "detail"),
        [
            ("550 5.1.1 <clerk@example.com>: user unknown", "550 5.1.1"),
            ("552-5.2.2 clerk is over quota\r\n552 5.2.2 clerk@example.com", "552 5.2.2"),
            ("550 clerk@example.com has moved", "550"),
            ("550 5.1.1clerk", "550"),
        ],
    )
    def test_of_an_answer_the_codes_are_kept_and_no_word_that_may_name_somebody(
        self, mailbox, channel, answer, detail
    ):
        mailbox.answers["RCPT"] = answer
        with channel, pytest.raises(Refusal) as refused:
            send(channel)
        assert refused.value.detail == detail

    @pytest.mark.parametrize("stage", ["RCPT", "DATA"])
    def test_a_temporary_refusal_is_for_later(self, mailbox, channel, stage):
        mailbox.answers[stage] = "451 greylisted"
        with channel, pytest.raises(Deferral, match="451"):
            send(channel)

    def test_the_connection_goes_on_after_a_refusal(self, mailbox, channel):
        with channel:
            mailbox.answers["RCPT"] = "550 no such mailbox"
            with pytest.raises(Refusal):
                send(channel)
            mailbox.answers.clear()
            send(channel)
        assert (len(mailbox.received), mailbox.connections) == (1, 1)

    @pytest.mark.parametrize("stage", ["RCPT", "DATA"])
    def test_a_server_that_closes_is_an_outage(self, mailbox, channel, stage):
        mailbox.answers[stage] = "421 shutting down"
        with channel, pytest.raises(Outage):
            send(channel)

    def test_a_server_that_is_not_there_is_an_outage(self):
        with SmtpChannel("smtp://127.0.0.1:9", "no-reply@mtnet.example") as nobody, pytest.raises(Outage):
            send(nobody)

    def test_a_server_without_the_encryption_we_want_is_an_outage(self, mailbox):
        url = f"smtp://127.0.0.1:{mailbox.port}?starttls=1"
        with SmtpChannel(url, "no-reply@mtnet.example") as plain, pytest.raises(Outage):
            send(plain)
        assert mailbox.received == []


@pytest.fixture
def sms(gateway):
    channel = HttpSmsChannel(f"http://127.0.0.1:{gateway.server_port}/sms", "token")
    yield channel
    channel.session.close()


class TestSms:
    def test_carries_its_message_id_as_the_gateway_s_reference(self, gateway, sms):
        message_id = uuid4()
        sms.send(message_id, "+886912345678", "123456 是您的驗證碼")
        assert gateway.requests == [
            (
                "/sms",
                "Bearer token",
                {"to": "+886912345678", "text": "123456 是您的驗證碼", "reference": str(message_id)},
            )
        ]

    def test_a_reference_the_gateway_knows_already_counts_as_sent(self, gateway, sms):
        gateway.answer = 200
        assert sms.send(uuid4(), "+886912345678", "x") == "200"

    @pytest.mark.parametrize("answer", [401, 403, 429, 500, 503])
    def test_a_gateway_that_takes_nothing_is_an_outage(self, gateway, sms, answer):
        gateway.answer = answer
        with pytest.raises(Outage, match=str(answer)):
            sms.send(uuid4(), "+886912345678", "x")

    def test_a_number_it_does_not_take_is_refused_for_good(self, gateway, sms):
        gateway.answer = 422
        with pytest.raises(Refusal) as refused:
            sms.send(uuid4(), "+886912345678", "x")
        assert refused.value.failure is Failure.RECIPIENT_REFUSED
        assert refused.value.detail == "422", "the body of an answer repeats what was sent"

    def test_another_answer_is_for_later(self, gateway, sms):
        gateway.answer = 409
        with pytest.raises(Deferral):
            sms.send(uuid4(), "+886912345678", "x")

    def test_a_gateway_that_is_not_there_is_an_outage(self):
        channel = HttpSmsChannel("http://127.0.0.1:9/sms", "token")
        with pytest.raises(Outage):
            channel.send(uuid4(), "+886912345678", "x")
