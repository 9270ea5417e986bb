"""The helpdesk service: it stands, is healthy and owns its tables; its doors come with its first ticket."""

from mtnet_chassis.database import Database


class HelpdeskService:
    """No door and no handler yet."""

    name = "helpdesk"

    database = Database()


Service = HelpdeskService
