"""Work on documents cannot stop the portal: few places, one a source, so many a day, for people who can be reached."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from accounts.documents import actions as documents
from accounts.documents import pool as pool_module
from accounts.documents import rules
from accounts.documents.inspection import uploads
from accounts.documents.pool import MOST_WAITING, Busy, DocumentPool
from accounts.documents.worker import WorkerFailed, WorkerLate, work
from accounts.retention import RULES
from mtnet_chassis.data import retention
from mtnet_chassis.data.files import Files
from mtnet_chassis.runtime import child

from ..builders import Applying
from ..conftest import refusal

HERE, THERE, ELSEWHERE = "192.0.2.1", "192.0.2.2", "192.0.2.3"


@pytest.fixture(scope="module", autouse=True)
def _children_are_copies():
    """Not here."""


@pytest.fixture
def pool(tmp_path, monkeypatch):
    monkeypatch.setattr(pool_module, "WAIT_SECONDS", 0.1)
    return DocumentPool(tmp_path / "pool", 3)


def test_uploads_never_have_all_slots(pool):
    with pool.slot(HERE, upload=True), pool.slot(THERE, upload=True):
        with pytest.raises(Busy), pool.slot(ELSEWHERE, upload=True):
            pass
        with pool.slot(ELSEWHERE, upload=False):
            pass


def test_a_source_has_one_slot_for_uploads_and_others_get_theirs(pool):
    with pool.slot(HERE, upload=True):
        with pytest.raises(Busy), pool.slot(HERE, upload=True):
            pass
        with pool.slot(HERE, upload=False), pool.slot(THERE, upload=True):
            pass
    with pool.slot(HERE, upload=True):
        pass


def test_a_slot_that_becomes_free_is_taken_by_a_waiting_call(pool, monkeypatch):
    monkeypatch.setattr(pool_module, "WAIT_SECONDS", 60)
    held, release = threading.Event(), threading.Event()

    def hold():
        with pool.slot(HERE, upload=True):
            held.set()
            release.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    monkeypatch.setattr(pool_module.time, "sleep", lambda _: (release.set(), holder.join()))
    with pool.slot(HERE, upload=True):
        assert not holder.is_alive()


def test_few_wait_and_the_others_are_told_at_once(pool, monkeypatch):
    monkeypatch.setattr(pool_module, "_waiting", MOST_WAITING)
    monkeypatch.setattr(pool_module.time, "sleep", lambda _: pytest.fail("waited"))
    with pool.slot(HERE, upload=True), pytest.raises(Busy), pool.slot(HERE, upload=True):
        pass


def test_slots_are_shared_by_processes_and_free_again_when_one_is_killed(pool):
    script = (
        "import sys, time; from pathlib import Path; from accounts.documents.pool import DocumentPool\n"
        f"with DocumentPool(Path({str(pool.directory)!r}), 3).slot({HERE!r}, upload=True):\n"
        "    print('taken', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"taken\n"
        with pytest.raises(Busy), pool.slot(HERE, upload=True):
            pass
        other.kill()
        other.wait()
    with pool.slot(HERE, upload=True):
        pass


def test_what_a_killed_process_left_is_removed_after_an_hour(pool):
    with pool.slot(HERE, upload=True):
        old, young = pool.directory / "work-old", pool.directory / "work-young"
        for folder in (old, young):
            folder.mkdir()
            (folder / "upload").write_bytes(b"x")
        os.utime(old, (0, 0))
        pool.remove_left_behind()
    assert (old.exists(), young.exists()) == (False, True)


def test_a_worker_that_is_late_goes_with_all_it_started(monkeypatch, tmp_path):
    told = tmp_path / "child"
    script = tmp_path / "late.py"
    script.write_text(
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(told)!r} + '.part', 'w').write(str(child.pid))\n"
        f"os.rename({str(told)!r} + '.part', {str(told)!r})\n"
        "time.sleep(600)\n"
    )
    popen = subprocess.Popen

    class Late(popen):
        def __init__(self, command, **options):
            super().__init__([sys.executable, str(script)], **options)

        def wait(self, timeout=None):
            if timeout is not None:
                while not told.exists():
                    pass
                raise subprocess.TimeoutExpired(self.args, timeout)
            return super().wait()

    monkeypatch.setattr(child.subprocess, "Popen", Late)
    with pytest.raises(WorkerLate):
        work("upload", {}, b"x", directory=tmp_path)
    while is_alive(int(told.read_text())):
        time.sleep(0.02)


def is_alive(process):
    """Whether it runs; one that was killed and is not collected yet does not."""
    try:
        with open(f"/proc/{process}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except FileNotFoundError:
        return False


@pytest.mark.slow  # spends two seconds of a processor
def test_processor_time_and_memory_end():
    for program in ("while True: pass", "x = bytearray(10**10)"):
        limited = (
            "import resource; from accounts.documents import tasks; from pathlib import Path\n"
            "tasks.CPU_SECONDS = 1\n"
            "import accounts.documents.drawing.html as drawing\n"
            f"def drawn(html):\n    {program}\n"
            "drawing.drawn = drawn\n"
            "import tempfile; d = Path(tempfile.mkdtemp()); (d / 'request.json').write_text('{\"html\": \"\"}')\n"
            "tasks.main('document', d)"
        )
        done = subprocess.run([sys.executable, "-c", limited], capture_output=True, check=False)
        assert done.returncode in (-signal.SIGKILL, -signal.SIGXCPU) or b"MemoryError" in done.stderr


stack = pytest.mark.stack


def an_upload(content=b"no form"):
    from accounts.settings import settings

    key = f"uploads/{uuid4()}"
    Files(settings().files_url).put(key, content)
    return {"upload_key": key, "filename": "form.pdf"}


@pytest.fixture
def drawn(monkeypatch):
    """Forms that are drawn at once."""
    monkeypatch.setattr(documents, "form_pdf", lambda *_, **__: b"%PDF-")


@stack
def test_nobody_without_a_proved_contact_has_a_form_drawn_or_a_file_looked_at(ask, notify, rows, drawn):
    draft = Applying(ask, notify, "company")
    draft.fill_in()
    assert refusal(draft, "generate_form").code == "CONTACT_NOT_VERIFIED"
    assert refusal(draft, "attach_form", **an_upload()).code == "CONTACT_NOT_VERIFIED"
    assert rows("SELECT count(*) FROM document_work WHERE application_id = %s", draft.application_id) == [
        (0,)
    ]
    draft.prove_contacts()
    assert draft("generate_form")["size_bytes"] == 5
    assert refusal(draft, "attach_form", **an_upload()).code == "FILE_TYPE"
    # Changed, it is another contact, and nobody has proved it.
    rows("UPDATE contact SET verified_at = NULL WHERE application_id = %s", draft.application_id)
    assert refusal(draft, "generate_form").code == "CONTACT_NOT_VERIFIED"


@stack
def test_a_draft_has_so_many_documents_a_day(ask, notify, rows, drawn, monkeypatch):
    monkeypatch.setattr(rules, "MOST_WORK_A_DAY", 3)
    draft, other = (Applying(ask, notify, "company") for _ in range(2))
    for one in (draft, other):
        one.fill_in()
        one.prove_contacts()
    draft("generate_form", ip=HERE)
    for _ in range(2):
        assert refusal(draft, "attach_form", ip=THERE, **an_upload()).code == "FILE_TYPE"
    assert refusal(draft, "attach_form", ip=THERE, **an_upload()).code == "TOO_MANY_DOCUMENTS"
    assert refusal(draft, "generate_form", ip=ELSEWHERE).code == "TOO_MANY_DOCUMENTS"
    other("generate_form", ip=THERE)
    rows("UPDATE document_work SET at = at - interval '1 day'")
    draft("generate_form", ip=THERE)


@stack
def test_a_source_has_so_many_documents_a_day_over_all_its_drafts(ask, notify, rows, drawn, monkeypatch):
    monkeypatch.setattr(rules, "MOST_WORK_OF_SOURCE_A_DAY", 2)
    rows("DELETE FROM document_work")
    drafts = [Applying(ask, notify, "company") for _ in range(3)]
    for one in drafts:
        one.fill_in()
        one.prove_contacts()
    drafts[0]("generate_form", ip="2001:db8::1")
    drafts[1]("generate_form", ip="2001:db8::2")
    assert refusal(drafts[2], "generate_form", ip="2001:db8::3").code == "TOO_MANY_DOCUMENTS"
    drafts[2]("generate_form", ip=HERE)


@stack
def test_a_full_house_says_come_again_and_counts_nothing(ask, notify, rows, told, drawn, monkeypatch):
    monkeypatch.setattr(pool_module, "WAIT_SECONDS", 0.1)
    draft = Applying(ask, notify, "company")
    draft.fill_in()
    draft.prove_contacts()
    house = pool_module.pool_for(told.files_url, told.document_slots)
    upload = an_upload()
    with house.slot(HERE, upload=True):
        assert refusal(draft, "attach_form", ip=HERE, **upload).code == "BUSY"
    assert not Files(told.files_url).exists(upload["upload_key"])
    assert rows("SELECT count(*) FROM document_work WHERE application_id = %s", draft.application_id) == [
        (0,)
    ]
    assert refusal(draft, "attach_form", ip=HERE, **an_upload()).code == "FILE_TYPE"


@stack
def test_a_worker_that_is_late_is_our_fault(ask, notify, drawn, monkeypatch):
    draft = Applying(ask, notify, "company")
    draft.fill_in()
    draft.prove_contacts()

    def late(*_, **__):
        raise WorkerLate

    monkeypatch.setattr(uploads, "clean_form", late)
    assert refusal(draft, "attach_form", **an_upload()).code == "BUSY"


@stack
def test_old_counts_are_forgotten(ask, notify, rows, told, transactions, drawn, tmp_path):
    draft = Applying(ask, notify, "company")
    draft.fill_in()
    draft.prove_contacts()
    draft("generate_form", ip=HERE)
    retention.apply(transactions.transaction, RULES, datetime.now(UTC) + timedelta(hours=25))
    assert rows("SELECT count(*) FROM document_work") == [(0,)]


@stack
def test_the_preview_is_the_first_page_in_colour(ask, notify, told):
    from io import BytesIO

    from PIL import Image

    draft = Applying(ask, notify, "company")
    draft.complete()
    shown = draft("own_form_preview")
    picture = Image.open(BytesIO(Files(told.files_url).get(shown["key"])))
    assert (picture.format, picture.mode, max(picture.size)) == ("JPEG", "RGB", 900)
    assert shown["size_bytes"] < 300_000
    draft("remove_form")
    assert refusal(draft, "own_form_preview").code == "FILE_MISSING"


def test_work_that_fails_is_no_late_one():
    with pytest.raises(WorkerFailed) as failed:
        work("nothing", {})
    assert not isinstance(failed.value, WorkerLate)
