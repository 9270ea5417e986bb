"""The ways to the helpdesk: what somebody writes or faxes lies in the mailbox that the portal reads."""

import imaplib
import smtplib
import socket
import urllib.error
import urllib.parse
import urllib.request
from email import message_from_bytes, policy
from io import BytesIO

import pytest
from PIL import Image
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

DESK, FAX = "service@mtnet.example", "fax@mtnet.example"


def a_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def sandbox():
    settings = Settings(
        a_free_port(),
        a_free_port(),
        {"sms": "t", "line": "t"},
        imap_port=a_free_port(),
        desk_addresses=(DESK,),
        desk_fax_address=FAX,
    )
    sandbox = SandboxInThread(settings)
    yield sandbox
    sandbox.close()


def post(sandbox, path, file=None, **fields):
    """A form as a browser sends it. Status and where it leads."""
    boundary = "boundary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if file:
        field, name, kind, content = file
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        )
        parts.append(head.encode() + content + b"\r\n")
    request = urllib.request.Request(
        sandbox.url + path,
        b"".join(parts) + f"--{boundary}--\r\n".encode(),
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )

    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers.get("Location") or refusal.read().decode()


@pytest.fixture
def newest(sandbox):
    """The newest mail in the desk's mailbox."""

    def newest():
        session = imaplib.IMAP4("127.0.0.1", sandbox.settings.imap_port, timeout=5)
        session.login("desk", "any")
        session.select()
        uids = session.uid("SEARCH", "ALL")[1][0].split()
        content = session.uid("FETCH", uids[-1], "(BODY.PEEK[]<0.9999999>)")[1][0][1]
        session.shutdown()
        return message_from_bytes(content, policy=policy.default)

    return newest


def test_a_mail_written_on_the_page_is_in_the_desk_s_mailbox(sandbox, newest):
    file = ("files", "表單.pdf", "application/pdf", b"%PDF-1.7")
    told = {"from": "clerk@agency.example", "to": DESK, "subject": "無法登入", "text": "請協助"}
    assert post(sandbox, "/write", file, **told) == (303, "/write?sent=1")
    mail = newest()
    assert (mail["From"], mail["Delivered-To"], mail["Subject"]) == ("clerk@agency.example", DESK, "無法登入")
    assert mail.get_body().get_content().strip() == "請協助"
    assert [part.get_filename() for part in mail.iter_attachments()] == ["表單.pdf"]


def test_one_that_comes_over_smtp_is_there_too_and_not_in_the_inbox(sandbox, newest):
    with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port, timeout=5) as client:
        client.sendmail(
            "a@agency.example",
            ["service+token@mtnet.example", "b@agency.example"],
            "Subject: both\r\n\r\ntext",
        )
    assert newest()["Delivered-To"] == "service+token@mtnet.example"
    assert [message["to"] for message in sandbox.messages()] == ["b@agency.example"]


def test_an_answer_refers_to_the_mail_that_it_answers(sandbox, newest):
    with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port, timeout=5) as client:
        told = (
            "From: MTNet <no-reply@mtnet.example>\r\nReply-To: service+t0@mtnet.example\r\n"
            "Message-ID: <answer-1@mtnet.example>\r\nSubject: [HD2026-000001] hello\r\n\r\ntext"
        )
        client.sendmail(DESK, ["clerk@agency.example"], told)
    number = sandbox.messages("?to=clerk@agency.example")[0]["id"]
    status, page = sandbox.ask("GET", f"/write?answer={number}")
    assert status == 200
    assert 'value="service+t0@mtnet.example"' in page
    assert 'value="Re: [HD2026-000001] hello"' in page
    post(
        sandbox,
        "/write",
        answer=number,
        text="yes",
        to="service+t0@mtnet.example",
        subject="Re: x",
        **{"from": "clerk@agency.example"},
    )
    assert newest()["In-Reply-To"] == "<answer-1@mtnet.example>"


@pytest.mark.parametrize(
    ("sender", "to", "said"), [("nobody", DESK, "clerk@agency.example"), ("a@b.example", "c@d.example", DESK)]
)
def test_what_is_missing_is_said_and_what_was_typed_stays(sandbox, sender, to, said):
    status, page = post(sandbox, "/write", to=to, subject="s", text="what was typed", **{"from": sender})
    assert status == 422
    assert said in page
    assert "what was typed" in page


def test_a_fax_is_a_mail_of_the_gateway_with_its_page(sandbox, newest):
    assert post(sandbox, "/fax/in", number="02-2706-5678", text="復用申請\n承辦人") == (303, "/fax?sent=1#in")
    mail = newest()
    assert (mail["From"], mail["X-Fax-From"], mail["To"]) == ("0227065678@fax.example", "0227065678", FAX)
    (page,) = mail.iter_attachments()
    picture = Image.open(BytesIO(page.get_content()))
    assert picture.size == (1728, 2200)
    assert picture.convert("L").getextrema() == (0, 255), "something is written on it"


@pytest.mark.parametrize(
    ("file", "told", "problem"),
    [
        (None, {"number": "x", "text": "t"}, "number"),
        (None, {"number": "02-2706-5678", "text": " "}, "nothing"),
        (("file", "a.txt", "text/plain", b"x"), {"number": "02-2706-5678"}, "file"),
        (("file", "a.pdf", "application/pdf", b"no pdf"), {"number": "02-2706-5678"}, "file"),
    ],
)
def test_what_cannot_be_faxed_is_said(sandbox, file, told, problem):
    assert post(sandbox, "/fax/in", file, **told) == (303, f"/fax?problem={problem}#in")
    assert 'role="alert"' in sandbox.ask("GET", f"/fax?problem={problem}")[1]
