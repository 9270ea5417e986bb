"""Webhooks of downstream systems, for operators: what was sent and answered, send again, try, pause."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape

DELIVERY_STATES = ("waiting", "delivered", "failed")
MOST_EVENTS = 100
LONGEST_REASON = 300
LONGEST_NAME = 30
LONGEST_EVENT = 100


class WebhookLogRequest(Shape):
    """`name` of the system. Newest first; `before`: the id with which the last page ended. `event`: its full name."""

    name = Text(longest=LONGEST_NAME, required=True)
    state = Choice(*DELIVERY_STATES, load_default=None, allow_none=True)
    event = Text(longest=LONGEST_EVENT, load_default=None, allow_none=True)
    event_id = fields.UUID(load_default=None, allow_none=True)
    before = fields.UUID(load_default=None, allow_none=True)
    limit = Whole(least=1, most=MOST_EVENTS, load_default=25)


class WebhookView(Shape):
    """`state`: active; suspended, when its queue goes on collecting; paused, by an operator; stopped, by its own 410.

    `waiting`: counted no further than 10,000. `failing_since`: nothing has been taken since; `problem`: its last words.
    """

    name = fields.String(required=True)
    url = fields.String(required=True)
    state = Choice("active", "suspended", "paused", "stopped", required=True)
    secrets = fields.Integer(required=True)
    paused_at = Instant(required=True, allow_none=True)
    paused_by = fields.String(required=True)
    pause_reason = fields.String(required=True)
    stopped_at = Instant(required=True, allow_none=True)
    failing_since = Instant(required=True, allow_none=True)
    problem = fields.String(required=True)
    waiting = fields.Integer(required=True)


class WebhookDelivery(Shape):
    """One event. `status` and `problem`: of the last try; None and empty before the first, or where nothing came."""

    event_id = fields.UUID(required=True)
    event = fields.String(required=True)
    subject = fields.String(required=True)
    state = Choice(*DELIVERY_STATES, required=True)
    attempts = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    problem = fields.String(required=True)
    received_at = Instant(required=True)
    next_attempt_at = Instant(required=True, allow_none=True)
    finished_at = Instant(required=True, allow_none=True)


class WebhookLogReply(Shape):
    """`next_before`: ask with it for older ones; None at the end."""

    webhook = fields.Nested(WebhookView, required=True)
    items = fields.List(fields.Nested(WebhookDelivery), required=True)
    next_before = fields.UUID(required=True, allow_none=True)


WEBHOOK_LOG = Call(
    service="notify",
    name="webhook_log",
    request=WebhookLogRequest,
    reply=WebhookLogReply,
    refusals=("WEBHOOK_NOT_FOUND",),
)


class WebhookDeliveryRequest(Shape):
    name = Text(longest=LONGEST_NAME, required=True)
    event_id = fields.UUID(required=True)


class WebhookAttempt(Shape):
    """`answer`: its first 2 kB. `status` None: nothing was answered, and `problem` says why."""

    attempt = fields.Integer(required=True)
    at = Instant(required=True)
    milliseconds = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    problem = fields.String(required=True)
    answer = fields.String(required=True)


class WebhookDeliveryReply(WebhookDelivery):
    """`headers`: without the signature, which is made anew at each try. `body` None: it holds personal data."""

    headers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    body = fields.String(required=True, allow_none=True)
    tries = fields.List(fields.Nested(WebhookAttempt), required=True)


WEBHOOK_DELIVERY = Call(
    service="notify",
    name="webhook_delivery",
    request=WebhookDeliveryRequest,
    reply=WebhookDeliveryReply,
    refusals=("WEBHOOK_NOT_FOUND", "DELIVERY_NOT_FOUND"),
)


class SendEventAgainRequest(WebhookDeliveryRequest):
    """Under the same id: a receiver that has applied the event passes over it."""

    reason = Line(longest=LONGEST_REASON, required=True)


class WebhookActRequest(Shape):
    name = Text(longest=LONGEST_NAME, required=True)
    reason = Line(longest=LONGEST_REASON, required=True)


class WebhookActReply(Shape):
    """`event_id`: of the event that goes out, where one does."""

    state = fields.String(required=True)
    event_id = fields.UUID(required=True, allow_none=True)


SEND_EVENT_AGAIN = Call(
    service="notify",
    name="send_event_again",
    request=SendEventAgainRequest,
    reply=WebhookActReply,
    refusals=("WEBHOOK_NOT_FOUND", "DELIVERY_NOT_FOUND", "STILL_ON_ITS_WAY"),
    writes=True,
)
TEST_WEBHOOK = Call(
    service="notify",
    name="test_webhook",
    request=WebhookActRequest,
    reply=WebhookActReply,
    refusals=("WEBHOOK_NOT_FOUND", "STILL_ON_ITS_WAY"),
    writes=True,
)
PAUSE_WEBHOOK = Call(
    service="notify",
    name="pause_webhook",
    request=WebhookActRequest,
    reply=WebhookActReply,
    refusals=("WEBHOOK_NOT_FOUND", "WEBHOOK_PAUSED"),
    writes=True,
)
RESUME_WEBHOOK = Call(
    service="notify",
    name="resume_webhook",
    request=WebhookActRequest,
    reply=WebhookActReply,
    refusals=("WEBHOOK_NOT_FOUND", "WEBHOOK_NOT_PAUSED"),
    writes=True,
)
