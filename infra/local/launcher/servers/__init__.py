"""Private PostgreSQL and RabbitMQ servers of one workspace, which touch no other instance."""

from launcher.servers.postgres import PostgresServer
from launcher.servers.rabbit import RabbitServer
from launcher.servers.servers import Servers

__all__ = ["PostgresServer", "RabbitServer", "Servers"]
