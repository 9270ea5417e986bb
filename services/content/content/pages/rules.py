"""A page: in two languages, public from one instant to another, with a new version whenever its text changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

LOCALES = ("zh-Hant", "en")


class PageNotFound(Exception):
    """No such page, or not public now."""


class Untranslated(Exception):
    """A page has no text in one of the two languages."""


@dataclass(frozen=True)
class Page:
    """`body` is Markdown. `version` counts from 1; `announced_version` is the last one announced, 0 for none."""

    page_id: UUID
    kind: str
    slug: str
    category: str | None
    title: Mapping[str, str]
    body: Mapping[str, str]
    pinned: bool
    published_at: datetime
    expires_at: datetime | None = None
    version: int = 1
    announced_version: int = 0

    def __post_init__(self) -> None:
        for locale in LOCALES:
            if not self.title.get(locale, "").strip() or not self.body.get(locale, "").strip():
                raise Untranslated(f"{self.kind}/{self.slug} has no {locale} words")

    def is_public(self, now: datetime) -> bool:
        return self.published_at <= now and (self.expires_at is None or now < self.expires_at)

    def is_to_announce(self, now: datetime) -> bool:
        return self.announced_version < self.version and self.is_public(now)

    def taken_down(self, now: datetime) -> Page:
        """Public until now, and for an instant at least."""
        return replace(self, expires_at=max(now, self.published_at + timedelta(microseconds=1)))

    def announced(self) -> Page:
        return replace(self, announced_version=self.version)

    def revised_to(self, new: Page) -> Page:
        """The page with the text of `new`: a new version when something differs, else the page itself."""
        same = replace(
            new,
            page_id=self.page_id,
            published_at=self.published_at,
            version=self.version,
            announced_version=self.announced_version,
        )
        return self if same == self else replace(same, version=self.version + 1)
