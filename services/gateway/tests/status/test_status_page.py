"""The page of service status: true while the helpdesk is away, and quick."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from gateway.cache.published import Copy
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.status import pages
from mtnet_contracts.calls.helpdesk import status as calls

from ..conftest import example

WORKING = example(calls.STATUS.reply) | {"current": [], "past": []}


@pytest.fixture
def everybody(browser, services):
    services.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    return browser


@pytest.fixture
def answers(monkeypatch):
    """`answers(copy)`: what the kept copies say; returns what they were asked with."""

    def answers(copy):
        asked = []

        def get(call, **more):
            asked.append(more)
            if isinstance(copy, Exception):
                raise copy
            return copy

        monkeypatch.setattr(pages, "published", lambda: SimpleNamespace(get=get, generation=0))
        return asked

    return answers


def test_what_nobody_knows_is_said_at_once_and_is_no_success(everybody, answers):
    asked = answers(ServiceUnavailable("helpdesk", "away"))
    answer = everybody.get("/status")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert asked == [{"patience": 1.0}]
    assert "0800-022-120" in everybody.words
    assert "目前無法" in everybody.words


def test_an_old_copy_says_when_it_was_so_and_not_that_all_is_well(everybody, answers):
    known_at = datetime(2026, 11, 27, 1, 30, tzinfo=UTC)
    answers(Copy(WORKING, 0.0, 0, known_at, old=True))
    assert everybody.get("/status").status_code == 200
    assert "115-11-27 09:30" in everybody.words
    assert "所有系統運作正常" not in everybody.words
    answers(Copy(WORKING, 0.0, 0, known_at))
    everybody.get("/status")
    assert "115-11-27 09:30" not in everybody.words
    assert "所有系統運作正常" in everybody.words
