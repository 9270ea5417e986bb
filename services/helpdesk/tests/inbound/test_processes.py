"""kill -9 of the helpdesk at every named point of inbound, between a real mail server and the database.

Nothing is lost, and nothing is there twice.
"""

import json
from dataclasses import replace

import pytest
from helpdesk.inbound.messages import LineMessageReceived
from mtnet_chassis.failpoints import POINTS_OF_INBOUND
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.examples import example_of

from .corpus import file_part, multipart, simple, text_part

SERVICES = ("helpdesk",)
pytestmark = pytest.mark.stack
MAILS = 12
ENTRIES = "SELECT count(*), count(DISTINCT item_id) FROM entry"


@pytest.fixture
def start(topology, run_process, dovecot, files, tmp_path):
    def start(**more):
        return run_process(
            "serve",
            "helpdesk",
            PORTAL_URL="https://portal.example",
            FILES_URL=(tmp_path / "store").as_uri(),
            HELPDESK_IMAP_URL=dovecot.url,
            HELPDESK_MAIL_ADDRESS="service@mtnet.example",
            **more,
        )

    return start


def mails():
    """One of them with a file that is too large for a row."""
    large = multipart(text_part(), file_part("a.pdf", b"%PDF-1.7" + b"x" * 200_000))
    return [large, *(simple(n, sender=f"clerk{n}@agency.example") for n in range(1, MAILS))]


IN_SHORT = ("inbound.after_store", "inbound.before_commit_of_record")


@pytest.mark.parametrize("point", POINTS_OF_INBOUND)
def test_nothing_is_lost_or_doubled_when_the_helpdesk_is_killed(start, dovecot, desk, long, point):
    if point not in IN_SHORT and not long:
        pytest.skip("in the long form")
    first = start(FAILPOINT=f"{point}:kill:1")
    dovecot.put(*mails())
    eventually(lambda: not first.alive, seconds=60)
    dovecot.put(*(simple(n, sender=f"clerk{n}@agency.example") for n in range(100, 100 + MAILS)))
    start()
    eventually(lambda: desk.rows(ENTRIES) == [(2 * MAILS, 2 * MAILS)], seconds=60)
    eventually(lambda: dovecot.mails(which="UNSEEN") == 0, seconds=30)
    assert set(desk.states()) == {"recorded"}
    assert len(desk.states()) == 2 * MAILS


def test_what_somebody_writes_in_line_is_an_entry_however_often_it_is_announced(
    start, topology, desk, publish
):
    start()
    event = replace(
        example_of(LineMessageReceived), event_id=new_event_id(), kind="text", text="請問進度？", file=None
    )
    for _ in range(2):
        publish(event)
        publish(replace(event, event_id=new_event_id()))
    publish(
        replace(
            event,
            event_id=new_event_id(),
            webhook_event_id="01JDK3Z7Q2M8W5T9X4B6C1N0RB",
            kind="sticker",
            text="",
        )
    )
    eventually(lambda: len(desk.entries()) == 2, seconds=30)
    assert [(channel, text) for channel, _, text, _ in desk.entries()] == [("line", event.text), ("line", "")]
    assert desk.problems() == ["line_sticker"]
    assert desk.rows("SELECT count(*) FROM ticket") == [(1,)]
    assert json.loads(desk.rows("SELECT raw FROM inbound_item")[0][0])["text"] == event.text
