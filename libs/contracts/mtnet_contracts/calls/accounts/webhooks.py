"""Webhooks of downstream systems, for operators: where events are sent, and the secrets that sign them."""

from marshmallow import fields

from mtnet_contracts.calls.accounts.subscribers import MOST_OVERLAP_DAYS, OVERLAP_DAYS, Act, SubscriberView
from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.kinds import Text, Whole
from mtnet_contracts.vocabulary.shapes import Shape
from mtnet_contracts.vocabulary.webhook_addresses import LONGEST_ADDRESS


class SigningSecret(Shape):
    """`secret`: told this once; a second call with the same key gets None. `issued` false: there is none to tell, since
    the webhook keeps the one it has."""

    name = fields.String(required=True)
    issued = fields.Boolean(required=True)
    secret = fields.String(required=True, allow_none=True)


class SetWebhookRequest(Act):
    """`url`: https, at a name on the public internet, with port 443 or one from 1024 on."""

    url = Text(longest=LONGEST_ADDRESS, required=True)


# From then on its users of the broker end: a system has either a webhook or its own consumer.
SET_WEBHOOK = Call(
    service="accounts",
    name="set_webhook",
    request=SetWebhookRequest,
    reply=SigningSecret,
    refusals=("SUBSCRIBER_NOT_FOUND",),
    writes=True,
    repeat="renew",
)


class RenewWebhookSecretRequest(Act):
    """`overlap_days`: how long the present secret still signs beside the new one; 0 ends it at once."""

    overlap_days = Whole(most=MOST_OVERLAP_DAYS, load_default=OVERLAP_DAYS)


RENEW_WEBHOOK_SECRET = Call(
    service="accounts",
    name="renew_webhook_secret",
    request=RenewWebhookSecretRequest,
    reply=SigningSecret,
    refusals=("SUBSCRIBER_NOT_FOUND", "WEBHOOK_NOT_FOUND"),
    writes=True,
    repeat="renew",
)
# Its users of the broker are there again. What was taken from its queue and not sent is dropped.
REMOVE_WEBHOOK = Call(
    service="accounts",
    name="remove_webhook",
    request=Act,
    reply=SubscriberView,
    refusals=("SUBSCRIBER_NOT_FOUND", "WEBHOOK_NOT_FOUND"),
    writes=True,
)
