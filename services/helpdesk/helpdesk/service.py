"""The helpdesk service: it stands, is healthy and owns its tables; its endpoints come with its first ticket."""

from mtnet_chassis.data.database import Database


class HelpdeskService:
    """No endpoint and no handler yet."""

    name = "helpdesk"

    database = Database()


Service = HelpdeskService
