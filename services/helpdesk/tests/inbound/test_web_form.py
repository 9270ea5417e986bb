"""The form of the portal: kept, understood at once, once for the same words, and bounded for whoever sends too many."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from helpdesk.file_checks.rules import FileEmpty, FileMissing, FileTooLarge
from helpdesk.inbound.arriving import receive_form
from helpdesk.inbound.rules import (
    MOST_FORMS_OF_ONE_ADDRESS,
    MOST_FORMS_OF_ONE_SOURCE,
    FormsEnough,
    sender_key,
)
from mtnet_contracts.vocabulary.limits import LARGEST_FILE_BYTES

from .conftest import NOW

SERVICES = ("helpdesk",)


def a_form(**changes):
    return {
        "name": "承辦人", "email": "clerk@agency.example", "phone": "", "category": None, "subject": "無法登入",
        "text": "請協助", "locale": "zh-Hant", "uploads": [], "source": "192.0.2.7", "suspicious": False,
    } | changes  # fmt: skip


@pytest.fixture
def send(desk):
    return lambda at=NOW, **changes: receive_form(
        desk.database, desk.files, desk.reader, a_form(**changes), at
    )


def test_a_form_is_a_ticket_whose_number_and_link_its_sender_is_told(desk, send):
    told = send()
    assert desk.rows("SELECT number, link_token, channel, subject FROM ticket") == [
        (told["number"], told["link_token"], "web", "無法登入")
    ]
    assert desk.entries() == [("web", "clerk@agency.example", "請協助", False)]
    ((raw, state),) = desk.rows("SELECT raw, state FROM inbound_item")
    assert state == "recorded"
    assert "192.0.2.7" not in json.dumps(json.loads(raw)), "where it came from is kept as a digest"


def test_the_same_words_of_one_day_are_one_form_also_at_once(desk, send):
    told = []
    threads = [threading.Thread(target=lambda: told.append(send())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(told) == 4
    assert len({each["number"] for each in told}) == 1
    assert len(desk.entries()) == 1
    send(at=NOW + timedelta(days=1))
    assert len(desk.entries()) == 2


def test_the_same_files_under_other_keys_are_the_same_form_and_another_file_is_another(desk, files, send):
    def with_file(key, content):
        files.put(f"uploads/{key}", content)
        digest = hashlib.sha256(content).hexdigest()
        return send(uploads=[{"upload_key": f"uploads/{key}", "filename": f"{key}.pdf", "sha256": digest}])

    first = with_file("first", b"%PDF-1.7")
    files.delete("uploads/first")
    assert with_file("again", b"%PDF-1.7") == first
    assert [name for name, *_ in desk.files_of()] == ["first.pdf"]
    assert with_file("other", b"%PDF-1.7 other") != first


def test_the_day_is_that_of_taipei(desk, send):
    midnight_of_utc = datetime(2026, 11, 20, tzinfo=UTC)  # 08:00 in Taipei
    first = send(at=midnight_of_utc - timedelta(minutes=1))
    assert send(at=midnight_of_utc + timedelta(minutes=1)) == first
    assert send(at=midnight_of_utc + timedelta(hours=16)) != first


def test_one_that_was_kept_before_a_crash_is_understood_by_whoever_works_through_what_waits(
    desk, send, monkeypatch
):
    with monkeypatch.context() as crash:
        crash.setattr("helpdesk.inbound.arriving.record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send()
    desk.understand()
    assert len(desk.entries()) == 1
    send()
    assert len(desk.entries()) == 1


def test_an_upload_that_is_gone_by_then_is_named_and_the_words_come_in(desk, files, send, monkeypatch):
    files.put("uploads/1", b"%PDF-1.7")
    with monkeypatch.context() as crash:
        crash.setattr("helpdesk.inbound.arriving.record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(uploads=[{"upload_key": "uploads/1", "filename": "a.pdf", "sha256": "0" * 64}])
    files.delete("uploads/1")
    desk.understand()
    assert [(name, held_back) for name, _, held_back, _ in desk.files_of()] == [("a.pdf", "missing")]


def test_files_come_along(desk, files, send):
    files.put("uploads/1", b"%PDF-1.7")
    send(uploads=[{"upload_key": "uploads/1", "filename": "../表單.pdf", "sha256": "0" * 64}])
    assert desk.files_of() == [("表單.pdf", "application/pdf", "", 0)]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [(None, FileMissing), (b"", FileEmpty), (b"x" * (LARGEST_FILE_BYTES + 1), FileTooLarge)],
)
def test_a_file_that_is_none_is_said_and_nothing_kept(desk, files, send, content, refusal):
    if content is not None:
        files.put("uploads/1", content)
    with pytest.raises(refusal):
        send(uploads=[{"upload_key": "uploads/1", "filename": "a.pdf", "sha256": "0" * 64}])
    assert desk.states() == []


def test_one_address_and_one_source_send_so_many_within_an_hour(desk, send):
    for number in range(MOST_FORMS_OF_ONE_ADDRESS):
        send(text=f"{number}")
    with pytest.raises(FormsEnough):
        send(text="one more")
    for number in range(MOST_FORMS_OF_ONE_ADDRESS, MOST_FORMS_OF_ONE_SOURCE):
        send(text=f"{number}", email=f"clerk{number}@agency.example")
    with pytest.raises(FormsEnough):
        send(email="another@agency.example")
    send(email="another@agency.example", source="192.0.2.8")
    send(at=NOW + timedelta(minutes=61), text="later")


def test_one_telephone_is_one_address_however_it_is_written(desk, send):
    for number in range(MOST_FORMS_OF_ONE_ADDRESS):
        send(
            text=f"{number}", email=None, phone=("0912345678", "0912-345-678", "+886 912 345 678")[number % 3]
        )
    with pytest.raises(FormsEnough):
        send(text="one more", email=None, phone="(0912) 345678")


@pytest.mark.parametrize(
    ("channel", "one", "same"),
    [
        ("email", "Clerk@例子.tw", "clerk@xn--fsqu00a.tw"),
        ("email", "clerk@agency.example", "ｃlerk@agency.example."),
        ("fax", "+886 2 8192-7019", "(02) 81927019"),
    ],
)
def test_who_is_counted_as_one_sender_is_one_person_of_the_desk(channel, one, same):
    assert sender_key(channel, one) == sender_key(channel, same)
    assert sender_key(channel, "") == ""


def test_what_looks_like_a_program_s_is_marked(desk, send):
    send(suspicious=True)
    assert desk.rows("SELECT spam FROM ticket") == [(True,)]
