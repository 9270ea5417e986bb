"""The helpdesk service: its name, its database and the endpoints of its topics."""

from typing import Any, ClassVar

from mtnet_chassis.data.database import Database

from helpdesk.canned_answers.endpoints import CannedAnswerEndpoints
from helpdesk.following.endpoints import FollowingEndpoints
from helpdesk.inbound.endpoints import InboundEndpoints
from helpdesk.person_panel.endpoints import PersonPanelEndpoints
from helpdesk.requesters.endpoints import RequesterEndpoints
from helpdesk.ticket_joins.endpoints import TicketJoinEndpoints
from helpdesk.ticket_list.endpoints import TicketListEndpoints
from helpdesk.tickets.endpoints import TicketEndpoints


class HelpdeskService(
    TicketEndpoints,
    TicketListEndpoints,
    TicketJoinEndpoints,
    CannedAnswerEndpoints,
    FollowingEndpoints,
    PersonPanelEndpoints,
    RequesterEndpoints,
    InboundEndpoints,
):
    name = "helpdesk"
    refusals: ClassVar[dict[type[Exception], Any]] = {
        **TicketEndpoints.refusals,
        **TicketListEndpoints.refusals,
        **TicketJoinEndpoints.refusals,
        **CannedAnswerEndpoints.refusals,
        **FollowingEndpoints.refusals,
        **PersonPanelEndpoints.refusals,
    }

    database = Database()


Service = HelpdeskService
