"""Thousands at a time: who is written to by one call is who routing says, and finds the text among their messages."""

from uuid import uuid4

import pytest
from notify.broadcasts import reaching
from notify.broadcasts.actions import Stores
from notify.broadcasts.rules import LAST_RETRY_AFTER
from notify.broadcasts.store import MANY, Member
from notify.channels.rules import Doubt
from notify.preferences import rules as preferences
from notify.providers import actions as providers
from notify.routing.rules import ON_PAPER_TOO

from ..builders import NOW
from .conftest import TEXTS, add_people
from .test_running import line_of, outcomes

OF_PEOPLE = (
    "SELECT m.person_id, m.details, m.template_version, d.channel, d.recipient, d.state, d.failure"
    " FROM message m JOIN delivery d USING (message_id) WHERE m.kind = 'broadcast' ORDER BY d.channel"
)


# Each is looked up by key, or the tables are read as a whole.
BOTH_WAYS = pytest.mark.parametrize("many", [MANY, 1])


@pytest.fixture
def run(runner, sender, clock):
    def run():
        for _ in range(20):
            runner.turn()
            while sender.send_one():
                pass
            runner.gather()
            clock.tick(1)

    return run


def change(rows, person_id, sql):
    rows(sql.replace("THIS", f"person_kind = 'account' AND person_id = '{person_id}'"))


# What may be true of somebody who chose LINE.
CHANGES = {
    "plain": "SELECT",
    "blocked us": "UPDATE contact_point SET unreachable_since = now() WHERE THIS AND channel = 'line'",
    "mail too": "UPDATE preference SET channels = '{line,email}' WHERE THIS",
    "fax for what it is not for": "UPDATE preference SET channels = '{line,fax}' WHERE THIS",
    "nothing": "UPDATE preference SET channels = '{}' WHERE THIS",
    "never chose": "DELETE FROM preference WHERE THIS",
    "unlinked": "DELETE FROM contact_point WHERE THIS AND channel = 'line'",
    "of another category": "UPDATE preference SET category = 'reminder' WHERE THIS",
    "forgotten": "UPDATE account_contact SET email = '' WHERE (SELECT 'THIS') = account_id::text",
    "suppressed": "INSERT INTO suppression (channel, address, masked, reason, code, note, since) SELECT 'line',"
    " lower(address), '', 'OPERATOR', '', '', now() FROM contact_point WHERE THIS AND channel = 'line'",
}


@BOTH_WAYS
@pytest.mark.parametrize("category", ["information", "legal"])
def test_who_is_taken_up_together_is_exactly_who_routing_sends_to_line_alone(
    empty, counted, rows, category, many, monkeypatch
):
    monkeypatch.setattr("notify.broadcasts.store.MANY", many)
    rows("TRUNCATE suppression")
    ids = add_people(empty, line=2 * len(CHANGES))
    for person_id, sql in zip(ids, list(CHANGES.values()) * 2, strict=True):
        if "account_id" in sql:
            rows("UPDATE account_contact SET email = '' WHERE account_id = %s", person_id)
        else:
            change(rows, person_id, sql)
    broadcast = counted(ids=ids, texts={"category": category})
    with empty.transaction() as tx:
        stores = Stores.of(tx)
        crowds = reaching.crowds_of(stores, broadcast, len(ids), {"line"}, {"line": 500})
        members = [
            Member(*row)
            for row in tx.execute("SELECT position, person_kind, person_id FROM broadcast_person").fetchall()
        ]
        reaches = reaching.reaches_of(tx, members, category, NOW)
    together = {
        (position, address)
        for _, crowd in crowds
        for position, address in zip(crowd.positions, crowd.addresses, strict=True)
    }
    alone = {
        (reach.position, reach.ways[0][1]) for reach in reaches if [way[0] for way in reach.ways] == ["line"]
    }
    assert together == alone
    assert len(alone) == (4 if category == "information" else 0)


@BOTH_WAYS
def test_accounts_with_one_line_user_are_not_taken_up_together(empty, counted, rows, many, monkeypatch):
    monkeypatch.setattr("notify.broadcasts.store.MANY", many)
    one, other, alone = ids = add_people(empty, line=3)
    rows(
        "UPDATE contact_point SET address = %s WHERE person_id = %s AND channel = 'line'",
        line_of(one).swapcase(),
        other,
    )
    broadcast = counted(ids=ids)
    with empty.transaction() as tx:
        crowds = reaching.crowds_of(Stores.of(tx), broadcast, 3, {"line"}, {"line": 500})
        nested_loops = tx.execute("SHOW enable_nestloop").fetchone()
    assert [crowd.addresses for _, crowd in crowds] == [[line_of(alone)]]
    assert nested_loops == ("on",), "what follows in the transaction is planned as ever"


def test_only_what_is_a_choice_leaves_one_channel_alone():
    information, legal, _, reminder = (
        preferences.Category(c) for c in ("information", "legal", "security", "reminder")
    )
    assert preferences.not_beside(information, "line", ON_PAPER_TOO) == {"email"}
    assert preferences.not_beside(reminder, "line", ON_PAPER_TOO) == {"email", "fax"}
    assert preferences.not_beside(legal, "line", ON_PAPER_TOO) is None, "mail is always on"
    assert preferences.not_beside(information, "email", ON_PAPER_TOO) is None, "it holds without a choice"
    assert preferences.not_beside(information, "fax", ON_PAPER_TOO) is None, "nobody can choose it"


def test_everybody_finds_the_text_among_their_messages(empty, started, run, provider, rows):
    ids = add_people(empty, line=501)
    rows("UPDATE preference SET channels = '{line,email}' WHERE person_id = %s", ids[0])
    started(ids=ids)
    run()
    found = rows(OF_PEOPLE)
    assert {each[0] for each in found} == set(ids)
    (mailed,) = [each for each in found if each[3] == "email"]
    assert mailed[0] == ids[0]
    told = {
        person: (recipient, state)
        for person, _, _, channel, recipient, state, _ in found
        if channel == "line"
    }
    assert told == {each: (line_of(each), "delivered") for each in ids}
    details = {"name": "王小明", "title": TEXTS["title_zh"], "words": TEXTS["body_zh"]}
    assert all(each[1] == details for each in found)
    assert rows("SELECT count(*) FROM message WHERE kind = 'broadcast'") == [(501,)], (
        "one for each, by both channels"
    )


def test_calls_come_first_and_messages_after_them(started, runner, sender, rows, clock):
    broadcast = started(line=1_000)
    while runner.turn():
        pass
    assert sender.send_one()
    runner.gather()
    assert rows("SELECT count(*) FROM message") == [(0,)], "another call waits"
    clock.tick(6)
    runner.gather()
    assert rows("SELECT count(*) FROM message") == [(500,)], "but not for ever"
    assert sender.send_one()
    runner.gather()
    assert rows("SELECT count(*) FROM message") == [(1_000,)]
    assert rows("SELECT state FROM broadcast WHERE broadcast_id = %s", broadcast.broadcast_id) == [
        ("finished",)
    ]


def test_what_perhaps_arrived_is_shown_as_given_up(started, runner, sender, provider, rows, clock):
    started(line=2)
    runner.turn()
    rows("UPDATE broadcast_chunk SET first_tried_at = %s", clock() - LAST_RETRY_AFTER)
    provider.failures = [Doubt("ReadTimeout", None)]
    assert sender.send_one()
    runner.gather()
    assert [each[5:] for each in rows(OF_PEOPLE)] == [("failed", "GAVE_UP")] * 2


@pytest.mark.parametrize("apart", [False, True])
def test_two_accounts_with_one_line_user_get_it_once(empty, started, run, provider, rows, look, apart):
    ids = add_people(empty, line=3)
    rows(
        "UPDATE contact_point SET address = %s WHERE channel = 'line' AND person_id = %s",
        line_of(ids[0]),
        ids[1],
    )
    broadcast = started(ids=ids, per_second=2 if apart else None)
    run()
    assert sorted(provider.reached) == sorted([line_of(ids[0]), line_of(ids[2])])
    assert outcomes(look(broadcast.broadcast_id)) == {
        ("line", "delivered", ""): 2,
        (None, "unreached", "SAME_ADDRESS"): 1,
    }
    assert rows("SELECT no_delivery_reason FROM message WHERE no_delivery_reason IS NOT NULL") == [
        ("SAME_ADDRESS",)
    ]


def test_an_operators_text_is_what_line_gets_and_what_a_further_try_gets(
    empty, started, runner, sender, provider, rows
):
    def publish(version, words):
        rows(
            "INSERT INTO template_version (version, kind, locale, release_version, parts, reason, author_id, author,"
            " published_at) VALUES (%s, 'broadcast', 'zh-Hant', 1, jsonb_build_object('line', %s::text), '', %s, '',"
            " now())",
            *(version, words, uuid4()),
        )
        rows(
            "INSERT INTO template_in_use VALUES ('broadcast', 'zh-Hant', %s, 1)"
            " ON CONFLICT (kind, locale) DO UPDATE SET version = EXCLUDED.version",
            version,
        )

    rows("DELETE FROM template_in_use")
    number = rows("SELECT nextval('template_version_number')")[0][0]
    try:
        publish(number, "航港局公告：{{ title }}")
        started(line=2)
        runner.turn()
        publish(rows("SELECT nextval('template_version_number')")[0][0], "另一種寫法：{{ title }}")
        provider.failures = [Doubt("cut", None)]
        sender.send_one()
        sender.clock.tick(2)
        sender.send_one()
        assert [text for _, _, text, _ in provider.calls] == ["航港局公告：系統維護"] * 2
        runner.gather()
        assert {each[2] for each in rows(OF_PEOPLE)} == {number}, "and what people find is the same"
    finally:
        rows("DELETE FROM template_in_use")


def test_a_paused_provider_gets_no_chunk(empty, started, runner, sender, provider, clock):
    started(line=2)
    runner.turn()
    with empty.transaction() as tx:
        providers.pause(tx, "line", "operator1", "LINE 維護", clock())
    assert not sender.send_one()
    with empty.transaction() as tx:
        providers.resume(tx, "line")
    assert sender.send_one()
    assert len(provider.reached) == 2
