"""The service starts, and its tables keep their rules."""

import pytest

SERVICES = ("helpdesk",)


def test_the_four_ways_in_of_the_handout_are_there_in_order(tx):
    assert tx.execute("SELECT channel, address FROM contact_channel ORDER BY position").fetchall() == [
        ("phone", "0800-022-120"),
        ("email", "service@mtnet.gov.tw"),
        ("fax", "02-8192-7019"),
        ("line", "@737qilqg"),
    ]


@pytest.mark.stack
def test_the_service_starts_and_says_that_it_is_ready(topology, run_process):
    running = run_process("serve", "helpdesk")
    assert running.get("/healthz")[0] == 200
    assert running.stop() == 0
