"""Events for review as the accounts relay would send them."""

import json
from base64 import b64encode

import pika
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mtnet_chassis.events.envelope import ATTEMPT, headers_for
from mtnet_chassis.rpc.actor import ActorSigner, ActorVerifier

ACTOR_KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def actor_signer():
    return ActorSigner(ACTOR_KEY.private_bytes_raw())


@pytest.fixture
def actor_verifier():
    return ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw())


@pytest.fixture
def running(topology, run_process):
    """Review as a process of its own, with everything it needs on the broker."""
    return run_process(
        "serve", "review", ACTOR_PUBLIC_KEY=b64encode(ACTOR_KEY.public_key().public_bytes_raw()).decode()
    )


@pytest.fixture
def publish(topology):
    """`publish(event, sequence)`; another `body` under its name; after `attempt` failures."""
    connection = pika.BlockingConnection(pika.URLParameters(topology.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()

    def publish(event, sequence, *, body=None, attempt=0):
        headers = headers_for(
            event_id=event.event_id,
            source=event.source,
            name=event.event_name(),
            aggregate=event.aggregate,
            subject=event.aggregate_id,
            sequence=sequence,
            occurred_at=event.occurred_at,
            traceparent=None,
        ) | {ATTEMPT: attempt}
        channel.basic_publish(
            f"{event.source}.events",
            event.event_name(),
            json.dumps(event.to_payload()).encode() if body is None else body,
            pika.BasicProperties(delivery_mode=2, content_type="application/json", headers=headers),
        )

    yield publish
    connection.close()
