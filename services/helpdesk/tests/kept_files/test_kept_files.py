"""Files for an answer: kept once, sent with it, opened by both sides, and never lost or left behind."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from helpdesk.file_checks.adapters import Scanner
from helpdesk.inbound.rescanning import Rescanner
from helpdesk.kept_files import actions, rules
from helpdesk.kept_files.rules import FilesEnough, require_room
from helpdesk.recording.actions import record_inbound
from helpdesk.retention import RULES
from mtnet_chassis.data import retention
from mtnet_chassis.data.files import Files
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import NOW, an_actor, an_inbound
from ..clamd import EICAR

SERVICES = ("helpdesk",)
PDF = b"%PDF-1.7 a form"


@pytest.fixture
def files(tmp_path):
    return Files((tmp_path / "files").as_uri())


@pytest.fixture
def desk(asking, transactions, rows, files):
    return KeepingDesk(asking, transactions, rows, files)


class KeepingDesk:
    """A ticket of somebody new, an agent, and the store that gateway and helpdesk share."""

    def __init__(self, asking, transactions, rows, files):
        self.asking, self.transactions, self.rows, self.files = asking, transactions, rows, files
        self.agent = an_actor()
        with transactions.transaction() as tx:
            inbound = an_inbound(address=f"{uuid4().hex}@example.com", received_at=NOW)
            opened = record_inbound(tx, Outbox(tx), inbound, NOW)
        self.ticket_id, self.number = str(opened.ticket_id), opened.number
        self.link = self.rows("SELECT link_token FROM ticket WHERE ticket_id = %s", opened.ticket_id)[0][0]

    def upload(self, content=PDF, filename="操作說明.pdf"):
        key = f"uploads/{uuid4()}"
        self.files.put(key, content)
        return {"upload_key": key, "filename": filename, "sha256": hashlib.sha256(content).hexdigest()}

    def keep(self, *uploads, of=None, **more):
        asked = {"ticket_id": self.ticket_id, "uploads": list(uploads or [self.upload()])} | more
        return self.asking("keep_files", of=of or self.agent, **asked)["files"]

    def keep_by_link(self, *uploads):
        asked = {"link_token": self.link, "uploads": list(uploads or [self.upload()])}
        return self.asking("keep_files_by_link", **asked)["files"]

    def answer(self, *file_ids, of=None, **more):
        version = self.asking("ticket", of=self.agent, number=self.number)["version"]
        asked = {
            "ticket_id": self.ticket_id,
            "version": version,
            "text": "請見附件",
            "file_ids": list(file_ids),
        }
        return self.asking("answer_ticket", of=of or self.agent, **asked | more)

    def seen_by_agent(self):
        return self.asking("ticket", of=self.agent, number=self.number)["entries"][-1]["attachments"]

    def seen_by_person(self):
        return self.asking("follow_ticket", link_token=self.link)["entries"][-1]["attachments"]

    def opened_by_person(self, attachment_id, link=None):
        found = self.asking("followed_file", link_token=link or self.link, attachment_id=attachment_id)
        return self.files.get(found["key"])


def refusal(call, *arguments, **more):
    with pytest.raises(Refused) as refused:
        call(*arguments, **more)
    return refused.value.code, refused.value.detail.get("filename")


def test_a_file_goes_with_the_answer_and_both_sides_open_it(desk):
    (kept,) = desk.keep()
    desk.answer(kept["file_id"])
    for seen in (desk.seen_by_agent(), desk.seen_by_person()):
        assert [(each["attachment_id"], each["filename"]) for each in seen] == [
            (kept["file_id"], "操作說明.pdf")
        ]
    assert desk.opened_by_person(kept["file_id"]) == PDF
    opened = desk.asking("ticket_file", of=desk.agent, attachment_id=kept["file_id"])
    assert (desk.files.get(opened["key"]), opened["media_type"]) == (PDF, "application/pdf")
    ((event,),) = desk.rows(
        "SELECT payload::jsonb FROM outbox WHERE name = 'TicketAnswered' AND payload::jsonb ->> 'number' = %s",
        desk.number,
    )
    assert event["files"] == [
        {"name": "操作說明.pdf", "link": f"/contact/{desk.link}/files/{kept['file_id']}"}
    ]


def test_a_file_by_the_link_stands_in_the_thread_of_both(desk):
    (kept,) = desk.keep_by_link(desk.upload(b"\x89PNG\r\n\x1a\n1", "畫面.png"))
    asked = {"link_token": desk.link, "text": "如圖", "file_ids": [kept["file_id"]]}
    shown = desk.asking("answer_by_link", **asked)["entries"][-1]
    assert (shown["mine"], shown["files"]) == (True, ["畫面.png"])
    assert desk.seen_by_agent()[0]["media_type"] == "image/png"
    assert desk.opened_by_person(kept["file_id"]).startswith(b"\x89PNG")


def test_a_second_press_keeps_and_sends_once(desk):
    once = [desk.keep(desk.upload(), form_key="one") for _ in range(2)]
    assert once[0] == once[1]
    assert desk.keep(desk.upload(), form_key="two") != once[0]
    file_id = once[0][0]["file_id"]
    asked = {"key": "k" * 20, "version": desk.asking("ticket", of=desk.agent, number=desk.number)["version"]}
    assert desk.answer(file_id, **asked) == desk.answer(file_id, **asked)
    assert desk.keep(desk.upload(), form_key="one") == once[0], "also once it was sent"
    assert len(desk.seen_by_agent()) == 1


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"", "空白.pdf", "FILE_EMPTY"),
        (b"MZ\x90", "程式.exe", "FILE_KIND"),
        (b"<script>", "頁面.html", "FILE_KIND"),
        (b"not what it says", "圖.png", "FILE_KIND"),
        (b"%PDF-" + b"0" * 100, "大.pdf", "FILE_TOO_LARGE"),
    ],
)
def test_what_cannot_be_sent_is_named_and_nothing_of_it_is_kept(desk, monkeypatch, content, filename, code):
    monkeypatch.setattr(actions, "LARGEST_FILE_BYTES", 100)
    for keep in (desk.keep, desk.keep_by_link):
        assert refusal(keep, desk.upload(), desk.upload(content, filename)) == (code, filename)
    assert desk.rows("SELECT count(*) FROM kept_file WHERE ticket_id = %s", desk.ticket_id) == [(0,)]
    gone = {"upload_key": "uploads/gone", "filename": "a.pdf", "sha256": "0" * 64}
    assert refusal(desk.keep, gone) == ("FILE_MISSING", "a.pdf")


def test_nobody_sends_what_is_not_theirs_or_was_sent_before(desk, asking, transactions, rows, files):
    other = KeepingDesk(asking, transactions, rows, files)
    (kept,) = desk.keep()
    (by_link,) = desk.keep_by_link()
    assert refusal(desk.answer, kept["file_id"], of=an_actor())[0] == "FILES_GONE"
    assert refusal(desk.answer, by_link["file_id"])[0] == "FILES_GONE"
    assert refusal(other.answer, kept["file_id"], of=desk.agent)[0] == "FILES_GONE"
    theirs = {"link_token": other.link, "text": "x", "file_ids": [by_link["file_id"]]}
    assert refusal(desk.asking, "answer_by_link", **theirs)[0] == "FILES_GONE"
    assert desk.rows(
        "SELECT count(*) FROM entry WHERE ticket_id = %s AND kind = 'answer'", desk.ticket_id
    ) == [(0,)]
    desk.answer(kept["file_id"])
    assert refusal(desk.answer, kept["file_id"])[0] == "FILES_GONE"


def test_by_a_link_nobody_opens_what_belongs_elsewhere_or_was_not_answered(
    desk, asking, transactions, rows, files
):
    other = KeepingDesk(asking, transactions, rows, files)
    (kept,), (waiting,) = desk.keep(), desk.keep()
    desk.answer(kept["file_id"])
    for link, file_id in ((other.link, kept["file_id"]), (desk.link, waiting["file_id"])):
        assert refusal(desk.opened_by_person, file_id, link=link)[0] == "FILE_MISSING"
    desk.rows(
        "UPDATE entry SET kind = 'note' WHERE ticket_id = %s AND kind = 'answer' RETURNING 1", desk.ticket_id
    )
    assert refusal(desk.opened_by_person, kept["file_id"])[0] == "FILE_MISSING"


def test_an_infected_file_is_refused(desk, clamd, monkeypatch):
    monkeypatch.setenv("HELPDESK_CLAMAV", clamd.url)
    (kept,) = desk.keep()
    assert kept["held_back"] == ""
    assert refusal(desk.keep, desk.upload(EICAR, "b.txt")) == ("FILE_INFECTED", "b.txt")


@pytest.mark.parametrize(("content", "later"), [(PDF, ""), (EICAR + b" %PDF", "infected")])
def test_what_nobody_could_look_at_is_sent_and_opens_once_somebody_has(
    desk, clamd, monkeypatch, content, later
):
    monkeypatch.setenv("HELPDESK_CLAMAV", "tcp://127.0.0.1:9")
    (kept,) = desk.keep(desk.upload(content, "a.txt" if later else "a.pdf"))
    assert kept["held_back"] == "not_scanned"
    desk.answer(kept["file_id"])
    assert refusal(desk.opened_by_person, kept["file_id"])[0] == "FILE_MISSING"
    while Rescanner(desk.transactions, desk.files, Scanner(clamd.url)).work(NOW):
        pass
    assert desk.seen_by_person()[0]["held_back"] == later
    if not later:
        assert desk.opened_by_person(kept["file_id"]) == content


def test_an_answer_that_is_refused_leaves_its_files_for_the_next_try(desk):
    (kept,) = desk.keep()
    assert refusal(desk.answer, kept["file_id"], version=0)[0] == "TICKET_CHANGED"
    desk.answer(kept["file_id"])
    assert len(desk.seen_by_person()) == 1


def test_what_was_never_sent_is_forgotten_with_its_bytes_and_what_was_sent_stays(desk):
    (sent,), (waiting,) = desk.keep(), desk.keep()
    desk.answer(sent["file_id"])
    keys = {file_id: f"helpdesk/answers/{file_id}" for file_id in (sent["file_id"], waiting["file_id"])}
    desk.rows("UPDATE kept_file SET kept_at = %s RETURNING 1", NOW - timedelta(days=2))
    of_kept = [rule for rule in RULES if rule.table == "kept_file"]
    retention.apply(desk.transactions.transaction, of_kept, NOW)
    with desk.transactions.transaction() as tx:
        actions.delete_files_of_gone_rows(tx, desk.files)
    assert not desk.files.exists(keys[waiting["file_id"]])
    assert desk.opened_by_person(sent["file_id"]) == PDF
    assert desk.rows("SELECT count(*) FROM file_to_delete") == [(0,)]


def test_a_process_that_ends_before_the_bytes_are_stored_is_made_good_by_the_next_press(desk, monkeypatch):
    def ends(self, key, content):
        raise OSError("power")

    with monkeypatch.context() as without_power:
        without_power.setattr(Files, "put", ends)
        upload = {"upload_key": "uploads/1", "filename": "a.pdf", "sha256": "0" * 64}
        (desk.files._directory / "uploads").mkdir(exist_ok=True)
        (desk.files._directory / "uploads" / "1").write_bytes(PDF)
        with pytest.raises(OSError, match="power"):
            desk.keep(upload, form_key="one")
    assert desk.rows("SELECT stored FROM kept_file WHERE ticket_id = %s", desk.ticket_id) == [(False,)]
    (kept,) = desk.keep(upload, form_key="one")
    desk.answer(kept["file_id"])
    assert desk.opened_by_person(kept["file_id"]) == PDF


def test_nobody_fills_the_store(desk, monkeypatch):
    require_room((0, 0), [1] * rules.MOST_FILES_A_DAY)
    for before, sizes in (((rules.MOST_FILES_A_DAY, 0), [1]), ((1, rules.MOST_BYTES_A_DAY), [1])):
        with pytest.raises(FilesEnough):
            require_room(before, sizes)
    monkeypatch.setattr(rules, "MOST_FILES_A_DAY", 2)
    desk.keep_by_link()
    desk.keep_by_link()
    assert refusal(desk.keep_by_link)[0] == "FILES_ENOUGH"
    assert desk.keep(), "an agent's quota is the agent's own"


def test_a_closed_ticket_takes_no_files_by_its_link(desk):
    desk.rows(
        "UPDATE ticket SET state = 'closed', resolved_at = created_at, closed_at = created_at"
        " WHERE ticket_id = %s RETURNING 1",
        desk.ticket_id,
    )
    assert refusal(desk.keep_by_link)[0] == "TICKET_CLOSED"
    assert refusal(desk.keep, ticket_id=str(uuid4()))[0] == "TICKET_NOT_FOUND"
