"""The content service: its name, its database and the endpoints of its topic."""

from mtnet_chassis.data.database import Database

from content.pages.endpoints import PageEndpoints


class ContentService(PageEndpoints):
    name = "content"

    database = Database()


Service = ContentService
