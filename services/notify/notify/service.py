"""The notify service: its name, its dependencies and the endpoints of its topics."""

from typing import Any, ClassVar

from mtnet_chassis.data.database import Database

from notify.account_notices.endpoints import AccountNoticeEndpoints
from notify.bounces.endpoints import BounceEndpoints
from notify.broadcasts.endpoints import BroadcastEndpoints
from notify.broadcasts.threads import BroadcastWork
from notify.deliveries.endpoints import DeliveryEndpoints
from notify.deliveries.threads import Senders
from notify.delivery_search.endpoints import DeliverySearchEndpoints
from notify.desk_answers.endpoints import DeskAnswerEndpoints
from notify.fax_codes.endpoints import FaxCodeEndpoints
from notify.line_content.endpoints import LineContentEndpoints
from notify.line_links.adapters import Line
from notify.line_links.endpoints import LineLinkEndpoints
from notify.message_centre.endpoints import MessageCentreEndpoints
from notify.messages.endpoints import MessageEndpoints
from notify.provider_figures.endpoints import ProviderFigureEndpoints
from notify.receipts.endpoints import ReceiptEndpoints
from notify.suppressions.endpoints import SuppressionEndpoints
from notify.template_editor.endpoints import TemplateEditorEndpoints
from notify.unsubscribing.endpoints import UnsubscribingEndpoints
from notify.webhook_log.endpoints import WebhookLogEndpoints
from notify.webhooks.endpoints import WebhookEndpoints


class NotifyService(
    MessageEndpoints,
    AccountNoticeEndpoints,
    DeliveryEndpoints,
    ReceiptEndpoints,
    SuppressionEndpoints,
    BounceEndpoints,
    FaxCodeEndpoints,
    MessageCentreEndpoints,
    UnsubscribingEndpoints,
    TemplateEditorEndpoints,
    DeliverySearchEndpoints,
    BroadcastEndpoints,
    LineLinkEndpoints,
    LineContentEndpoints,
    ProviderFigureEndpoints,
    DeskAnswerEndpoints,
    WebhookEndpoints,
    WebhookLogEndpoints,
):
    name = "notify"
    # It sends the events of systems that have a webhook.
    reads_downstream: ClassVar[bool] = True
    refusals: ClassVar[dict[type[Exception], Any]] = {
        **SuppressionEndpoints.refusals,
        **FaxCodeEndpoints.refusals,
        **ProviderFigureEndpoints.refusals,
        **MessageCentreEndpoints.refusals,
        **UnsubscribingEndpoints.refusals,
        **TemplateEditorEndpoints.refusals,
        **DeliverySearchEndpoints.refusals,
        **BroadcastEndpoints.refusals,
        **LineLinkEndpoints.refusals,
        **WebhookLogEndpoints.refusals,
    }

    database = Database()
    senders = Senders()
    broadcast_work = BroadcastWork()
    line = Line()


Service = NotifyService
