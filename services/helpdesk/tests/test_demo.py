"""The demonstration: a desk that is alive, made once."""

from datetime import UTC, datetime

import pytest
from helpdesk.demo import PARTS
from helpdesk.demo.tickets import MATTERS, ROUNDS

from .builders import an_actor

SERVICES = ("helpdesk",)


@pytest.mark.parametrize("part", [name for name, _ in PARTS])
def test_what_is_there_is_not_made_again(transactions, part):
    put = dict(PARTS)[part]
    made = []
    for _ in range(2):
        with transactions.transaction() as tx:
            made.append(put(tx, datetime.now(UTC)))
    assert made[0] > 0
    assert made[1] == 0


def test_it_shows_every_state_and_sends_nothing(transactions, asking, rows):
    with transactions.transaction() as tx:
        for part in ("tickets", "reactivation cases"):
            dict(PARTS)[part](tx, datetime.now(UTC))
    assert rows("SELECT count(*) FROM outbox WHERE name = 'TicketAnswered'") == [(0,)]
    lines = asking("list_tickets", of=an_actor(), view="all", limit=100)["items"]
    # And the fax of the reactivation.
    assert len(lines) == ROUNDS * len(MATTERS) + 1
    assert {line["state"] for line in lines} >= {"new", "open", "waiting_customer", "resolved", "closed"}
