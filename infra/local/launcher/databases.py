"""A database, an owner and a runtime role for each service."""

from collections.abc import Mapping

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from launcher.processes import SERVICES

RIGHTS = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {runtime};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {runtime};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {runtime};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {runtime};
"""


def create_databases(administrator_dsn: str, secrets: Mapping[str, str]) -> None:
    """Creates what is missing and renews passwords; safe to repeat. The owner migrates, the runtime role may
    only read and write rows, nobody else may connect."""
    for service in SERVICES:
        names = {
            "database": Identifier(f"mtnet_{service}"),
            "owner": Identifier(f"{service}_owner"),
            "runtime": Identifier(service),
        }
        with psycopg.connect(administrator_dsn, autocommit=True) as session:
            create_role(session, f"{service}_owner", secrets[f"{service}_database_owner_password"])
            create_role(session, service, secrets[f"{service}_database_password"])
            known = session.execute("SELECT 1 FROM pg_database WHERE datname = %s", (f"mtnet_{service}",))
            if known.fetchone() is None:
                session.execute(SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
        with psycopg.connect(administrator_dsn, dbname=f"mtnet_{service}", autocommit=True) as session:
            session.execute(SQL(RIGHTS).format(**names))


def create_role(session: psycopg.Connection, role: str, password: str) -> None:
    known = session.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verb = SQL("ALTER" if known else "CREATE")
    session.execute(SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, Identifier(role), Literal(password)))
