"""Downstream systems, for operators: who they are, which events they get, their secrets, and what the broker has."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply, PageRequest
from mtnet_contracts.vocabulary.choices import SYSTEMS
from mtnet_contracts.vocabulary.holds import Holds
from mtnet_contracts.vocabulary.kinds import Choice, Day, EmailAddress, Instant, Line, Several, Text, Whole
from mtnet_contracts.vocabulary.scopes import SCOPES
from mtnet_contracts.vocabulary.shapes import Empty, Shape

STATES = ("active", "suspended", "removed")
# What an event holds; empty for one that is announced no longer.
HOLDS = (*(each.value for each in Holds), "")
LONGEST_TEXT = 300
LONGEST_NAME = 30
LONGEST_EVENT = 100
MOST_EVENTS = 100
MOST_OVERLAP_DAYS = 30
OVERLAP_DAYS = 7


class SubscribersRequest(PageRequest):
    """`text` is part of a name, a title, an owner or a contact. Without a state: all but the removed ones."""

    text = Text(longest=100, load_default=None, allow_none=True)
    state = Choice(*STATES, load_default=None, allow_none=True)


class SubscriberLine(Shape):
    """`events`: how many it is granted. `ends_on`: the day on which the first of its grants or scopes ends."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    owner = fields.String(required=True)
    system = fields.String(required=True, allow_none=True)
    state = Choice(*STATES, required=True)
    events = fields.Integer(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    registered_at = Instant(required=True)


class BrokerState(Shape):
    """Whether the broker has all that the records say; if not, `failure` says what kept the last try from it."""

    applied = fields.Boolean(required=True)
    applied_at = Instant(required=True, allow_none=True)
    failed_at = Instant(required=True, allow_none=True)
    failure = fields.String(required=True)


class SubscribersReply(PageReply):
    items = fields.List(fields.Nested(SubscriberLine), required=True)
    broker = fields.Nested(BrokerState, required=True)


SUBSCRIBERS = Call(service="accounts", name="subscribers", request=SubscribersRequest, reply=SubscribersReply)


class SubscriberName(Shape):
    name = Text(longest=LONGEST_NAME, required=True)


class GrantView(Shape):
    """`ends_on`: the last day, in Taipei. `over`: that day has passed."""

    event = fields.String(required=True)
    holds = Choice(*HOLDS, required=True)
    reason = fields.String(required=True)
    granted_at = Instant(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    over = fields.Boolean(required=True)


class ScopeView(Shape):
    """Something that the system may ask of the API. `ends_on`: the last day, in Taipei. `over`: that day has passed."""

    scope = fields.String(required=True)
    reason = fields.String(required=True)
    granted_at = Instant(required=True)
    ends_on = fields.Date(required=True)
    over = fields.Boolean(required=True)


class SecretView(Shape):
    """`user` is the broker's; `works` says whether somebody can log in with it now."""

    number = fields.Integer(required=True)
    user = fields.String(required=True)
    issued_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)
    works = fields.Boolean(required=True)


class SigningSecretView(Shape):
    """One of those that sign what is sent to a webhook now."""

    number = fields.Integer(required=True)
    issued_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)


class SystemWebhookView(Shape):
    """Where its events are sent. How that goes: `notify.webhook_log`."""

    url = fields.String(required=True)
    set_at = Instant(required=True)
    secrets = fields.List(fields.Nested(SigningSecretView), required=True)


class TrailEntry(Shape):
    """An act on record: by whom, and why."""

    at = Instant(required=True)
    action = fields.String(required=True)
    who = fields.String(required=True)
    reason = fields.String(required=True)
    about = fields.List(fields.String(), required=True)


class SubscriberView(Shape):
    """`queue`: what its messages wait in. `webhook`: None where it reads the queue itself, as a user of the broker.
    `trail`: the latest acts, newest first."""

    subscriber_id = fields.UUID(required=True)
    name = fields.String(required=True)
    title = fields.String(required=True)
    owner = fields.String(required=True)
    contact_email = fields.String(required=True)
    system = fields.String(required=True, allow_none=True)
    state = Choice(*STATES, required=True)
    registered_at = Instant(required=True)
    queue = fields.String(required=True)
    grants = fields.List(fields.Nested(GrantView), required=True)
    scopes = fields.List(fields.Nested(ScopeView), required=True)
    secrets = fields.List(fields.Nested(SecretView), required=True)
    webhook = fields.Nested(SystemWebhookView, required=True, allow_none=True)
    broker = fields.Nested(BrokerState, required=True)
    trail = fields.List(fields.Nested(TrailEntry), required=True)


SUBSCRIBER = Call(
    service="accounts",
    name="subscriber",
    request=SubscriberName,
    reply=SubscriberView,
    refusals=("SUBSCRIBER_NOT_FOUND",),
)


class Act(SubscriberName):
    """`reason`: why, or by which paper; kept in the audit log."""

    reason = Line(longest=LONGEST_TEXT, required=True)


class IssuedSecret(Shape):
    """A user of the broker and its secret, which is told this once: a second call with the same key gets None."""

    name = fields.String(required=True)
    user = fields.String(required=True)
    secret = fields.String(required=True, allow_none=True)


class RegisterRequest(Act):
    """`owner`: the office that answers for it. `system`: which of the portal's systems it is, if it is one."""

    title = Line(longest=LONGEST_TEXT, required=True)
    owner = Line(longest=LONGEST_TEXT, required=True)
    contact_email = EmailAddress(required=True)
    system = Choice(*SYSTEMS, load_default=None, allow_none=True)


REGISTER_SUBSCRIBER = Call(
    service="accounts",
    name="register_subscriber",
    request=RegisterRequest,
    reply=IssuedSecret,
    writes=True,
    repeat="renew",
)
CHANGE_SUBSCRIBER = Call(
    service="accounts",
    name="change_subscriber",
    request=RegisterRequest,
    reply=SubscriberView,
    refusals=("SUBSCRIBER_NOT_FOUND",),
    writes=True,
)


class GrantRequest(Act):
    """Events by source and name, `accounts.AccountActivated`. `ends_on`: the last day; personal data needs one."""

    events = Several(Text(longest=LONGEST_EVENT, required=True), most=MOST_EVENTS, required=True)
    ends_on = Day(load_default=None, allow_none=True)


GRANT_EVENTS = Call(
    service="accounts",
    name="grant_events",
    request=GrantRequest,
    reply=SubscriberView,
    refusals=("SUBSCRIBER_NOT_FOUND",),
    writes=True,
)


class RevokeRequest(Act):
    event = Text(longest=LONGEST_EVENT, required=True)


REVOKE_EVENT = Call(
    service="accounts",
    name="revoke_event",
    request=RevokeRequest,
    reply=SubscriberView,
    refusals=("SUBSCRIBER_NOT_FOUND",),
    writes=True,
)


class ScopesRequest(Act):
    """What the system may ask of the API. `ends_on`: the last day, a year from today at the latest."""

    scopes = Several(Choice(*SCOPES, required=True), most=len(SCOPES), required=True)
    ends_on = Day(required=True)


GRANT_SCOPES = Call(
    service="accounts",
    name="grant_scopes",
    request=ScopesRequest,
    reply=SubscriberView,
    refusals=("SUBSCRIBER_NOT_FOUND",),
    writes=True,
)


class RevokeScopeRequest(Act):
    scope = Choice(*SCOPES, required=True)


REVOKE_SCOPE = Call(
    service="accounts",
    name="revoke_scope",
    request=RevokeScopeRequest,
    reply=SubscriberView,
    refusals=("SUBSCRIBER_NOT_FOUND",),
    writes=True,
)


class RotateRequest(Act):
    """`overlap_days`: how long the present secret still works; 0 ends it at once, for one that leaked."""

    overlap_days = Whole(most=MOST_OVERLAP_DAYS, load_default=OVERLAP_DAYS)


ROTATE_SECRET = Call(
    service="accounts",
    name="rotate_subscriber_secret",
    request=RotateRequest,
    reply=IssuedSecret,
    refusals=("SUBSCRIBER_NOT_FOUND",),
    writes=True,
    repeat="renew",
)


def _change_of_state(name: str, request: type[Shape]) -> Call:
    return Call(
        service="accounts",
        name=name,
        request=request,
        reply=SubscriberView,
        refusals=("SUBSCRIBER_NOT_FOUND", "SUBSCRIBER_STATE"),
        writes=True,
    )


class RemoveRequest(Act):
    """`confirm_name`: the name once more, since its queue and all that is in it go."""

    confirm_name = Text(longest=LONGEST_NAME, required=True)


SUSPEND_SUBSCRIBER = _change_of_state("suspend_subscriber", Act)
RESUME_SUBSCRIBER = _change_of_state("resume_subscriber", Act)
REMOVE_SUBSCRIBER = _change_of_state("remove_subscriber", RemoveRequest)


class QueueView(Shape):
    """What waits for the system just now. `waiting_hours`: for so long nothing was taken although something waits.

    `share`: per cent of the limit that is nearest, of messages, bytes or days.
    """

    messages = fields.Integer(required=True)
    size_bytes = fields.Integer(required=True)
    dead_letters = fields.Integer(required=True)
    consumers = fields.Integer(required=True)
    waiting_hours = fields.Integer(required=True)
    share = fields.Integer(required=True)


SUBSCRIBER_QUEUE = Call(
    service="accounts",
    name="subscriber_queue",
    request=SubscriberName,
    reply=QueueView,
    refusals=("SUBSCRIBER_NOT_FOUND", "BROKER_AWAY"),
)


class BrokerDifferences(Shape):
    """What the broker lacks or has too much, each in an English sentence, in the order in which it is mended."""

    differences = fields.List(fields.String(), required=True)


BROKER_DIFFERENCES = Call(
    service="accounts",
    name="broker_differences",
    request=Empty,
    reply=BrokerDifferences,
    refusals=("BROKER_AWAY",),
)
# What was done. A second call finds nothing left to do.
APPLY_TO_BROKER = Call(
    service="accounts",
    name="apply_to_broker",
    request=Empty,
    reply=BrokerDifferences,
    refusals=("BROKER_AWAY",),
    writes=True,
    repeat="harmless",
)
