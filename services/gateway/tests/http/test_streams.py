"""Open streams take no thread, are bounded, are told of what changed, and let the process stop."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from gateway.http.front import Front
from gateway.http.streams import CHANGED, FOLLOWER, MEDIA_TYPE, TOPIC, StreamLimits, Streams

from .test_front import free_port, is_open, page, scope

AT_ONCE = StreamLimits(pause_seconds=0, beat_seconds=30)
FAR = 30


class Listener:
    """A browser that follows until it goes."""

    def __init__(self):
        self.heard, self.arrived, self.goes = [], asyncio.Event(), asyncio.Event()

    async def receive(self):
        await self.goes.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.heard.append(message)
        self.arrived.set()

    async def hears(self, wanted):
        async with asyncio.timeout(FAR):
            while not any(message.get("body") == wanted for message in self.heard):
                self.arrived.clear()
                await self.arrived.wait()
        self.heard = [message for message in self.heard if message.get("body") != wanted]

    async def is_begun(self):
        async with asyncio.timeout(FAR):
            while len(self.heard) < 2:
                self.arrived.clear()
                await self.arrived.wait()

    @property
    def status(self):
        return self.heard[0]["status"]


def following(environ, start_response):
    start_response(
        "200 OK", [("Content-Type", MEDIA_TYPE), (TOPIC, "desk"), (FOLLOWER, environ["PATH_INFO"])]
    )
    return [b""]


async def begin(front, path="/someone", method="GET"):
    listener = Listener()
    task = asyncio.ensure_future(front(scope(path=path, method=method), listener.receive, listener.send))
    await listener.is_begun()
    return listener, task


def test_a_follower_is_told_of_its_topic_and_of_no_other():
    async def story():
        streams = Streams(AT_ONCE)
        listener, task = await begin(Front(following, streams=streams))
        headers = dict(listener.heard[0]["headers"])
        assert headers == {b"content-type": MEDIA_TYPE.encode()}
        streams.wake("another")
        streams.wake("desk")
        await listener.hears(CHANGED)
        assert not any(message.get("body") == CHANGED for message in listener.heard)
        listener.goes.set()
        await asyncio.wait_for(task, FAR)
        assert len(streams) == 0

    asyncio.run(story())


def test_changes_from_another_thread_arrive_and_a_quiet_stream_shows_that_it_lives():
    async def story():
        streams = Streams(StreamLimits(pause_seconds=0, beat_seconds=0.01))
        listener, task = await begin(Front(following, streams=streams))
        await listener.hears(b":\n\n")
        await asyncio.to_thread(streams.wake, "desk")
        await listener.hears(CHANGED)
        listener.goes.set()
        await asyncio.wait_for(task, FAR)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("limits", "second", "status"),
    [
        (StreamLimits(most_each=1), "/someone", 204),
        (StreamLimits(most_each=1), "/another", 200),
        (StreamLimits(most=1), "/another", 204),
    ],
)
def test_streams_of_one_person_and_of_all_are_bounded(limits, second, status):
    async def story():
        streams = Streams(limits)
        front = Front(following, streams=streams)
        first, task = await begin(front)
        other, refused = await begin(front, second)
        assert (first.status, other.status) == (200, status)
        for listener in (first, other):
            listener.goes.set()
        await asyncio.wait_for(asyncio.gather(task, refused), FAR)
        again, task = await begin(front, second)
        assert again.status == 200
        again.goes.set()
        await asyncio.wait_for(task, FAR)

    asyncio.run(story())


def test_a_stream_ends_by_itself_so_that_somebody_looks_again_who_that_is():
    async def story():
        front = Front(following, streams=Streams(StreamLimits(longest_seconds=0.01)))
        listener, task = await begin(front)
        await asyncio.wait_for(task, FAR)
        assert listener.heard[-1] == {"type": "http.response.body", "body": b""}

    asyncio.run(story())


def test_looking_at_its_headers_opens_no_stream():
    async def story():
        listener, task = await begin(Front(following, streams=Streams()), method="HEAD")
        await asyncio.wait_for(task, FAR)
        assert dict(listener.heard[0]["headers"]) == {b"content-type": MEDIA_TYPE.encode()}

    asyncio.run(story())


SERVED = """
import multiprocessing
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from gateway.http.front import Front, Limits
from gateway.http.streams import FOLLOWER, TOPIC, StreamLimits, Streams

def pages(environ, start_response):
    follows = [(TOPIC, "desk"), (FOLLOWER, environ["PATH_INFO"])] if environ["PATH_INFO"] != "/contact" else []
    start_response("200 OK", [("Content-Type", "text/event-stream" if follows else "text/html"), *follows])
    return [b"page</html>"]

served = Front(pages, Limits(threads=2), streams=Streams(StreamLimits(most=150)))
if __name__ == "__main__":
    multiprocessing.set_start_method("spawn", force=True)
    Granian("served:served", address="127.0.0.1", port=PORT, interface=Interfaces.ASGINL, http=HTTPModes.http1,
            workers=1, workers_kill_timeout=300, websockets=False).serve()
"""


@pytest.mark.stack
def test_many_streams_stop_no_page_and_do_not_hold_up_a_stop(tmp_path):
    port = free_port()
    (tmp_path / "served.py").write_text(SERVED.replace("PORT", str(port)))
    process = subprocess.Popen([sys.executable, "served.py"], cwd=tmp_path, env=os.environ)
    try:
        held = []
        for number in range(160):
            connection = connected(process, port)
            connection.sendall(f"GET /agent{number} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert connection.recv(65536)
            held.append(connection)
        assert page(port) == (200, b"page</html>")
        assert all(is_open(connection) for connection in held[:150])
        process.send_signal(signal.SIGTERM)
        # Without an end of the streams the stop would wait for five minutes.
        assert process.wait(120) == 0
    finally:
        for connection in held:
            connection.close()
        process.kill()


def connected(process, port):
    while True:
        assert process.poll() is None
        try:
            connection = socket.create_connection(("127.0.0.1", port), 60)
        except OSError:
            time.sleep(0.05)
        else:
            connection.settimeout(60)
            return connection
