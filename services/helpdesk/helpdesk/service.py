"""The helpdesk service: its name, its database and the endpoints of its topics."""

from typing import Any, ClassVar

from mtnet_chassis.data.database import Database
from mtnet_search.filling import NumberSearch
from mtnet_search.following import Search

from helpdesk.canned_answers.endpoints import CannedAnswerEndpoints
from helpdesk.desk_figures.endpoints import DeskFigureEndpoints
from helpdesk.faq_proposals.endpoints import FaqProposalEndpoints
from helpdesk.faults.endpoints import FaultEndpoints
from helpdesk.following.endpoints import FollowingEndpoints
from helpdesk.inbound.endpoints import InboundEndpoints
from helpdesk.kept_files.endpoints import KeptFileEndpoints
from helpdesk.leaving.endpoints import LeavingEndpoints
from helpdesk.person_panel.endpoints import PersonPanelEndpoints
from helpdesk.quick_answers.endpoints import QuickAnswerEndpoints
from helpdesk.quick_answers.indexing import QuickAnswerSource, index_folder
from helpdesk.reactivations.endpoints import ReactivationEndpoints
from helpdesk.requesters.endpoints import RequesterEndpoints
from helpdesk.shifts.endpoints import ShiftEndpoints
from helpdesk.status.endpoints import StatusEndpoints
from helpdesk.ticket_files.endpoints import TicketFileEndpoints
from helpdesk.ticket_joins.endpoints import TicketJoinEndpoints
from helpdesk.ticket_list.endpoints import TicketListEndpoints
from helpdesk.ticket_search import indexing as ticket_search
from helpdesk.ticket_search.rules import APART
from helpdesk.tickets.endpoints import TicketEndpoints


class HelpdeskService(
    TicketEndpoints,
    TicketListEndpoints,
    TicketJoinEndpoints,
    TicketFileEndpoints,
    KeptFileEndpoints,
    LeavingEndpoints,
    DeskFigureEndpoints,
    CannedAnswerEndpoints,
    FaqProposalEndpoints,
    FollowingEndpoints,
    PersonPanelEndpoints,
    RequesterEndpoints,
    InboundEndpoints,
    QuickAnswerEndpoints,
    ReactivationEndpoints,
    FaultEndpoints,
    StatusEndpoints,
    ShiftEndpoints,
):
    name = "helpdesk"
    refusals: ClassVar[dict[type[Exception], Any]] = {
        **TicketEndpoints.refusals,
        **TicketListEndpoints.refusals,
        **TicketJoinEndpoints.refusals,
        **TicketFileEndpoints.refusals,
        **KeptFileEndpoints.refusals,
        **DeskFigureEndpoints.refusals,
        **CannedAnswerEndpoints.refusals,
        **FaqProposalEndpoints.refusals,
        **FollowingEndpoints.refusals,
        **PersonPanelEndpoints.refusals,
        **QuickAnswerEndpoints.refusals,
        **InboundEndpoints.refusals,
        **ReactivationEndpoints.refusals,
        **FaultEndpoints.refusals,
        **ShiftEndpoints.refusals,
    }

    database = Database()
    quick_answer_index = Search(index_folder, QuickAnswerSource())
    ticket_index = NumberSearch(ticket_search.index_folder, ticket_search.TicketSource(), APART)


Service = HelpdeskService
