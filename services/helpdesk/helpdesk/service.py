"""The helpdesk service: its name and its database. It starts, is healthy and owns its tables; it has no topic yet."""

from mtnet_chassis.data.database import Database


class HelpdeskService:
    name = "helpdesk"

    database = Database()


Service = HelpdeskService
