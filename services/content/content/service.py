"""The doors of the content service: what everybody may read."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.actor import Actor
from mtnet_chassis.database import Database, Tx
from mtnet_chassis.doors import door
from mtnet_chassis.entrypoints import timer_once
from mtnet_chassis.outbox import Outbox
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

    @door(calls.PUBLISHED)
    def published(self, tx: Tx, actor: Actor | None, request: dict[str, Any]) -> dict[str, Any]:
        return actions.published(Store(tx), _now(), **request)

    @door(calls.PUBLISHED_PAGE)
    def published_page(self, tx: Tx, actor: Actor | None, request: dict[str, Any]) -> Page:
        return actions.published_page(Store(tx), _now(), **request)

    @timer_once(SCHEDULE_SECONDS)
    def announce_scheduled_pages(self, tx: Tx) -> None:
        actions.announce_what_became_public(Store(tx), Outbox(tx), _now())


Service = ContentService


def _now() -> datetime:
    return datetime.now(UTC)
