"""A mail server that delivers directly: each recipient answered, bounded, and nothing answered that is not kept."""

import asyncio
import os
import signal
import smtplib
import socket
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest
from helpdesk.inbound import lmtp
from helpdesk.inbound.lmtp import Capacity, Mail, MailKeeper, listen
from helpdesk.inbound.rules import LARGEST_RAW_BYTES, is_for_us, listening_at
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_chassis.testing.running import start_python

from . import corpus
from .conftest import OURS
from .corpus import simple

US, FROM = "service@mtnet.example", "clerk@agency.example"
SERVICES = ("helpdesk",)


@pytest.fixture
def port(empty, files):
    """A listener of its own, in a thread with a loop of its own."""
    loop, began, found = asyncio.new_event_loop(), threading.Event(), []
    keeper = MailKeeper(empty, files, OURS)

    async def run():
        server = await listen(keeper, ("127.0.0.1", 0))
        found.append((server, server.sockets[0].getsockname()[1]))
        began.set()

    def main():
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=main)
    thread.start()
    assert began.wait(20)
    yield found[0][1]
    loop.call_soon_threadsafe(found[0][0].close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    keeper.close()


@pytest.fixture
def server(port):
    with closing(smtplib.LMTP("127.0.0.1", port, timeout=30)) as server:
        server.ehlo_or_helo_if_needed()
        yield server


@pytest.fixture
def desk(desk):
    """The listener has the real clock; so has whoever understands what it kept."""
    desk.clock.at = datetime.now(UTC) + timedelta(hours=1)
    return desk


def items(desk):
    return desk.rows("SELECT count(*) FROM inbound_item")[0][0]


def raw_socket(port):
    """A connection for whoever does not keep to the rules, greeted and with a recipient."""
    connection = socket.create_connection(("127.0.0.1", port), 30)
    stream = connection.makefile("rwb")
    for command in (b"", b"LHLO x\r\n", b"MAIL FROM:<a@x.example>\r\n", f"RCPT TO:<{US}>\r\n".encode()):
        stream.write(command)
        stream.flush()
        while stream.readline()[3:4] == b"-":
            pass
    return connection, stream


def test_a_mail_is_kept_and_becomes_an_entry_whichever_way_it_comes_again(server, desk):
    mail = simple(1)
    assert server.sendmail(FROM, [US], mail) == {}
    assert server.sendmail(FROM, ["service+token@mtnet.example"], mail) == {}
    desk.take_in(mail)  # by IMAP, too
    assert desk.states() == ["recorded"]
    assert len(desk.entries()) == 1


def test_each_recipient_is_answered_for_itself(server, port, desk):
    refused = server.sendmail(FROM, [US, "somebody@mtnet.example", "fax@mtnet.example"], simple(1))
    assert {to: code for to, (code, _) in refused.items()} == {"somebody@mtnet.example": 550}
    connection, stream = raw_socket(port)
    with connection:
        stream.write(b"RCPT TO:<fax@mtnet.example>\r\nDATA\r\n")
        stream.flush()
        assert [stream.readline()[:3] for _ in range(2)] == [b"250", b"354"]
        # The end of a mail and the next command come together, as servers send them.
        stream.write(simple(2) + b"\r\n.\r\nQUIT\r\n")
        stream.flush()
        assert [stream.readline()[:3] for _ in range(3)] == [b"250", b"250", b"221"]
    assert items(desk) == 2


def test_a_connection_that_is_cut_in_the_middle_leaves_nothing(port, desk):
    connection, stream = raw_socket(port)
    stream.write(b"DATA\r\n")
    stream.flush()
    assert stream.readline().startswith(b"354")
    stream.write(simple(1)[:-20])
    stream.flush()
    connection.close()
    stream.close()
    with closing(smtplib.LMTP("127.0.0.1", port, timeout=30)) as again:
        assert again.sendmail(FROM, [US], simple(1)) == {}
    assert items(desk) == 1


def test_thirty_megabytes_come_in_and_more_than_the_most_is_refused_once_it_was_heard_out(
    server, desk, files
):
    large = corpus.with_thirty_megabytes()
    assert server.sendmail(FROM, [US], large) == {}
    ((size, key),) = desk.rows("SELECT size, raw_key FROM inbound_item")
    assert files.size(key) == size >= len(large)
    with pytest.raises(smtplib.SMTPSenderRefused) as told:
        server.sendmail(FROM, [US], b"x" * (LARGEST_RAW_BYTES + 1))
    assert told.value.smtp_code == 552, "its size was told beforehand"


def test_what_is_too_much_is_answered_for_each_recipient():
    def answer(capacity, *pieces):
        mail = Mail(capacity)
        for piece in pieces:
            mail.add(piece)
        return mail.refused[:3], capacity.bytes_taken

    half = b"x" * (LARGEST_RAW_BYTES // 2) + b"\r\n"
    assert answer(Capacity(), half, half, b".\r\n") == ("552", 0)
    assert answer(Capacity(bytes_taken=lmtp.MOST_BYTES), b"x\r\n")[0] == "452"
    mail = Mail(Capacity())
    for piece in (b"..a\r\n", b".b", b".\r\n", b".\r\n"):
        mail.add(piece)
    assert (mail.content, mail.ended) == (b".a\r\nb.\r\n", True)


def test_a_slow_sender_keeps_nobody_waiting_and_is_let_go(port, monkeypatch, desk):
    monkeypatch.setattr(lmtp, "MAIL_SECONDS", 0.3)
    connection, stream = raw_socket(port)
    with connection:
        stream.write(b"DATA\r\nSubject: slow\r\n")
        stream.flush()
        assert stream.readline().startswith(b"354")
        with closing(smtplib.LMTP("127.0.0.1", port, timeout=30)) as other:
            assert other.sendmail(FROM, [US], simple(1)) == {}
        assert stream.readline() == b"", "its time is over"
    assert items(desk) == 1


def test_two_hundred_connections_are_no_more_than_may_be_open(port, desk):
    connections = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(200)]
    greetings = [each.recv(3) for each in connections]
    for each in connections:
        each.close()
    assert greetings.count(b"220") == lmtp.MOST_CONNECTIONS
    assert greetings.count(b"421") == 200 - lmtp.MOST_CONNECTIONS

    def let_in():
        with suppress(smtplib.SMTPException), closing(smtplib.LMTP("127.0.0.1", port, timeout=30)) as server:
            return server.sendmail(FROM, [US], simple(1)) == {}

    eventually(let_in)
    assert items(desk) == 1


def test_while_nothing_can_be_kept_the_server_is_told_to_come_again(server, desk, monkeypatch):
    def away(*_):
        raise OSError

    monkeypatch.setattr(lmtp, "keep", away)
    with pytest.raises(smtplib.SMTPDataError) as told:
        server.sendmail(FROM, [US], simple(1))
    assert told.value.smtp_code == 451
    monkeypatch.undo()
    assert server.sendmail(FROM, [US], simple(1)) == {}
    assert items(desk) == 1


@pytest.mark.parametrize("point", ["inbound.before_commit_of_store", "inbound.after_store"])
def test_a_mail_that_was_kept_and_not_answered_is_delivered_again_and_is_there_once(
    postgres_dsn, tmp_path, desk, point
):
    path = tmp_path / "lmtp"

    def start(**more):
        environment = {
            "DATABASE_URL": postgres_dsn,
            "FILES_URL": (tmp_path / "store").as_uri(),
            "HELPDESK_MAIL_ADDRESS": US,
            "HELPDESK_LMTP": f"unix://{path}",
            "HEALTH_HOST": "127.0.0.1",
            "PORTAL_URL": "https://portal.example",
        }
        path.unlink(missing_ok=True)
        module = "helpdesk.inbound.lmtp"
        process = start_python(module, imports=(module,), environment=os.environ | environment | more)
        eventually(path.exists, seconds=60)
        return process

    def deliver():
        with closing(smtplib.LMTP(str(path), 0, timeout=30)) as server:
            return server.sendmail(FROM, [US], simple(1))

    killed = start(FAILPOINT=f"{point}:kill:1")
    with pytest.raises((smtplib.SMTPException, OSError)):
        deliver()
    assert killed.wait(30) == -signal.SIGKILL
    running = start()
    assert deliver() == {}
    running.terminate()
    assert running.wait(30) == 0
    desk.understand()
    assert desk.states() == ["recorded"]


def test_whose_mail_it_is_and_where_it_is_listened():
    for ours in (US, "<Service@MTNET.example>", "service+abc@mtnet.example", "fax@mtnet.example"):
        assert is_for_us(ours, OURS)
    for other in ("", "service", "service@x.example", "no-reply@mtnet.example"):
        assert not is_for_us(other, OURS)
    assert listening_at("lmtp://127.0.0.1:2424") == ("127.0.0.1", 2424)
    assert listening_at("unix:///run/mtnet/lmtp") == "/run/mtnet/lmtp"
    for wrong in ("", "lmtp://host", "127.0.0.1:24", "http://x:1", "unix://"):
        with pytest.raises(ValueError, match="HELPDESK_LMTP"):
            listening_at(wrong)
