"""What happened to one's own account: logins, changes, and who looked."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.calls.paging import PageReply
from mtnet_contracts.vocabulary.kinds import Choice, Day, Instant, Whole
from mtnet_contracts.vocabulary.shapes import Shape

CATEGORIES = ("logins", "changes", "looks")
# As many as one file holds; for older ones a period is named.
MOST_AT_ONCE = 1000


class HistoryRequest(Shape):
    """Newest first. `from_on` and `until_on` are Taipei days, both included."""

    category = Choice(*CATEGORIES, load_default=None, allow_none=True)
    from_on = Day(load_default=None, allow_none=True)
    until_on = Day(load_default=None, allow_none=True)
    page = Whole(least=1, most=100_000, load_default=1)
    page_size = Whole(least=1, most=MOST_AT_ONCE, load_default=25)


class OwnHistoryEntry(Shape):
    """One entry of the audit log about the account or its application.

    `by` is owner, staff (then `unit` says of which unit), somebody (who had not proved who they are), or system.
    `detail` holds the facts of this action that the owner may read, such as the fields that were changed.
    """

    at = Instant(required=True)
    action = fields.String(required=True)
    category = Choice(*CATEGORIES, required=True)
    by = Choice("owner", "staff", "somebody", "system", required=True)
    unit = fields.String(required=True, allow_none=True)
    ip = fields.String(required=True, allow_none=True)
    detail = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


class HistoryReply(PageReply):
    entries = fields.List(fields.Nested(OwnHistoryEntry), required=True)


OWN_HISTORY = Call(service="accounts", name="own_history", request=HistoryRequest, reply=HistoryReply)
