"""Publishing on real PostgreSQL: what is listed, in which order, and who is told once."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from content.demo import demo_pages
from content.pages import actions
from content.pages.rules import PageNotFound
from content.pages.store import PageStore
from content.service import ContentService
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.runtime.services import entrypoints_of
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.calls import CALLS, content

from .test_pages import NOW, SECOND, a_page

SERVICES = ("content",)


@pytest.fixture
def publish(tx):
    return lambda page, now=NOW: actions.publish_page(PageStore(tx), Outbox(tx), page, now)


@pytest.fixture
def listed(tx):
    def listed(now=NOW, **asked):
        wanted = {"kind": "announcement", "category": None, "page": 1, "page_size": 25} | asked
        return actions.published(PageStore(tx), now, **wanted)

    return listed


def told(tx):
    return tx.execute("SELECT name, payload::jsonb ->> 'slug' FROM outbox ORDER BY position").fetchall()


def test_a_published_page_can_be_read_and_is_announced_once(tx, publish):
    publish(a_page())
    publish(a_page(published_at=NOW + SECOND), NOW + SECOND)
    assert actions.published_page(PageStore(tx), NOW, kind="announcement", slug="a-page").version == 1
    assert told(tx) == [("ContentPublished", "a-page")]


def test_new_words_are_announced_again(tx, publish):
    publish(a_page())
    publish(a_page(title={"zh-Hant": "新標題", "en": "New title"}))
    assert told(tx) == [("ContentPublished", "a-page")] * 2


def test_a_page_with_a_later_hour_is_hidden_and_announced_when_it_comes(tx, publish, listed):
    publish(a_page(published_at=NOW + SECOND))
    store = PageStore(tx)
    assert (listed()["total"], told(tx)) == (0, [])
    with pytest.raises(PageNotFound):
        actions.published_page(store, NOW, kind="announcement", slug="a-page")
    assert actions.announce_due_pages(store, Outbox(tx), NOW) == 0
    assert actions.announce_due_pages(store, Outbox(tx), NOW + SECOND) == 1
    assert actions.announce_due_pages(store, Outbox(tx), NOW + SECOND) == 0
    assert told(tx) == [("ContentPublished", "a-page")]
    assert listed(NOW + SECOND)["total"] == 1


def test_an_expired_page_is_gone(tx, publish, listed):
    publish(a_page(expires_at=NOW + SECOND))
    assert (listed()["total"], listed(NOW + SECOND)["total"]) == (1, 0)


def test_pinned_pages_come_first_and_then_the_newest(publish, listed):
    for number, pinned in enumerate([False, True, False]):
        page = a_page(slug=f"page-{number}", pinned=pinned, published_at=NOW + number * SECOND)
        publish(replace(page, page_id=a_page_id(number)), NOW + timedelta(minutes=1))
    slugs = [page.slug for page in listed(NOW + timedelta(minutes=1))["items"]]
    assert slugs == ["page-1", "page-2", "page-0"]


def a_page_id(number):
    return UUID(int=number + 1)


def test_questions_are_listed_by_category(tx, publish, listed):
    for page in demo_pages(NOW):
        publish(page)
    found = listed(kind="faq", category="mtnet", page_size=3)
    assert (len(found["items"]), found["total"]) == (3, 5)
    assert {page.category for page in found["items"]} == {"mtnet"}
    assert found["items"][0].slug == "how-to-apply"


def test_the_demo_published_twice_changes_nothing(tx, publish):
    for page in demo_pages(NOW):
        publish(page)
    before = told(tx)
    assert len(before) == len(demo_pages(NOW))
    for page in demo_pages(NOW + timedelta(days=3)):
        publish(page, NOW + timedelta(days=3))
    assert told(tx) == before


def test_every_call_of_content_has_an_endpoint_that_answers_in_its_shape(transactions):
    endpoints = {
        e.endpoint.call.name: e.endpoint for e in entrypoints_of(ContentService) if hasattr(e, "endpoint")
    }
    assert {name for name in CALLS if name.startswith("content.")} == {
        f"content.{name}" for name in endpoints
    }
    with transactions.transaction() as tx:
        actions.publish_page(PageStore(tx), Outbox(tx), a_page(), NOW)

    def ask(call, **request):
        return endpoints[call.name].answer(
            ContentService(), {"actor": None, "request": request}, database=transactions, verifier=None
        )

    assert ask(content.pages.PUBLISHED, kind="announcement")["items"][0]["title"] == {
        "zh-Hant": "標題",
        "en": "Title",
    }
    assert ask(content.pages.PUBLISHED_PAGE, kind="announcement", slug="a-page")["body"]["en"] == "Body"


@pytest.mark.stack
def test_the_service_starts_and_announces_a_page_whose_hour_has_come(topology, run_process, transactions):
    with transactions.transaction() as tx:
        PageStore(tx).save_page(a_page(slug="scheduled", page_id=a_page_id(77)))
    run_process("serve", "content")

    def announced():
        with transactions.transaction() as tx:
            return tx.execute("SELECT announced_version FROM page WHERE slug = 'scheduled'").fetchone()

    eventually(lambda: announced() == (1,))
