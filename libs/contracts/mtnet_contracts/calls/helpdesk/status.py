"""What works and what does not, for everybody: announced faults, and those of the last months."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.helpdesk.faults import SEVERITIES, UPDATES
from mtnet_contracts.vocabulary.choices import SYSTEMS
from mtnet_contracts.vocabulary.kinds import Choice, Instant
from mtnet_contracts.vocabulary.shapes import Shape

# Of a system: all well, something is slow or partly away, or it cannot be used.
SYSTEM_STATES = ("working", "impaired", "down")
HISTORY_DAYS = 90
MOST_SHOWN = 100


class StatusRequest(Shape):
    """Nothing to say: everybody sees the same."""


class SystemStatus(Shape):
    system = Choice(*SYSTEMS, required=True)
    state = Choice(*SYSTEM_STATES, required=True)


class PublicUpdate(Shape):
    kind = Choice(*UPDATES, required=True)
    at = Instant(required=True)
    text_zh = fields.String(required=True)
    text_en = fields.String(required=True)


class PublicFault(Shape):
    """`updates`: newest first. No name of anybody, and not the cause."""

    number = fields.String(required=True)
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    affected_system = Choice(*SYSTEMS, required=True)
    severity = Choice(*SEVERITIES, required=True)
    started_at = Instant(required=True)
    announced_at = Instant(required=True)
    resolved_at = Instant(required=True, allow_none=True)
    workaround_zh = fields.String(required=True)
    workaround_en = fields.String(required=True)
    updates = fields.List(fields.Nested(PublicUpdate), required=True)


class StatusReply(Shape):
    """`current`: worst first; `past`: resolved in the last HISTORY_DAYS, newest first."""

    systems = fields.List(fields.Nested(SystemStatus), required=True)
    current = fields.List(fields.Nested(PublicFault), required=True)
    past = fields.List(fields.Nested(PublicFault), required=True)


STATUS = Call(service="helpdesk", name="status", request=StatusRequest, reply=StatusReply)
