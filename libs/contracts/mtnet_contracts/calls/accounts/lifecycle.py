"""Unused accounts: what a run would do, run it, reports of past runs; and accounts that are closed."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply, PageRequest
from mtnet_contracts.vocabulary.kinds import Choice, Day, Instant, Prose, Text, Whole
from mtnet_contracts.vocabulary.shapes import Empty, Shape

STEPS = ("disable", "freeze", "remind")
OUTCOMES = ("finished", "running", "stopped")
MOST_CHANGES = 5_000


class StepCounts(Shape):
    disable = fields.Integer(required=True)
    freeze = fields.Integer(required=True)
    remind = fields.Integer(required=True)


class LifecyclePreviewRequest(PageRequest):
    """`as_of` is a Taipei day, today if it is not given; `account_name` the beginning of a name."""

    as_of = Day(load_default=None, allow_none=True)
    step = Choice(*STEPS, load_default=None, allow_none=True)
    account_name = Text(longest=20, load_default=None, allow_none=True)


class PlannedStep(Shape):
    """What a run on that day would do to an account, and since when it is due.

    `notice_days` is the notice that a reminder gives; `disable_on` the day that the last reminder named, or else the
    end of the 12 months.
    """

    account_id = fields.UUID(required=True)
    account_name = fields.String(required=True)
    step = Choice(*STEPS, required=True)
    due_on = fields.Date(required=True)
    last_active_on = fields.Date(required=True)
    notice_days = fields.Integer(required=True, allow_none=True)
    disable_on = fields.Date(required=True)


class LifecyclePreviewReply(PageReply):
    as_of = fields.Date(required=True)
    counts = fields.Nested(StepCounts, required=True)
    items = fields.List(fields.Nested(PlannedStep), required=True)


LIFECYCLE_PREVIEW = Call(
    service="accounts", name="lifecycle_preview", request=LifecyclePreviewRequest, reply=LifecyclePreviewReply
)


class LifecycleRun(Shape):
    """The report of a run. `started_by` is an account name, `timer` or `command`.

    `stopped`: it was ended from outside, and the next run did what it left.
    """

    run_id = fields.UUID(required=True)
    started_by = fields.String(required=True)
    as_of = fields.Date(required=True)
    started_at = Instant(required=True)
    finished_at = Instant(required=True, allow_none=True)
    outcome = Choice(*OUTCOMES, required=True)
    disabled = fields.Integer(required=True)
    frozen = fields.Integer(required=True)
    reminded = fields.Integer(required=True)


class LifecycleRunReply(Shape):
    """What was done now. Not `complete`: its time was up; run it again, or leave the rest to the hourly run."""

    run_id = fields.UUID(required=True)
    disabled = fields.Integer(required=True)
    frozen = fields.Integer(required=True)
    reminded = fields.Integer(required=True)
    complete = fields.Boolean(required=True)


RUN_LIFECYCLE = Call(
    service="accounts", name="run_lifecycle_now", request=Empty, reply=LifecycleRunReply, writes=True
)


class LifecycleRunsReply(PageReply):
    items = fields.List(fields.Nested(LifecycleRun), required=True)


LIFECYCLE_RUNS = Call(
    service="accounts", name="lifecycle_runs", request=PageRequest, reply=LifecycleRunsReply
)


class LifecycleChangesRequest(Shape):
    """`after` is the `next_after` of the answer before, 0 at first."""

    run_id = fields.UUID(required=True)
    after = Whole(load_default=0)
    limit = Whole(least=1, most=MOST_CHANGES, load_default=100)


class LifecycleChange(Shape):
    account_id = fields.UUID(required=True)
    account_name = fields.String(required=True)
    step = Choice(*STEPS, required=True)
    last_active_on = fields.Date(required=True)
    notice_days = fields.Integer(required=True, allow_none=True)
    disable_on = fields.Date(required=True, allow_none=True)


class LifecycleChangesReply(Shape):
    """What a run did, account by account, in its order. `next_after` is None at the end."""

    run = fields.Nested(LifecycleRun, required=True)
    items = fields.List(fields.Nested(LifecycleChange), required=True)
    next_after = fields.Integer(required=True, allow_none=True)


LIFECYCLE_CHANGES = Call(
    service="accounts",
    name="lifecycle_changes",
    request=LifecycleChangesRequest,
    reply=LifecycleChangesReply,
    refusals=("LIFECYCLE_RUN_NOT_FOUND",),
)


class CloseOwnAccountRequest(Shape):
    """`account_name` is typed once more: it says that this account is meant."""

    account_name = Text(longest=40, required=True)


CLOSE_OWN_ACCOUNT = Call(
    service="accounts",
    name="close_own_account",
    request=CloseOwnAccountRequest,
    reply=Empty,
    refusals=("ACCOUNT_NAME_DIFFERS", "STAFF_ACCOUNT"),
    writes=True,
)


class CloseAccountRequest(Shape):
    account_name = Text(longest=40, required=True)
    reason = Prose(longest=500, required=True)


CLOSE_ACCOUNT = Call(
    service="accounts",
    name="close_account",
    request=CloseAccountRequest,
    reply=Empty,
    refusals=("ACCOUNT_NOT_FOUND", "OWN_ACCOUNT"),
    writes=True,
)
