"""Send what is in an outbox, for tests that need it sent now."""

from __future__ import annotations

import threading
import time

import psycopg

from mtnet_chassis.events.relay import Relay


def drain(*, service: str, dsn: str, amqp_url: str, seconds: float = 30) -> int:
    """Send what is in the outbox now. Returns how many events that were. Raises TimeoutError."""
    relay = Relay(service=service, dsn=dsn, amqp_url=amqp_url)
    thread = threading.Thread(target=relay.run)
    thread.start()
    deadline = time.monotonic() + seconds
    try:
        with psycopg.connect(dsn, autocommit=True) as session:
            while session.execute("SELECT 1 FROM outbox LIMIT 1").fetchone():
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the outbox of {service} is not empty after {seconds} s")
                time.sleep(0.01)
    finally:
        relay.stop()
        thread.join()
    return relay.relayed
