"""The fax gateway over SMTP: what it takes, what becomes of calls, receipts, and the tray."""

import hashlib
import hmac
import json
import smtplib
import threading
import time
import urllib.request
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from PIL import Image

from .test_sandbox import Running

TOKEN = "key-of-receipts"
NUMBER = "+886281927019"


class Portal(BaseHTTPRequestHandler):
    """Takes receipts, unless a test has it say no."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
        right = self.headers["X-Signature"] == f"sha256={expected}"
        status = self.server.answers.pop(0) if self.server.answers else 204 if right else 403
        self.server.receipts.append((self.path, right, json.loads(body), status))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def portal():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    server.receipts, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class RunningWithFax(Running):
    def __init__(self, webhooks_url):
        super().__init__(":memory:", webhooks_url=webhooks_url, fax_token=TOKEN)


@pytest.fixture
def sandbox(portal):
    running = RunningWithFax(f"http://127.0.0.1:{portal.server_port}/webhooks")
    yield running
    running.close()


def a_document(form="TIFF", pages=2):
    first, *others = [Image.new("1", (1728, 2200), 255) for _ in range(pages)]
    first.paste(0, (100, 100, 300, 300))
    output = BytesIO()
    options = {"compression": "group4"} if form == "TIFF" else {}
    first.save(output, form, save_all=True, append_images=others, **options)
    return output.getvalue()


def send(
    sandbox, to=f"FAX={NUMBER}@fax.example", content=None, subtype="tiff", message_id="<fax.1@mtnet.example>"
):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "MTNet <no-reply@mtnet.example>", to, "退件待補正"
    mail["Message-ID"], mail["X-Fax-Reference"] = message_id, "reference-1"
    mail.set_content("")
    if content is not None:
        mail.add_attachment(
            content, maintype="image" if subtype == "tiff" else "application", subtype=subtype, filename="fax"
        )
    with smtplib.SMTP("127.0.0.1", sandbox.settings.smtp_port, timeout=5) as smtp:
        smtp.send_message(mail, to_addrs=[to])


def eventually(question):
    for _ in range(250):
        if found := question():
            return found
        time.sleep(0.02)
    raise AssertionError("it never happened")


def get(sandbox, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{sandbox.settings.http_port}{path}", timeout=5) as answer:
        return answer.read()


def received(sandbox):
    return json.loads(get(sandbox, "/api/fax/received"))


@pytest.mark.slow  # draws pages
@pytest.mark.parametrize(
    ("to", "number"),
    [
        (f"FAX={NUMBER}@fax.example", NUMBER),
        (f"fax={NUMBER}/T33S=1@FAX.example", NUMBER),
        ("0281927019@fax.example", "0281927019"),
        ("886281927019@fax.example", "886281927019"),
    ],
)
@pytest.mark.parametrize(("form", "subtype"), [("TIFF", "tiff"), ("PDF", "pdf")])
def test_a_mail_comes_out_as_paper_and_is_told_with_its_pages(sandbox, portal, to, number, form, subtype):
    send(sandbox, to, a_document(form), subtype)
    eventually(lambda: portal.receipts)
    expected = {
        "reference": "reference-1",
        "message_id": "<fax.1@mtnet.example>",
        "status": "delivered",
        "pages": 2,
    }
    assert portal.receipts == [("/webhooks/fax", True, expected, 204)]
    (fax,) = json.loads(get(sandbox, "/api/messages?channel=fax"))
    assert (fax["to"], fax["subject"], fax["headers"]["X-Fax-Pages"]) == (number, "退件待補正", "2")
    picture = Image.open(BytesIO(get(sandbox, f"/fax/{fax['id']}/1.png")))
    assert picture.width == 864
    assert picture.convert("L").getpixel((100, 100)) < 128 < picture.convert("L").getpixel((400, 400))
    assert Image.open(BytesIO(get(sandbox, f"/fax/{fax['id']}/2.png?full"))).width > 1700


@pytest.mark.parametrize("page", ["0", "3", "9999"])
def test_a_page_that_is_not_there_is_not_found(sandbox, portal, page):
    send(sandbox, content=a_document())
    eventually(lambda: portal.receipts)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(sandbox, f"/fax/1/{page}.png")


@pytest.mark.parametrize("content", [None, b"", b"no picture", a_document()[:200]])
def test_what_cannot_be_faxed_is_refused(sandbox, content):
    with pytest.raises(smtplib.SMTPDataError, match="554"):
        send(sandbox, content=content)


@pytest.mark.parametrize("to", ["nobody@fax.example", "FAX=@fax.example", "12@fax.example"])
def test_an_address_without_a_number_is_refused(sandbox, to):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(sandbox, to, a_document())


@pytest.mark.parametrize("mode", ["busy", "no_answer", "no_carrier", "rejected", "wrong_number"])
def test_a_call_that_fails_is_told_and_leaves_no_paper(sandbox, portal, mode):
    sandbox.fault("fax", mode, 1)
    send(sandbox, content=a_document())
    eventually(lambda: portal.receipts)
    assert (portal.receipts[0][2]["status"], portal.receipts[0][2]["pages"]) == (mode, 0)
    assert json.loads(get(sandbox, "/api/messages?channel=fax")) == []
    assert received(sandbox) == {"<fax.1@mtnet.example>": 1}
    send(sandbox, content=a_document())
    eventually(lambda: json.loads(get(sandbox, "/api/messages?channel=fax")))


def test_a_fault_of_one_number_leaves_others_alone(sandbox, portal):
    sandbox.fault("fax", "busy", None, only="7019")
    send(sandbox, to="FAX=+886281927018@fax.example", content=a_document())
    eventually(lambda: portal.receipts)
    assert portal.receipts[0][2]["status"] == "delivered"


def test_a_connection_cut_after_acceptance_has_faxed_all_the_same(sandbox, portal):
    sandbox.fault("fax", "drop_after_accept", 1)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sandbox, content=a_document())
    eventually(lambda: portal.receipts)
    send(sandbox, content=a_document())
    eventually(lambda: len(portal.receipts) == 2)
    assert received(sandbox) == {"<fax.1@mtnet.example>": 2}, "recognisable by its Message-ID"


def test_the_gateway_refuses_altogether(sandbox):
    sandbox.fault("fax", "refuse", 1)
    with pytest.raises(smtplib.SMTPDataError, match="554"):
        send(sandbox, content=a_document())
    sandbox.fault("fax", "reject_recipient", 1)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(sandbox, content=a_document())


def test_a_slow_machine_takes_its_seconds_for_each_page(sandbox, portal):
    sandbox.fault("fax", "slow", 1, seconds=0.3)
    began = time.monotonic()
    send(sandbox, content=a_document(pages=2))
    assert b"Dialling" in get(sandbox, "/fax?lang=en")
    eventually(lambda: portal.receipts)
    assert time.monotonic() - began >= 0.6


def test_no_receipt_comes(sandbox, portal):
    sandbox.fault("fax", "no_receipt", 1)
    send(sandbox, content=a_document())
    send(sandbox, content=a_document(), message_id="<fax.2@mtnet.example>")
    eventually(lambda: portal.receipts)
    assert [receipt["message_id"] for _, _, receipt, _ in portal.receipts] == ["<fax.2@mtnet.example>"]


def test_a_wrong_receipt_has_a_wrong_key_and_then_a_fax_that_nobody_sent(sandbox, portal):
    sandbox.fault("fax", "wrong_receipt", 1)
    send(sandbox, content=a_document())
    eventually(lambda: len(portal.receipts) >= 2)
    assert [right for _, right, _, _ in portal.receipts[:2]] == [False, True]
    assert portal.receipts[1][2]["reference"] == "never-sent"


def test_a_receipt_comes_twice(sandbox, portal):
    sandbox.fault("fax", "receipt_twice", 1)
    send(sandbox, content=a_document())
    eventually(lambda: len(portal.receipts) == 2)
    assert portal.receipts[0] == portal.receipts[1]


def test_a_receipt_comes_before_the_answer_to_the_mail(sandbox, portal):
    sandbox.fault("fax", "early_receipt", 1)
    send(sandbox, content=a_document())
    assert portal.receipts


def test_a_receipt_that_is_not_taken_is_sent_again(sandbox, portal):
    portal.answers = [503]
    send(sandbox, content=a_document())
    eventually(lambda: [status for *_, status in portal.receipts] == [503, 204])


@pytest.mark.parametrize(("language", "title"), [("zh", "傳真測試匣"), ("en", "Fax tray")])
def test_the_tray_shows_pages_and_calls_in_both_languages(sandbox, portal, language, title):
    assert title in get(sandbox, f"/fax?lang={language}").decode()
    send(sandbox, content=a_document())
    eventually(lambda: portal.receipts)
    page = get(sandbox, f"/fax?lang={language}").decode()
    assert page.count("<img") == 2
    assert NUMBER in page
    assert "/fax/1/2.png" in page
    assert "<img" not in get(sandbox, f"/fax?lang={language}&to=999").decode()
    assert "/fax" in get(sandbox, "/").decode()
