"""The endpoints of the content service: what everybody may read."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Database, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls import content as calls

from content import actions
from content.domain import Page, PageNotFound
from content.store import Store

SCHEDULE_SECONDS = 5


class ContentService:
    """Reads are for strangers too; pages are published by command."""

    name = "content"
    refusals: ClassVar[dict[type[Exception], str]] = {PageNotFound: "PAGE_NOT_FOUND"}

    database = Database()

    @endpoint(calls.PUBLISHED)
    def published(self, tx: Tx, actor: Actor | None, request: dict[str, Any]) -> dict[str, Any]:
        return actions.published(Store(tx), _now(), **request)

    @endpoint(calls.PUBLISHED_PAGE)
    def published_page(self, tx: Tx, actor: Actor | None, request: dict[str, Any]) -> Page:
        return actions.published_page(Store(tx), _now(), **request)

    @timer_once(SCHEDULE_SECONDS)
    def announce_scheduled_pages(self, tx: Tx) -> None:
        actions.announce_what_became_public(Store(tx), Outbox(tx), _now())


Service = ContentService


def _now() -> datetime:
    return datetime.now(UTC)
