"""How the providers are, and how much went out by which channel, for operators."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Day, Instant, Line, Whole
from mtnet_contracts.vocabulary.shapes import Shape

MOST_DAYS = 92
LONGEST_REASON = 200
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


class HourOfChannel(Shape):
    """One hour of today in Taipei, from 0 on; those that have not begun are there, too."""

    hour = fields.Integer(required=True)
    sent = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class CompanyView(Shape):
    """One of several companies of a channel: its share in hundredths; since when it has been failing, and whether it
    has lost its share until it is back.
    """

    name = fields.String(required=True)
    share = fields.Integer(required=True)
    failing_since = Instant(required=True, allow_none=True)
    is_lost = fields.Boolean(required=True)


class QuotaView(Shape):
    """The month's messages, as the provider said last. `allowed` None: as many as one likes."""

    allowed = fields.Integer(required=True, allow_none=True)
    used = fields.Integer(required=True)
    left = fields.Integer(required=True, allow_none=True)
    at = Instant(required=True)


class ProviderView(Shape):
    """`is_away`: it takes nothing, or it is in doubt whether it does, since `since`; `answer` is its last one in codes.

    `paused_at`: an operator has stopped it, for this reason. `per_second`: its pace, all processes together.
    `companies` and `quota` of channels that have them. `days`: each day, oldest first. `hours`: of today. `delays`: of
    what was sent, how many within each of DELAYS, and how many later.
    """

    channel = fields.String(required=True)
    is_away = fields.Boolean(required=True)
    is_outage = fields.Boolean(required=True)
    since = Instant(required=True, allow_none=True)
    next_try_at = Instant(required=True, allow_none=True)
    answer = fields.String(required=True)
    paused_at = Instant(required=True, allow_none=True)
    paused_by = fields.String(required=True)
    pause_reason = fields.String(required=True)
    per_second = fields.Integer(required=True)
    companies = fields.List(fields.Nested(CompanyView), required=True)
    quota = fields.Nested(QuotaView, required=True, allow_none=True)
    days = fields.List(fields.Nested(DayOfChannel), required=True)
    hours = fields.List(fields.Nested(HourOfChannel), required=True)
    delays = fields.List(fields.Integer(), required=True)


class ProvidersReply(Shape):
    items = fields.List(fields.Nested(ProviderView), required=True)


PROVIDERS = Call(service="notify", name="providers", request=ProvidersRequest, reply=ProvidersReply)


class PauseProviderRequest(Shape):
    """What waits is not lost: it goes out after the provider is resumed. A code may run out meanwhile."""

    channel = Choice(*CHANNELS, required=True)
    reason = Line(longest=LONGEST_REASON, required=True)


class ResumeProviderRequest(Shape):
    channel = Choice(*CHANNELS, required=True)
    reason = Line(longest=LONGEST_REASON, required=True)


PAUSE_PROVIDER = Call(
    service="notify",
    name="pause_provider",
    request=PauseProviderRequest,
    reply=ProvidersReply,
    refusals=("PROVIDER_PAUSED",),
    writes=True,
)
RESUME_PROVIDER = Call(
    service="notify",
    name="resume_provider",
    request=ResumeProviderRequest,
    reply=ProvidersReply,
    refusals=("PROVIDER_NOT_PAUSED",),
    writes=True,
)
