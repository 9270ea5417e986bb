"""The notify service: its name, its dependencies and the endpoints of its topics."""

from mtnet_chassis.data.database import Database

from notify.account_notices.endpoints import AccountNoticeEndpoints
from notify.deliveries.endpoints import DeliveryEndpoints
from notify.deliveries.threads import Senders
from notify.messages.endpoints import MessageEndpoints


class NotifyService(MessageEndpoints, AccountNoticeEndpoints, DeliveryEndpoints):
    name = "notify"

    database = Database()
    senders = Senders()


Service = NotifyService
