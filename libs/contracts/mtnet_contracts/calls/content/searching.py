"""Search in what is public."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.content.pages import KINDS
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.kinds import Choice, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape

LONGEST_SEARCH = 200
MOST_FOUND = 20


class SearchPagesRequest(Shape):
    """`locale`: of whoever reads; a page that was found in both languages is shown in this one."""

    text = Text(longest=LONGEST_SEARCH, load_default="")
    kind = Choice(*KINDS, load_default="faq")
    locale = Choice(*LOCALES, load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_FOUND, load_default=8)


class PagePart(Shape):
    """A part of a text; `marked`: it is what was looked for."""

    text = fields.String(required=True)
    marked = fields.Boolean(required=True)


class FoundPage(Shape):
    """`near`: not what was asked for, but nearly. Title and text are in the language in which it was found."""

    slug = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    locale = Choice(*LOCALES, required=True)
    title = fields.List(fields.Nested(PagePart), required=True)
    text = fields.List(fields.Nested(PagePart), required=True)
    near = fields.Boolean(required=True)


class SearchPagesReply(Shape):
    items = fields.List(fields.Nested(FoundPage), required=True)


SEARCH_PAGES = Call(
    service="content",
    name="search_pages",
    request=SearchPagesRequest,
    reply=SearchPagesReply,
    refusals=("SEARCH_NOT_READY",),
)
