"""Passes: what accounts signs for the holder of an application, and what is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from ledger.service import call
from mtnet_chassis.rpc.actor import Actor, ActorNotValid, ActorSigner, ActorVerifier
from mtnet_chassis.rpc.endpoint import CONFIRMED_WITHIN, Anybody, Endpoint, Refused, caller_of
from mtnet_chassis.rpc.holder import PASS_LIFE, Holder, PassNotValid, PassSigner, PassVerifier

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER, VERIFIER = PassSigner(KEY.private_bytes_raw()), PassVerifier(KEY.public_key().public_bytes_raw())
ACTORS, ACTOR_VERIFIER = (
    ActorSigner(KEY.private_bytes_raw()),
    ActorVerifier(KEY.public_key().public_bytes_raw()),
)
# A whole run may come to these tests long after it has read them.
HOLDER = Holder(
    application_id=uuid4(),
    case_number="PTAPPLY936EC90162340",
    expires_at=datetime.now(UTC) + timedelta(hours=3),
)
ACTOR = Actor(
    account_id=uuid4(),
    account_name="member01",
    display_name="會員",
    roles=frozenset({"member"}),
    session_id=uuid4(),
    expires_at=HOLDER.expires_at,
)
WRITTEN = call("bookings")


class NoDatabase:
    def transaction(self):
        raise AssertionError("nobody got so far")


def answered(*, applicants=True, confirmed_within=None, **tokens):
    """What an endpoint for members makes of these tokens: who calls, by the name of the caller."""
    called_by = []
    made = Endpoint(
        WRITTEN,
        lambda service, actor, request: called_by.append(actor) or {"bookings": 0},
        transaction=False,
        roles={"member"},
        applicants=applicants,
    )
    body = tokens | {"request": {"account_id": str(uuid4()), "number": 1}}
    made.answer(None, body, database=NoDatabase(), verifier=ACTOR_VERIFIER)
    return caller_of(called_by[0])


def refused(**options):
    with pytest.raises(Refused) as problem:
        answered(**options)
    return problem.value.code


def test_a_pass_says_who_holds_the_application_for_two_minutes():
    shown = SIGNER.sign(HOLDER)
    assert VERIFIER.verify(shown) == HOLDER
    assert timedelta(minutes=2) == PASS_LIFE
    with pytest.raises(PassNotValid):
        VERIFIER.verify(shown, now=HOLDER.expires_at)


def test_a_pass_of_another_application_has_another_signature():
    _, _, signature = SIGNER.sign(HOLDER).partition(".")
    other, _, _ = SIGNER.sign(replace(HOLDER, application_id=uuid4())).partition(".")
    with pytest.raises(PassNotValid):
        VERIFIER.verify(f"{other}.{signature}")


def test_a_pass_signed_by_somebody_else_is_none():
    with pytest.raises(PassNotValid):
        VERIFIER.verify(PassSigner(Ed25519PrivateKey.generate().private_bytes_raw()).sign(HOLDER))


def test_an_actor_is_no_pass_and_a_pass_is_no_actor():
    with pytest.raises(PassNotValid):
        VERIFIER.verify(ACTORS.sign(ACTOR))
    with pytest.raises(ActorNotValid):
        ACTOR_VERIFIER.verify(SIGNER.sign(HOLDER))


def test_values_signed_for_a_pass_are_judged_even_where_the_signature_holds():
    from mtnet_chassis.rpc.signing import SIGNED_PASS, signed

    for values in ({}, {"application_id": "x"}, [], 7, {"application_id": str(uuid4()), "case_number": "P"}):
        with pytest.raises(PassNotValid):
            VERIFIER.verify(signed(KEY, SIGNED_PASS, values))


@given(st.text())
def test_no_text_makes_the_verifier_stumble(text):
    with pytest.raises(PassNotValid):
        VERIFIER.verify(text)


def test_an_endpoint_lets_applicants_in_where_it_says_so_and_nowhere_else():
    shown = SIGNER.sign(HOLDER)
    assert answered(**{"pass": shown}) == f"application:{HOLDER.application_id}"
    assert refused(applicants=False, **{"pass": shown}) == "NOT_SIGNED_IN"
    assert refused() == "NOT_SIGNED_IN"


def test_neither_token_is_taken_for_the_other_at_an_endpoint():
    assert refused(**{"pass": ACTORS.sign(ACTOR)}) == "NOT_SIGNED_IN"
    assert refused(actor=SIGNER.sign(HOLDER)) == "NOT_SIGNED_IN"
    late = replace(HOLDER, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert refused(**{"pass": SIGNER.sign(late)}) == "NOT_SIGNED_IN"


def test_whoever_is_logged_in_is_the_account_whatever_pass_they_show():
    both = {"pass": SIGNER.sign(HOLDER), "actor": ACTORS.sign(ACTOR)}
    assert answered(**both) == f"account:{ACTOR.account_id}"
    assert refused(**both | {"actor": "altered"}) == "NOT_SIGNED_IN"


def test_a_pass_is_for_calls_of_accounts_that_nobody_has_to_confirm():
    for wrong in ({"roles": ()}, {"roles": {"member"}, "confirmed_within": CONFIRMED_WITHIN}):
        with pytest.raises(TypeError, match="a pass is for"):
            Endpoint(WRITTEN, print, transaction=False, authorise=Anybody("a test"), applicants=True, **wrong)
