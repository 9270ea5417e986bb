"""One text to many people: written, counted, started, watched, paused, cancelled; for operators."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply, PageRequest
from mtnet_contracts.vocabulary.choices import LOCALES, SYSTEMS, UNITS
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Line, Moment, Prose, Several, Whole
from mtnet_contracts.vocabulary.shapes import Shape

CATEGORIES = ("information", "legal")
SEGMENTS = ("everybody", "managers", "system", "unit_cases", "names")
STATES = ("draft", "scheduled", "running", "paused", "finished", "cancelled")
PERSON_KINDS = ("account", "application")
MOST_ADDED = 5_000
MOST_PEOPLE = 5_000
FASTEST = 10_000
LONGEST_TITLE = 100
LONGEST_BODY = 2_000


class BroadcastRequest(Shape):
    broadcast_id = fields.UUID(required=True)


class BroadcastTexts(Shape):
    """What is written to whom. A body is paragraphs apart by an empty line; an address in it becomes a link if it
    begins with https:// or is one of the portal's own.

    `segment_of` is the system or the unit of a segment that has one.
    """

    title_zh = Line(longest=LONGEST_TITLE, required=True)
    body_zh = Prose(longest=LONGEST_BODY, required=True)
    title_en = Line(longest=LONGEST_TITLE, required=True)
    body_en = Prose(longest=LONGEST_BODY, required=True)
    category = Choice(*CATEGORIES, required=True)
    segment = Choice(*SEGMENTS, required=True)
    segment_of = Choice(*SYSTEMS, *UNITS, load_default=None, allow_none=True)

    @validates_schema
    def _segment_is_whole(self, request: dict[str, Any], **_: Any) -> None:
        allowed = {"system": SYSTEMS, "unit_cases": UNITS}.get(request["segment"], ())
        if allowed and request["segment_of"] is None:
            raise ValidationError("REQUIRED", field_name="segment_of")
        if request["segment_of"] is not None and request["segment_of"] not in allowed:
            raise ValidationError("NOT_A_CHOICE", field_name="segment_of")


class ChangeBroadcastRequest(BroadcastTexts):
    broadcast_id = fields.UUID(required=True)
    version = Whole(required=True)


class WaysCount(Shape):
    """How many people: by a channel, or by none for a reason."""

    channel = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    people = fields.Integer(required=True)


class OutcomeCount(Shape):
    """What became of how many messages."""

    channel = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    people = fields.Integer(required=True)


class BroadcastStep(Shape):
    """`by` is empty for what was done by the clock."""

    at = Instant(required=True)
    act = fields.String(required=True)
    by = fields.String(required=True)
    detail = fields.Dict(required=True)


class BroadcastLine(Shape):
    """`taken` of the `people` are taken up; `done` are sent, or will not be."""

    broadcast_id = fields.UUID(required=True)
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    category = Choice(*CATEGORIES, required=True)
    segment = Choice(*SEGMENTS, required=True)
    segment_of = fields.String(required=True, allow_none=True)
    state = Choice(*STATES, required=True)
    version = fields.Integer(required=True)
    written_by = fields.String(required=True)
    written_at = Instant(required=True)
    people = fields.Integer(required=True)
    counted_at = Instant(required=True, allow_none=True)
    start_at = Instant(required=True, allow_none=True)
    per_second = fields.Integer(required=True, allow_none=True)
    started_at = Instant(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)


class BroadcastView(BroadcastLine):
    """`ways`: by the last count. `percent` is 100 when nothing is left to be sent. `trouble`: what a provider says that
    takes nothing at present.
    """

    body_zh = fields.String(required=True)
    body_en = fields.String(required=True)
    ways = fields.List(fields.Nested(WaysCount), required=True)
    outcomes = fields.List(fields.Nested(OutcomeCount), required=True)
    percent = fields.Integer(required=True)
    taken = fields.Integer(required=True)
    trouble = fields.String(required=True)
    steps = fields.List(fields.Nested(BroadcastStep), required=True)


BROADCAST = Call(
    service="notify",
    name="broadcast",
    request=BroadcastRequest,
    reply=BroadcastView,
    refusals=("BROADCAST_NOT_FOUND",),
)


class BroadcastsReply(PageReply):
    items = fields.List(fields.Nested(BroadcastLine), required=True)


BROADCASTS = Call(service="notify", name="broadcasts", request=PageRequest, reply=BroadcastsReply)

WRITE_BROADCAST = Call(
    service="notify", name="write_broadcast", request=BroadcastTexts, reply=BroadcastView, writes=True
)

NOT_NOW = ("BROADCAST_NOT_FOUND", "BROADCAST_NOT_NOW")

CHANGE_BROADCAST = Call(
    service="notify",
    name="change_broadcast",
    request=ChangeBroadcastRequest,
    reply=BroadcastView,
    refusals=(*NOT_NOW, "BROADCAST_CHANGED"),
    writes=True,
)


class AddToBroadcastRequest(BroadcastRequest):
    """People of the segment, a part at a time; one who is there already stays once. `first` begins anew."""

    person_kind = Choice(*PERSON_KINDS, required=True)
    person_ids = Several(fields.UUID(), most=MOST_ADDED, required=True)
    first = fields.Boolean(load_default=False)


class AddToBroadcastReply(Shape):
    people = fields.Integer(required=True)


ADD_TO_BROADCAST = Call(
    service="notify",
    name="add_to_broadcast",
    request=AddToBroadcastRequest,
    reply=AddToBroadcastReply,
    refusals=NOT_NOW,
    writes=True,
    repeat="harmless",
)

COUNT_BROADCAST = Call(
    service="notify",
    name="count_broadcast",
    request=BroadcastRequest,
    reply=BroadcastView,
    refusals=NOT_NOW,
    writes=True,
    repeat="harmless",
)


class BroadcastPreview(Shape):
    """`subject` and `html` of an e-mail; other channels have a text alone."""

    channel = fields.String(required=True)
    locale = Choice(*LOCALES, required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
    html = fields.String(required=True)


class BroadcastPreviewReply(Shape):
    items = fields.List(fields.Nested(BroadcastPreview), required=True)


BROADCAST_PREVIEW = Call(
    service="notify",
    name="broadcast_preview",
    request=BroadcastRequest,
    reply=BroadcastPreviewReply,
    refusals=("BROADCAST_NOT_FOUND",),
)


class StartBroadcastRequest(BroadcastRequest):
    """`people` is typed once more: it says that so many are meant. `start_at`: later, not now. `per_second`: messages a
    second; None: as fast as the providers take them.
    """

    version = Whole(required=True)
    people = Whole(required=True)
    start_at = Moment(load_default=None, allow_none=True)
    per_second = Whole(least=1, most=FASTEST, load_default=None, allow_none=True)


START_BROADCAST = Call(
    service="notify",
    name="start_broadcast",
    request=StartBroadcastRequest,
    reply=BroadcastView,
    refusals=(
        *NOT_NOW,
        "BROADCAST_CHANGED",
        "BROADCAST_NOT_COUNTED",
        "NOBODY_REACHED",
        "NUMBER_DIFFERS",
        "START_NOT_VALID",
    ),
    writes=True,
)


def _step(name: str) -> Call:
    return Call(
        service="notify",
        name=name,
        request=BroadcastRequest,
        reply=BroadcastView,
        refusals=NOT_NOW,
        writes=True,
        repeat="harmless",
    )


PAUSE_BROADCAST = _step("pause_broadcast")
RESUME_BROADCAST = _step("resume_broadcast")
CANCEL_BROADCAST = _step("cancel_broadcast")


class BroadcastPeopleRequest(BroadcastRequest):
    """`after` is the `next_after` of the answer before, 0 at first."""

    after = Whole(load_default=0)
    limit = Whole(least=1, most=MOST_PEOPLE, load_default=100)


class BroadcastPerson(Shape):
    """One message to one person, without the address; a person who is not taken up yet has no outcome."""

    position = fields.Integer(required=True)
    person_kind = Choice(*PERSON_KINDS, required=True)
    person_id = fields.UUID(required=True)
    channel = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    at = Instant(required=True, allow_none=True)


class BroadcastPeopleReply(Shape):
    """In the order of their positions. `next_after` is None at the end."""

    items = fields.List(fields.Nested(BroadcastPerson), required=True)
    next_after = fields.Integer(required=True, allow_none=True)


BROADCAST_PEOPLE = Call(
    service="notify",
    name="broadcast_people",
    request=BroadcastPeopleRequest,
    reply=BroadcastPeopleReply,
    refusals=("BROADCAST_NOT_FOUND",),
)
