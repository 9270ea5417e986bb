"""The doors of the content service: what everybody may read."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call, Shape
from mtnet_contracts.calls.kinds import Choice, Instant, PageReply, PageRequest, Text

KINDS = ("announcement", "news", "faq")


class PublishedRequest(PageRequest):
    kind = Choice(*KINDS, required=True)
    category = Text(longest=40, load_default=None, allow_none=True)


class PageSummary(Shape):
    """`title` and `body` are texts by locale (zh-Hant, en); bodies are Markdown."""

    page_id = fields.UUID(required=True)
    kind = Choice(*KINDS, required=True)
    slug = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    title = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    published_at = Instant(required=True)
    pinned = fields.Boolean(required=True)


class PublishedReply(PageReply):
    items = fields.List(fields.Nested(PageSummary), required=True)


class PublishedPageRequest(Shape):
    kind = Choice(*KINDS, required=True)
    slug = Text(longest=100, required=True)


class PublishedPage(PageSummary):
    body = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


PUBLISHED = Call(service="content", name="published", request=PublishedRequest, reply=PublishedReply)
PUBLISHED_PAGE = Call(
    service="content",
    name="published_page",
    request=PublishedPageRequest,
    reply=PublishedPage,
    refusals=("PAGE_NOT_FOUND",),
)
