"""Passes of downstream systems: what accounts signs for a client, and which endpoints let it in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from ledger.service import call
from mtnet_chassis.rpc.actor import Actor, ActorSigner, ActorVerifier
from mtnet_chassis.rpc.client import (
    CLIENT_PASS_LIFE,
    Client,
    ClientPassNotValid,
    ClientPassSigner,
    ClientPassVerifier,
    client_caller,
)
from mtnet_chassis.rpc.endpoint import Endpoint, Refused
from mtnet_chassis.rpc.holder import Holder, PassSigner
from mtnet_chassis.rpc.signing import SIGNED_CLIENT, signed

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = ClientPassSigner(KEY.private_bytes_raw())
VERIFIER = ActorVerifier(KEY.public_key().public_bytes_raw())
CLIENT = Client(
    subscriber_id=uuid4(),
    name="vessels",
    system="vessels",
    scopes=frozenset({"accounts.read"}),
    ip="192.0.2.7",
    expires_at=datetime.now(UTC) + timedelta(hours=3),
)
LOOKED = call("bookings")


class NoDatabase:
    def transaction(self):
        raise AssertionError("nobody got so far")


def answered(scope="accounts.read", roles=(), **tokens):
    called_by = []
    made = Endpoint(
        LOOKED,
        lambda service, client, request: called_by.append(client) or {"bookings": 0},
        transaction=False,
        scope=scope,
        roles=roles,
    )
    body = tokens | {"request": {"account_id": str(uuid4()), "number": 1}}
    made.answer(None, body, database=NoDatabase(), verifier=VERIFIER)
    return called_by[0]


def refused(**options):
    with pytest.raises(Refused) as problem:
        answered(**options)
    return problem.value.code


def test_a_pass_says_who_the_client_is_for_two_minutes():
    shown = SIGNER.sign(CLIENT)
    assert VERIFIER.clients.verify(shown) == CLIENT
    assert timedelta(minutes=2) == CLIENT_PASS_LIFE
    with pytest.raises(ClientPassNotValid, match="expired"):
        VERIFIER.clients.verify(shown, now=CLIENT.expires_at)


@pytest.mark.parametrize("changed", [{"scopes": frozenset({"snapshots.read"})}, {"system": "crew"}])
def test_what_is_altered_is_not_believed(changed):
    _, _, signature = SIGNER.sign(CLIENT).partition(".")
    other, _, _ = SIGNER.sign(replace(CLIENT, **changed)).partition(".")
    with pytest.raises(ClientPassNotValid):
        VERIFIER.clients.verify(f"{other}.{signature}")


def test_values_that_make_no_client_are_judged_even_where_the_signature_holds():
    for values in ({}, [], 7, {"subscriber_id": "x"}, {"subscriber_id": str(uuid4()), "name": "v"}):
        with pytest.raises(ClientPassNotValid):
            VERIFIER.clients.verify(signed(KEY, SIGNED_CLIENT, values))


@given(st.text())
def test_no_text_makes_the_verifier_stumble(text):
    with pytest.raises(ClientPassNotValid):
        ClientPassVerifier(KEY.public_key().public_bytes_raw()).verify(text)


def test_an_endpoint_of_a_scope_lets_its_clients_in_and_nobody_else():
    shown = SIGNER.sign(CLIENT)
    assert answered(**{"pass": shown}) == CLIENT
    assert refused(scope="snapshots.read", **{"pass": shown}) == "NOT_ALLOWED"
    assert refused() == "NOT_SIGNED_IN"
    late = SIGNER.sign(replace(CLIENT, expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert refused(**{"pass": late}) == "NOT_SIGNED_IN"


def test_neither_an_actor_nor_an_applicant_is_a_client_nor_a_client_one_of_them():
    raw = KEY.private_bytes_raw()
    actor = Actor(
        account_id=uuid4(),
        account_name="operator01",
        display_name="值班",
        roles=frozenset({"operator"}),
        session_id=uuid4(),
        expires_at=CLIENT.expires_at,
    )
    holder = Holder(application_id=uuid4(), case_number="PTAPPLY1", expires_at=CLIENT.expires_at)
    signed_actor, shown = ActorSigner(raw).sign(actor), SIGNER.sign(CLIENT)
    assert refused(actor=signed_actor) == "NOT_SIGNED_IN"
    assert refused(**{"pass": signed_actor}) == "NOT_SIGNED_IN"
    assert refused(**{"pass": PassSigner(raw).sign(holder)}) == "NOT_SIGNED_IN"
    assert refused(scope=None, roles={"operator"}, actor=shown) == "NOT_SIGNED_IN"
    assert refused(scope=None, roles={"operator"}, **{"pass": shown}) == "NOT_SIGNED_IN"


def test_an_endpoint_is_for_people_or_for_systems():
    with pytest.raises(TypeError, match="either a person"):
        Endpoint(LOOKED, print, transaction=False, scope="accounts.read", roles={"operator"})


def test_a_client_is_named_for_what_it_writes():
    assert client_caller(None, None, CLIENT, {}) == f"client:{CLIENT.subscriber_id}"
