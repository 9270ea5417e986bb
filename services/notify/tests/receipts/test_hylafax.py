"""Faxes by a real HylaFAX server: hfaxd takes jobs and faxq keeps them without a modem, in a directory of our own."""

import os
import shutil
import socket
import subprocess
import tempfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from notify.channels.fax.adapters import CHANNEL
from notify.channels.fax.rules import Job, job_receipt
from notify.channels.rules import Failure, Outage, ReceiptOutcome
from notify.deliveries.sender import ChannelState
from notify.providers.rules import RateLimit
from notify.receipts.actions import poll
from PIL import Image

from ..builders import LINKS
from ..deliveries.senders import a_message, a_sender, the_delivery

SERVICES = ("notify",)
HFAXD = shutil.which("hfaxd", path="/usr/sbin:/usr/local/sbin")
FAXQ = shutil.which("faxq", path="/usr/sbin:/usr/local/sbin")
NUMBER = "+886281927019"
STATE = "SELECT state, failure, pages FROM delivery WHERE delivery_id = %s"
DIRECTORIES = (
    *("archive", "bin", "client", "config", "dev", "docq", "doneq", "etc"),
    *("info", "log", "pollq", "recvq", "sendq", "status", "tmp"),
)
FILES = ("hfaxd.conf", "config", "setup.cache", "dialrules")
# What faxq writes: state 7 is done, 8 failed.
DONE, FAILED = "7", "8"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(HFAXD is None or FAXQ is None, reason="hylafax-server is not installed"),
    pytest.mark.skipif(
        os.geteuid() != 0, reason="hfaxd confines itself to its directory, which only root may do"
    ),
]


class Server:
    """hfaxd on a port of its own, and faxq beside it."""

    def __init__(self, spool):
        self.spool = spool
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in DIRECTORIES:
            (spool / name).mkdir()
        for name in FILES:
            shutil.copy(f"/etc/hylafax/{name}", spool / "etc")
        secret = subprocess.run(
            ["openssl", "passwd", "-1", "s/cret"], capture_output=True, text=True, check=True
        ).stdout.strip()
        hosts = spool / "etc" / "hosts.hfaxd"
        hosts.write_text(f"^mtnet@:21:{secret}\n")
        hosts.chmod(0o600)
        for path in (spool, *spool.rglob("*")):
            shutil.chown(path, "uucp", "uucp")
        self.processes = [
            subprocess.Popen([FAXQ, "-D", "-q", str(spool)]),
            subprocess.Popen([HFAXD, "-d", "-q", str(spool), "-l", "127.0.0.1", "-i", str(self.port)]),
        ]

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return (self.spool / "FIFO").exists()

    def stop(self):
        for process in self.processes:
            process.terminate()
            process.wait(10)

    def jobs(self):
        return sorted(path.name for path in (self.spool / "sendq").glob("q[0-9]*"))

    def text(self, job):
        return (self.spool / "sendq" / job).read_text()

    def end(self, job, state, status="", pages=0):
        """What faxq does when a job has ended."""
        lines = [
            f"{name}:{ {'state': state, 'status': status, 'npages': pages, 'totpages': pages}.get(name, value) }"
            for name, _, value in (line.partition(":") for line in self.text(job).splitlines())
        ]
        done = self.spool / "doneq" / job
        done.write_text("\n".join(lines) + "\n")
        done.chmod(0o644)
        shutil.chown(done, "uucp")
        (self.spool / "sendq" / job).unlink()


@pytest.fixture
def server():
    spool = Path(tempfile.mkdtemp(prefix="hylafax-"))
    spool.chmod(0o755)
    running = Server(spool)
    try:
        eventually(running.listens)
        yield running
    finally:
        running.stop()
        shutil.rmtree(spool)


@pytest.fixture
def settings(server):
    return {setting.name: setting.default or "" for setting in CHANNEL.settings} | {
        "NOTIFY_FAX_URL": f"hylafax://mtnet:s%2Fcret@127.0.0.1:{server.port}"
    }


@pytest.fixture
def sender(empty, clock, unsealing_key, settings):
    state = ChannelState("fax", LINKS, unsealing_key, RateLimit(1_000_000), CHANNEL.retry)
    return a_sender(empty, clock, CHANNEL.connect(settings, LINKS), unsealing_key, "fax", state)


@pytest.fixture
def ask(empty, settings, clock):
    return lambda: poll(empty, "fax", CHANNEL, settings, clock)


@pytest.fixture
def fax(write):
    return the_delivery(write(a_message(channel="fax", recipient=NUMBER)))


def test_a_job_is_submitted_with_its_pages_number_and_delivery(server, sender, fax, rows):
    assert sender.send_due() == 1
    assert rows("SELECT state, provider_ref FROM delivery") == [("sent", "1")]
    job = dict(line.partition(":")[::2] for line in server.text("q1").splitlines())
    assert (job["number"], job["jobtag"], job["maxtries"]) == ("0281927019", str(fax), "1")
    stored = server.spool / server.text("q1").split("tiff:0::")[1].split()[0]
    document = Image.open(BytesIO(stored.read_bytes()))
    assert (document.size, document.tag_v2[259]) == ((1728, 2200), 4)


def test_a_job_that_is_done_is_delivered_with_its_pages(server, sender, fax, rows, ask):
    sender.send_due()
    assert ask() == 0, "it is under way"
    server.end("q1", DONE, pages=2)
    assert ask() == 1
    assert rows(STATE, fax) == [("delivered", None, 2)]
    assert ask() == 0, "nothing is waited for any more"


def test_a_busy_line_is_tried_again_as_another_job(server, sender, fax, rows, ask, clock):
    sender.send_due()
    server.end("q1", FAILED, "Busy signal detected")
    assert ask() == 1
    assert rows(STATE, fax)[0][0] == "waiting"
    clock.now += timedelta(minutes=5)
    sender.send_due()
    assert server.jobs() == ["q2"]
    assert ask() == 0, "the first job's end is no news"
    server.end("q2", DONE, pages=1)
    assert ask() == 1
    assert rows(STATE, fax) == [("delivered", None, 1)]


def test_what_was_submitted_before_its_sender_died_is_not_submitted_again(
    server, sender, fax, settings, rows, ask
):
    """The job stands in the queue; that it does was never recorded."""
    pages = [Image.new("1", (1728, 2200), 255)]
    sender.connection.provider.send(fax, NUMBER, "", pages)
    sender.send_due()
    assert server.jobs() == ["q1"]
    assert rows("SELECT state, provider_ref FROM delivery") == [("sent", "1")]
    server.end("q1", DONE, pages=1)
    assert sender.connection.provider.send(fax, NUMBER, "", pages) == ("submitted before", "1"), (
        "even when it is done"
    )


def test_a_receipt_that_does_not_come_within_a_day_is_given_up(sender, fax, rows, ask, clock, server):
    sender.send_due()
    clock.now += timedelta(hours=24)
    assert ask() == 0
    clock.now += timedelta(seconds=1)
    assert ask() == 1
    assert rows(STATE, fax) == [("failed", "EXPIRED", None)]


def test_a_wrong_password_is_an_outage(server, settings):
    wrong = settings | {"NOTIFY_FAX_URL": f"hylafax://mtnet:guess@127.0.0.1:{server.port}"}
    with pytest.raises(Outage, match="530"):
        CHANNEL.connect(wrong, LINKS).provider.send(uuid4(), NUMBER, "", [Image.new("1", (1728, 2200), 255)])


def test_a_server_that_is_not_there_is_an_outage(settings):
    away = CHANNEL.connect(settings | {"NOTIFY_FAX_URL": "hylafax://127.0.0.1:9"}, LINKS).provider
    with pytest.raises(Outage):
        away.send(uuid4(), NUMBER, "", [Image.new("1", (1728, 2200), 255)])
    with pytest.raises(Outage):
        away.receipts(["1"])


def test_without_its_scheduler_nothing_is_lost(server, sender, fax, rows):
    server.processes[0].terminate()
    server.processes[0].wait(10)
    sender.send_due()
    ((state, reference),) = rows("SELECT state, provider_ref FROM delivery")
    assert (state, reference) == ("waiting", None), "an outage: it goes out when the scheduler is back"


@pytest.mark.parametrize(
    ("status", "outcome", "failure"),
    [
        ("Busy signal detected", ReceiptOutcome.RETRY, Failure.BUSY),
        ("No answer from remote", ReceiptOutcome.RETRY, Failure.NO_ANSWER),
        ("Ring detected without successful handshake", ReceiptOutcome.RETRY, Failure.NO_ANSWER),
        ("No carrier detected", ReceiptOutcome.RETRY, Failure.NO_CARRIER),
        ("Invalid dialing command", ReceiptOutcome.FAILED, Failure.RECIPIENT_REFUSED),
        ("REJECT: Unable to convert dial string", ReceiptOutcome.FAILED, Failure.RECIPIENT_REFUSED),
        ("REJECT: Too many pages in submission: 9, max 5", ReceiptOutcome.FAILED, Failure.MESSAGE_REFUSED),
        ("Kill time expired", ReceiptOutcome.FAILED, Failure.EXPIRED),
        ("Remote fax disconnected prematurely", ReceiptOutcome.RETRY, Failure.NO_CARRIER),
        ("", ReceiptOutcome.RETRY, Failure.NO_CARRIER),
    ],
)
def test_what_hylafax_says_of_a_job_that_failed(status, outcome, failure):
    receipt = job_receipt(Job("7", "F", 0, "", status))
    assert (receipt.outcome, receipt.failure, receipt.provider_ref) == (outcome, failure, "7")
    assert job_receipt(Job("7", "D", 3, "", "")).pages == 3
    assert job_receipt(Job("7", "R", 0, "", status)) is None
