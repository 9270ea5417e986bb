"""What everybody may read."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply, PageRequest
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Text
from mtnet_contracts.vocabulary.shapes import Shape

KINDS = ("announcement", "news", "faq")
# 常見問題 by subject, in the order of the handout's list; the words are in vocabulary/labels.py.
FAQ_CATEGORIES = (
    "mtnet",  # MTNet
    "carriers",  # 業者資訊管理系統
    "port_affairs",  # 港政業務管理系統
    "vessels",  # 船舶管理系統
    "crew",  # 海運技術人員管理系統
    "examinations",  # 數位學習暨試務管理系統(航海人員測驗)
    "carrier_grades",  # 航商公司分級查詢
    "contacts",  # 其它航港相關業務聯絡資訊
    "port_dues",  # 商港服務費
    "seafarers",  # 船員智慧服務平臺
)


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
