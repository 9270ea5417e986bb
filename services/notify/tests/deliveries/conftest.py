"""Messages that are written down, and what is left of them."""

import pytest
import structlog.testing
from mtnet_chassis.testing.emptying import emptying
from notify.messages.actions import write_messages

from ..builders import NOW
from .senders import Clock, Provider, a_sender


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def empty(transactions):
    with transactions.transaction() as tx:
        tx.execute(
            emptying(
                "message", "provider", "delivery_count", "outbox", "application_contact", "account_contact"
            )
        )
    return transactions


@pytest.fixture
def sender(empty, clock, provider, unsealing_key):
    return a_sender(empty, clock, provider, unsealing_key)


@pytest.fixture
def capture_logs():
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
def write(empty):
    def write(*messages, at=NOW):
        with empty.transaction() as tx:
            write_messages(tx, messages, at)
        return messages[0]

    return write


@pytest.fixture
def rows(empty):
    def rows(sql, *values):
        with empty.transaction() as tx:
            return tx.execute(sql, values).fetchall()

    return rows
