"""What people sent is opened by the desk alone, and nothing that is held back."""

from uuid import uuid4

import pytest
from helpdesk.file_checks.rules import FileMissing, StoredFile
from helpdesk.recording.actions import record_inbound
from helpdesk.ticket_files.rules import TicketFile
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import NOW, an_actor, an_inbound

SERVICES = ("helpdesk",)
FAX = TicketFile("helpdesk/inbound/1", "fax.tif", "image/tiff", 48_000, "", 2)


@pytest.mark.parametrize("page", [0, 3])
def test_a_page_that_is_none_is_missing(page):
    with pytest.raises(FileMissing):
        FAX.page_key(page)
    assert [FAX.page_key(number) for number in (1, 2)] == [
        "helpdesk/inbound/1-1.png",
        "helpdesk/inbound/1-2.png",
    ]


@pytest.fixture
def sent(transactions):
    """A fax of two pages, and a file that is held back."""
    fax = StoredFile(uuid4(), "傳真.tif", "image/tiff", 48_000, "0" * 64, "helpdesk/inbound/7", pages=2)
    macro = StoredFile(uuid4(), "macro.docm", "x", 10, "0" * 64, "helpdesk/inbound/8", "kind", 1)
    with transactions.transaction() as tx:
        record_inbound(
            tx, Outbox(tx), an_inbound(address=f"{uuid4()}@example.com", attachments=(fax, macro)), NOW
        )
    return fax.file_id, macro.file_id


def test_the_desk_opens_a_file_and_its_pages(asking, sent):
    fax, _ = sent
    found = asking("ticket_file", of=an_actor(), attachment_id=str(fax))
    assert (found["key"], found["filename"], found["media_type"]) == (
        "helpdesk/inbound/7",
        "傳真.tif",
        "image/tiff",
    )
    page = asking("ticket_file_page", of=an_actor(), attachment_id=str(fax), page=2)
    assert (page["key"], page["media_type"]) == ("helpdesk/inbound/7-2.png", "image/png")


def test_what_is_held_back_or_unknown_is_opened_by_nobody(asking, sent):
    _, macro = sent
    for file in (macro, uuid4()):
        with pytest.raises(Refused, match="FILE_MISSING"):
            asking("ticket_file", of=an_actor("helpdesk_administrator"), attachment_id=str(file))
        with pytest.raises(Refused, match="FILE_MISSING"):
            asking("ticket_file_page", of=an_actor(), attachment_id=str(file), page=1)


@pytest.mark.parametrize("call", ["ticket_file", "ticket_file_page"])
def test_files_are_for_the_desk(asking, sent, call):
    page = {"page": 1} if call.endswith("page") else {}
    with pytest.raises(Refused, match="NOT_ALLOWED"):
        asking(call, of=an_actor("operator"), attachment_id=str(sent[0]), **page)
    with pytest.raises(Refused, match="NOT_SIGNED_IN"):
        asking(call, attachment_id=str(sent[0]), **page)
