"""Contracts only grow, and each growth is on record: the change log of events."""

import tomllib

import pytest
from mtnet_contracts import history

KNOWN = {"accounts.X": {"holds": "facts", "id": "uuid", "at": "date-time?", "parts": "object?"}}
GREW = "Write it down: .venv/bin/python -m mtnet_contracts.history 'what it is for', then make docs"


def test_every_change_of_a_contract_is_on_record():
    assert history.unrecorded(history.recorded(), history.present()) == {}, GREW


def test_no_contract_did_other_than_grow():
    assert history.broken(history.recorded(), history.present()) == []


def test_each_recorded_version_only_grew_what_there_was():
    known = {}
    for version in history.versions():
        now = {event: dict(fields) for event, fields in known.items()}
        for event, fields in version.added.items():
            now.setdefault(event, {}).update(fields)
        assert history.broken(known, now) == [], version.number
        known = now


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "accounts.X is gone"),
        ({"id": None}, "id is gone"),
        ({"at": "date?"}, "at was date-time?, and is date?"),
        ({"at": "date-time"}, "at was date-time?, and is date-time"),
        ({"id": "uuid?"}, "id was uuid, and is uuid?"),
        ({"holds": "personal data"}, "holds was facts"),
        ({"name": "string"}, "name is new"),
        ({"parts.name": "string"}, "parts.name is new"),
    ],
)
def test_what_would_break_a_reader_is_named(changed, words):
    fields = {path: kind for path, kind in (KNOWN["accounts.X"] | changed).items() if kind}
    found = history.broken(KNOWN, {"accounts.X": fields} if changed else {})
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize("added", [{"name": "string?"}, {"more": "object?", "more.name": "string"}])
def test_what_is_optional_may_come(added):
    now = {"accounts.X": KNOWN["accounts.X"] | added, "accounts.Y": {"holds": "facts", "id": "uuid"}}
    assert history.broken(KNOWN, now) == []
    assert history.unrecorded(KNOWN, now) == {"accounts.X": added, "accounts.Y": now["accounts.Y"]}


def test_an_entry_is_read_back_as_it_was_written():
    (version,) = history.versions()[-1:]
    text = history.entry(version.number, version.on, version.about, version.added)
    (read,) = tomllib.loads(text)["version"]
    assert {event: history._read(lines) for event, lines in read["added"].items()} == version.added
