"""Private PostgreSQL and RabbitMQ servers that live in one directory and touch no other instance."""

from launcher.servers.postgres import PostgresServer
from launcher.servers.problems import ServerProblem
from launcher.servers.rabbit import RabbitServer

__all__ = ["PostgresServer", "RabbitServer", "ServerProblem"]
