"""`python -m content.demo`: publish the portal's own first pages. Running it again changes nothing."""

import sys
import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from uuid import NAMESPACE_URL, uuid5

from mtnet_chassis.data.database import connect_transactions
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.settings import env

from content.pages import actions
from content.pages.rules import LOCALES, Page
from content.pages.store import PageStore


def demo_pages(now: datetime) -> list[Page]:
    """The pages of data/demo.toml; their days count back from the day they are first published."""
    source = tomllib.loads((files("content") / "data" / "demo.toml").read_text("utf-8"))
    return [
        Page(
            page_id=uuid5(NAMESPACE_URL, f"https://mtnet.example/{kind}/{page['slug']}"),
            kind=kind,
            slug=page["slug"],
            category=page.get("category"),
            title={locale: page[locale]["title"] for locale in LOCALES},
            body={locale: page[locale]["body"].strip() for locale in LOCALES},
            pinned=page.get("pinned", False),
            published_at=now - timedelta(days=page["days_ago"]),
        )
        for kind, pages in source.items()
        for page in pages
    ]


def main() -> None:
    transactions = connect_transactions(env("DATABASE_URL"))
    now = datetime.now(UTC)
    with transactions.transaction() as tx:
        pages = [actions.publish_page(PageStore(tx), Outbox(tx), page, now) for page in demo_pages(now)]
    transactions.close()
    sys.stdout.write(f"{len(pages)} pages are published.\n")


if __name__ == "__main__":
    main()
