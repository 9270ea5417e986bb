"""How the providers are, and how much went out by which channel, for operators."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Day, Instant, Whole
from mtnet_contracts.vocabulary.shapes import Shape

MOST_DAYS = 92
# Seconds: how many went out within each, and how many took longer than the last.
DELAYS = (1, 10, 60, 600, 3600)


class ProvidersRequest(Shape):
    """The last `days` days in Taipei, today among them."""

    days = Whole(least=1, most=MOST_DAYS, load_default=14)


class DayOfChannel(Shape):
    """`sent`: a provider took it; `confirmed`: it is known to have arrived; `failed`: for good."""

    day = Day(required=True)
    sent = fields.Integer(required=True)
    confirmed = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class ProviderView(Shape):
    """`is_away`: it takes nothing, or it is in doubt whether it does, since `since`; `answer` is its last one in codes.

    `days`: each day, oldest first. `delays`: of what was sent, how many within each of DELAYS, and how many later.
    """

    channel = fields.String(required=True)
    is_away = fields.Boolean(required=True)
    is_outage = fields.Boolean(required=True)
    since = Instant(required=True, allow_none=True)
    next_try_at = Instant(required=True, allow_none=True)
    answer = fields.String(required=True)
    days = fields.List(fields.Nested(DayOfChannel), required=True)
    delays = fields.List(fields.Integer(), required=True)


class ProvidersReply(Shape):
    items = fields.List(fields.Nested(ProviderView), required=True)


PROVIDERS = Call(service="notify", name="providers", request=ProvidersRequest, reply=ProvidersReply)
