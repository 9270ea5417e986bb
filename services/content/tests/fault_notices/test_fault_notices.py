"""A fault of the helpdesk among the announcements: shown, brought up to date, taken down; events may come twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from content.fault_notices import actions, messages
from content.fault_notices.rules import plain
from content.pages import actions as pages
from content.pages.rules import PageNotFound
from content.pages.store import PageStore
from content.service import ContentService
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.runtime.services import plan_of
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import FaultAnnounced, FaultResolved
from mtnet_contracts.examples import example_of

SERVICES = ("content",)
ANNOUNCED, RESOLVED = example_of(FaultAnnounced), example_of(FaultResolved)
NOW = ANNOUNCED.announced_at
MINUTE = timedelta(minutes=1)


def shown(tx, now):
    slug = "fault-f2027-000012"
    return pages.published_page(PageStore(tx), now, kind="announcement", slug=slug)


def show(tx, event, now=NOW):
    actions.show_fault(tx, Outbox(tx), messages.notice_in(event), now)


def test_the_queues_are_pinned():
    groups = {group.queue: group.ordered for group in plan_of("content").groups}
    assert groups == {"content.faq_drafts": False, "content.fault_notices": True}


def test_a_fault_stands_first_among_the_announcements_in_both_languages(tx):
    show(tx, ANNOUNCED)
    page = shown(tx, NOW)
    assert page.pinned
    assert page.title == {"zh-Hant": ANNOUNCED.title_zh, "en": ANNOUNCED.title_en}
    for locale, text, workaround in (
        ("zh-Hant", ANNOUNCED.text_zh, "傳真 02"),
        ("en", ANNOUNCED.text_en, "by fax to 02"),
    ):
        assert text in page.body[locale]
        assert workaround in page.body[locale]
        assert "(/status)" in page.body[locale]


def test_the_same_once_more_changes_nothing_and_other_words_are_a_new_version(tx):
    show(tx, ANNOUNCED)
    show(tx, ANNOUNCED)
    assert shown(tx, NOW).version == 1
    show(tx, replace(ANNOUNCED, text_en="It is better now.", announced_at=NOW + MINUTE), NOW + MINUTE)
    page = shown(tx, NOW + MINUTE)
    assert (page.version, page.published_at) == (2, NOW)
    assert "It is better now." in page.body["en"]


def test_a_fault_without_a_workaround_has_no_heading_for_one(tx):
    show(tx, replace(ANNOUNCED, workaround_zh="", workaround_en=""))
    assert "##" not in shown(tx, NOW).body["zh-Hant"]


def test_what_is_over_is_taken_down(tx):
    show(tx, ANNOUNCED)
    for _ in range(2):
        actions.take_down_fault(tx, RESOLVED.number, NOW + MINUTE)
    with pytest.raises(PageNotFound):
        shown(tx, NOW + MINUTE)


def test_a_fault_that_was_over_at_once_is_taken_down_too(tx):
    show(tx, ANNOUNCED)
    actions.take_down_fault(tx, RESOLVED.number, NOW)
    with pytest.raises(PageNotFound):
        shown(tx, NOW + MINUTE)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a *b* [c](d) <e>", r"a \*b\* \[c\](d) \<e\>"),
        ("- one\n1. two\n# three", "\\- one\n\n1\\. two\n\n\\# three"),
        ("\n\n", ""),
    ],
)
def test_the_desks_words_are_no_markdown(typed, stored):
    assert plain(typed) == stored


@pytest.mark.stack
def test_events_that_come_twice_show_it_once(tx):
    service, event = ContentService(), replace(ANNOUNCED, event_id=new_event_id())
    for _ in range(2):
        service.show_fault(tx, event)
    service.take_down_fault(tx, RESOLVED)
    with pytest.raises(PageNotFound):
        shown(tx, datetime.now(UTC))
