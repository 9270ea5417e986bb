"""How others reach the pages: everybody reads and searches what is public; a timer announces pages of a later date."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.content import pages as calls
from mtnet_contracts.calls.content import searching
from mtnet_search.interface import NotReady, SearchIndex

from content.pages import actions
from content.pages.rules import Page, PageNotFound
from content.pages.store import PageStore

SCHEDULE_SECONDS = 5


class PageEndpoints:
    page_index: SearchIndex
    refusals: ClassVar[dict[type[Exception], str]] = {
        PageNotFound: "PAGE_NOT_FOUND",
        NotReady: "SEARCH_NOT_READY",
    }

    @endpoint(calls.PUBLISHED)
    def published(self, tx: Tx, actor: Actor | None, request: dict[str, Any]) -> dict[str, Any]:
        return actions.published(PageStore(tx), _now(), **request)

    @endpoint(calls.PUBLISHED_PAGE)
    def published_page(self, tx: Tx, actor: Actor | None, request: dict[str, Any]) -> Page:
        return actions.published_page(PageStore(tx), _now(), **request)

    @endpoint(searching.SEARCH_PAGES)
    def search_pages(self, tx: Tx, actor: Actor | None, request: dict[str, Any]) -> dict[str, Any]:
        return {"items": actions.search(PageStore(tx), self.page_index, _now(), **request)}

    @timer_once(SCHEDULE_SECONDS)
    def announce_scheduled_pages(self, tx: Tx) -> None:
        actions.announce_due_pages(PageStore(tx), Outbox(tx), _now())


def _now() -> datetime:
    return datetime.now(UTC)
