"""Addresses that nothing is sent to: by bounces and operators, lifted by operators and owners."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mtnet_chassis.data import retention
from mtnet_chassis.rpc.actor import Actor, ActorSigner, ActorVerifier
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.runtime.services import entrypoints_of
from notify.retention import RULES
from notify.service import NotifyService
from notify.suppressions import actions
from notify.suppressions.rules import (
    SOFT_BOUNCES_COUNT_FOR,
    SOFT_BOUNCES_THAT_SUPPRESS,
    By,
    LiftedAlready,
    NoAddress,
    Reason,
    SuppressedAlready,
    SuppressionNotFound,
    checked_address,
    worn_out,
)

from ..builders import NOW, seconds

MAIL, OTHER = ("email", "clerk@carrier.example.com"), ("email", "other@carrier.example.com")
BY = By(uuid4(), "operator1")
EVERYTHING = {"address": None, "channel": None, "reason": None, "state": None, "before": None, "limit": 50}
stack = pytest.mark.stack


def bounced(tx, *addresses, reason=Reason.HARD_BOUNCE, at=NOW):
    return actions.suppress(tx, "email", [(address, "5.1.1") for address in addresses], reason, at)


@stack
class TestTheList:
    def test_what_is_on_it_is_told_from_what_is_not_whatever_its_spelling(self, tx):
        bounced(tx, "Clerk@Carrier.example.com ")
        asked = {("email", "CLERK@carrier.example.com"), OTHER, ("sms", MAIL[1])}
        assert actions.suppressed(tx, asked) == {("email", "CLERK@carrier.example.com")}
        assert actions.suppressed(tx, []) == frozenset()

    def test_an_address_that_comes_back_twice_has_one_entry(self, tx):
        assert len(bounced(tx, MAIL[1], MAIL[1].upper())) == 1
        assert bounced(tx, MAIL[1], at=NOW + seconds(1)) == []
        assert bounced(tx) == []
        (entry,), _ = actions.search(tx, **EVERYTHING)
        assert (entry.since, entry.code, entry.address) == (NOW, "5.1.1", "c•••@carrier.example.com")
        assert (entry.added_by, entry.lifted_at) == (None, None)

    def test_a_thousand_addresses_are_asked_for_at_once(self, tx):
        many = [f"clerk{n}@carrier.example.com" for n in range(1000)]
        assert len(bounced(tx, *many)) == 1000
        assert len(actions.suppressed(tx, {("email", each) for each in many})) == 1000

    def test_an_operator_puts_on_it_and_takes_off_it_with_a_reason(self, tx):
        entry = actions.suppress_by_operator(tx, "sms", "+886912345678", "打錯號碼", BY, NOW)
        assert (entry.reason, entry.note, entry.added_by) == ("operator", "打錯號碼", "operator1")
        with pytest.raises(SuppressedAlready):
            actions.suppress_by_operator(tx, "sms", "+886912345678", "再一次", BY, NOW)
        lifted = actions.lift(tx, entry.position, "號碼已更正", BY, NOW + seconds(1))
        assert (lifted.lifted_how, lifted.lifted_by, lifted.lifted_note) == (
            "operator",
            "operator1",
            "號碼已更正",
        )
        assert not actions.suppressed(tx, {("sms", "+886912345678")})
        with pytest.raises(LiftedAlready):
            actions.lift(tx, entry.position, "x", BY, NOW)
        with pytest.raises(SuppressionNotFound):
            actions.lift(tx, 2**40, "x", BY, NOW)
        again = actions.suppress_by_operator(tx, "sms", "+886912345678", "又打錯", BY, NOW)
        assert again.position > entry.position, "what was before is kept"

    def test_whoever_proves_an_address_takes_it_off(self, tx):
        bounced(tx, MAIL[1], OTHER[1])
        actions.lift_proved(tx, [("email", MAIL[1].title())], NOW + seconds(1))
        actions.lift_proved(tx, [], NOW)
        assert actions.suppressed(tx, {MAIL, OTHER}) == {OTHER}
        newest, _ = actions.search(tx, **EVERYTHING | {"state": "lifted"})
        assert [(e.lifted_how, e.lifted_by) for e in newest] == [("owner", None)]

    def test_but_not_with_a_proof_from_before_it_came_back(self, tx):
        bounced(tx, MAIL[1])
        actions.lift_proved(tx, [MAIL], NOW)
        assert actions.suppressed(tx, {MAIL}) == {MAIL}

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ({}, ["s", "t", "c"]),
            ({"address": "clerk@carrier.example.com"}, ["c"]),
            ({"address": "CLERK@carrier.example.com"}, ["c"]),
            ({"address": "@carrier.example.com"}, ["c"]),
            ({"address": "@carrier"}, []),
            ({"address": "%"}, []),
            ({"channel": "sms"}, ["s"]),
            ({"reason": "soft_bounces"}, ["t"]),
            ({"state": "lifted"}, ["t"]),
            ({"state": "active"}, ["s", "c"]),
        ],
    )
    def test_it_is_searched(self, tx, search, found):
        bounced(tx, MAIL[1])
        bounced(tx, "t@other.example", reason=Reason.SOFT_BOUNCES)
        actions.lift_proved(tx, [("email", "t@other.example")], NOW + seconds(1))
        actions.suppress_by_operator(tx, "sms", "+886912345678", "x", BY, NOW)
        entries, _ = actions.search(tx, **EVERYTHING | search)
        assert [e.address[0] if e.channel == "email" else "s" for e in entries] == found

    def test_it_is_read_page_by_page(self, tx):
        bounced(tx, *(f"clerk{n}@carrier.example.com" for n in range(5)))
        pages, before = [], None
        while True:
            entries, before = actions.search(tx, **EVERYTHING | {"limit": 2, "before": before})
            pages.append([entry.position for entry in entries])
            if before is None:
                break
        assert list(map(len, pages)) == [2, 2, 1]
        positions = [position for page in pages for position in page]
        assert positions == sorted(positions, reverse=True)

    def test_a_search_uses_an_index(self, tx):
        tx.execute("SET LOCAL enable_seqscan = off")
        for condition in (
            "address = 'a' AND channel = 'b' AND lifted_at IS NULL",
            "split_part(address, '@', 2) = 'a'",
        ):
            plan = str(tx.execute(f"EXPLAIN SELECT 1 FROM suppression WHERE {condition}").fetchall())
            assert "Index" in plan


@pytest.mark.parametrize(
    ("channel", "address", "good"),
    [
        ("email", " Clerk@Example.com", True), ("email", "clerk", False), ("email", "a b@c.d", False),
        ("email", "@example.com", False), ("sms", "+886912345678", True), ("sms", "", False),
        ("sms", "0912 345 678", False),
        ("email", "x" * 65 + "@example.com", False),
    ],
)  # fmt: skip
def test_only_an_address_can_be_put_on_the_list(channel, address, good):
    if good:
        assert checked_address(channel, address) == address.strip().lower()
    else:
        with pytest.raises(NoAddress):
            checked_address(channel, address)


def test_an_address_is_worn_out_by_so_many_soft_bounces_within_a_month():
    every_day = [NOW - timedelta(days=n) for n in range(SOFT_BOUNCES_THAT_SUPPRESS)]
    assert worn_out(every_day, NOW)
    assert not worn_out(every_day[1:], NOW)
    assert not worn_out([*every_day[1:], NOW - SOFT_BOUNCES_COUNT_FOR - seconds(1)], NOW)


@stack
def test_an_address_that_was_taken_off_is_forgotten_and_later_the_entry_too(transactions):
    now = datetime.now(UTC)
    with transactions.transaction() as tx:
        tx.execute("TRUNCATE suppression")
        bounced(tx, "a@b.example", "c@d.example", "e@f.example", at=now - timedelta(days=800))
        for address, days in (("a@b.example", 179), ("c@d.example", 181), ("e@f.example", 731)):
            actions.lift_proved(tx, [("email", address)], now - timedelta(days=days))
        bounced(tx, "g@h.example", at=now - timedelta(days=3000))
    retention.apply(transactions.transaction, RULES, now)
    with transactions.transaction() as tx:
        rows = tx.execute("SELECT address, masked FROM suppression ORDER BY position").fetchall()
        tx.execute("TRUNCATE suppression")
    assert rows == [
        ("a@b.example", "a•••@b.example"),
        (None, "c•••@d.example"),
        ("g@h.example", "g•••@h.example"),
    ]


KEY = Ed25519PrivateKey.generate()
ENDPOINTS = {
    e.endpoint.call.name: e.endpoint for e in entrypoints_of(NotifyService) if hasattr(e, "endpoint")
}


@stack
class TestCalls:
    @pytest.fixture
    def ask(self, transactions):
        actor = Actor(
            account_id=BY.account_id, account_name=BY.account_name, display_name="x", session_id=uuid4(),
            roles=frozenset({"operator"}), expires_at=datetime.now(UTC) + timedelta(minutes=2),
        )  # fmt: skip
        signed = ActorSigner(KEY.private_bytes_raw()).sign(actor)
        verifier = ActorVerifier(KEY.public_key().public_bytes_raw())

        def ask(name, key=None, **request):
            body = {"actor": signed, "idempotency_key": key, "request": request}
            return ENDPOINTS[name].answer(NotifyService(), body, database=transactions, verifier=verifier)

        with transactions.transaction() as tx:
            tx.execute("TRUNCATE suppression, outbox")
        return ask

    def test_an_entry_is_made_read_and_lifted(self, ask, transactions):
        made = ask("suppress", "key-1", channel="email", address="Clerk@example.com", note="退信")
        assert made == ask("suppress", "key-1", channel="email", address="Clerk@example.com", note="退信")
        assert (made["address"], made["reason"], made["added_by"]) == (
            "c•••@example.com",
            "operator",
            "operator1",
        )
        assert [e["position"] for e in ask("suppressions")["items"]] == [made["position"]]
        lifted = ask("lift_suppression", "key-2", position=made["position"], note="已修正")
        assert (lifted["lifted_how"], lifted["lifted_note"]) == ("operator", "已修正")
        with transactions.transaction() as tx:
            acts = tx.execute("SELECT payload FROM outbox WHERE name = 'OperatorActed'").fetchall()
        told = [json.loads(payload) for (payload,) in acts]
        assert [act["action"] for act in told] == ["address_suppressed", "suppression_lifted"], "once each"
        assert "Clerk" not in str(told)

    @pytest.mark.parametrize(
        ("request_", "code", "fields"),
        [
            ({"channel": "email", "address": "nobody", "note": "x"}, "INVALID", {"address": ["NOT_VALID"]}),
            (
                {"channel": "pigeon", "address": "a@b.c", "note": "x"},
                "INVALID",
                {"channel": ["NOT_A_CHOICE"]},
            ),
            ({"channel": "email", "address": "a@b.c", "note": " "}, "INVALID", {"note": ["REQUIRED"]}),
            ({"channel": "email", "address": "a@b.c", "note": "x" * 501}, "INVALID", {"note": ["TOO_LONG"]}),
        ],
    )
    def test_what_cannot_be_suppressed_is_refused_at_its_field(self, ask, request_, code, fields):
        with pytest.raises(Refused) as refused:
            ask("suppress", "key", **request_)
        assert (refused.value.code, refused.value.fields) == (code, fields)

    def test_a_second_entry_and_one_that_is_not_there_are_refused(self, ask):
        made = ask("suppress", "key-3", channel="email", address="a@b.example", note="x")
        with pytest.raises(Refused, match="SUPPRESSED_ALREADY"):
            ask("suppress", "key-4", channel="email", address="A@b.example", note="x")
        ask("lift_suppression", "key-5", position=made["position"], note="x")
        with pytest.raises(Refused, match="LIFTED_ALREADY"):
            ask("lift_suppression", "key-6", position=made["position"], note="x")
        with pytest.raises(Refused, match="SUPPRESSION_NOT_FOUND"):
            ask("lift_suppression", "key-7", position=made["position"] + 1, note="x")
