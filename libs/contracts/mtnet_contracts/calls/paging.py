"""Lists that are shown a page at a time."""

from marshmallow import fields

from mtnet_contracts.vocabulary.kinds import Whole
from mtnet_contracts.vocabulary.shapes import Shape


class PageRequest(Shape):
    """Which page of a list; pages count from 1."""

    page = Whole(least=1, most=100_000, load_default=1)
    page_size = Whole(least=1, most=100, load_default=25)


class PageReply(Shape):
    """How many there are in all."""

    page = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    total = fields.Integer(required=True)
