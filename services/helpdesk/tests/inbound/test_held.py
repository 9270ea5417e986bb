"""What was held is shown with its addresses masked, let in once, or discarded: by a lead, or by a command."""

from uuid import uuid4

import pytest
from helpdesk.inbound import cli, rules
from helpdesk.inbound.rules import masked_addresses
from mtnet_chassis.rpc.endpoint import Refused

from .corpus import simple

SERVICES = ("helpdesk",)


@pytest.fixture
def held(desk, monkeypatch):
    """Of four mails of one sender two are held. Returns their ids, as they came."""
    monkeypatch.setattr(rules, "HELD_FROM", 2)
    desk.take_in(*(simple(n, sender="Loop <loop@agency.example>", subject=f"loop {n}") for n in range(4)))
    return [
        each
        for (each,) in desk.rows("SELECT item_id FROM inbound_item WHERE state = 'held' ORDER BY sequence")
    ]


def test_what_is_held_says_why_and_from_whom_without_saying_the_address(desk, held, asking, lead):
    found = asking("held_items", of=lead)
    assert [each["item_id"] for each in found["items"]] == [str(each) for each in held]
    assert found["next"] is None
    first = found["items"][0]
    assert (first["because"], first["subject"]) == ("sender", "loop 2")
    assert first["sender"] == "Loop <l•••@agency.example>"
    assert "loop@agency.example" not in str(found)
    assert {each["name"] for each in first["headers"]} >= {"From", "To", "Subject"}
    rest = asking("held_items", of=lead, after=desk.rows("SELECT max(sequence) FROM inbound_item")[0][0])
    assert rest["items"] == []


def test_one_is_let_in_and_one_discarded_on_record_and_once(desk, held, asking, lead):
    for item_id, decision in zip(held, ("release", "discard"), strict=True):
        asked = {"item_id": str(item_id), "decision": decision, "reason": "同事轉寄"}
        assert asking("decide_held_item", of=lead, key=str(uuid4()), **asked)["decision"] == decision
        with pytest.raises(Refused) as refused:
            asking("decide_held_item", of=lead, key=str(uuid4()), **asked | {"decision": "release"})
        assert refused.value.code == "HELD_ITEM_NOT_FOUND"
    desk.clock.passes(days=30)
    desk.understand()
    assert desk.states() == ["recorded", "recorded", "recorded", "discarded"]
    assert len(desk.entries()) == 3
    acts = desk.rows("SELECT payload::jsonb ->> 'action' FROM outbox WHERE name = 'DeskActed' ORDER BY 1")
    assert acts == [("discard_held_item",), ("release_held_item",)]
    decided = desk.rows("SELECT decided_by, decided_because FROM inbound_item WHERE decided_at IS NOT NULL")
    assert decided == [("客服人員", "同事轉寄")] * 2


def test_an_operator_does_the_same_by_a_command(desk, held, postgres_dsn, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", postgres_dsn)
    first, second = (str(each) for each in held)
    assert cli.main(["list"]) == 0
    listed = capsys.readouterr().out
    assert listed.count("too many of this sender") == 2
    assert cli.main(["show", first]) == 0
    assert "Subject: loop 2" in capsys.readouterr().out
    assert cli.main(["release", first, "--who", "operator1", "--reason", "written by hand"]) == 0
    assert cli.main(["discard", first, second, "--who", "operator1", "--reason", "a loop"]) == 1
    told = capsys.readouterr()
    assert f"{second} discarded" in told.out
    assert f"{first} is not held" in told.err
    with pytest.raises(SystemExit):
        cli.main(["release", second, "--who", "operator1", "--reason", " "])
    desk.clock.passes(days=30)
    desk.understand()
    assert desk.states() == ["recorded", "recorded", "recorded", "discarded"]


def test_what_was_forgotten_is_held_no_more(desk, held, asking, lead):
    with desk.database.transaction() as tx:
        tx.execute("UPDATE inbound_item SET raw = NULL WHERE item_id = %s", (held[0],))
    assert [each["item_id"] for each in asking("held_items", of=lead)["items"]] == [str(held[1])]
    with pytest.raises(Refused):
        asking("decide_held_item", of=lead, item_id=str(held[0]), decision="release", reason="x")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A <a@x.example>, b@y.example", "A <a•••@x.example>, b•••@y.example"),
        ("0912345678", "+886 9•• ••• 678"),
        ("U" + "4" * 32, "U444••••••444"),
        ("loop 12, 26 Nov 2026 09:00:00 +0800", "loop 12, 26 Nov 2026 09:00:00 +0800"),
    ],
)
def test_every_address_in_a_header_is_masked(text, shown):
    assert masked_addresses(text) == shown
