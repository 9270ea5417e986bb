"""A sender of a test: with a clock that the test moves, and a provider that answers what the test tells it."""

from dataclasses import replace
from uuid import uuid4

from mtnet_contracts.event import new_event_id
from notify.contact_points.rules import EMAIL
from notify.deliveries.rules import delivery_id_for
from notify.deliveries.sender import LARGEST_BATCH, ChannelState, Sender
from notify.messages.rules import message_id_for
from notify.providers.rules import RateLimit
from notify.templates.rules import Kind

from ..builders import LINKS, NOW, an_example


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class Provider:
    """Remembers what it was handed, and fails as it is told: once per entry, then never."""

    def __init__(self):
        self.handed = []
        self.failures = []
        self.refused = {}
        self.closed = 0

    def close(self):
        self.closed += 1

    def send(self, message):
        if refusal := self.refused.get(message.recipient):
            raise refusal
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        self.handed.append((message, message.details))
        return "250 OK"

    @property
    def kinds(self):
        return [delivery.kind for delivery, _ in self.handed]


def a_sender(transactions, clock, connection, unsealing_key, channel=EMAIL, state=None, **changes):
    """One that takes fifty at a time, unless told otherwise."""
    state = state or ChannelState(channel, LINKS, unsealing_key, RateLimit(1_000_000))
    sender_id = changes.pop("sender_id", uuid4())
    settings = {"jitter": lambda: 0.0, "sleep": lambda _: None, "batch": LARGEST_BATCH} | changes
    return Sender(state, connection, transactions.transaction, lambda: sender_id, clock, **settings)


def a_message(kind=Kind.ACCOUNT_FROZEN, channel=None, recipient=None, **changes):
    """To one address, on one channel: that of the example, if no other is asked for."""
    message, event_id = an_example(kind), new_event_id()
    named = (channel or message.named[0][0], recipient or message.named[0][1])
    return replace(
        message,
        event_id=event_id,
        message_id=message_id_for(event_id, kind, named[0]),
        named=(named,),
        **changes,
    )


def the_delivery(message):
    return delivery_id_for(message.message_id, *message.named[0])
