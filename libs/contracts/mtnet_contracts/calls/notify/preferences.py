"""On which channels a person is told what: an owner of an account, or an applicant by the pass of the application."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.channels import CHANNELS
from mtnet_contracts.vocabulary.kinds import Choice, Instant, Several
from mtnet_contracts.vocabulary.notices import CATEGORIES
from mtnet_contracts.vocabulary.shapes import Empty, Shape

MOST_CHANNELS = 10


class ChannelChoice(Shape):
    """`always`: nobody can switch it off."""

    channel = Choice(*CHANNELS, required=True)
    chosen = fields.Boolean(required=True)
    always = fields.Boolean(required=True)


class CategoryChoice(Shape):
    category = Choice(*CATEGORIES, required=True)
    channels = fields.List(fields.Nested(ChannelChoice), required=True)


class ContactPointView(Shape):
    """`own`: given to the portal, and the person's to remove; others come from the application or the account.

    `address` is empty for LINE, where it means nothing to people. Of several on one channel the first one that can be
    reached is written to.
    """

    channel = Choice(*CHANNELS, required=True)
    address = fields.String(required=True)
    own = fields.Boolean(required=True)
    proved_at = Instant(required=True)
    unreachable_since = Instant(required=True, allow_none=True)


class WaitingFaxNumber(Shape):
    """A number that counts after the code that was sent there by fax."""

    challenge_id = fields.UUID(required=True)
    number = fields.String(required=True)
    expires_at = Instant(required=True)
    resend_at = Instant(required=True)


class NotificationsView(Shape):
    """`channels` are those that can be used at all, in the order in which they are shown."""

    channels = fields.List(Choice(*CHANNELS), required=True)
    categories = fields.List(fields.Nested(CategoryChoice), required=True)
    contact_points = fields.List(fields.Nested(ContactPointView), required=True)
    waiting_fax = fields.Nested(WaitingFaxNumber, required=True, allow_none=True)


# The application became an account: its owner chooses there.
CASE_REFUSALS = ("CASE_HAS_ACCOUNT", "ACCOUNT_CLOSED")

OWN_NOTIFICATIONS = Call(
    service="notify", name="own_notifications", request=Empty, reply=NotificationsView, refusals=CASE_REFUSALS
)


class WantedChannels(Shape):
    """The channels of one category from now on; those that are always on need not be named."""

    category = Choice(*CATEGORIES, required=True)
    channels = Several(Choice(*CHANNELS), most=MOST_CHANNELS, required=True)


class SaveNotificationsRequest(Shape):
    """Categories that are not named stay as they are."""

    categories = Several(fields.Nested(WantedChannels), most=len(CATEGORIES), required=True)


SAVE_NOTIFICATIONS = Call(
    service="notify",
    name="save_notifications",
    request=SaveNotificationsRequest,
    reply=NotificationsView,
    refusals=("NOT_CHOOSABLE", *CASE_REFUSALS),
    writes=True,
)
