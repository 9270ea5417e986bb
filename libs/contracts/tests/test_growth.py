"""Calls only grow, and what an answer of an earlier release lacks has a meaning."""

import json

import pytest
from marshmallow import fields
from mtnet_contracts.calls import CALLS
from mtnet_contracts.calls.completing import completer
from mtnet_contracts.calls.growth import _walk, present, released, without_a_meaning, written
from mtnet_contracts.calls.helpdesk.faults import INCIDENTS
from mtnet_contracts.history import broken, unrecorded
from mtnet_contracts.vocabulary.shapes import Shape

GREW = "Write it down: .venv/bin/python -m mtnet_contracts.calls.growth"


class Row(Shape):
    number = fields.String(required=True)
    tags = fields.List(fields.String(), load_default=list)
    late = fields.Boolean(load_default=False)


class Page(Shape):
    items = fields.List(fields.Nested(Row), required=True)
    best = fields.Nested(Row, load_default=None, allow_none=True)
    more = fields.Integer(load_default=0)


def test_every_change_of_a_call_is_on_record():
    assert unrecorded(released(), present()) == {}, GREW
    assert set(present()) <= set(released()), GREW


def test_no_call_did_other_than_grow():
    assert broken(released(), present()) == []


def test_the_record_is_read_back_as_it_was_written(tmp_path, monkeypatch):
    contracts = {
        "a.b request": {},
        "a.b reply": {"x": "string?", "y": "object list", "y.z": "uuid", "y.z.u": "any"},
    }
    monkeypatch.setattr("mtnet_contracts.calls.growth.FILE", tmp_path / "released.txt")
    (tmp_path / "released.txt").write_text(written(contracts), encoding="utf-8")
    assert released() == contracts
    new = {"a.b request": {"w": "string"}, "a.b reply": contracts["a.b reply"]}
    assert broken(contracts, new) == [
        "a.b request: w is new, so that what is older lacks it; let it be optional"
    ]


def test_what_came_later_into_an_answer_says_what_an_answer_without_it_means():
    assert without_a_meaning() == []
    for name, call in CALLS.items():
        for path, field in _walk(call.reply):
            if not field.required:
                default = field.load_default() if callable(field.load_default) else field.load_default
                assert json.loads(json.dumps(default)) == default, f"{name}: {path} is no JSON"
                assert default is not None or field.allow_none, f"{name}: {path}"


def test_an_answer_of_an_earlier_release_is_filled_in_wherever_it_lacks_something():
    answer = {
        "items": [{"number": "1"}, {"number": "2", "tags": ["a"], "late": True, "unknown": 1}],
        "best": None,
    }
    completer(Page())(answer)
    assert answer == {
        "items": [
            {"number": "1", "tags": [], "late": False},
            {"number": "2", "tags": ["a"], "late": True, "unknown": 1},
        ],
        "best": None,
        "more": 0,
    }
    answer = {"items": [], "best": {"number": "3"}}
    completer(Page())(answer)
    assert answer == {"items": [], "best": {"number": "3", "tags": [], "late": False}, "more": 0}


def test_no_two_answers_share_a_list_that_was_filled_in():
    first, second = {"items": [{"number": "1"}]}, {"items": [{"number": "1"}]}
    for answer in (first, second):
        completer(Page())(answer)
    first["items"][0]["tags"].append("a")
    assert second["items"][0]["tags"] == []


@pytest.mark.parametrize(
    ("answer", "lacking"),
    [
        ({}, {"items"}),
        ({"more": 1}, {"items"}),
        ({"items": [{"number": "1"}, {}]}, {"number"}),
        ({"items": [], "best": {}}, {"number"}),
        ({"items": []}, set()),
    ],
)
def test_what_an_answer_should_have_said_is_named(answer, lacking):
    assert completer(Page())(answer) == lacking


def test_the_rest_is_filled_in_where_something_lacks():
    answer = {"items": [{}, {"number": "1"}]}
    assert completer(Page())(answer) == {"number"}
    assert [each["tags"] for each in answer["items"]] == [[], []]


def test_incidents_of_an_older_helpdesk_are_complete():
    answer = {"running": [], "groups": []}
    INCIDENTS.complete_reply(answer)
    assert answer == {"running": [], "groups": [], "compared": 0, "unsorted": 0}
