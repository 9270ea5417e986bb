"""Copies of what content answered: asked for once, never older than a second, and better than nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from gateway.cache import published
from gateway.cache.published import LAST_RESORT_SECONDS, MOST_COPIES, Published
from gateway.rpc.client import Refused, ServiceUnavailable
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.calls import content


class Content:
    """Answers with how often it was asked; `answer` may be an exception, `gate` makes it wait."""

    def __init__(self):
        self.asked, self.answer = [], None
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, call, request):
        self.asked.append(request)
        answer, number = self.answer, len(self.asked)
        self.gate.wait(20)
        if isinstance(answer, Exception):
            raise answer
        return {"items": [number]}


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 5000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(published, "time", clock)
    return clock


@pytest.fixture
def asked():
    return Content()


@pytest.fixture
def copies(asked, clock):
    return Published(asked)


def number_of(copies, **request):
    return copies.get(content.pages.PUBLISHED, **({"kind": "news"} | request)).reply["items"][0]


def test_many_who_want_the_same_at_once_are_one_call(copies, asked):
    asked.gate.clear()
    with ThreadPoolExecutor(published.WAITING) as visitors:
        found = [visitors.submit(number_of, copies) for _ in range(published.WAITING)]
        eventually(lambda: asked.asked)
        asked.gate.set()
        assert {each.result() for each in found} == {1}
    with ThreadPoolExecutor(100) as visitors:
        assert set(visitors.map(lambda _: number_of(copies), range(100))) == {1}
    assert len(asked.asked) == 1


def test_another_question_is_another_call(copies):
    assert [
        number_of(copies),
        number_of(copies, kind="faq"),
        number_of(copies, page=2),
        number_of(copies),
    ] == [1, 2, 3, 1]


def test_half_a_second_old_is_shown_and_renewed_and_a_second_old_is_not_shown(copies, asked, clock):
    assert number_of(copies) == 1
    clock.now += 0.49
    assert number_of(copies) == 1
    assert len(asked.asked) == 1
    clock.now += 0.02
    asked.gate.clear()
    assert number_of(copies) == 1, "nobody waits"
    eventually(lambda: len(asked.asked) == 2)
    asked.gate.set()
    eventually(lambda: number_of(copies) == 2)
    clock.now += 1
    assert number_of(copies) == 3


def test_what_was_published_is_seen_by_the_next(copies, asked):
    assert number_of(copies) == 1
    copies.drop()
    assert number_of(copies) == 2


def test_an_answer_from_before_the_publication_will_not_do(copies, asked):
    asked.gate.clear()
    with ThreadPoolExecutor(2) as visitors:
        early = visitors.submit(number_of, copies)
        eventually(lambda: len(asked.asked) == 1)
        copies.drop()
        late = visitors.submit(number_of, copies)
        eventually(lambda: len(asked.asked) == 2)
        asked.gate.set()
        assert (early.result(), late.result()) == (1, 2)
    assert number_of(copies) == 2


def test_while_content_is_away_the_last_copy_is_shown_for_a_day(copies, asked, clock):
    assert number_of(copies) == 1
    asked.answer = ServiceUnavailable("content", "away")
    clock.now += 3600
    assert number_of(copies) == 1
    copies.drop()
    assert number_of(copies) == 1
    clock.now += LAST_RESORT_SECONDS
    with pytest.raises(ServiceUnavailable):
        number_of(copies)
    asked.answer = None
    assert number_of(copies) > 1


def test_without_a_copy_the_truth_is_told(copies, asked):
    asked.answer = ServiceUnavailable("content", "away")
    with pytest.raises(ServiceUnavailable):
        number_of(copies)


def test_a_page_that_is_gone_is_gone(copies, asked, clock):
    assert number_of(copies) == 1
    asked.answer = Refused("PAGE_NOT_FOUND")
    clock.now += 2
    with pytest.raises(Refused):
        number_of(copies)
    asked.answer = ServiceUnavailable("content", "away")
    with pytest.raises(ServiceUnavailable):
        number_of(copies)


def test_only_so_many_wait_without_a_copy(copies, asked):
    asked.gate.clear()
    with ThreadPoolExecutor(published.WAITING) as visitors:
        waiting = [visitors.submit(number_of, copies) for _ in range(published.WAITING)]
        eventually(lambda: not copies._waiting.acquire(blocking=False) or copies._waiting.release())
        with pytest.raises(ServiceUnavailable, match="too many"):
            number_of(copies)
        asked.gate.set()
        assert {each.result() for each in waiting} == {1}


def test_memory_is_bounded_and_what_is_not_worth_it_is_not_kept(copies, asked):
    for page in range(MOST_COPIES + 20):
        number_of(copies, page=page)
    assert len(copies._copies) == MOST_COPIES
    copies.get(content.pages.PUBLISHED, keep=False, kind="news", page=99_999)
    assert ("page", 99_999) not in {pair for _, request in copies._copies for pair in request}
    assert copies._flights == {}


def test_who_has_no_copy_waits_as_long_as_they_say(asked):
    copies = Published(asked)
    asked.gate.clear()
    with pytest.raises(ServiceUnavailable, match="no answer in time"):
        copies.get(content.pages.PUBLISHED, patience=0.05, kind="news")
    asked.gate.set()


def test_a_copy_that_stands_in_says_so_and_since_when(copies, asked, clock):
    first = copies.get(content.pages.PUBLISHED, kind="news")
    assert not first.old
    asked.answer = ServiceUnavailable("content", "away")
    clock.now += 60
    old = copies.get(content.pages.PUBLISHED, kind="news")
    assert (old.old, old.known_at) == (True, first.known_at)
