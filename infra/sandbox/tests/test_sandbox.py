"""The sandbox over its real protocols: SMTP and HTTP on local ports."""

import json
import smtplib
import socket
import urllib.error
import urllib.parse
import urllib.request
from email.message import EmailMessage

import pytest
from sandbox.in_thread import SandboxInThread
from sandbox.inbox import Inbox
from sandbox.messages import Message, is_mobile_number
from sandbox.settings import Settings
from sandbox.words import WORDS

TOKEN = "token-of-the-test"


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running(SandboxInThread):
    """The sandbox as its users meet it."""

    def __init__(self, data, **more):
        super().__init__(Settings(a_free_port(), a_free_port(), {"sms": TOKEN}, data=str(data), **more))

    def send_sms(self, to="+886912345678", text="驗證碼 123456", reference="r1", token=TOKEN):
        body = {"to": to, "text": text, "reference": reference}
        status, answer = self.ask("POST", "/sms", body, Authorization=f"Bearer {token}")
        return status, json.loads(answer)

    def send_mail(self, mail=None, *, to="captain@example.com"):
        if mail is None:
            mail = a_mail(to)
        with smtplib.SMTP("127.0.0.1", self.settings.smtp_port, timeout=self.patience_seconds) as client:
            client.send_message(mail)


def a_mail(to="captain@example.com"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "portal@mtnet.example", to, "啟用您的帳號 Activate"
    mail.set_content("請點選 https://portal.example/activate?code=1&x=2 。\n<script>alert(1)</script>")
    mail.add_alternative("<p>請<a href='https://portal.example/activate'>啟用</a></p>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="申請表.pdf")
    return mail


@pytest.fixture
def sandbox(tmp_path):
    server = Running(tmp_path / "inbox.sqlite")
    yield server
    server.close()


def test_a_mail_is_shown_as_its_receiver_would_read_it(sandbox):
    sandbox.send_mail()
    (message,) = sandbox.messages()
    assert message["channel"] == "email"
    assert message["to"] == "captain@example.com"
    assert message["subject"] == "啟用您的帳號 Activate"
    assert "啟用</a>" in message["html"]
    assert message["attachments"] == [{"name": "申請表.pdf", "content_type": "application/pdf", "size": 8}]


def test_every_envelope_recipient_has_an_own_message_even_a_blind_copy(sandbox):
    with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port, timeout=3) as client:
        client.send_message(a_mail(), to_addrs=["a@example.com", "hidden@example.com"])
    assert {message["to"] for message in sandbox.messages()} == {"a@example.com", "hidden@example.com"}


def test_messages_are_listed_newest_first_and_filtered(sandbox):
    sandbox.send_mail()
    _, answer = sandbox.send_sms()
    sandbox.send_mail(to="mate@example.com")
    assert [message["to"] for message in sandbox.messages()] == [
        "mate@example.com",
        "+886912345678",
        "captain@example.com",
    ]
    assert [message["channel"] for message in sandbox.messages("?channel=sms")] == ["sms"]
    assert [message["to"] for message in sandbox.messages("?to=mate@example.com")] == ["mate@example.com"]
    assert len(sandbox.messages(f"?after={answer['message_id']}")) == 1


def test_an_sms_with_the_same_reference_is_sent_once(sandbox):
    first = sandbox.send_sms()
    second = sandbox.send_sms()
    assert (first[0], second[0]) == (202, 200)
    assert first[1] == second[1]
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize("number", ["+88621234567", "0912345678", "+8869123", "somebody"])
def test_a_number_that_is_no_mobile_is_refused(sandbox, number):
    assert sandbox.send_sms(to=number)[0] == 422
    assert not is_mobile_number(number)


def test_a_wrong_token_is_refused(sandbox):
    assert sandbox.send_sms(token="wrong")[0] == 401
    assert sandbox.messages() == []


@pytest.mark.parametrize(("mode", "status"), [("refuse", 503), ("busy", 429), ("reject_recipient", 422)])
def test_sms_faults_answer_as_told_and_end_after_their_count(sandbox, mode, status):
    sandbox.fault("sms", mode, 1)
    assert sandbox.send_sms()[0] == status
    assert sandbox.send_sms()[0] == 202


def test_an_sms_accepted_before_the_connection_broke_is_not_sent_again(sandbox):
    sandbox.fault("sms", "drop_after_accept", 1)
    with pytest.raises((OSError, urllib.error.URLError)):
        sandbox.send_sms()
    assert sandbox.send_sms()[0] == 200
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize(
    ("mode", "refusal", "code"),
    [
        ("refuse", smtplib.SMTPDataError, 554),
        ("busy", smtplib.SMTPDataError, 451),
        ("reject_recipient", smtplib.SMTPRecipientsRefused, 550),
    ],
)
def test_mail_faults_answer_as_told_and_end_after_their_count(sandbox, mode, refusal, code):
    sandbox.fault("email", mode, 1)
    with pytest.raises(refusal) as told:
        sandbox.send_mail()
    assert str(code) in str(told.value)
    sandbox.send_mail()
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize(
    ("stage", "answer", "refusal"),
    [
        ("auth", "535 5.7.8 Wrong password", smtplib.SMTPAuthenticationError),
        ("mail", "530 5.7.0 Log in first", smtplib.SMTPSenderRefused),
        ("mail", "550 5.7.60 No permission to send as this sender", smtplib.SMTPSenderRefused),
        ("rcpt", "554 5.7.1 Relay access denied", smtplib.SMTPRecipientsRefused),
        ("end", "451 4.3.1 Disk full", smtplib.SMTPDataError),
    ],
)
def test_the_mail_server_says_what_it_is_told_where_it_is_told(sandbox, stage, answer, refusal):
    def send():
        with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port, timeout=5) as client:
            client.login("portal", "any")
            client.send_message(a_mail())

    sandbox.fault("email", "answer", 1, stage=stage, answer=answer)
    with pytest.raises(refusal) as told:
        send()
    assert answer[4:] in str(told.value)
    send()
    assert len(sandbox.messages()) == 1


def test_an_answer_may_be_for_some_recipients_only(sandbox):
    sandbox.fault("email", "answer", stage="rcpt", answer="550 5.1.1 no", only="@bad.example")
    sandbox.send_mail()
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        sandbox.send_mail(to="clerk@bad.example")
    assert [message["to"] for message in sandbox.messages()] == ["captain@example.com"]


def test_the_sms_company_answers_what_it_is_told(sandbox):
    sandbox.fault("sms", "answer", 1, answer="402")
    assert sandbox.send_sms()[0] == 402
    assert sandbox.send_sms()[0] == 202


def test_a_slow_server_answers_in_the_end(sandbox):
    sandbox.fault("email", "slow", 1, seconds=0.2)
    sandbox.send_mail()
    assert len(sandbox.messages()) == 1


def test_a_server_may_offer_ascii_addresses_only(sandbox):
    def offered():
        with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port, timeout=5) as client:
            client.ehlo()
            return client.has_extn("smtputf8")

    assert offered()
    sandbox.fault("email", "no_smtputf8")
    assert not offered()


@pytest.mark.parametrize(
    "more",
    [
        {"answer": "250 fine"}, {"answer": "530 a\r\n250 b"}, {"answer": 530}, {"answer": "530 " + "x" * 300},
        {"answer": "530", "stage": "helo"}, {"answer": "530", "count": 0}, {"answer": "530", "seconds": -1},
        {"answer": "530", "seconds": 1e9}, {"answer": "530", "seconds": True}, {"answer": "530", "only": 3}, {"no": 1},
    ],
)  # fmt: skip
def test_a_fault_that_makes_no_sense_is_refused(sandbox, more):
    assert sandbox.ask("PUT", "/api/faults", {"channel": "email", "mode": "answer", **more})[0] == 422


def test_a_picture_that_comes_with_a_mail_is_shown_in_it(sandbox):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "portal@mtnet.example", "captain@example.com", "x"
    mail.set_content("x")
    mail.add_alternative('<p><img src="cid:emblem@mtnet" alt="MTNet"></p>', subtype="html")
    mail.get_payload()[1].add_related(b"\x89PNG...", "image", "png", cid="<emblem@mtnet>")
    sandbox.send_mail(mail)
    (message,) = sandbox.messages()
    _, page = sandbox.ask("GET", f"/messages/{message['id']}/html")
    assert '<img src="data:image/png;base64,iVBORy4uLg==" alt="MTNet">' in page


def test_a_mail_server_that_breaks_off_after_accepting_keeps_the_mail(sandbox):
    sandbox.fault("email", "drop_after_accept", 1)
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        sandbox.send_mail()
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_timeout_gives_no_answer(sandbox, channel):
    sandbox.fault(channel, "timeout", 1)
    sandbox.patience_seconds = 0.5
    with pytest.raises((TimeoutError, OSError)):
        (sandbox.send_mail if channel == "email" else sandbox.send_sms)()
    assert sandbox.messages() == []


def test_an_unknown_fault_is_refused(sandbox):
    assert sandbox.ask("PUT", "/api/faults", {"channel": "telegraph", "mode": "busy"})[0] == 422
    assert sandbox.ask("PUT", "/api/faults", {"channel": "sms", "mode": "tired"})[0] == 422


def test_the_page_escapes_what_others_wrote_and_links_addresses(sandbox):
    sandbox.send_mail()
    number = sandbox.messages()[0]["id"]
    _, page = sandbox.ask("GET", f"/messages/{number}?lang=en")
    assert "<script>alert(1)" not in page
    assert '<a href="https://portal.example/activate?code=1&amp;x=2">' in page
    _, attachment = sandbox.ask("GET", f"/messages/{number}/attachments/0")
    assert attachment == "%PDF-1.7"
    address = f"http://127.0.0.1:{sandbox.settings.http_port}/messages/{number}/attachments/0"
    with urllib.request.urlopen(address, timeout=sandbox.patience_seconds) as answer:
        named = "attachment; filename=attachment; filename*=UTF-8''%E7%94%B3%E8%AB%8B%E8%A1%A8.pdf"
        assert answer.headers["Content-Disposition"] == named


@pytest.mark.parametrize(
    ("language", "title", "tag"), [("zh", "測試信箱", "zh-Hant-TW"), ("en", "Test inbox", "en")]
)
def test_the_page_speaks_both_languages(sandbox, language, title, tag):
    sandbox.send_sms()
    _, page = sandbox.ask("GET", f"/?lang={language}")
    assert f"<h1>{title}</h1>" in page
    assert f'<html lang="{tag}">' in page
    assert "+886912345678" in page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/?to=captain", "/?channel=sms&to=nobody", "/", "/messages/99"])
def test_every_word_of_a_page_is_a_word(sandbox, language, path):
    """Jinja finds a dictionary's methods before its keys: `words.clear` was one."""
    sandbox.send_mail()
    _, page = sandbox.ask("GET", f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert "built-in" not in page
    assert "<bound" not in page
    if "to=" in path:
        assert f">{WORDS[language]['clear_filter']}</a>" in page
    assert not set(WORDS[language]) & set(dir(dict))


def test_the_page_loads_nothing_from_elsewhere(sandbox):
    _, page = sandbox.ask("GET", "/")
    assert "http://" not in page
    assert "https://" not in page


def test_a_missing_message_says_so(sandbox):
    assert sandbox.ask("GET", "/messages/99?lang=en")[0] == 404


def test_messages_survive_a_restart(tmp_path):
    first = Running(tmp_path / "inbox.sqlite")
    first.send_sms()
    first.close()
    second = Running(tmp_path / "inbox.sqlite")
    try:
        assert len(second.messages()) == 1
        assert second.send_sms()[0] == 200
    finally:
        second.close()


def test_only_the_newest_messages_are_kept():
    inbox = Inbox(keep=3)
    for number in range(5):
        inbox.add([Message("sms", "+886912345678", "MTNet", "", str(number))])
    assert [message.text for message in inbox.newest_first()] == ["4", "3", "2"]
    inbox.close()


def by_form(sandbox, **changes):
    form = {"key": TOKEN, "to": "+886912345678", "body": "482913 是您的驗證碼", "id": "r-1"} | changes
    address = f"http://127.0.0.1:{sandbox.settings.http_port}/sms/second"
    with urllib.request.urlopen(address, data=urllib.parse.urlencode(form).encode(), timeout=5) as answer:
        return answer.read().decode()


def test_a_second_company_takes_text_messages_by_a_form_and_each_once(sandbox):
    assert by_form(sandbox) == by_form(sandbox) == "OK 1"
    assert [message["text"] for message in sandbox.messages("?channel=sms")] == ["482913 是您的驗證碼"]


@pytest.mark.parametrize(
    ("changes", "answer"),
    [({"key": "guess"}, "ERROR 3"), ({"to": "+886281927019"}, "ERROR 12"), ({"body": ""}, "ERROR 7")],
)
def test_the_second_company_says_in_its_own_way_what_is_wrong(sandbox, changes, answer):
    assert by_form(sandbox, **changes) == answer


def test_who_still_talks_to_it_when_it_closes_is_cut_off(tmp_path):
    sandbox = Running(tmp_path / "inbox.sqlite")
    with socket.create_connection(("127.0.0.1", sandbox.settings.smtp_port), timeout=10) as client:
        assert client.recv(100).startswith(b"220 ")
        sandbox.close()
        assert client.recv(100) == b""
