"""The content service: its name, its database and the endpoints of its topics."""

from typing import Any, ClassVar

from mtnet_chassis.data.database import Database
from mtnet_search.following import Search

from content.faq_drafts.endpoints import FaqDraftEndpoints
from content.fault_notices.endpoints import FaultNoticeEndpoints
from content.pages.endpoints import PageEndpoints
from content.pages.indexing import PageSource, index_folder


class ContentService(PageEndpoints, FaqDraftEndpoints, FaultNoticeEndpoints):
    name = "content"
    refusals: ClassVar[dict[type[Exception], Any]] = {**PageEndpoints.refusals, **FaqDraftEndpoints.refusals}

    database = Database()
    page_index = Search(index_folder, PageSource())


Service = ContentService
