"""The helpdesk service: its name, its database and the endpoints of its topics."""

from typing import Any, ClassVar

from mtnet_chassis.data.database import Database
from mtnet_search.following import Search

from helpdesk.canned_answers.endpoints import CannedAnswerEndpoints
from helpdesk.following.endpoints import FollowingEndpoints
from helpdesk.inbound.endpoints import InboundEndpoints
from helpdesk.person_panel.endpoints import PersonPanelEndpoints
from helpdesk.quick_answers.endpoints import QuickAnswerEndpoints
from helpdesk.quick_answers.indexing import QuickAnswerSource, index_folder
from helpdesk.requesters.endpoints import RequesterEndpoints
from helpdesk.ticket_files.endpoints import TicketFileEndpoints
from helpdesk.ticket_joins.endpoints import TicketJoinEndpoints
from helpdesk.ticket_list.endpoints import TicketListEndpoints
from helpdesk.tickets.endpoints import TicketEndpoints


class HelpdeskService(
    TicketEndpoints,
    TicketListEndpoints,
    TicketJoinEndpoints,
    TicketFileEndpoints,
    CannedAnswerEndpoints,
    FollowingEndpoints,
    PersonPanelEndpoints,
    RequesterEndpoints,
    InboundEndpoints,
    QuickAnswerEndpoints,
):
    name = "helpdesk"
    refusals: ClassVar[dict[type[Exception], Any]] = {
        **TicketEndpoints.refusals,
        **TicketListEndpoints.refusals,
        **TicketJoinEndpoints.refusals,
        **TicketFileEndpoints.refusals,
        **CannedAnswerEndpoints.refusals,
        **FollowingEndpoints.refusals,
        **PersonPanelEndpoints.refusals,
        **QuickAnswerEndpoints.refusals,
        **InboundEndpoints.refusals,
    }

    database = Database()
    quick_answer_index = Search(index_folder, QuickAnswerSource())


Service = HelpdeskService
