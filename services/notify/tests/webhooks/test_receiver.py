"""What is said to a receiver, and what none of them can make us do."""

import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.testing.certificates import make_certificate
from notify.webhooks import adapters
from notify.webhooks.rules import KEPT_BYTES, DueEvent
from standardwebhooks import Webhook, WebhookVerificationError

from .builders import SECRET, an_event

SECOND = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


MADE = []


class Receiver(adapters.Receiver):
    """Closed when the test ends."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        MADE.append(self)


@pytest.fixture(autouse=True)
def _closed():
    yield
    while MADE:
        MADE.pop().close()


def due():
    event = an_event()
    return DueEvent(1, event.event_id, event.event, event.subject, event.attributes, event.body, 0, 0, None)


def read_request(connection):
    """With its body: a connection that is closed on unread bytes is reset."""
    seen = b""
    while not seen.endswith(b"}"):
        seen += connection.recv(65536)
    return seen


def ok(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class TestWhatIsSent:
    def test_the_event_with_its_attributes_and_a_signature_that_the_library_verifies(self, receivers):
        event = due()
        answer = Receiver(receivers.at("vessels"), local=True).post(event, [SECRET])
        assert (answer.status, answer.problem) == (200, "")
        (came,) = receivers.came("vessels")
        assert came["verified"] is True
        assert came["body"].encode() == event.body
        assert came["headers"]["webhook-id"] == came["headers"]["ce-id"] == str(event.event_id)
        assert came["headers"]["ce-type"] == "accounts.AccountActivated"
        assert came["headers"]["content-type"] == "application/json"
        said_at = datetime.fromtimestamp(int(came["headers"]["webhook-timestamp"]), UTC)
        assert abs(datetime.now(UTC) - said_at) < timedelta(minutes=1)

    @pytest.mark.parametrize("known", [SECRET, SECOND])
    def test_while_a_secret_is_renewed_whoever_knows_one_of_both_can_verify(self, receivers, known):
        receivers.trust("vessels", known)
        assert Receiver(receivers.at("vessels"), local=True).post(due(), [SECOND, SECRET]).status == 200

    def test_a_signature_is_of_this_body_and_this_moment(self, receivers):
        Receiver(receivers.at("vessels"), local=True).post(due(), [SECRET])
        (came,) = receivers.came("vessels")
        verifier = Webhook(SECRET)
        verifier.verify(came["body"], came["headers"])
        with pytest.raises(WebhookVerificationError):
            verifier.verify(came["body"] + " ", came["headers"])
        with pytest.raises(WebhookVerificationError):
            verifier.verify(came["body"], came["headers"] | {"webhook-timestamp": "1700000000"})

    def test_a_connection_is_kept_and_replaced_when_the_receiver_has_ended_it(self, answering):
        connections = []

        def twice(connection):
            connections.append(1)
            ok(connection)
            ok(connection)

        with answering(twice) as port:
            receiver = Receiver(f"http://127.0.0.1:{port}/", local=True)
            assert [receiver.post(due(), [SECRET]).status for _ in range(4)] == [200] * 4
            receiver.close()
        assert len(connections) == 2


class TestWhereItGoes:
    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/",
            "http://ships.example.com/",
            "https://localhost/",
        ],
    )
    def test_an_address_that_may_not_be_given_is_not_sent_to_either(self, url):
        asked = []
        receiver = Receiver(url, local=False, resolve=lambda *host: asked.append(host) or ["8.8.8.8"])
        answer = receiver.post(due(), [SECRET])
        assert answer.status is None
        assert answer.problem.startswith("not sent: ")
        assert asked == []

    @pytest.mark.parametrize(
        "found",
        [
            ["127.0.0.1"],
            ["10.0.0.7"],
            ["169.254.169.254"],
            ["::ffff:127.0.0.1"],
            ["fd00::1"],
            ["8.8.8.8", "10.0.0.7"],
            ["8.8.8.8", "::1"],
            [],
        ],
    )
    def test_a_name_that_leads_into_a_private_network_is_not_connected_to(self, found, monkeypatch):
        connected = []
        monkeypatch.setattr(adapters.socket, "create_connection", lambda *to: connected.append(to))
        receiver = Receiver("https://ships.example.com/", local=False, resolve=lambda *_: found)
        assert "not on the public internet" in receiver.post(due(), [SECRET]).problem
        assert connected == []

    def test_the_address_that_was_judged_is_the_one_that_is_connected_to(self, monkeypatch):
        """DNS rebinding: the second question would have another answer, and is not asked."""
        answers = iter([["8.8.8.8", "2606:4700:4700::1111"], ["127.0.0.1"]])
        connected = []

        def create_connection(to, timeout):
            connected.append(to)
            raise ConnectionRefusedError

        monkeypatch.setattr(adapters.socket, "create_connection", create_connection)
        receiver = Receiver("https://ships.example.com:8443/", local=False, resolve=lambda *_: next(answers))
        assert receiver.post(due(), [SECRET]).problem == "connection refused"
        assert connected == [("8.8.8.8", 8443), ("2606:4700:4700::1111", 8443)]
        # The next event asks anew, and is told of the private address.
        assert "not on the public internet" in receiver.post(due(), [SECRET]).problem
        assert len(connected) == 2

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_not_followed(self, answering, status):
        followed = []

        def target(connection):
            followed.append(read_request(connection))
            ok(connection)

        with answering(target) as private:

            def redirect(connection):
                read_request(connection)
                where = f"Location: http://127.0.0.1:{private}/"
                connection.sendall(f"HTTP/1.1 {status} X\r\n{where}\r\nContent-Length: 0\r\n\r\n".encode())

            with answering(redirect) as port:
                answer = Receiver(f"http://127.0.0.1:{port}/", local=True).post(due(), [SECRET])
        assert (answer.status, answer.problem) == (status, "redirects are not followed")
        assert followed == []

    def test_no_proxy_of_the_environment_is_asked(self, answering, monkeypatch):
        with answering(ok) as proxy, answering(ok) as port:
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy}")
            monkeypatch.setenv("all_proxy", f"http://127.0.0.1:{proxy}")
            receiver = Receiver(f"http://127.0.0.1:{port}/", local=True)
            assert receiver.post(due(), [SECRET]).status == 200
            monkeypatch.setattr(adapters.socket, "create_connection", refused_but(port))
            receiver.close()
            assert receiver.post(due(), [SECRET]).status == 200


def refused_but(port):
    import socket

    connect = socket.create_connection

    def create_connection(to, timeout):
        assert to[1] == port
        return connect(to, timeout)

    return create_connection


class TestTls:
    def _served(self, answering, tmp_path, talk=ok):
        certificate, key = make_certificate(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return certificate, answering(
            talk, lambda connection: context.wrap_socket(connection, server_side=True)
        )

    def test_a_certificate_that_nobody_trusts_is_refused(self, answering, tmp_path):
        _, serving = self._served(answering, tmp_path)
        with serving as port:
            answer = Receiver(f"https://127.0.0.1:{port}/", local=True).post(due(), [SECRET])
        assert answer.status is None
        assert answer.problem.startswith("certificate: ")

    def test_one_that_is_trusted_is_taken(self, answering, tmp_path, monkeypatch):
        certificate, serving = self._served(answering, tmp_path)
        monkeypatch.setattr(adapters, "_certificates", lambda: ssl.create_default_context(cafile=certificate))
        with serving as port:
            assert Receiver(f"https://127.0.0.1:{port}/", local=True).post(due(), [SECRET]).status == 200

    def test_a_certificate_of_another_host_is_refused(self, answering, tmp_path, monkeypatch):
        certificate, serving = self._served(answering, tmp_path)
        monkeypatch.setattr(adapters, "_certificates", lambda: ssl.create_default_context(cafile=certificate))
        with serving as port:
            answer = Receiver(f"https://localhost:{port}/", local=True).post(due(), [SECRET])
        assert answer.problem.startswith("certificate: ")


def drips(piece, before=b""):
    """Sends a piece ten times a second, for as long as it is listened to."""

    def talk(connection):
        if before is not None:
            read_request(connection)
            connection.sendall(before)
        while True:
            connection.sendall(piece)
            time.sleep(0.1)

    return talk


def silent(connection):
    while connection.recv(65536):
        pass


class TestWhatAReceiverCannotDo:
    @pytest.mark.parametrize(
        "talk",
        [
            silent,
            drips(b"H", None),
            drips(b"x-a: b\r\n", b"HTTP/1.1 200 OK\r\n"),
            drips(b"HTTP/1.1 100 Continue\r\n\r\n"),
        ],
        ids=["silent", "a byte at a time", "headers without end", "continue without end"],
    )
    def test_hold_a_connection_longer_than_its_time(self, answering, talk):
        with answering(talk) as port:
            receiver = Receiver(f"http://127.0.0.1:{port}/", local=True, seconds=0.6)
            before = time.monotonic()
            answer = receiver.post(due(), [SECRET])
        assert answer.status is None
        assert time.monotonic() - before < 8, (
            "the time-out of the socket alone is 15 s, and begins anew at each byte"
        )

    def test_hold_it_in_the_handshake(self, answering):
        with answering(silent) as port:
            receiver = Receiver(f"https://127.0.0.1:{port}/", local=True, seconds=0.6)
            answer = receiver.post(due(), [SECRET])
        assert (answer.status, answer.problem) == (None, "no whole answer in time")
        assert answer.seconds < 8

    def test_hold_it_with_a_body_that_never_ends(self, answering):
        with answering(drips(b".", b"HTTP/1.1 200 OK\r\n\r\n")) as port:
            answer = Receiver(f"http://127.0.0.1:{port}/", local=True, seconds=0.6).post(due(), [SECRET])
        assert answer.seconds < 8

    def test_make_us_read_a_large_answer(self, answering):
        sent = []

        def flood(connection):
            read_request(connection)
            connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 1000000000\r\n\r\n")
            while True:
                sent.append(connection.send(b"x" * 65536))

        with answering(flood) as port:
            answer = Receiver(f"http://127.0.0.1:{port}/", local=True).post(due(), [SECRET])
        assert answer.status == 500
        assert len(answer.body) == KEPT_BYTES
        assert sum(sent) < 50_000_000

    @pytest.mark.parametrize(
        "said",
        [b"", b"\x00\xff\r\n\r\n", b"HTTP/9 x y\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
         b"HTTP/1.1 200 OK\r\na: " + b"b" * 100_000 + b"\r\n\r\n", b"HTTP/1.1 999999 OK\r\n\r\n",
         b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    )  # fmt: skip
    def test_answer_something_that_breaks_us(self, answering, said):
        def talk(connection):
            read_request(connection)
            connection.sendall(said)

        with answering(talk) as port:
            answer = Receiver(f"http://127.0.0.1:{port}/", local=True).post(due(), [SECRET])
        assert answer.status is None
        assert answer.problem

    def test_learn_of_our_network_from_what_is_kept(self):
        answer = Receiver("http://127.0.0.1:9/", local=True).post(due(), [SECRET])
        assert answer.problem == "connection refused"


def test_several_threads_have_connections_of_their_own(receivers):
    answers = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(Receiver(receivers.at("vessels"), local=True).post(due(), [SECRET]))
        )
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.status for each in answers] == [200] * 5
